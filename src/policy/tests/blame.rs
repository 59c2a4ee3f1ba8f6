//! Which layer is to blame, beside a baseline and without one.

use super::*;
use crate::domain::{LayerRef, LayerReport, Report, Role};

/// A baseline in which the target had layers of these sizes and was within budget.
fn before(sizes: &[u64], findings: Vec<Finding>) -> Earlier {
    let layers: Vec<LayerReport> = sizes
        .iter()
        .zip(measurement().layers)
        .map(|(size, layer)| LayerReport {
            diff_id: if Some(Bytes(*size)) == layer.size {
                layer.diff_id
            } else {
                DiffId(Digest::from_sha256([7; 32]))
            },
            size: Some(Bytes(*size)),
            compressed_size: None,
            created_by: layer.created_by,
            origin: layer.origin,
            dockerfile: None,
        })
        .collect();
    let target = TargetReport {
        size: layers.iter().map(|layer| layer.size).sum(),
        layers,
        findings,
        ..TargetReport::new("api".parse().expect("a name"), Platform::new("linux", "amd64", None).into(), Verdict::Pass)
    };
    Earlier::Report(Box::new(Report::new(vec![target], None, Vec::new())))
}

fn blamed(report: &TargetReport, rule: Rule) -> Option<(usize, Role)> {
    let layer: Option<&LayerRef> = of(report, rule).first().and_then(|finding| finding.layer.as_ref());
    layer.map(|layer| (layer.index, layer.role))
}

fn all_limits() -> Rules {
    Rules {
        max_own_size: limit(None, Some(Bytes(1))),
        max_compressed_size: limit(None, Some(Bytes(1))),
        max_growth: limit(None, Some(Growth { bytes: Some(Bytes(1)), percent_hundredths: None })),
        ..sized(None, Some(1))
    }
}

fn compressed() -> Measurement {
    let mut image = Measurement { compressed_size: Some(CompressedSize::exact(Bytes(50))), ..measurement() };
    (image.layers[0].compressed_size, image.layers[1].compressed_size) = (Some(Bytes(30)), Some(Bytes(20)));
    image
}

#[test]
fn what_is_newly_over_is_put_down_to_the_layer_that_grew_most() {
    let report = compared(all_limits(), &compressed(), &[], Some(&before(&[60, 10], Vec::new())));
    for rule in [Rule::Size, Rule::CompressedSize, Rule::OwnSize, Rule::Growth] {
        assert_eq!(blamed(&report, rule), Some((1, Role::GrewMost)), "{rule}");
    }
    let hint = of(&report, Rule::Size)[0].hint.as_deref();
    assert_eq!(hint, Some("Look at what that layer has more than before."));
    let hint = of(&report, Rule::CompressedSize)[0].hint.as_deref();
    assert!(hint.is_some_and(|hint| hint.ends_with(" Compressed, that layer is 20 B.")), "{hint:?}");
}

#[test]
fn what_was_over_before_is_put_down_to_the_largest_layer() {
    let was = |rule| Finding {
        actual: Some(Amount::Bytes(Bytes(70))),
        ..Finding::new(rule, Severity::Fail, if rule == Rule::OwnSize { "own layers" } else { "image" }, "")
    };
    let findings = vec![was(Rule::Size), was(Rule::CompressedSize), was(Rule::OwnSize)];
    let report = compared(all_limits(), &compressed(), &[], Some(&before(&[60, 10], findings)));
    assert_eq!(blamed(&report, Rule::Size), Some((0, Role::Largest)));
    assert_eq!(blamed(&report, Rule::CompressedSize), Some((0, Role::Largest)));
    assert_eq!(blamed(&report, Rule::OwnSize), Some((1, Role::Largest)), "the base image's layers are not its own");
    assert_eq!(blamed(&report, Rule::Growth), Some((1, Role::GrewMost)));
}

#[test]
fn a_warning_that_became_a_failure_is_newly_over() {
    let warned = vec![Finding::new(Rule::Size, Severity::Warn, "image", "")];
    let report = compared(sized(None, Some(1)), &measurement(), &[], Some(&before(&[60, 10], warned)));
    assert_eq!(of(&report, Rule::Size)[0].is_new, Some(true));
    assert_eq!(blamed(&report, Rule::Size), Some((1, Role::GrewMost)));
}

#[test]
fn nothing_grew_where_the_limit_was_lowered() {
    // One layer grew a little, and the image shrank.
    let report = compared(sized(None, Some(1)), &measurement(), &[], Some(&before(&[90, 39], Vec::new())));
    assert_eq!(blamed(&report, Rule::Size), Some((0, Role::Largest)));
}

#[test]
fn without_a_baseline_that_has_layers_the_largest_is_to_blame() {
    let lock =
        Earlier::read(b"imgbudget.lock/1 content/1\n\napi linux/amd64 size=70\n", "budgets.lock").expect("a lock");
    for earlier in [None, Some(lock), Some(Earlier::Missing("no such file".to_owned()))] {
        let report = compared(all_limits(), &measurement(), &[], earlier.as_ref());
        assert_eq!(blamed(&report, Rule::Size), Some((0, Role::Largest)));
        assert_eq!(blamed(&report, Rule::Growth), None);
    }
}

#[test]
fn a_report_is_finished_when_it_is_judged() {
    let made = Measured {
        reference: Some("acme/api:1".to_owned()),
        notes: vec!["a note".to_owned()],
        ..measured(measurement())
    };
    let budgets = Budgets::default();
    let against = against(&before(&[60, 10], Vec::new()));
    let rulebook =
        Rulebook { budgets: &budgets, today: TODAY, against: Some(&against), only_new: false, left_out: None };
    let report = judge(&target(sized(None, Some(1))), made, &rulebook);
    assert_eq!(report.image.as_ref().and_then(|image| image.reference.as_deref()), Some("acme/api:1"));
    assert_eq!(report.notes, ["a note"]);
    assert_eq!(report.change.as_ref().and_then(|change| change.size_before), Some(Bytes(70)));
    let whole = conclude(vec![report.clone()], None, &rulebook);
    assert_eq!(
        (whole.targets, whole.baseline.map(|baseline| baseline.source)),
        (vec![report], Some("main.json".to_owned()))
    );
}
