//! What became of the budget itself.

use std::sync::Arc;

use super::*;
use crate::domain::{Inputs, Report};
use crate::policy::budget_changes::between;

fn budgets(rules: Rules, allows: &[Allow]) -> Budgets {
    Budgets {
        file: Some("budgets.toml".into()),
        targets: vec![target(rules)],
        allows: allows.to_vec(),
        ..Budgets::default()
    }
}

fn budget(rules: Rules, allows: &[Allow]) -> crate::domain::TargetBudget {
    let budgets = budgets(rules, allows);
    crate::domain::TargetBudget::of(&budgets.targets[0], &budgets)
}

/// `+` allows more, `-` less.
fn told(then: &crate::domain::TargetBudget, now: &crate::domain::TargetBudget) -> Vec<String> {
    between(then, now, TODAY)
        .iter()
        .map(|one| format!("{} {}", if one.loosens { '+' } else { '-' }, one.what))
        .collect()
}

fn mb(megabytes: u64) -> Bytes {
    Bytes(megabytes * 1_000_000)
}

#[test]
fn limits_are_raised_lowered_added_and_dropped() {
    let with = |warn: Option<u64>, fail: Option<u64>| {
        if warn.is_none() && fail.is_none() {
            return budget(Rules::default(), &[]);
        }
        budget(Rules { max_size: limit(warn.map(mb), fail.map(mb)), ..Rules::default() }, &[])
    };
    for (then, now, expected) in [
        ((None, Some(150)), (None, Some(300)), vec!["+ max-size 150.0 → 300.0 MB"]),
        ((None, Some(300)), (None, Some(150)), vec!["- max-size 300.0 → 150.0 MB"]),
        ((None, Some(900)), (None, Some(1200)), vec!["+ max-size 900.0 MB → 1.20 GB"]),
        ((None, Some(150)), (None, None), vec!["+ max-size 150.0 MB dropped"]),
        ((None, None), (None, Some(150)), vec!["- max-size 150.0 MB added"]),
        ((None, Some(150)), (Some(150), None), vec!["+ max-size 150.0 MB dropped", "- max-size warn 150.0 MB added"]),
        ((Some(100), Some(150)), (Some(120), Some(150)), vec!["+ max-size warn 100.0 → 120.0 MB"]),
        ((Some(100), Some(150)), (Some(100), Some(150)), vec![]),
    ] {
        assert_eq!(told(&with(then.0, then.1), &with(now.0, now.1)), expected, "{then:?} {now:?}");
    }
    let growth = |bytes: Option<u64>, percent_hundredths| {
        let allowed = Growth { bytes: bytes.map(mb), percent_hundredths };
        budget(Rules { max_growth: limit(None, Some(allowed)), ..Rules::default() }, &[])
    };
    assert_eq!(
        told(&growth(Some(5), Some(200)), &growth(Some(6), Some(100))),
        ["+ max-growth 5.0 MB or 2% → 6.0 MB or 1%"]
    );
    assert_eq!(told(&growth(None, Some(250)), &growth(None, Some(200))), ["- max-growth 2.5% → 2%"]);
}

#[test]
fn lists_and_levels() {
    let with = |tools: &[(&str, Severity)], root, applets| {
        let tools = tools.iter().map(|(tool, severity)| forbid(*severity, name(tool))).collect();
        let level = |level: Option<Level>| level.map(|level| (level, Some(place(7))));
        let rules = Rules {
            forbid_tools: tools,
            require_non_root: level(root),
            busybox_applets: level(applets),
            ..Rules::default()
        };
        budget(rules, &[])
    };
    let then = with(&[("gcc", Severity::Fail), ("npm", Severity::Fail)], Some(Level::Fail), None);
    let now = with(&[("npm", Severity::Warn), ("curl", Severity::Fail)], Some(Level::Warn), Some(Level::Warn));
    assert_eq!(
        told(&then, &now),
        [
            "+ forbid-tools: gcc dropped",
            "+ forbid-tools: npm fail → warn",
            "- forbid-tools: curl added",
            "+ require-non-root fail → warn",
            "- busybox-applets off → warn"
        ]
    );
    assert_eq!(told(&now, &now), [""; 0]);
}

