//! Why something only warns that could fail, in the words that all formats share.

use crate::domain::{EasedBy, Finding};
use crate::text;

/// `warns until 2027-01-31, 71 days`; nothing for what the baseline has, which is told as known.
pub(super) fn words(why: &EasedBy) -> Option<String> {
    Some(match why {
        EasedBy::Known => return None,
        EasedBy::NoBaseline => "counts once there is a baseline".to_owned(),
        EasedBy::Drift => "drift, so it only warns".to_owned(),
        EasedBy::Base => "from the base image, so it only warns".to_owned(),
        EasedBy::NotYet { from, days } => {
            let days = usize::try_from(*days).unwrap_or(usize::MAX);
            format!("warns until {}, {}", text::line(from), text::count(days, "day", "days"))
        }
    })
}

/// What is the matter, and why it only warns: `the image is 162.0 MB, … (warns until 2027-01-31, 71 days)`. Not escaped.
pub(super) fn message(finding: &Finding) -> String {
    let why = finding.eased.as_ref().and_then(|eased| words(&eased.why));
    why.map_or_else(|| finding.message.clone(), |why| format!("{} ({why})", finding.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_when_and_because_of_what() {
        let until = |days| words(&EasedBy::NotYet { from: "2027-01-31".to_owned(), days });
        assert_eq!(until(71).as_deref(), Some("warns until 2027-01-31, 71 days"));
        assert_eq!(until(1).as_deref(), Some("warns until 2027-01-31, 1 day"));
        assert_eq!(words(&EasedBy::Known), None);
    }
}
