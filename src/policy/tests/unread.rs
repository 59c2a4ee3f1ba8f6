//! Images of which not everything was read: what is judged, what is not, and that none of them passes for want of an answer.

use super::*;
use crate::domain::{CompressedSize, Report};
use crate::exit::{Exit, FailOn};
use crate::policy::{Needs, needs};
use crate::report;

/// What is left of an image when only its final file system was read.
fn exported(measured: Measurement) -> Measurement {
    let mut exported = Measurement { stored: None, ..measured };
    for layer in &mut exported.layers {
        layer.size = None;
    }
    for tool in exported.shown.iter_mut().flat_map(|shown| &mut shown.tools) {
        for path in &mut tool.paths {
            path.layer = None;
        }
    }
    exported
}

/// What is left of an image when only its manifest and its config were read.
fn manifest() -> Measurement {
    let compressed_size = Some(CompressedSize::exact(Bytes(50)));
    Measurement { shown: None, compressed_size, ..exported(measurement()) }
}

fn by_manifest() -> Rules {
    Rules {
        max_compressed_size: limit(None, Some(Bytes(50))),
        max_layers: limit(None, Some(2)),
        require_non_root: Some((Level::Fail, None)),
        ..Rules::default()
    }
}

fn not_judged(report: &TargetReport) -> Vec<Rule> {
    report.not_judged.iter().map(|not| not.rule).collect()
}

/// The exit code of a run over this target alone, after the report went over the wire.
fn exit(target: &TargetReport) -> Exit {
    let run = Report::new(vec![target.clone()], None, Vec::new());
    let read = report::from_json(report::to_json(&run).as_bytes()).expect("a report that does not contradict itself");
    assert_eq!(read, run);
    Exit::of(&read, FailOn::Never, false)
}

#[test]
fn each_rule_says_how_much_it_needs() {
    let limits = || Rules { max_wasted: limit(None, Some(Bytes(1))), ..Rules::default() };
    for (rules, is_compared, needed) in [
        (by_manifest(), false, Needs::Manifest),
        (by_manifest(), true, Needs::Contents),
        (Rules::default(), false, Needs::Contents),
        (Rules { require_non_root: Some((Level::Off, None)), ..Rules::default() }, false, Needs::Contents),
        (Rules { shadowed_tools: Some((Level::Fail, None)), ..by_manifest() }, false, Needs::Manifest),
        (Rules { forbid_tools: build_tools(), ..by_manifest() }, false, Needs::Contents),
        (Rules { max_size: limit(Some(Bytes(1)), None), ..by_manifest() }, false, Needs::Contents),
        (Rules { max_os_packages: limit(None, Some(1)), ..by_manifest() }, false, Needs::Contents),
        (limits(), false, Needs::Contents),
    ] {
        assert_eq!(needs(&rules, is_compared), needed, "{rules:?}");
    }
}

#[test]
fn a_manifest_answers_the_rules_about_it() {
    let kept = report(by_manifest(), &manifest(), &[]);
    assert_eq!((kept.verdict, kept.size, kept.error.as_ref()), (Verdict::Pass, None, None));
    assert_eq!((not_judged(&kept), exit(&kept)), (vec![], Exit::Within));
    assert_eq!(kept.layers.len(), 2);
    let over = report(
        Rules { max_compressed_size: limit(None, Some(Bytes(49))), ..by_manifest() },
        &Measurement { user: None, ..manifest() },
        &[],
    );
    let found: Vec<Rule> = over.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!((over.verdict, found), (Verdict::Fail, vec![Rule::CompressedSize, Rule::RootUser]));
    assert_eq!(exit(&over), Exit::Within, "--fail-on never");
}

#[test]
fn an_export_shows_tools_and_no_layer_is_blamed_for_them() {
    let rules = Rules { forbid_tools: build_tools(), ..Rules::default() };
    let found = report(rules.clone(), &exported(with_tools()), &[]);
    assert_eq!((found.verdict, found.error.as_ref()), (Verdict::Fail, None));
    assert!(found.findings.iter().all(|finding| finding.rule == Rule::ForbiddenTool && finding.layer.is_none()));
    assert_eq!(not_judged(&found), [Rule::ShadowedTool], "it is named, and only warns unless it is written down");
    let hint = found.findings[0].hint.as_deref().unwrap_or_default();
    assert!(hint.starts_with("Build in an earlier stage"), "{hint}");
    let clean = report(rules, &exported(measurement()), &[]);
    assert_eq!((clean.verdict, exit(&clean)), (Verdict::Pass, Exit::Within));
    let of_base = [Allow { origin: Some(Origin::Base), ..allow(Rule::ForbiddenTool) }];
    let rules = Rules { forbid_tools: build_tools(), ..Rules::default() };
    assert_eq!(report(rules, &exported(with_tools()), &of_base).verdict, Verdict::Fail, "nobody knows whose they are");
}

#[test]
fn what_an_export_cannot_answer_is_an_error_and_the_rest_is_judged() {
    let rules = Rules {
        max_own_size: limit(None, Some(Bytes(1))),
        max_layer_size: limit(None, Some(Bytes(1))),
        max_wasted: limit(None, Some(Bytes(1))),
        max_growth: limit(None, Some(Growth { bytes: Some(Bytes(1)), percent_hundredths: None })),
        forbid_tools: build_tools(),
        shadowed_tools: Some((Level::Warn, None)),
        max_layers: limit(None, Some(9)),
        ..sized(None, Some(1_000_000))
    };
    let report = report(rules, &exported(with_tools()), &[]);
    let open = [Rule::Size, Rule::OwnSize, Rule::LayerSize, Rule::Wasted, Rule::Growth, Rule::ShadowedTool];
    assert_eq!(not_judged(&report), open);
    assert_eq!((report.verdict, exit(&report)), (Verdict::Error, Exit::NotChecked));
    assert_eq!(status(&report, Rule::ForbiddenTool), Some(RuleStatus::Fail));
    assert_eq!(status(&report, Rule::Layers), Some(RuleStatus::Pass));
    let message = report.error.map(|error| error.message).unwrap_or_default();
    insta::assert_snapshot!(message, @"size, own-size, layer-size and 3 more could not be judged: the image could only be exported, which does not show its layers");
}