#[test]
fn exceptions_are_added_widened_and_removed() {
    let size = |up_to: u64, until| Allow { up_to: Some(UpTo::Bytes(mb(up_to))), until, ..allow(Rule::Size) };
    let tools = |names: &[&str]| Allow {
        matches: names.iter().map(|it| AllowMatch::Tool(name(it))).collect(),
        ..allow(Rule::ForbiddenTool)
    };
    let with = |allows: &[Allow]| budget(Rules::default(), allows);
    let (soon, later, past) = (Some(date(2027, 1, 1)), Some(date(2027, 6, 1)), Some(date(2026, 1, 1)));
    for (then, now, expected) in [
        (vec![], vec![size(170, None)], vec!["+ allow size up to 170.0 MB added"]),
        (vec![size(170, None)], vec![size(200, None)], vec!["+ allow size up to 170.0 → 200.0 MB"]),
        (vec![size(200, None)], vec![size(170, None)], vec!["- allow size up to 200.0 MB removed"]),
        (vec![size(170, soon)], vec![size(170, later)], vec!["+ allow size until 2027-01-01 → 2027-06-01"]),
        (vec![size(170, soon)], vec![size(170, None)], vec!["+ allow size until 2027-01-01 → no end"]),
        (vec![size(170, past)], vec![size(170, soon)], vec!["+ allow size until 2026-01-01 → 2027-01-01"]),
        (vec![size(170, None)], vec![], vec!["- allow size up to 170.0 MB removed"]),
        (vec![size(170, past)], vec![], vec![]),
        (vec![tools(&["npm", "npx"])], vec![tools(&["npm"])], vec!["- allow forbidden-tool npm, npx removed"]),
        (vec![tools(&["npm"])], vec![tools(&["npm", "npx"])], vec!["+ allow forbidden-tool npm, npx added"]),
        (vec![tools(&[])], vec![tools(&["npm"])], vec!["- allow forbidden-tool removed"]),
    ] {
        let found = told(&with(&then), &with(&now));
        let loosened: Vec<_> = found.iter().filter(|one| one.starts_with('+')).collect();
        let expected_loosened: Vec<_> = expected.iter().filter(|one| one.starts_with('+')).collect();
        assert_eq!(loosened, expected_loosened, "{found:?}");
        if expected_loosened.is_empty() {
            assert_eq!(found, expected);
        }
    }
    let base = Allow { origin: Some(Origin::Base), ..tools(&["npm"]) };
    assert_eq!(
        told(&with(std::slice::from_ref(&base)), &with(&[tools(&["npm"])])).first().map(String::as_str),
        Some("+ allow forbidden-tool npm added")
    );
    assert_eq!(told(&with(&[tools(&["npm"])]), &with(&[base])).iter().filter(|one| one.starts_with('+')).count(), 0);
}

/// Writes a level.
type Pick = fn(&mut Rules, (Level, Option<Place>));

