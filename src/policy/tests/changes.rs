//! What is eased because it was not done here, and what is not.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::domain::{BaseImage, EasedBy, Inputs, Report};

/// An image with a base layer and an own one of these sizes, on a base image.
fn image(base: u64, own: u64) -> Measurement {
    let mut image = Measurement { stored: Some(Stored { size: Bytes(base + own), ..stored() }), ..measurement() };
    (image.layers[0].size, image.layers[1].size) = (Some(Bytes(base)), Some(Bytes(own)));
    image.layers[0].diff_id = DiffId(Digest::from_sha256([u8::try_from(base % 251).expect("small"); 32]));
    image
}

fn on(base: &str, image: Measurement) -> Measured {
    let place = Place { file: "Dockerfile".to_owned(), line: 1, column: 1 };
    Measured { base: Some(BaseImage { reference: base.to_owned(), place }), ..measured(image) }
}

/// A run in a pull request, against a baseline that was judged by `before`.
#[derive(Debug, Clone)]
struct Run {
    rules: Rules,
    /// What the baseline was judged by, where that is something else.
    rules_then: Option<Rules>,
    allows: Vec<Allow>,
    before: Measured,
    now: Measured,
    inputs: Option<Inputs>,
    in_change: bool,
    only_new: bool,
}

impl Run {
    fn new(rules: Rules, before: Measurement, now: Measurement) -> Self {
        let (before, now) = (on("node:20-slim", before), on("node:20-slim", now));
        let inputs = Some(Inputs::Changed(vec!["src/main.js".to_owned()]));
        Self { rules, rules_then: None, allows: Vec::new(), before, now, inputs, in_change: true, only_new: false }
    }

    fn unchanged(self) -> Self {
        Self { inputs: Some(Inputs::Unchanged), ..self }
    }

    fn on(self, base: &str) -> Self {
        let now = Measured { base: on(base, measurement()).base, ..self.now };
        Self { now, ..self }
    }

    fn report(&self) -> TargetReport {
        let budgets = Budgets { allows: self.allows.clone(), ..Budgets::default() };
        let alone = Rulebook { budgets: &budgets, today: TODAY, against: None, only_new: false, left_out: None };
        let rules = self.rules_then.clone().unwrap_or_else(|| self.rules.clone());
        let before = judge(&target(rules), self.before.clone(), &alone);
        let against = Against {
            in_change: self.in_change,
            inputs: self.inputs.iter().map(|inputs| ("api".parse().expect("a name"), inputs.clone())).collect(),
            ..against(&Earlier::Report(Box::new(Report::new(vec![before], None, Vec::new()))))
        };
        let rulebook = Rulebook { against: Some(&against), only_new: self.only_new, ..alone };
        judge(&target(self.rules.clone()), self.now.clone(), &rulebook)
    }

    /// The verdict, and why the one finding is eased.
    fn outcome(&self) -> (Verdict, Option<EasedBy>) {
        let report = self.report();
        let json = crate::report::to_json(&Report {
            baseline: found(),
            ..Report::new(vec![report.clone()], None, Vec::new())
        });
        let read = crate::report::from_json(json.as_bytes()).expect("it does not contradict itself");
        assert_eq!(read.targets, std::slice::from_ref(&report));
        (report.verdict, report.findings.first().and_then(|finding| finding.eased.clone()).map(|eased| eased.why))
    }

    fn message(&self) -> String {
        self.report().findings.first().map(|finding| finding.message.clone()).unwrap_or_default()
    }
}

fn found() -> Option<crate::domain::Baseline> {
    crate::baseline::of_run(&against(&Earlier::Report(Box::new(Report::new(Vec::new(), None, Vec::new())))), &[])
}

fn growth(bytes: u64) -> Rules {
    let allowed = Growth { bytes: Some(Bytes(bytes)), percent_hundredths: None };
    Rules { max_growth: limit(None, Some(allowed)), ..sized(None, Some(10_000)) }
}

