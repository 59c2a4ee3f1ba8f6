//! A report beside its baseline.

use std::collections::{BTreeMap, BTreeSet};

use super::{Against, Before, Earlier, layers};
use crate::domain::{
    Baseline, BaselineState, Bytes, Change, ChangeState, Finding, LayerChange, LayerRef, Platform, Report, Rule,
    Severity, TargetName, TargetReport,
};

/// Enters into `report` what became of everything since the baseline. No verdict changes by it.
pub fn compare(report: &mut Report, against: &Against) {
    let earlier = &against.earlier;
    for target in &mut report.targets {
        compare_target(target, earlier);
    }
    report.baseline = Some(Baseline {
        source: against.source.clone(),
        state: match earlier {
            Earlier::Missing(why) => BaselineState::Missing(why.clone()),
            Earlier::OtherDefinition(which) => BaselineState::OtherDefinition(which.clone()),
            Earlier::Report(_) | Earlier::Lock(_) => BaselineState::Found,
        },
        commit: against.commit.clone(),
        behind: against.behind,
        not_in_run: not_in_run(&report.targets, earlier),
    });
}

fn compare_target(target: &mut TargetReport, earlier: &Earlier) {
    let (Some(platform), Some(size)) = (&target.platform, target.size) else { return };
    let knows_findings = matches!(earlier, Earlier::Report(_));
    match earlier.before(&target.name, platform) {
        Before::NoBaseline | Before::OtherDefinition | Before::NotMeasured => {}
        Before::NotThere => {
            target.change = Some(Change {
                state: ChangeState::Extra,
                size_before: None,
                base_size_before: None,
                compressed_size_before: None,
                layers: Vec::new(),
            });
            if knows_findings {
                mark_new(&mut target.findings, &[]);
            }
        }
        Before::Sizes { size: before, base, compressed, report } => {
            let layers = report.map_or_else(Vec::new, |report| layers::changes(&report.layers, &target.layers));
            target.change = Some(Change {
                state: state((before, compressed), (size, target.compressed_size)),
                size_before: Some(before),
                base_size_before: base,
                compressed_size_before: compressed,
                layers,
            });
            if let Some(report) = report {
                mark_new(&mut target.findings, &report.findings);
            }
            blame(target);
        }
    }
}

/// Compressed sizes count where both are known.
fn state(before: (Bytes, Option<Bytes>), now: (Bytes, Option<Bytes>)) -> ChangeState {
    let compressed_differs = before.1.zip(now.1).is_some_and(|(before, now)| before != now);
    if before.0 != now.0 || compressed_differs { ChangeState::Changed } else { ChangeState::Same }
}

/// The same rule about the same subject is the same finding, however much it is about. A warning that became a failure is news.
fn mark_new(findings: &mut [Finding], before: &[Finding]) {
    let mut known: BTreeMap<(Rule, &str), Severity> = BTreeMap::new();
    for finding in before {
        let worst = known.entry((finding.rule, finding.subject.as_str())).or_insert(finding.severity);
        *worst = finding.severity.max(*worst);
    }
    for finding in findings {
        let worst = known.get(&(finding.rule, finding.subject.as_str()));
        finding.is_new = Some(worst.is_none_or(|worst| *worst < finding.severity));
    }
}

/// Growth is put down to the layer that grew most, and so is a limit that is passed since then: the largest layer was there before.
fn blame(target: &mut TargetReport) {
    let grew = |layer: &&LayerChange| layer.after.unwrap_or_default() > layer.before.unwrap_or_default();
    let index = target.change.iter().flat_map(|change| &change.layers).find(grew).and_then(|layer| layer.index);
    let Some((index, layer)) = index.and_then(|index| Some((index, target.layers.get(index)?))) else { return };
    let blamed = LayerRef { index, diff_id: layer.diff_id.clone() };
    for finding in &mut target.findings {
        let is_newly_over = finding.rule == Rule::Size && finding.is_new == Some(true);
        if is_newly_over && finding.layer.as_ref() != Some(&blamed) {
            finding.hint = Some("Look at what that layer has more than before.".to_owned());
        }
        if is_newly_over || finding.rule == Rule::Growth {
            finding.layer = Some(blamed.clone());
        }
    }
}

