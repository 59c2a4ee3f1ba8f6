//! Limits: one byte over, exceptions that raise them, what they are measured against.

use super::*;
use crate::domain::Role;

/// A lock file with one target of the name and platform of those here.
fn locked(name: &str, size: u64) -> Earlier {
    let text = format!("imgbudget.lock/1 content/1\n\n{name} linux/amd64 size={size}\n");
    Earlier::read(text.as_bytes(), "budgets.lock").expect("a lock file")
}

/// An image of 100 bytes against its baseline.
fn grown(growth: Option<Limit<Growth>>, earlier: Option<&Earlier>, allows: &[Allow]) -> TargetReport {
    let rules = Rules { max_growth: growth, ..sized(None, Some(1000)) };
    compared(rules, &measurement(), allows, earlier)
}

#[test]
fn a_limit_is_passed_by_one_byte() {
    for (warn, fail, verdict, over) in [
        (None, Some(101), Verdict::Pass, None),
        (None, Some(100), Verdict::Pass, None),
        (None, Some(99), Verdict::Fail, Some(1)),
        (None, Some(0), Verdict::Fail, Some(100)),
        (Some(100), Some(120), Verdict::Pass, None),
        (Some(90), Some(120), Verdict::Warn, Some(10)),
        (Some(90), None, Verdict::Warn, Some(10)),
        (Some(80), Some(90), Verdict::Fail, Some(10)),
    ] {
        let report = report(sized(warn, fail), &measurement(), &[]);
        assert_eq!(report.verdict, verdict, "{warn:?} {fail:?}");
        let over_by = report.findings.first().and_then(|finding| finding.over_by);
        assert_eq!(over_by, over.map(|over| Amount::Bytes(Bytes(over))), "{warn:?} {fail:?}");
    }
}

#[test]
fn messages_of_limits() {
    let messages = |rules: Rules| -> Vec<String> {
        report(rules, &measurement(), &[]).findings.into_iter().map(|finding| finding.message).collect()
    };
    assert_eq!(messages(sized(None, Some(88))), ["the image is 100 B, 12 B over its budget of 88 B"]);
    assert_eq!(messages(sized(Some(88), None)), ["the image is 100 B, 12 B over its warning limit of 88 B"]);
    let rules =
        Rules { max_layers: limit(None, Some(1)), max_layer_size: limit(None, Some(Bytes(50))), ..Rules::default() };
    assert_eq!(
        messages(rules),
        ["the image has 2 layers, 1 over its budget of 1", "the largest layer is 60 B, 10 B over its budget of 50 B"]
    );
}

#[test]
fn an_exception_raises_a_limit_and_never_lowers_it() {
    let raised = |up_to| [Allow { up_to: Some(UpTo::Bytes(Bytes(up_to))), ..allow(Rule::Size) }];
    let excused = report(sized(Some(80), Some(90)), &measurement(), &raised(100));
    assert_eq!((excused.verdict, status(&excused, Rule::Size)), (Verdict::Pass, Some(RuleStatus::Allowed)));
    assert_eq!(excused.allows[0].subjects, ["up to 100 B"]);
    let held = Some(Amount::Bytes(Bytes(100)));
    assert_eq!((excused.rules[0].warn, excused.rules[0].fail), (held, held), "headroom is to the limit that holds");

    let too_little = report(sized(None, Some(90)), &measurement(), &raised(95));
    assert_eq!(too_little.findings[0].message, "the image is 100 B, 5 B over the 95 B that an exception allows");
    assert_eq!(too_little.verdict, Verdict::Fail);

    let lower = report(sized(None, Some(90)), &measurement(), &raised(10));
    assert_eq!(lower.findings[0].limit, Some(Amount::Bytes(Bytes(90))));

    let unneeded = report(sized(None, Some(200)), &measurement(), &raised(300));
    assert!(unneeded.allows.is_empty());

    let soft_only = report(sized(Some(80), Some(99)), &measurement(), &raised(90));
    assert_eq!(soft_only.findings[0].over_by, Some(Amount::Bytes(Bytes(1))));
}

#[test]
fn compressed_size_is_judged_only_where_it_is_known() {
    let rules = || Rules { max_compressed_size: limit(None, Some(Bytes(50))), ..Rules::default() };
    let unknown = report(rules(), &measurement(), &[]);
    assert!(unknown.not_judged[0].reason.starts_with("compressed size is not known: "));
    assert_eq!(of(&unknown, Rule::NoBudget)[0].message, "no rule of its budget could be judged");
    let known =
        report(rules(), &Measurement { compressed_size: Some(CompressedSize::exact(Bytes(51))), ..measurement() }, &[]);
    assert_eq!(known.verdict, Verdict::Fail);
    assert!(known.not_judged.is_empty());
    // Of the two the smaller one weighs more once compressed.
    let mut stored = Measurement { compressed_size: Some(CompressedSize::exact(Bytes(51))), ..measurement() };
    (stored.layers[0].compressed_size, stored.layers[1].compressed_size) = (Some(Bytes(20)), Some(Bytes(31)));
    let stored = report(rules(), &stored, &[]);
    let finding = of(&stored, Rule::CompressedSize)[0];
    assert_eq!(finding.layer.as_ref().map(|layer| layer.index), Some(1));
    assert!(finding.hint.as_deref().is_some_and(|hint| hint.ends_with(" Compressed, that layer is 31 B.")));
}