#[test]
fn what_is_enforced_later_than_before() {
    let from = |day: Option<Date>| {
        let enforce_from = day.into_iter().map(|day| (place(5), day)).collect();
        budget(Rules { enforce_from, ..sized(None, Some(150)) }, &[])
    };
    let (past, soon, later) = (Some(date(2026, 1, 1)), Some(date(2027, 1, 1)), Some(date(2027, 6, 1)));
    for (then, now, expected) in [
        (None, soon, vec!["+ max-size enforced from 2027-01-01, not at once"]),
        (past, soon, vec!["+ max-size enforced from 2027-01-01, not at once"]),
        (soon, later, vec!["+ max-size enforced from 2027-01-01 → 2027-06-01"]),
        (later, soon, vec!["- max-size enforced from 2027-06-01 → 2027-01-01"]),
        (soon, None, vec!["- max-size enforced at once"]),
        (past, None, vec![]),
    ] {
        assert_eq!(told(&from(then), &from(now)), expected);
    }
    let level = |pick: Pick, day: Option<Date>| {
        let enforce_from = day.into_iter().map(|day| (place(5), day)).collect();
        let mut rules = Rules { enforce_from, ..Rules::default() };
        pick(&mut rules, (Level::Fail, Some(place(5))));
        budget(rules, &[])
    };
    let levels: [(&str, Pick); 3] = [
        ("require-non-root", |rules, level| rules.require_non_root = Some(level)),
        ("shadowed-tools", |rules, level| rules.shadowed_tools = Some(level)),
        ("busybox-applets", |rules, level| rules.busybox_applets = Some(level)),
    ];
    for (key, pick) in levels {
        let expected = format!("+ {key} enforced from 2027-01-01, not at once");
        assert_eq!(told(&level(pick, None), &level(pick, soon)), [expected]);
    }
}

#[test]
fn the_day_of_a_loosened_line_does_not_ease_the_finding_that_it_was_loosened() {
    let later = [(place(5), TODAY + time::Duration::days(9_000))].into();
    let then = budgets(sized(None, Some(1_000)), &[]);
    let rules = Rules { enforce_from: later, ..sized(None, Some(2_000)) };
    let now = Budgets { budget_changes: Some((Severity::Fail, place(30))), ..budgets(rules, &[]) };
    let report = run(Some(&then), &now);
    let found = of(&report.targets[0], Rule::BudgetChanged);
    assert_eq!((report.verdict, found.len()), (Verdict::Fail, 2));
    assert!(found.iter().all(|finding| finding.severity == Severity::Fail && finding.eased.is_none()));
}

#[test]
fn a_space_is_no_new_reason() {
    let growth =
        |reason: &str| Allow { up_to: Some(UpTo::Bytes(mb(30))), reason: reason.to_owned(), ..allow(Rule::Growth) };
    let with = |reason| budget(Rules::default(), &[growth(reason)]);
    for same in ["the codec ", " the codec", "the  codec", "the codec\n"] {
        assert_eq!(told(&with("the codec"), &with(same)), [""; 0], "{same:?}");
    }
    assert_eq!(told(&with("the codec"), &with("the codecs")), ["+ allow growth up to 30.0 MB added"]);
}

#[test]
fn settings_that_decide_what_fails() {
    let then = budget(Rules::default(), &[]);
    let now = crate::domain::TargetBudget { only_new: Some(place(3)), min_change: mb(50), ..then.clone() };
    assert_eq!(told(&then, &now), ["+ only-new switched on", "+ min-change 1.0 → 50.0 MB"]);
    assert_eq!(told(&now, &then), ["- only-new switched off", "- min-change 50.0 → 1.0 MB"]);
    let flagged = crate::domain::TargetBudget { min_change: mb(50), ..then.clone() };
    assert_eq!(told(&then, &flagged), ["+ min-change 1.0 → 50.0 MB"], "--only-new may ask for it");
    let strict = crate::domain::TargetBudget { budget_changes: Severity::Fail, ..then.clone() };
    assert_eq!(told(&strict, &then), ["+ budget-changes fail → note"]);
}

/// A run whose budgets were `then` at the baseline.
fn run(then: Option<&Budgets>, now: &Budgets) -> Report {
    let earlier = Earlier::Report(Box::new(Report::new(Vec::new(), None, Vec::new())));
    let against = Against {
        in_change: true,
        inputs: [("api".parse().expect("a name"), Inputs::Changed(Vec::new()))].into(),
        budgets: then.cloned().map(Arc::new),
        ..against(&earlier)
    };
    let rulebook = Rulebook { budgets: now, today: TODAY, against: Some(&against), only_new: false, left_out: None };
    let reports = now.targets.iter().map(|target| judge(target, measured(measurement()), &rulebook)).collect();
    let whole = conclude(reports, None, &rulebook);
    let json = crate::report::to_json(&whole);
    assert_eq!(crate::report::from_json(json.as_bytes()).expect("it does not contradict itself"), whole);
    whole
}