fn own_growth(bytes: u64) -> Rules {
    let allowed = Growth { bytes: Some(Bytes(bytes)), percent_hundredths: None };
    Rules { max_own_growth: limit(None, Some(allowed)), ..sized(None, Some(10_000)) }
}

#[test]
fn growth_fails_only_what_was_done_here() {
    let run = |now| Run::new(growth(5), image(60, 40), now);
    assert_eq!(run(image(60, 45)).outcome(), (Verdict::Pass, None));
    assert_eq!(run(image(60, 46)).outcome(), (Verdict::Fail, None));
    assert_eq!(run(image(88, 45)).outcome(), (Verdict::Warn, Some(EasedBy::Base)));
    assert_eq!(run(image(88, 46)).outcome(), (Verdict::Fail, None));
    assert_eq!(run(image(60, 46)).unchanged().outcome(), (Verdict::Warn, Some(EasedBy::Drift)));
    assert_eq!(run(image(88, 46)).unchanged().outcome(), (Verdict::Warn, Some(EasedBy::Drift)));
    assert_eq!(run(image(50, 46)).outcome(), (Verdict::Pass, None), "the image as a whole did not grow");
    let main = Run { in_change: false, ..run(image(88, 40)) };
    assert_eq!(main.outcome(), (Verdict::Warn, Some(EasedBy::Base)), "growth of a base never fails");
    let unknown = |now| Run { inputs: Some(Inputs::Unknown("no commit".to_owned())), ..run(now) };
    assert_eq!(unknown(image(60, 46)).outcome(), (Verdict::Fail, None));
    assert_eq!(unknown(image(88, 40)).outcome(), (Verdict::Warn, Some(EasedBy::Base)));
}

#[expect(clippy::large_stack_arrays, reason = "whole reports, and only in a test")]
#[test]
fn growth_says_whose_it_is() {
    let run = |now| Run::new(growth(5), image(60, 40), now);
    for (run, message) in [
        (
            run(image(88, 41)),
            "the image grew by 29 B since the baseline, 24 B over its budget of 5 B; base node:20-slim grew 28 B",
        ),
        (
            run(image(88, 41)).on("node:22-slim"),
            "the image grew by 29 B since the baseline, 24 B over its budget of 5 B; base node:22-slim is 28 B larger than node:20-slim",
        ),
        (
            run(image(60, 46)).unchanged(),
            "the image grew by 6 B since the baseline, 1 B over its budget of 5 B; drift: nothing this target is made of changed here",
        ),
        (
            run(image(70, 46)),
            "the image grew by 16 B since the baseline, 11 B over its budget of 5 B; 6 B of it in its own layers",
        ),
    ] {
        assert_eq!(run.message(), message);
    }
}

#[test]
fn another_base_image_is_chosen_here_and_another_tag_is_the_same_image() {
    let run = |base| Run::new(growth(5), image(60, 40), image(88, 40)).on(base);
    for same in ["node:22", "node:20-slim@sha256:0909090909090909090909090909090909090909090909090909090909090909"] {
        assert_eq!(run(same).outcome(), (Verdict::Warn, Some(EasedBy::Base)), "{same}");
    }
    assert_eq!(run("debian:12").outcome(), (Verdict::Fail, None));
    assert_eq!(run("mirror.example.com/node:20-slim").outcome(), (Verdict::Fail, None));
}

#[test]
fn own_growth_does_not_mention_the_base() {
    let run = |now| Run::new(own_growth(5), image(60, 40), now);
    assert_eq!(run(image(900, 45)).outcome(), (Verdict::Pass, None));
    assert_eq!(run(image(10, 46)).outcome(), (Verdict::Fail, None));
    assert_eq!(
        run(image(900, 46)).message(),
        "its own layers grew by 6 B since the baseline, 1 B over its budget of 5 B"
    );
    assert_eq!(run(image(60, 46)).unchanged().outcome(), (Verdict::Warn, Some(EasedBy::Drift)));
    let mut unknown = image(60, 46);
    unknown.layers[0].origin = Origin::Unknown;
    let report = run(unknown).report();
    let not = report.not_judged.iter().find(|not| not.rule == Rule::OwnGrowth).expect("not judged");
    assert_eq!(not.reason, "it cannot be told which layers came with the base image");
    let mut scratch = (image(60, 40), image(60, 46));
    for image in [&mut scratch.0, &mut scratch.1] {
        image.layers[0].origin = Origin::Own;
    }
    assert_eq!(Run::new(own_growth(5), scratch.0, scratch.1).outcome(), (Verdict::Fail, None), "all is own");
}