#[test]
fn own_size_is_judged_only_where_the_base_is_known() {
    let rules = |fail| Rules { max_own_size: limit(None, Some(Bytes(fail))), ..Rules::default() };
    assert_eq!(report(rules(40), &measurement(), &[]).verdict, Verdict::Pass);
    let over = report(rules(39), &measurement(), &[]);
    let finding = of(&over, Rule::OwnSize)[0];
    let message = "the layers above its base image are 40 B, 1 B over its budget of 39 B";
    assert_eq!((over.verdict, finding.message.as_str()), (Verdict::Fail, message));
    assert_eq!(finding.layer.as_ref().map(|layer| layer.index), Some(1));
    let mut unknown = measurement();
    unknown.layers[0].origin = Origin::Unknown;
    let unknown = report(rules(1), &unknown, &[]);
    assert_eq!((of(&unknown, Rule::OwnSize).len(), unknown.not_judged[0].rule), (0, Rule::OwnSize));
    let mut scratch = measurement();
    scratch.layers[0].origin = Origin::Own;
    assert_eq!(report(rules(99), &scratch, &[]).verdict, Verdict::Fail, "everything is its own");
}

#[test]
fn waste_is_put_down_to_the_layer_that_can_be_changed() {
    let rules = || Rules { max_wasted: limit(None, Some(Bytes(5))), ..Rules::default() };
    assert_eq!(report(rules(), &measurement(), &[]).verdict, Verdict::Pass);
    let hint = |parts: &[(usize, usize, HiddenHow, u64)], culprit| {
        let part =
            |(brought, by, how, bytes): &_| WastedPart { brought: *brought, by: *by, how: *how, bytes: Bytes(*bytes) };
        let path = WastedPath { path: b"/srv/model".to_vec(), layer: 1, by: 2, size: Bytes(9) };
        let parts = parts.iter().map(part).collect();
        let wasted = Wasted { bytes: Bytes(9), parts, paths: vec![path], more_paths: 2 };
        let mut measured = Measurement { stored: Some(Stored { wasted, ..stored() }), ..measurement() };
        measured.layers.push(MeasuredLayer { size: Some(Bytes(0)), ..measured.layers[1].clone() });
        let report = report(rules(), &measured, &[]);
        let finding = of(&report, Rule::Wasted)[0];
        assert_eq!(finding.message, "9 B are shipped and never seen, 4 B over its budget of 5 B");
        assert_eq!((finding.paths.as_slice(), finding.more_paths), (["/srv/model".to_owned()].as_slice(), 2));
        assert_eq!(finding.layer.as_ref().map(|layer| (layer.index, layer.role)), Some(culprit));
        finding.hint.clone().unwrap_or_default()
    };
    let deleted = hint(&[(1, 2, HiddenHow::Deleted, 9)], (1, Role::Cause));
    assert!(deleted.starts_with("9 B in /srv/model: made in layer 2, deleted in layer 3. Delete files"), "{deleted}");
    let again = hint(&[(0, 1, HiddenHow::Deleted, 4), (1, 2, HiddenHow::Again, 5)], (2, Role::HidesMost));
    assert!(again.starts_with("9 B in /srv/model: made in layer 2, there again in layer 3. A file that"), "{again}");
    let of_base = hint(&[(0, 0, HiddenHow::Again, 2), (0, 2, HiddenHow::Replaced, 7)], (0, Role::Cause));
    assert!(of_base.ends_with("within the base image: use another, or allow it with a reason."), "{of_base}");
}

#[test]
fn a_layer_is_blamed_for_its_size() {
    let rules = Rules { max_layer_size: limit(None, Some(Bytes(59))), ..Rules::default() };
    let report = report(rules, &measurement(), &[]);
    assert_eq!(report.findings[0].layer.as_ref().map(|layer| layer.index), Some(0));
    assert!(report.findings[0].hint.as_deref().is_some_and(|hint| hint.contains("base image")));
}

#[test]
fn a_large_layer_that_was_copied_is_to_be_looked_at() {
    let mut scratch = measurement();
    scratch.layers[0].origin = Origin::Own;
    scratch.layers[0].created_by = Some("COPY /out/app /app # buildkit".to_owned());
    let rules = || Rules { max_layer_size: limit(None, Some(Bytes(59))), ..sized(None, Some(1)) };
    let hints = |measured: &Measurement| -> Vec<bool> {
        let report = report(rules(), measured, &[]);
        report.findings.iter().map(|found| found.hint.as_deref().is_some_and(|hint| hint.contains("strip"))).collect()
    };
    assert_eq!(hints(&scratch), [true, true]);
    scratch.layers[0].created_by = Some("RUN make # buildkit".to_owned());
    assert_eq!(hints(&scratch), [false, false]);
    assert_eq!(hints(&measurement()), [false, false]);
}