/// What the baseline has and the run did not look at, sorted. A target that could not be measured was looked at.
fn not_in_run(targets: &[TargetReport], earlier: &Earlier) -> Vec<(TargetName, Option<Platform>)> {
    let checked: BTreeSet<(&TargetName, Option<&Platform>)> =
        targets.iter().map(|target| (&target.name, target.platform.as_ref())).collect();
    let names: BTreeSet<&TargetName> = targets.iter().map(|target| &target.name).collect();
    let mut missed = earlier.targets();
    missed.retain(|(name, platform)| match platform {
        Some(platform) => !checked.contains(&(name, Some(platform))) && !checked.contains(&(name, None)),
        None => !names.contains(name),
    });
    missed.sort();
    missed.dedup();
    missed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{DiffId, Digest, LayerReport, Origin, Severity, Verdict};
    use crate::report::lock::Lock;

    fn target(name: &str, platform: &str, size: Option<u64>) -> TargetReport {
        let layer = |size| LayerReport {
            diff_id: DiffId(Digest::from_sha256([u8::try_from(size % 251).expect("small"); 32])),
            size: Bytes(size),
            created_by: Some("COPY . /".to_owned()),
            origin: Origin::Own,
            dockerfile: None,
        };
        TargetReport {
            size: size.map(Bytes),
            layers: size.map(layer).into_iter().collect(),
            ..TargetReport::new(
                name.parse().expect("a name"),
                platform.parse().ok(),
                if size.is_some() { Verdict::Pass } else { Verdict::Error },
            )
        }
    }

    fn finding(rule: Rule, subject: &str) -> Finding {
        Finding::new(rule, Severity::Warn, subject, "")
    }

    fn compared(targets: Vec<TargetReport>, earlier: Earlier) -> Report {
        let mut report = Report::new(targets, None, Vec::new());
        let against = Against { source: "main.json".to_owned(), earlier, commit: None, behind: None };
        compare(&mut report, &against);
        report
    }

    fn earlier(targets: Vec<TargetReport>) -> Earlier {
        Earlier::Report(Box::new(Report::new(targets, None, Vec::new())))
    }

    fn states(report: &Report) -> Vec<Option<ChangeState>> {
        report.targets.iter().map(|target| target.change.as_ref().map(|change| change.state)).collect()
    }

    #[test]
    fn every_state_is_told() {
        let (amd, arm) = ("linux/amd64", "linux/arm64");
        let before = vec![
            target("api", amd, Some(10)),
            target("web", amd, Some(20)),
            target("web", arm, Some(20)),
            target("broken", "", None),
            target("failing", amd, Some(5)),
            target("gone", amd, Some(1)),
        ];
        let now = vec![
            target("api", amd, Some(10)),
            target("web", amd, Some(25)),
            target("new", amd, Some(3)),
            target("broken", amd, Some(3)),
            target("failing", "", None),
        ];
        let report = compared(now.clone(), earlier(before));
        let expected = [Some(ChangeState::Same), Some(ChangeState::Changed), Some(ChangeState::Extra), None, None];
        assert_eq!(states(&report), expected);
        let baseline = report.baseline.expect("compared");
        assert_eq!(baseline.state, BaselineState::Found);
        let missed: Vec<String> = baseline.not_in_run.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(missed, ["gone", "web"]);

        let missing = compared(now.clone(), Earlier::Missing("no such file".to_owned()));
        assert_eq!(states(&missing), [None; 5]);
        assert_eq!(missing.baseline.expect("said").state, BaselineState::Missing("no such file".to_owned()));
        let other = compared(now, Earlier::OtherDefinition("content/0".to_owned()));
        assert_eq!(states(&other), [None; 5]);
        assert_eq!(other.baseline.expect("said").state, BaselineState::OtherDefinition("content/0".to_owned()));
    }

    #[test]
    fn a_lock_file_tells_sizes_and_no_more() {
        let lock =
            Lock::of(&Report::new(vec![target("api", "linux/amd64", Some(10))], None, Vec::new())).expect("sizes");
        let mut now = target("api", "linux/amd64", Some(12));
        now.findings.push(finding(Rule::Size, "image"));
        let report = compared(vec![now], Earlier::Lock(lock));
        let change = report.targets[0].change.as_ref().expect("changed");
        assert_eq!((change.state, change.size_before, change.layers.len()), (ChangeState::Changed, Some(Bytes(10)), 0));
        assert_eq!(report.targets[0].findings[0].is_new, None);
    }

    #[test]
    fn compressed_sizes_count_where_both_are_known() {
        let with = |compressed: Option<u64>| TargetReport {
            compressed_size: compressed.map(Bytes),
            ..target("api", "linux/amd64", Some(10))
        };
        for (before, now, state) in [
            (Some(5), Some(6), ChangeState::Changed),
            (Some(5), None, ChangeState::Same),
            (None, Some(5), ChangeState::Same),
        ] {
            let report = compared(vec![with(now)], earlier(vec![with(before)]));
            assert_eq!(states(&report), [Some(state)], "{before:?} {now:?}");
        }
    }

    #[test]
    fn findings_are_known_by_rule_and_subject() {
        let with = |findings: &[Finding], size| TargetReport {
            findings: findings.to_vec(),
            ..target("api", "linux/amd64", Some(size))
        };
        let before = [Finding { actual: None, ..finding(Rule::ForbiddenTool, "npm") }, finding(Rule::Size, "image")];
        let now = [
            finding(Rule::ForbiddenTool, "npm"),
            finding(Rule::ForbiddenTool, "gcc"),
            finding(Rule::Layers, "image"),
            finding(Rule::Growth, "image"),
        ];
        let report = compared(vec![with(&now, 12)], earlier(vec![with(&before, 10)]));
        let new: Vec<Option<bool>> = report.targets[0].findings.iter().map(|finding| finding.is_new).collect();
        assert_eq!(new, [Some(false), Some(true), Some(true), Some(true)]);
        let blamed: Vec<bool> = report.targets[0].findings.iter().map(|finding| finding.layer.is_some()).collect();
        assert_eq!(blamed, [false, false, false, true]);
        let worse = Finding { severity: Severity::Fail, ..finding(Rule::Size, "image") };
        let report = compared(vec![with(&[worse], 12)], earlier(vec![with(&before, 10)]));
        let size = &report.targets[0].findings[0];
        assert_eq!((size.is_new, size.layer.is_some()), (Some(true), true), "a warning became a failure");
        let extra = compared(vec![with(&now, 12)], earlier(Vec::new()));
        assert!(extra.targets[0].findings.iter().all(|finding| finding.is_new == Some(true)));
    }

    proptest! {
        #[test]
        fn against_itself_all_is_the_same(sizes in prop::collection::vec(any::<u64>(), 0..6)) {
            let targets: Vec<TargetReport> =
                sizes.iter().enumerate().map(|(n, size)| target(&format!("t{n}"), "linux/amd64", Some(*size))).collect();
            let report = compared(targets.clone(), earlier(targets));
            prop_assert!(states(&report).iter().all(|state| *state == Some(ChangeState::Same)));
            prop_assert!(report.baseline.expect("compared").not_in_run.is_empty());
        }

        #[test]
        fn extra_and_not_in_run_are_two_sides(ours in prop::collection::btree_set(0u8..9, 0..9), theirs in prop::collection::btree_set(0u8..9, 0..9)) {
            let targets = |names: &BTreeSet<u8>| -> Vec<TargetReport> {
                names.iter().map(|n| target(&format!("t{n}"), "linux/amd64", Some(1))).collect()
            };
            let extra = |report: &Report| -> Vec<TargetName> {
                let extra = report.targets.iter().filter(|t| t.change.as_ref().is_some_and(|c| c.state == ChangeState::Extra));
                extra.map(|target| target.name.clone()).collect()
            };
            let there = compared(targets(&ours), earlier(targets(&theirs)));
            let back = compared(targets(&theirs), earlier(targets(&ours)));
            let missed: Vec<TargetName> = back.baseline.iter().flat_map(|b| &b.not_in_run).map(|(name, _)| name.clone()).collect();
            prop_assert_eq!(extra(&there), missed);
        }
    }
}