#[test]
fn a_limit_that_the_base_alone_passed_warns_in_a_change() {
    let run = |now| Run::new(sized(None, Some(120)), image(60, 40), now);
    assert_eq!(run(image(81, 40)).outcome(), (Verdict::Warn, Some(EasedBy::Base)));
    assert_eq!(
        run(image(81, 40)).message(),
        "the image is 121 B, 1 B over its budget of 120 B; base node:20-slim grew 21 B"
    );
    assert_eq!(run(image(80, 41)).outcome(), (Verdict::Warn, Some(EasedBy::Base)), "the own layers alone keep it");
    assert_eq!(run(image(81, 61)).outcome(), (Verdict::Fail, None), "the own layers alone pass it, too");
    assert_eq!(run(image(81, 40)).on("node:22-slim").outcome(), (Verdict::Fail, None), "another base was asked for");
    assert_eq!(run(image(60, 61)).unchanged().outcome(), (Verdict::Warn, Some(EasedBy::Drift)));
    assert_eq!(Run { in_change: false, ..run(image(81, 40)) }.outcome(), (Verdict::Fail, None), "on main it fails");
    let was_over = Run::new(sized(None, Some(99)), image(60, 40), image(81, 40));
    assert_eq!(was_over.outcome(), (Verdict::Fail, None), "the baseline was over already");
    let mut unknown = image(81, 40);
    unknown.layers[1].origin = Origin::Unknown;
    assert_eq!(run(unknown).outcome(), (Verdict::Fail, None));
}

#[test]
fn each_limit_is_eased_by_its_own_numbers() {
    let rules = [
        Rules { max_layer_size: limit(None, Some(Bytes(70))), ..Rules::default() },
        Rules { max_own_size: limit(None, Some(Bytes(45))), ..Rules::default() },
    ];
    let [layer, own] = rules;
    assert_eq!(Run::new(layer.clone(), image(60, 40), image(81, 41)).outcome(), (Verdict::Warn, Some(EasedBy::Base)));
    assert_eq!(
        Run::new(layer, image(60, 40), image(81, 71)).outcome(),
        (Verdict::Fail, None),
        "an own layer is too large"
    );
    assert_eq!(Run::new(own.clone(), image(60, 40), image(81, 46)).outcome(), (Verdict::Fail, None));
    assert_eq!(
        Run::new(own, image(60, 40), image(81, 46)).unchanged().outcome(),
        (Verdict::Warn, Some(EasedBy::Drift))
    );
    let more = |image: Measurement, origin| {
        let layer = MeasuredLayer {
            origin,
            size: Some(Bytes(0)),
            diff_id: DiffId(Digest::from_sha256([77; 32])),
            ..image.layers[0].clone()
        };
        Measurement { layers: image.layers.into_iter().chain([layer]).collect(), ..image }
    };
    let count = Rules { max_layers: limit(None, Some(2)), ..Rules::default() };
    let run = |origin| Run::new(count.clone(), image(60, 40), more(image(60, 40), origin));
    assert_eq!(run(Origin::Base).outcome(), (Verdict::Warn, Some(EasedBy::Base)));
    assert_eq!(run(Origin::Own).outcome(), (Verdict::Fail, None));
}

