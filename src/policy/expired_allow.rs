//! `expired-allow`: exceptions near their date warn, those past it fail and excuse nothing.

use super::case::{Case, Ruling, tally};
use crate::domain::{Allow, AllowMatch, Finding, Rule, Severity};
use crate::text;

/// How many days an exception warns, its last one included.
const NOTICE: i64 = 14;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let dated: Vec<&Allow> = case.exceptions.iter().copied().filter(|allow| allow.until.is_some()).collect();
    let first = dated.first()?;
    let findings: Vec<Finding> = dated.iter().filter_map(|allow| describe(case, allow)).collect();
    let outcome = tally(Rule::ExpiredAllow, &findings, Some(first.place.clone()));
    Some(Ruling::Judged { outcome, findings, allows: Vec::new(), accepted: Vec::new() })
}

fn describe(case: &Case<'_>, allow: &Allow) -> Option<Finding> {
    let until = allow.until?;
    let left = (until - case.today).whole_days();
    let (severity, when) = match left {
        ..0 => (Severity::Fail, format!("expired on {until}")),
        0 => (Severity::Warn, format!("expires today, {until}")),
        1 => (Severity::Warn, format!("expires tomorrow, {until}")),
        2..NOTICE => (Severity::Warn, format!("expires in {left} days, on {until}")),
        _ => return None,
    };
    let subject = subject(allow);
    let reason = text::line(&allow.reason);
    Some(Finding {
        hint: Some("Fix what it excuses and delete it, or give it a new date.".to_owned()),
        budget: Some(allow.place.clone()),
        ..Finding::new(
            Rule::ExpiredAllow,
            severity,
            &subject,
            format!("the exception from {subject} {when}; its reason was: {reason}"),
        )
    })
}

/// `forbidden-tool (npm, npx)`: tells exceptions apart, and stays the same from run to run.
fn subject(allow: &Allow) -> String {
    let matches: Vec<String> = allow
        .matches
        .iter()
        .map(|what| match what {
            AllowMatch::Tool(pattern) => text::line(&pattern.to_string()),
            AllowMatch::Paths(group) => group.to_string(),
            AllowMatch::Glob(glob) => text::line(glob.glob().glob()),
        })
        .collect();
    if matches.is_empty() { allow.rule.code().to_owned() } else { format!("{} ({})", allow.rule, matches.join(", ")) }
}
