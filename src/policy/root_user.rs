//! `root-user`: whom the image runs as, by its config alone.

use super::case::{Case, Ruling, tally};
use super::excuses::Excuses;
use crate::domain::{AllowMatch, Finding, Origin, Rule};
use crate::text;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let (level, place) = case.rules.require_non_root.clone()?;
    let severity = level.severity()?;
    let user = case.measured.user.as_deref().unwrap_or_default();
    let mut excuses = Excuses::new(case, Rule::RootUser);
    let named = |what: &AllowMatch| matches!(what, AllowMatch::Glob(glob) if glob.is_match(user));
    let findings: Vec<Finding> = if is_root(user) && !excuses.excuse("root", Origin::Unknown, named) {
        let message = if user.trim().is_empty() {
            "the image runs as root: it sets no USER".to_owned()
        } else {
            format!("the image runs as root: its USER is {}", text::line(user))
        };
        let hint = "End the last stage with a USER instruction, such as USER 65532:65532.";
        vec![Finding {
            dockerfile: case.measured.user_place.clone(),
            hint: Some(hint.to_owned()),
            budget: place.clone(),
            ..Finding::new(Rule::RootUser, severity, "user", message)
        }]
    } else {
        Vec::new()
    };
    Some(Ruling::Judged {
        outcome: tally(Rule::RootUser, &findings, place),
        findings,
        allows: excuses.applied(),
        accepted: Vec::new(),
    })
}

/// Whether `config.User`, which is `user`, `uid`, `user:group` or `uid:gid` (OCI config.md), is root. No user is root.
fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name.is_empty() || name == "root" || name.parse::<i64>() == Ok(0)
}

#[cfg(test)]
mod tests {
    use super::is_root;

    #[test]
    fn root_by_any_name() {
        for user in ["", " ", "root", "0", "00", "+0", "0:0", "0:1000", "root:root", "root:1000", ":1000"] {
            assert!(is_root(user), "{user:?}");
        }
        for user in ["app", "1000", "1000:0", "app:root", "rooty", "toor", "10", "0x0", "65532:65532"] {
            assert!(!is_root(user), "{user:?}");
        }
    }
}