/// An image whose base layer has npm, and whose own layer has these tools.
fn with(base: u64, base_tools: &[&str], own_tools: &[&str]) -> Measurement {
    let all = base_tools.iter().map(|name| (*name, 0)).chain(own_tools.iter().map(|name| (*name, 1)));
    let tools = all.map(|(name, layer)| {
        let family = if ["npm", "npx"].contains(&name) { "npm" } else { name };
        tool(name, family, &[at(&format!("/bin/{name}"), layer, 7)])
    });
    Measurement { shown: Some(Shown { tools: tools.collect(), ..Shown::default() }), ..image(base, 40) }
}

#[test]
fn what_came_by_itself_warns_and_what_was_brought_fails() {
    let rules = || Rules { forbid_tools: build_tools(), ..Rules::default() };
    let run = |now| Run::new(rules(), with(60, &["npm"], &[]), now);
    assert_eq!(run(with(60, &["npm"], &[])).outcome(), (Verdict::Fail, None), "the baseline has it");
    assert_eq!(run(with(61, &["npm", "npx"], &[])).outcome(), (Verdict::Warn, Some(EasedBy::Base)));
    assert_eq!(run(with(61, &["npm", "npx"], &[])).on("node:22").outcome(), (Verdict::Fail, None));
    assert_eq!(run(with(60, &["npm", "npx"], &[])).outcome(), (Verdict::Fail, None), "the base image did not move");
    let clean = |now| Run::new(rules(), with(60, &[], &[]), now);
    assert_eq!(clean(with(60, &[], &["gcc"])).outcome(), (Verdict::Fail, None));
    assert_eq!(clean(with(60, &[], &["gcc"])).unchanged().outcome(), (Verdict::Warn, Some(EasedBy::Drift)));
    assert_eq!(Run { in_change: false, ..clean(with(60, &[], &["gcc"])) }.unchanged().outcome(), (Verdict::Fail, None));
}

#[test]
fn only_new_eases_what_the_baseline_has() {
    let rules = || Rules { forbid_tools: build_tools(), ..sized(None, Some(50)) };
    let run = |now| Run { only_new: true, ..Run::new(rules(), with(60, &["npm"], &[]), now) };
    assert_eq!(run(with(60, &["npm"], &[])).outcome(), (Verdict::Pass, Some(EasedBy::Known)));
    let report = run(with(60, &["npm"], &[])).report();
    assert_eq!(status(&report, Rule::Size), Some(RuleStatus::Eased));
    assert_eq!(of(&report, Rule::ForbiddenTool)[0].ruled(), Severity::Fail);
    assert_eq!(run(with(60, &["npm", "npx"], &[])).outcome().0, Verdict::Fail, "npx is new");
    assert_eq!(run(with(60, &["npm"], &["gcc"])).outcome().0, Verdict::Fail, "gcc is new");
    assert_eq!(run(with(1_000_060, &["npm"], &[])).outcome().0, Verdict::Pass, "1 MB more is no news");
    assert_eq!(run(with(1_000_061, &["npm"], &[])).outcome().0, Verdict::Fail, "and one byte more is");
}

#[test]
fn without_a_baseline_only_new_passes_and_says_so() {
    let budgets = Budgets::default();
    let missing = against(&Earlier::Missing("no such file".to_owned()));
    for against in [None, Some(&missing)] {
        let rulebook = Rulebook { budgets: &budgets, today: TODAY, against, only_new: true, left_out: None };
        let report = judge(&target(sized(None, Some(1))), measured(measurement()), &rulebook);
        assert_eq!(report.verdict, Verdict::Pass);
        assert_eq!(report.findings[0].eased.as_ref().map(|eased| &eased.why), Some(&EasedBy::NoBaseline));
        let whole = conclude(vec![report], None, &rulebook);
        let code = |strict| crate::exit::Exit::of(&whole, crate::exit::FailOn::Failure, strict).code();
        assert_eq!((code(false), code(true)), (0, 2));
    }
    // A target that the baseline does not have is new, and so is everything about it.
    let other = against(&Earlier::Report(Box::new(Report::new(Vec::new(), None, Vec::new()))));
    let rulebook = Rulebook { budgets: &budgets, today: TODAY, against: Some(&other), only_new: true, left_out: None };
    assert_eq!(judge(&target(sized(None, Some(1))), measured(measurement()), &rulebook).verdict, Verdict::Fail);
}