fn changes(report: &Report) -> Vec<String> {
    let name =
        |change: &crate::domain::BudgetChange| change.target.as_ref().map_or("all".to_owned(), ToString::to_string);
    report.budget_changes.iter().map(|change| format!("{} {}", name(change), change.what)).collect()
}

fn several(names: &[&str], fail: u64) -> Budgets {
    let named = |name: &&str| Target { name: name.parse().expect("a name"), ..target(sized(None, Some(fail))) };
    Budgets { targets: names.iter().map(named).collect(), ..budgets(Rules::default(), &[]) }
}

#[test]
fn what_changed_for_all_is_told_once_and_what_was_dropped_is_told() {
    let then = several(&["api", "web"], 1_000);
    assert_eq!(changes(&run(Some(&then), &several(&["api", "web"], 2_000))), ["all max-size 1.0 → 2.0 kB"]);
    let mut one = several(&["api", "web"], 1_000);
    one.targets[0].rules = sized(None, Some(2_000));
    assert_eq!(changes(&run(Some(&then), &one)), ["api max-size 1.0 → 2.0 kB"]);
    assert_eq!(changes(&run(Some(&then), &several(&["api"], 1_000))), ["web dropped"]);
    assert_eq!(changes(&run(Some(&several(&["api"], 1_000)), &then)), [""; 0], "a new target loosens nothing");
    assert_eq!(changes(&run(None, &several(&["api", "web"], 2_000))), [""; 0]);
}

#[test]
fn the_stricter_of_two_settings_makes_it_a_finding() {
    let set = |budgets: Budgets, severity| Budgets { budget_changes: Some((severity, place(30))), ..budgets };
    let (low, high) = (several(&["api", "web"], 1_000), several(&["api"], 2_000));
    for (then, now, verdict) in [
        (low.clone(), high.clone(), Verdict::Pass),
        (low.clone(), set(high.clone(), Severity::Warn), Verdict::Warn),
        (set(low.clone(), Severity::Fail), high.clone(), Verdict::Fail),
        (set(low.clone(), Severity::Fail), set(high.clone(), Severity::Note), Verdict::Fail),
        (set(high.clone(), Severity::Fail), set(high.clone(), Severity::Fail), Verdict::Pass),
    ] {
        assert_eq!(run(Some(&then), &now).verdict, verdict);
    }
    let report = run(Some(&set(low, Severity::Fail)), &high);
    let messages: Vec<&str> = report.targets[0].findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "the budget allows more than before: budget-changes fail → note",
            "the budget allows more than before: max-size 1.0 → 2.0 kB",
            "the budget allows more than before: target web dropped",
        ]
    );
    let unknown = run(None, &set(high, Severity::Fail));
    assert!(unknown.targets[0].not_judged.iter().any(|not| not.rule == Rule::BudgetChanged));
}

#[test]
fn a_report_that_is_the_baseline_keeps_the_budget() {
    let (low, high) = (several(&["api"], 1_000), several(&["api"], 2_000));
    let before = run(None, &low);
    let against = Against { in_change: true, ..against(&Earlier::Report(Box::new(before))) };
    let rulebook = Rulebook { budgets: &high, today: TODAY, against: Some(&against), only_new: false, left_out: None };
    let report = judge(&high.targets[0], measured(measurement()), &rulebook);
    assert_eq!(changes(&conclude(vec![report], None, &rulebook)), ["api max-size 1.0 → 2.0 kB"]);
    // An image was judged by the rules of today, so it says nothing of those of then.
    let image = Against { how: crate::domain::How::Image, ..against.clone() };
    let rulebook = Rulebook { against: Some(&image), ..rulebook };
    let report = judge(&high.targets[0], measured(measurement()), &rulebook);
    assert_eq!(changes(&conclude(vec![report], None, &rulebook)), [""; 0]);
}