#[test]
fn a_size_that_nobody_knows_is_never_good() {
    let wanted = |rules: Rules, measured: &Measurement| {
        let report = report(rules, measured, &[]);
        assert_eq!((report.verdict, report.size, exit(&report)), (Verdict::Error, None, Exit::NotChecked));
        report.error.map(|error| error.message).unwrap_or_default()
    };
    let unknown = wanted(Rules::default(), &exported(measurement()));
    assert_eq!(unknown, "its size is not known: the image could only be exported, which does not show its layers");
    let paths = vec![Forbidden { what: path_pattern("/c/*"), severity: Severity::Warn, place: None }];
    let unread = wanted(Rules { forbid_paths: paths, ..by_manifest() }, &manifest());
    assert_eq!(unread, "forbidden-path could not be judged: only the manifest and the config were read");
    assert!(wanted(sized(Some(1), None), &manifest()).starts_with("size could not be judged: "));
}

#[test]
fn an_error_keeps_what_is_new_beside_a_baseline() {
    let earlier = Earlier::Report(Box::new(Report::new(
        vec![report(Rules { forbid_tools: build_tools(), ..sized(None, Some(1)) }, &with_tools(), &[])],
        None,
        Vec::new(),
    )));
    let rules = Rules { forbid_tools: build_tools(), ..sized(None, Some(1)) };
    let report = compared(rules, &exported(with_tools()), &[], Some(&earlier));
    assert_eq!((report.verdict, report.change.as_ref()), (Verdict::Error, None));
    assert!(of(&report, Rule::ForbiddenTool).iter().all(|finding| finding.is_new == Some(false)));
}

fn estimated(bytes: u64, warn: Option<u64>, fail: u64, allows: &[Allow]) -> TargetReport {
    let compressed_size = Some(CompressedSize { bytes: Bytes(bytes), is_estimate: true });
    let rules = Rules { max_compressed_size: limit(warn.map(Bytes), Some(Bytes(fail))), ..Rules::default() };
    let report = report(rules, &Measurement { compressed_size, ..measurement() }, allows);
    // Whatever it says, it does not contradict itself on the wire.
    exit(&report);
    report
}

#[test]
fn an_estimate_fails_only_where_it_is_clear() {
    for (fail, verdict) in [
        (10_300, Verdict::Pass),
        (10_299, Verdict::Warn),
        (10_000, Verdict::Warn),
        (9_700, Verdict::Warn),
        (9_699, Verdict::Fail),
    ] {
        let report = estimated(10_000, None, fail, &[]);
        assert_eq!(
            (report.verdict, status(&report, Rule::CompressedSize)),
            (verdict, Some(verdict_status(verdict))),
            "{fail}"
        );
    }
    let near = estimated(93_000_000, None, 92_000_000, &[]);
    let finding = of(&near, Rule::CompressedSize)[0];
    assert_eq!((finding.limit, finding.over_by), (Some(Amount::Bytes(Bytes(92_000_000))), None));
    insta::assert_snapshot!(finding.message, @"the compressed image is about 93.0 MB (an estimate, ± 3 %), too close to its budget of 92.0 MB to tell");
    assert!(finding.hint.as_deref().is_some_and(|hint| hint.contains("`from = \"registry\"`")));
    let over = estimated(93_000_000, None, 83_000_000, &[]);
    insta::assert_snapshot!(of(&over, Rule::CompressedSize)[0].message, @"the compressed image is about 93.0 MB (an estimate, ± 3 %), 10.0 MB over its budget of 83.0 MB");
    let soft = estimated(93_000_000, Some(80_000_000), 200_000_000, &[]);
    assert_eq!(soft.verdict, Verdict::Warn);
    insta::assert_snapshot!(of(&soft, Rule::CompressedSize)[0].message, @"the compressed image is about 93.0 MB (an estimate, ± 3 %), 13.0 MB over its warning limit of 80.0 MB");
}

#[test]
fn an_exception_holds_for_an_estimate_too() {
    let up_to = |bytes| [Allow { up_to: Some(UpTo::Bytes(Bytes(bytes))), ..allow(Rule::CompressedSize) }];
    let excused = estimated(10_000, None, 5_000, &up_to(10_300));
    assert_eq!((excused.verdict, status(&excused, Rule::CompressedSize)), (Verdict::Pass, Some(RuleStatus::Allowed)));
    let near = estimated(10_000, None, 5_000, &up_to(10_000));
    assert_eq!(near.verdict, Verdict::Warn);
    assert!(
        of(&near, Rule::CompressedSize)[0]
            .message
            .ends_with("too close to the 10.0 kB that an exception allows to tell")
    );
}

fn verdict_status(verdict: Verdict) -> RuleStatus {
    match verdict {
        Verdict::Pass => RuleStatus::Pass,
        Verdict::Warn => RuleStatus::Warn,
        Verdict::Fail | Verdict::Error => RuleStatus::Fail,
    }
}