/// A run whose budgets at the baseline are known.
fn accepted(then: Option<&[Allow]>, now: &[Allow], grown: u64) -> TargetReport {
    let run = Run { allows: now.to_vec(), ..Run::new(growth(5), image(60, 40), image(60, 40 + grown)) };
    let budgets = |allows: &[Allow]| Budgets {
        targets: vec![target(growth(5))],
        allows: allows.to_vec(),
        file: Some("budgets.toml".into()),
        ..Budgets::default()
    };
    let before = Run { now: run.before.clone(), ..Run::new(growth(5), image(60, 40), image(60, 40)) }.report();
    let before = TargetReport { budget: None, ..before };
    let against = Against {
        in_change: true,
        inputs: BTreeMap::from([("api".parse().expect("a name"), Inputs::Changed(Vec::new()))]),
        budgets: then.map(|then| Arc::new(budgets(then))),
        ..against(&Earlier::Report(Box::new(Report::new(vec![before], None, Vec::new()))))
    };
    let budgets = budgets(now);
    let rulebook =
        Rulebook { budgets: &budgets, today: TODAY, against: Some(&against), only_new: false, left_out: None };
    let report = judge(&target(growth(5)), run.now, &rulebook);
    let whole = conclude(vec![report], None, &rulebook);
    let json = crate::report::to_json(&whole);
    assert_eq!(crate::report::from_json(json.as_bytes()).expect("it does not contradict itself"), whole);
    assert!(whole.budget_changes.is_empty() || whole.targets[0].accepted.is_empty(), "told once");
    whole.targets.into_iter().next().expect("one")
}

fn up_to(bytes: u64, reason: &str) -> Allow {
    let growth = Growth { bytes: Some(Bytes(bytes)), percent_hundredths: None };
    Allow { up_to: Some(UpTo::Growth(growth)), reason: reason.to_owned(), ..allow(Rule::Growth) }
}

#[test]
fn growth_is_accepted_in_the_change_that_adds_or_raises_the_exception() {
    let now = [up_to(30, "codec")];
    let report = accepted(Some(&[]), &now, 30);
    assert_eq!((report.verdict, status(&report, Rule::Growth)), (Verdict::Pass, Some(RuleStatus::Allowed)));
    let told = &report.accepted[0];
    assert_eq!(
        (told.rule, told.actual, told.up_to),
        (Rule::Growth, Amount::Bytes(Bytes(30)), Amount::Bytes(Bytes(30)))
    );
    assert_eq!((told.reason.as_deref(), told.place.as_ref()), (Some("codec"), Some(&place(40))));
    assert_eq!(accepted(Some(&[]), &now, 31).verdict, Verdict::Fail, "it is a limit all the same");
    assert_eq!(accepted(Some(&[up_to(20, "codec")]), &now, 30).verdict, Verdict::Pass, "raised");
    assert_eq!(
        accepted(Some(&[up_to(40, "fonts")]), &now, 30).verdict,
        Verdict::Pass,
        "accepted again, for another reason"
    );
    assert!(accepted(Some(&[]), &now, 4).accepted.is_empty(), "nothing was over");
}