#[test]
fn parts_of_a_run_say_what_the_whole_says() {
    let then = several(&["api", "web"], 1_000);
    let mut now = several(&["api", "web"], 2_000);
    now.targets[1].rules = sized(None, Some(500));
    let earlier = Earlier::Report(Box::new(Report::new(Vec::new(), None, Vec::new())));
    let against = Against { in_change: true, budgets: Some(Arc::new(then)), ..against(&earlier) };
    let rulebook = Rulebook { budgets: &now, today: TODAY, against: Some(&against), only_new: false, left_out: None };
    let judged: Vec<TargetReport> =
        now.targets.iter().map(|target| judge(target, measured(measurement()), &rulebook)).collect();
    let whole = conclude(judged.clone(), None, &rulebook);
    let parts = judged
        .into_iter()
        .zip(["one", "two"])
        .map(|(report, name)| (name.to_owned(), conclude(vec![report], None, &rulebook)));
    let joined = crate::report::merge(parts.collect()).expect("they belong together");
    assert_eq!(
        (joined.targets, joined.budget_changes, joined.verdict),
        (whole.targets, whole.budget_changes, whole.verdict)
    );
}

fn loosened(then: &Budgets, now: &Budgets) -> (Vec<String>, Verdict) {
    let strict = Budgets { budget_changes: Some((Severity::Fail, place(30))), ..now.clone() };
    let verdict =
        run(Some(&Budgets { budget_changes: strict.budget_changes.clone(), ..then.clone() }), &strict).verdict;
    (changes(&run(Some(then), now)), verdict)
}

#[test]
fn a_baseline_that_is_dropped_or_another_allows_more() {
    let image = |text: &str| crate::domain::ImageTemplate { text: text.to_owned(), place: place(9) };
    let with = |folder: &str, file: Option<&str>, images: &[&str]| Budgets {
        file: Some(format!("{folder}budgets.toml").into()),
        baseline: file.map(|file| format!("{folder}{file}").into()),
        baseline_images: images.iter().map(|text| image(text)).collect(),
        ..several(&["api", "web"], 1_000)
    };
    let then = with("/srv/shop/", Some("budgets.lock"), &[]);
    for (now, expected) in [
        (with("", None, &[]), "all baseline budgets.lock dropped"),
        (with("", Some("other.lock"), &[]), "all baseline budgets.lock → other.lock"),
        (with("", None, &["r/{target}:main"]), "all baseline budgets.lock → r/{target}:main"),
    ] {
        assert_eq!(loosened(&then, &now), (vec![expected.to_owned()], Verdict::Fail));
    }
    for same in ["", "./", "/srv/shop/"] {
        assert_eq!(loosened(&then, &with(same, Some("./budgets.lock"), &[])), (Vec::new(), Verdict::Pass), "{same}");
    }
    let added = loosened(&with("", None, &[]), &then);
    assert_eq!(added, (vec!["all baseline budgets.lock added".to_owned()], Verdict::Pass));
    let images = with("", None, &["r/{target}:main", "r/{target}:old"]);
    assert_eq!(
        loosened(&images, &with("", None, &["r/{target}:old"])).0,
        ["all baseline r/{target}:main, r/{target}:old → r/{target}:old"]
    );
}

