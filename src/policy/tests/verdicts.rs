//! From rules to a verdict: exceptions that end, targets without a budget, what could not be measured.

use super::*;

#[test]
fn exceptions_warn_for_fourteen_days_and_then_fail() {
    for (until, severity) in [
        (date(2026, 12, 5), None),
        (date(2026, 12, 4), Some(Severity::Warn)),
        (date(2026, 11, 22), Some(Severity::Warn)),
        (TODAY, Some(Severity::Warn)),
        (date(2026, 11, 20), Some(Severity::Fail)),
        (date(2020, 1, 1), Some(Severity::Fail)),
    ] {
        let allows = [Allow { until: Some(until), ..allow(Rule::ForbiddenTool) }];
        let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &with_tools(), &allows);
        let found = of(&report, Rule::ExpiredAllow).first().map(|finding| finding.severity);
        assert_eq!(found, severity, "{until}");
        let excuses = severity != Some(Severity::Fail);
        assert_eq!(of(&report, Rule::ForbiddenTool).is_empty(), excuses, "{until}");
    }
}

#[test]
fn a_target_without_a_budget_never_passes() {
    let none = report(Rules::default(), &measurement(), &[]);
    assert_eq!((none.verdict, none.findings[0].message.as_str()), (Verdict::Warn, "it has no budget"));
    assert_eq!(none.findings[0].hint.as_deref(), Some("Set max-size = \"1 kB\" (measured + 25 %)."));
    let shadowed = Rules { shadowed_tools: Some((Level::Fail, None)), ..Rules::default() };
    assert_eq!(report(shadowed, &measurement(), &[]).verdict, Verdict::Warn);
    assert_eq!(report(Rules::default(), &measurement(), &[allow(Rule::NoBudget)]).verdict, Verdict::Pass);
    assert!(none.notes.is_empty(), "it is said once");
}

#[test]
fn a_target_of_the_file_without_a_size_limit_hears_of_one() {
    let tools = || Rules { forbid_tools: build_tools(), ..Rules::default() };
    let note = "no size limit yet; max-size = \"1 kB\" leaves 25 % to grow";
    let noted = report(tools(), &measurement(), &[]);
    assert_eq!((noted.verdict, noted.notes), (Verdict::Pass, vec![note.to_owned()]));
    for limited in [
        sized(None, Some(1000)),
        Rules { max_compressed_size: limit(None, Some(Bytes(1))), ..tools() },
        Rules { max_own_size: limit(Some(Bytes(1)), None), ..tools() },
        Rules { max_growth: limit(None, Some(Growth { bytes: Some(Bytes(1)), percent_hundredths: None })), ..tools() },
    ] {
        assert!(report(limited, &measurement(), &[]).notes.is_empty());
    }
}

#[test]
fn rules_and_findings_are_in_order() {
    let rules = Rules {
        forbid_tools: build_tools(),
        require_non_root: Some((Level::Warn, None)),
        max_layers: limit(Some(1), None),
        ..sized(None, Some(1))
    };
    let report = report(rules, &Measurement { user: None, ..with_tools() }, &[]);
    assert!(report.rules.is_sorted_by_key(|outcome| outcome.rule));
    let found: Vec<(Severity, Rule)> = report.findings.iter().map(|finding| (finding.severity, finding.rule)).collect();
    assert_eq!(
        found,
        [
            (Severity::Fail, Rule::Size),
            (Severity::Fail, Rule::ForbiddenTool),
            (Severity::Fail, Rule::ForbiddenTool),
            (Severity::Warn, Rule::Layers),
            (Severity::Warn, Rule::RootUser),
        ]
    );
}

#[test]
fn what_could_not_be_measured_is_an_error() {
    let error = crate::Error::new(crate::Class::Image, "the archive ends early").with_hint("Write it again.");
    let report = unmeasured(&target(Rules::default()), None, &error);
    assert_eq!(report.verdict, Verdict::Error);
    assert_eq!(report.error.map(|error| error.message).as_deref(), Some("the archive ends early"));
    let endless =
        crate::Error::new(crate::Class::Build, "é".repeat(1_000_000)).with_detail(vec!["x".repeat(1_000_000)]);
    let report = unmeasured(&target(Rules::default()), None, &endless);
    let kept = report.error.map_or(0, |error| error.message.len() + error.detail[0].len());
    assert!((1..32 * 1024).contains(&kept), "{kept}");
}