#[test]
fn an_acceptance_counts_once_and_says_why_it_does_not() {
    let now = [up_to(30, "codec")];
    for (then, hint) in [
        (
            Some(vec![up_to(30, "codec")]),
            "The allow at budgets.toml:40 counted in an earlier change: raise its `up-to`, or give a new reason.",
        ),
        (
            Some(vec![up_to(30, "codec  ")]),
            "The allow at budgets.toml:40 counted in an earlier change: raise its `up-to`, or give a new reason.",
        ),
        (
            Some(vec![up_to(31, "codec")]),
            "The allow at budgets.toml:40 counted in an earlier change: raise its `up-to`, or give a new reason.",
        ),
        (
            None,
            "The allow at budgets.toml:40 does not count: the baseline is a report of a version that did not keep budgets, and git does not have it. Give it `until`.",
        ),
    ] {
        let report = accepted(then.as_deref(), &now, 30);
        assert_eq!((report.verdict, report.accepted.len()), (Verdict::Fail, 0));
        assert_eq!(report.findings[0].hint.as_deref(), Some(hint));
        assert_eq!(report.notes, [hint]);
    }
    let dated = [Allow { until: Some(TODAY), ..up_to(30, "codec") }];
    assert_eq!(accepted(Some(&dated), &dated, 30).verdict, Verdict::Warn, "it holds until then, and runs out today");
}

#[test]
fn a_row_that_this_change_raised_counts_equally() {
    let lock = |size: u64| match Earlier::read(
        format!("imgbudget.lock/1 content/1\n\napi linux/amd64 size={size} base=60\n").as_bytes(),
        "l",
    ) {
        Ok(Earlier::Lock(lock)) => lock,
        other => panic!("{other:?}"),
    };
    let budgets = Budgets::default();
    let judged = |row: u64, own: u64| {
        let against = Against { lock_now: Some(lock(row)), ..against(&Earlier::Lock(lock(100))) };
        let rulebook =
            Rulebook { budgets: &budgets, today: TODAY, against: Some(&against), only_new: false, left_out: None };
        judge(&target(growth(5)), measured(image(60, own)), &rulebook)
    };
    assert_eq!(judged(100, 60).verdict, Verdict::Fail, "the row was not raised");
    let report = judged(120, 60);
    assert_eq!((report.verdict, status(&report, Rule::Growth)), (Verdict::Pass, Some(RuleStatus::Allowed)));
    assert_eq!((report.accepted[0].up_to, report.accepted[0].reason.as_deref()), (Amount::Bytes(Bytes(25)), None));
    let over = judged(120, 66);
    assert_eq!(
        of(&over, Rule::Growth)[0].message,
        "the image grew by 26 B since the baseline, 1 B over the 25 B that the lock file allows"
    );
    assert_eq!(judged(90, 60).verdict, Verdict::Fail, "a lower row allows nothing");
}