#[test]
fn an_image_without_layers_is_judged() {
    let empty = Measurement { stored: Some(Stored::default()), layers: Vec::new(), ..measurement() };
    let rules = Rules {
        max_layers: limit(None, Some(0)),
        max_layer_size: limit(None, Some(Bytes::ZERO)),
        ..sized(None, Some(0))
    };
    assert_eq!(report(rules, &empty, &[]).verdict, Verdict::Pass);
}

fn by(bytes: u64) -> Growth {
    Growth { bytes: Some(Bytes(bytes)), percent_hundredths: None }
}

fn percent(hundredths: u64) -> Growth {
    Growth { bytes: None, percent_hundredths: Some(hundredths) }
}

#[test]
fn growth_is_passed_by_one_byte() {
    let larger_of = |bytes, hundredths| Growth { percent_hundredths: Some(hundredths), ..by(bytes) };
    for (before, warn, fail, verdict) in [
        (100, None, Some(by(0)), Verdict::Pass),
        (120, None, Some(by(0)), Verdict::Pass),
        (90, None, Some(by(10)), Verdict::Pass),
        (90, None, Some(by(9)), Verdict::Fail),
        (90, Some(by(9)), None, Verdict::Warn),
        (90, Some(by(5)), Some(by(10)), Verdict::Warn),
        (90, Some(by(5)), Some(by(9)), Verdict::Fail),
        (80, None, Some(percent(2500)), Verdict::Pass),
        (80, None, Some(percent(2499)), Verdict::Fail),
        (80, None, Some(larger_of(1, 2500)), Verdict::Pass),
        (80, None, Some(larger_of(20, 1)), Verdict::Pass),
        (80, None, Some(larger_of(19, 2499)), Verdict::Fail),
        // 10 % of 91 bytes are 9.1, and 9 bytes more are within that.
        (91, None, Some(percent(1000)), Verdict::Pass),
        (0, None, Some(percent(u64::MAX)), Verdict::Fail),
        // One side in percent, the other in bytes: the hard side is looked at first.
        (80, Some(percent(5000)), Some(by(10)), Verdict::Fail),
    ] {
        let report = grown(limit(warn, fail), Some(&locked("api", before)), &[]);
        assert_eq!(report.verdict, verdict, "{before} {warn:?} {fail:?}");
    }
    let tenth = grown(limit(None, Some(percent(1000))), Some(&locked("api", 1)), &[]);
    let message = "the image grew by 99 B since the baseline, 99 B over its budget of 0 B (10% of 1 B)";
    assert_eq!(of(&tenth, Rule::Growth)[0].message, message);
    let report = grown(limit(None, Some(by(9))), Some(&locked("api", 60)), &[]);
    let finding = of(&report, Rule::Growth)[0];
    assert_eq!(finding.message, "the image grew by 40 B since the baseline, 31 B over its budget of 9 B");
    assert_eq!((finding.actual, finding.over_by), (Some(Amount::Bytes(Bytes(40))), Some(Amount::Bytes(Bytes(31)))));
}

#[test]
fn growth_is_excused_up_to() {
    let up_to = |growth| [Allow { up_to: Some(UpTo::Growth(growth)), until: Some(TODAY), ..allow(Rule::Growth) }];
    let judged = |growth| grown(limit(None, Some(by(5))), Some(&locked("api", 80)), &up_to(growth));
    assert_eq!(status(&judged(by(20)), Rule::Growth), Some(RuleStatus::Allowed));
    assert_eq!(status(&judged(percent(2500)), Rule::Growth), Some(RuleStatus::Allowed));
    assert_eq!(status(&judged(percent(2499)), Rule::Growth), Some(RuleStatus::Fail));
    // An exception never lowers a limit.
    let lower = grown(limit(None, Some(by(20))), Some(&locked("api", 80)), &up_to(by(1)));
    assert_eq!(status(&lower, Rule::Growth), Some(RuleStatus::Pass));
}

#[test]
fn nothing_fails_for_want_of_a_baseline() {
    for (earlier, reason) in [
        (None, "no baseline yet"),
        (Some(Earlier::Missing("no such file".to_owned())), "no baseline yet"),
        (Some(Earlier::OtherDefinition("content/0".to_owned())), "the baseline was measured by another definition"),
        (Some(locked("web", 1)), "not in the baseline"),
    ] {
        let report = grown(limit(None, Some(by(0))), earlier.as_ref(), &[]);
        assert_eq!(report.verdict, Verdict::Pass);
        assert_eq!(report.not_judged.first().map(|not| not.reason.as_str()), Some(reason));
        assert_eq!(status(&report, Rule::Growth), None);
    }
}
