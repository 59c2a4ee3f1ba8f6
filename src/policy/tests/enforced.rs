//! `enforce-from`: what warns until its day, and what is enforced already.

use super::*;
use crate::domain::EasedBy;

/// Rules of which the judgements at these lines are enforced from a day on, so many days from today.
fn from(rules: Rules, days: &[(u32, i64)]) -> Rules {
    let enforce_from = days.iter().map(|(line, days)| (place(*line), TODAY + time::Duration::days(*days))).collect();
    Rules { enforce_from, ..rules }
}

fn severities(rules: Rules, measurement: &Measurement) -> Vec<(Severity, Option<EasedBy>)> {
    let report = report(rules, measurement, &[]);
    report.findings.iter().map(|finding| (finding.severity, finding.eased.clone().map(|eased| eased.why))).collect()
}

fn not_yet(days: u64) -> EasedBy {
    let from = TODAY + time::Duration::days(i64::try_from(days).expect("few"));
    EasedBy::NotYet { from: from.to_string(), days }
}

#[test]
fn a_limit_warns_until_its_day_and_counts_the_days() {
    let rules = |days| from(sized(Some(50), Some(90)), &[(5, days)]);
    assert_eq!(severities(rules(40), &measurement()), [(Severity::Warn, Some(not_yet(40)))]);
    assert_eq!(severities(rules(1), &measurement()), [(Severity::Warn, Some(not_yet(1)))]);
    for enforced in [0, -1, -400] {
        assert_eq!(severities(rules(enforced), &measurement()), [(Severity::Fail, None)], "{enforced}");
    }
    let report = report(rules(40), &measurement(), &[]);
    assert_eq!((report.verdict, status(&report, Rule::Size)), (Verdict::Warn, Some(RuleStatus::Warn)));
    let finding = &report.findings[0];
    assert_eq!(finding.eased.as_ref().map(|eased| eased.from), Some(Severity::Fail));
    assert_eq!(finding.limit, Some(Amount::Bytes(Bytes(90))), "the limit that will be enforced");
}

#[test]
fn what_warns_anyway_waits_for_nothing() {
    assert_eq!(severities(from(sized(Some(50), None), &[(5, 40)]), &measurement()), [(Severity::Warn, None)]);
    assert_eq!(severities(from(sized(Some(50), Some(500)), &[(5, 40)]), &measurement()), [(Severity::Warn, None)]);
}

#[test]
fn an_entry_that_is_enforced_decides_over_one_that_is_not() {
    let entry = |severity, line, pattern| Forbidden { place: Some(place(line)), ..forbid(severity, pattern) };
    let group = || ToolPattern::Group("build-tools".to_owned());
    let image = showing(vec![tool("gcc", "gcc", &[at("/bin/gcc", 1, 7)])]);
    let judged = |entries: Vec<Forbidden<ToolPattern>>| {
        severities(from(Rules { forbid_tools: entries, ..Rules::default() }, &[(7, 40)]), &image)
    };
    let (waits, holds) = (|| entry(Severity::Fail, 7, group()), || entry(Severity::Fail, 8, name("gcc")));
    assert_eq!(judged(vec![waits()]), [(Severity::Warn, Some(not_yet(40)))]);
    assert_eq!(judged(vec![waits(), holds()]), [(Severity::Fail, None)]);
    assert_eq!(judged(vec![holds(), waits()]), [(Severity::Fail, None)]);
    assert_eq!(judged(vec![waits(), entry(Severity::Warn, 8, name("gcc"))]), [(Severity::Warn, Some(not_yet(40)))]);
}

#[test]
fn tools_of_one_group_fail_when_one_of_them_is_enforced() {
    let entry = |line, pattern| Forbidden { place: Some(place(line)), ..forbid(Severity::Fail, pattern) };
    let entries = vec![entry(7, name("npm")), entry(8, name("npx"))];
    let found = severities(from(Rules { forbid_tools: entries, ..Rules::default() }, &[(7, 40)]), &with_tools());
    assert_eq!(found, [(Severity::Fail, None)]);
}

#[test]
fn an_exception_past_its_date_waits_for_no_rule() {
    let expired =
        Allow { until: Some(TODAY - time::Duration::days(1)), up_to: Some(UpTo::Bytes(Bytes(1))), ..allow(Rule::Size) };
    let report = report(from(sized(None, Some(90)), &[(5, 40)]), &measurement(), &[expired]);
    assert_eq!(report.verdict, Verdict::Fail);
    assert_eq!(of(&report, Rule::ExpiredAllow)[0].severity, Severity::Fail);
    assert_eq!(of(&report, Rule::Size)[0].severity, Severity::Warn);
}