#[test]
fn nothing_is_eased_without_a_baseline() {
    let report = report(sized(None, Some(1)), &image(81, 40), &[]);
    assert_eq!(
        (report.verdict, report.findings[0].eased.as_ref(), report.inputs.as_ref()),
        (Verdict::Fail, None, None)
    );
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    fn inputs() -> impl Strategy<Value = Option<Inputs>> {
        prop::sample::select(vec![
            None,
            Some(Inputs::Unchanged),
            Some(Inputs::Changed(Vec::new())),
            Some(Inputs::Unknown("no commit".to_owned())),
        ])
    }

    prop_compose! {
        fn runs()(
            sizes in prop::array::uniform4(0u64..120),
            fail in 0u64..250,
            allowed in 0u64..60,
            inputs in inputs(),
            flags in prop::array::uniform3(any::<bool>()),
            base in prop::sample::select(vec!["node:20-slim", "node:22", "debian:12", "node:$V"]),
            tools in prop::collection::btree_set(prop::sample::select(vec!["gcc", "npm", "npx"]), 0..3),
        ) -> Run {
            let [in_change, only_new, brings] = flags;
            let rules = Rules {
                forbid_tools: build_tools(),
                max_layer_size: limit(None, Some(Bytes(fail / 2))),
                max_own_growth: own_growth(allowed).max_own_growth,
                ..Rules { max_size: limit(None, Some(Bytes(fail))), ..growth(allowed) }
            };
            let tools: Vec<&str> = tools.into_iter().collect();
            let mut now = with(sizes[2], if brings { &tools } else { &[] }, if brings { &[] } else { &tools });
            now.layers[1].size = Some(Bytes(sizes[3]));
            now.stored = Some(Stored { size: Bytes(sizes[2] + sizes[3]), ..stored() });
            let run = Run::new(rules, Measurement { shown: with(1, &["npm"], &[]).shown, ..image(sizes[0], sizes[1]) }, now).on(base);
            Run { inputs, in_change, only_new, ..run }
        }
    }

    proptest! {
        #[test]
        fn what_is_eased_is_less_than_ruled_and_reads_back(run in runs()) {
            let report = run.report();
            run.outcome();
            for finding in &report.findings {
                let Some(eased) = &finding.eased else { continue };
                prop_assert!(finding.severity < eased.from);
                match eased.why {
                    EasedBy::Known => prop_assert!(run.only_new && finding.is_new == Some(false)),
                    EasedBy::Drift => prop_assert!(run.inputs == Some(Inputs::Unchanged)),
                    EasedBy::Base => prop_assert!(report.base_size.is_some()),
                    EasedBy::NoBaseline | EasedBy::NotYet { .. } => prop_assert!(false),
                }
                let is_growth = matches!(finding.rule, Rule::Growth | Rule::OwnGrowth);
                prop_assert!(is_growth || run.in_change || eased.why == EasedBy::Known);
            }
        }

        #[test]
        fn only_new_never_hides_what_the_baseline_lacks(run in runs()) {
            let all = Run { only_new: false, ..run.clone() };
            let (all, new) = (all.report(), Run { only_new: true, ..run }.report());
            let told = |report: &TargetReport| report.findings.iter().filter(|finding| finding.is_new != Some(false))
                .map(|finding| (finding.rule, finding.subject.clone(), finding.names.clone(), finding.severity)).collect::<std::collections::BTreeSet<_>>();
            prop_assert_eq!(told(&all), told(&new));
            prop_assert_eq!(all.findings.len(), new.findings.len(), "known ones are shown");
        }

        #[test]
        fn a_higher_limit_never_fails_what_passed_in_a_change(run in runs(), more in 0u64..100) {
            let grow = |limit: &Option<Limit<Growth>>| limit.clone().map(|limit| {
                let fail = limit.fail.map(|fail| Growth { bytes: fail.bytes.map(|bytes| Bytes(bytes.0 + more)), ..fail });
                Limit { fail, ..limit }
            });
            let raised = |limit: &Option<Limit<Bytes>>| limit.clone().map(|limit| Limit { fail: limit.fail.map(|fail| Bytes(fail.0 + more)), ..limit });
            let rules = Rules { max_size: raised(&run.rules.max_size), max_layer_size: raised(&run.rules.max_layer_size), max_growth: grow(&run.rules.max_growth), max_own_growth: grow(&run.rules.max_own_growth), ..run.rules.clone() };
            let low = run.report();
            let high = Run { rules, rules_then: Some(run.rules.clone()), ..run }.report();
            for rule in [Rule::Size, Rule::LayerSize, Rule::Growth, Rule::OwnGrowth] {
                let fails = |report: &TargetReport| of(report, rule).iter().any(|finding| finding.severity == Severity::Fail);
                prop_assert!(fails(&low) || !fails(&high), "{}", rule);
            }
        }

        #[test]
        fn the_order_of_exceptions_and_tools_changes_nothing(run in runs(), ups in prop::collection::vec(0u64..200, 0..4)) {
            let mut allows: Vec<Allow> = ups.iter().zip(41..).map(|(up_to, line)| Allow { up_to: Some(UpTo::Bytes(Bytes(*up_to))), place: place(line), ..allow(Rule::Size) }).collect();
            let there = Run { allows: allows.clone(), ..run }.clone();
            allows.reverse();
            let mut back = Run { allows, ..there.clone() };
            if let Some(shown) = &mut back.now.measurement.shown { shown.tools.reverse(); }
            let told = |run: &Run| { let report = run.report(); (report.verdict, report.rules, report.findings) };
            prop_assert_eq!(told(&there), told(&back));
        }
    }
}