#[test]
fn a_platform_a_stage_or_a_source_that_is_not_measured_any_more_allows_more() {
    let on = |platforms: &[&str]| {
        let mut budgets = several(&["api"], 1_000);
        budgets.targets[0].platforms = platforms.iter().map(|text| text.parse().expect("a platform")).collect();
        budgets
    };
    let (amd, arm) = ("linux/amd64", "linux/arm64");
    for (then, now, expected) in [
        (on(&[amd]), on(&[arm]), vec!["api platform linux/amd64 dropped"]),
        (on(&[amd, arm]), on(&[arm]), vec!["api platform linux/amd64 dropped"]),
        (on(&[amd, arm]), on(&[]), vec!["api platform linux/amd64 dropped", "api platform linux/arm64 dropped"]),
        (on(&[amd]), on(&[arm, amd]), vec![]),
        (on(&[amd]), on(&[]), vec![]),
        (on(&[]), on(&[amd]), vec![]),
    ] {
        let verdict = if expected.is_empty() { Verdict::Pass } else { Verdict::Fail };
        assert_eq!(loosened(&then, &now), (expected.into_iter().map(str::to_owned).collect(), verdict));
    }
    let staged = |stage: Option<&str>| {
        let mut budgets = on(&[]);
        budgets.targets[0].build = Some(crate::domain::Build {
            context: ".".into(),
            context_is_told: true,
            dockerfile: "Dockerfile".into(),
            stage: stage.map(str::to_owned),
            args_of_environment: std::collections::BTreeSet::new(),
            args: std::collections::BTreeMap::new(),
            network: crate::domain::Network::Default,
        });
        budgets
    };
    let told = |then, now| loosened(&staged(then), &staged(now));
    assert_eq!(told(Some("run"), Some("tiny")), (vec!["api stage run → tiny".to_owned()], Verdict::Fail));
    assert_eq!(told(None, Some("tiny")).0, ["api stage the last → tiny"]);
    assert_eq!(told(Some("run"), Some("run")), (Vec::new(), Verdict::Pass));
    let mut stored = on(&[]);
    stored.targets[0].source = Source::Archive { path: "api.tar".into(), image: None };
    assert_eq!(loosened(&on(&[]), &stored), (vec!["api source build → archive".to_owned()], Verdict::Fail));
}

#[test]
fn a_raised_row_of_the_lock_file_allows_more() {
    let lock = |size: u64, base: u64| {
        let text = format!("imgbudget.lock/1 content/1\n\napi linux/amd64 size={size} base={base}\n");
        match Earlier::read(text.as_bytes(), "l") {
            Ok(Earlier::Lock(lock)) => lock,
            other => panic!("{other:?}"),
        }
    };
    let growth = Growth { bytes: Some(mb(1)), percent_hundredths: None };
    let rules = Rules { max_growth: limit(None, Some(growth)), ..Rules::default() };
    let ruled = |rules: Rules, now: (u64, u64)| {
        let budgets = Budgets { budget_changes: Some((Severity::Fail, place(30))), ..budgets(rules, &[]) };
        let against = Against {
            in_change: true,
            budgets: Some(Arc::new(budgets.clone())),
            lock_now: Some(lock(now.0, now.1)),
            ..against(&Earlier::Lock(lock(300_000, 100_000)))
        };
        let rulebook =
            Rulebook { budgets: &budgets, today: TODAY, against: Some(&against), only_new: false, left_out: None };
        let report = judge(&budgets.targets[0], measured(measurement()), &rulebook);
        let whole = conclude(vec![report], None, &rulebook);
        (changes(&whole), of(&whole.targets[0], Rule::BudgetChanged).len(), whole.verdict)
    };
    let raised = ruled(rules.clone(), (9_300_000, 100_000));
    assert_eq!(raised, (vec!["api lock row 300.0 kB → 9.3 MB".to_owned()], 1, Verdict::Fail));
    assert_eq!(ruled(rules.clone(), (300_000, 90_000)).1, 1, "the own layers");
    for same in [(300_000, 100_000), (200_000, 100_000)] {
        assert_eq!(ruled(rules.clone(), same), (Vec::new(), 0, Verdict::Pass));
    }
    assert_eq!(ruled(sized(None, Some(1_000)), (9_300_000, 0)).1, 0, "no limit asks for the row");
}
