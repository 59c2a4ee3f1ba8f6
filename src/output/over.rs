//! What is the matter with a target, as fragments: `size 490.8 MB over`, `grew 518.4 MB too much`, `2 forbidden tools`.

use std::collections::BTreeMap;

use crate::domain::{EasedBy, Finding, Rule, Severity, TargetReport};
use crate::text;

/// What is the matter, the worst first; limits tell of a target alone, where one is among the worst. Empty where nothing fails or warns.
pub(super) fn phrases(target: &TargetReport) -> Vec<String> {
    let found = || target.findings.iter().filter(|finding| finding.severity > Severity::Note);
    let worst = found().map(|finding| finding.severity).max();
    let limits = || found().filter(|finding| is_limit(finding)).map(of_limit);
    if found().any(|finding| is_limit(finding) && Some(finding.severity) == worst) {
        return limits().collect();
    }
    let mut others: BTreeMap<(std::cmp::Reverse<Severity>, Rule), Vec<&Finding>> = BTreeMap::new();
    for finding in found().filter(|finding| !is_limit(finding)) {
        others.entry((std::cmp::Reverse(finding.severity), finding.rule)).or_default().push(finding);
    }
    others.into_iter().map(|((_, rule), findings)| of_others(rule, &findings)).chain(limits()).collect()
}

fn is_limit(finding: &Finding) -> bool {
    finding.limit.is_some()
}

fn of_limit(finding: &Finding) -> String {
    let soft = if finding.severity == Severity::Warn && finding.eased.is_none() { " its warning limit" } else { "" };
    let said = match (finding.rule, finding.over_by) {
        (rule, None) => format!("{} too close to tell", named(rule)),
        (Rule::OwnGrowth, Some(over)) if soft.is_empty() => format!("own layers grew {over} too much"),
        (Rule::OwnGrowth, Some(over)) => format!("own layers grew {over} beyond their warning limit"),
        (Rule::Growth, Some(over)) if soft.is_empty() => format!("grew {over} too much"),
        (Rule::Growth, Some(over)) => format!("grew {over} beyond its warning limit"),
        (rule, Some(over)) => format!("{} {over} over{soft}", named(rule)),
    };
    format!("{said}{}", eased(&[finding]))
}

/// A limit as the subject of a phrase.
fn named(rule: Rule) -> String {
    match rule {
        Rule::CompressedSize => "compressed".to_owned(),
        Rule::LayerSize => "largest layer".to_owned(),
        other => other.code().replace('-', " "),
    }
}

fn of_others(rule: Rule, findings: &[&Finding]) -> String {
    let many = |one: &str, many: &str| text::count(findings.len(), one, many);
    let said = match rule {
        Rule::ForbiddenTool => many("forbidden tool", "forbidden tools"),
        Rule::ForbiddenPath => many("forbidden path", "forbidden paths"),
        Rule::ShadowedTool => many("deleted tool still ships", "deleted tools still ship"),
        Rule::RootUser => "runs as root".to_owned(),
        Rule::ExpiredAllow => many("exception runs out", "exceptions run out"),
        Rule::WrongStage => "the wrong stage".to_owned(),
        Rule::BudgetChanged => "budget loosened".to_owned(),
        Rule::NoBudget => "no budget".to_owned(),
        other => other.code().replace('-', " "),
    };
    format!("{said}{}", eased(findings))
}

/// Why findings are less serious than their rule says, where that is one reason for all of them.
fn eased(findings: &[&Finding]) -> String {
    let mut reasons = findings.iter().map(|finding| finding.eased.as_ref().map(|eased| &eased.why));
    let first = reasons.next().flatten();
    match first.filter(|first| reasons.all(|other| other == Some(*first))) {
        None => String::new(),
        Some(EasedBy::Known) => ", known".to_owned(),
        Some(EasedBy::NoBaseline) => ", no baseline yet".to_owned(),
        Some(EasedBy::Drift) => ", not by this change".to_owned(),
        Some(EasedBy::Base) => ", by its base image".to_owned(),
        Some(EasedBy::NotYet { from, days }) => {
            let days = text::count(usize::try_from(*days).unwrap_or(usize::MAX), "day", "days");
            format!(", fails from {} ({days})", text::line(from))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Amount, Bytes, Eased};
    use crate::output::fixture::fixture;

    fn said(findings: Vec<Finding>) -> String {
        let mut target = fixture().targets.swap_remove(2);
        target.findings = findings;
        phrases(&target).join(" · ")
    }

    fn limit(rule: Rule, severity: Severity, over: u64) -> Finding {
        let over = Amount::Bytes(Bytes(over));
        Finding { limit: Some(over), over_by: Some(over), ..Finding::new(rule, severity, "image", "it is") }
    }

    fn other(rule: Rule, severity: Severity) -> Finding {
        Finding::new(rule, severity, "it", "it is")
    }

    #[test]
    fn limits_tell_of_a_target_alone() {
        let findings = vec![
            limit(Rule::Size, Severity::Fail, 490_800_000),
            limit(Rule::Wasted, Severity::Warn, 164_000_000),
            limit(Rule::Growth, Severity::Fail, 518_400_000),
            other(Rule::ForbiddenTool, Severity::Fail),
        ];
        assert_eq!(
            said(findings),
            "size 490.8 MB over · wasted 164.0 MB over its warning limit · grew 518.4 MB too much"
        );
    }

    #[test]
    fn what_fails_is_said_before_a_limit_that_warns() {
        let findings = vec![
            limit(Rule::OwnSize, Severity::Warn, 1_000),
            other(Rule::ForbiddenTool, Severity::Fail),
            other(Rule::ForbiddenTool, Severity::Fail),
            other(Rule::RootUser, Severity::Warn),
            other(Rule::ShadowedTool, Severity::Note),
        ];
        assert_eq!(said(findings), "2 forbidden tools · runs as root · own size 1.0 kB over its warning limit");
    }

    #[test]
    fn what_is_eased_says_why() {
        let eased = |finding: Finding, why| Finding { eased: Some(Eased { from: Severity::Fail, why }), ..finding };
        let findings = vec![
            eased(limit(Rule::Size, Severity::Warn, 1_000), EasedBy::Base),
            eased(limit(Rule::Growth, Severity::Warn, 2_000), EasedBy::Drift),
        ];
        assert_eq!(said(findings), "size 1.0 kB over, by its base image · grew 2.0 kB too much, not by this change");
        let from = EasedBy::NotYet { from: "2027-01-01".to_owned(), days: 41 };
        let findings = vec![eased(other(Rule::ForbiddenTool, Severity::Warn), from)];
        assert_eq!(said(findings), "1 forbidden tool, fails from 2027-01-01 (41 days)");
        assert_eq!(said(vec![other(Rule::ShadowedTool, Severity::Note)]), "");
    }
}
