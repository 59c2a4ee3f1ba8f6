//! What a report calls for, and the laws of it.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    Allow, Amount, Budgets, Bytes, DiffId, Eased, EasedBy, Finding, LayerRef, LayerReport, Limit, LookIn, NewAllow,
    Origin, Place, Report, Role, Rule, RuleOutcome, RuleStatus, Rules, Severity, Source, Target, TargetReport, UpTo,
    Verdict,
};

fn place(line: u32) -> Place {
    Place { file: "budgets.toml".to_owned(), line, column: 1 }
}

fn layer(origin: Origin) -> LayerReport {
    let diff_id: DiffId = format!("sha256:{}", "ab".repeat(32)).parse().expect("a digest");
    LayerReport { diff_id, size: None, compressed_size: None, created_by: None, origin, dockerfile: None }
}

fn finding(rule: Rule, subject: &str, paths: &[&str], layer: usize) -> Finding {
    let diff_id: DiffId = format!("sha256:{}", "ab".repeat(32)).parse().expect("a digest");
    Finding {
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
        layer: Some(LayerRef { index: layer, diff_id, role: Role::Cause }),
        ..Finding::new(rule, Severity::Fail, subject, "m")
    }
}

/// A target with a layer of its base and one of its own.
fn target(name: &str, findings: Vec<Finding>) -> TargetReport {
    let mut target = TargetReport::new(name.parse().expect("a name"), None, Verdict::Fail);
    target.layers = vec![layer(Origin::Base), layer(Origin::Own)];
    target.size = Some(Bytes(1));
    target.findings = findings;
    target
}

fn report(targets: Vec<TargetReport>) -> Report {
    Report::new(targets, None, Vec::new())
}

fn terms() -> Terms {
    let until = time::Date::from_calendar_date(2027, time::Month::March, 31).expect("a day");
    Terms { reason: "known".to_owned(), until }
}

fn told(exceptions: &[NewAllow]) -> String {
    let one = |allow: &NewAllow| {
        let origin = if allow.of_base { " of the base" } else { "" };
        let up_to = allow.up_to.map(|up_to| format!(" up to {up_to:?}")).unwrap_or_default();
        format!("{}: {} {}{origin}{up_to}\n", allow.targets.join(" "), allow.rule, allow.matches.join(" "))
    };
    exceptions.iter().map(one).collect()
}

#[test]
fn fifteen_images_of_one_base_take_three_exceptions() {
    let npm = || finding(Rule::ForbiddenTool, "npm", &["/usr/local/bin/npm", "/usr/local/bin/npx"], 0);
    let yarn = || finding(Rule::ForbiddenTool, "yarn", &["/usr/local/bin/yarn"], 0);
    let lists = || {
        let paths: Vec<String> = (0..9).map(|n| format!("/var/lib/apt/lists/{n}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        finding(Rule::ForbiddenPath, "/var/lib/apt/lists/*", &paths, 0)
    };
    let root = || Finding { layer: None, ..finding(Rule::RootUser, "user", &[], 0) };
    let targets = (1..=15).map(|n| target(&format!("s{n:02}"), vec![npm(), yarn(), lists(), root()])).collect();
    let exceptions = existing(&report(targets), &Budgets::default(), &terms());
    assert_eq!(exceptions.len(), 3);
    let told = told(&exceptions).replace("s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12 s13 s14 ", "… ");
    insta::assert_snapshot!(told, @"
    s01 … s15: forbidden-tool npm npx yarn of the base
    s01 … s15: forbidden-path /var/lib/apt/lists/* of the base
    s01 … s15: root-user
    ");
}

#[test]
fn what_differs_is_told_apart() {
    let tool = |subject: &str, path: &str, layer| finding(Rule::ForbiddenTool, subject, &[path], layer);
    let size = |bytes| Finding {
        actual: Some(Amount::Bytes(Bytes(bytes))),
        layer: None,
        ..finding(Rule::Size, "image", &[], 0)
    };
    let mut warned = size(1);
    warned.severity = Severity::Warn;
    let mut later = tool("curl", "/usr/bin/curl", 1);
    (later.severity, later.eased) = (
        Severity::Warn,
        Some(Eased { from: Severity::Fail, why: EasedBy::NotYet { from: "2027-01-01".to_owned(), days: 9 } }),
    );
    let mut drifted = tool("wget", "/usr/bin/wget", 0);
    (drifted.severity, drifted.eased) = (Severity::Note, Some(Eased { from: Severity::Fail, why: EasedBy::Drift }));
    let targets = vec![
        target("a", vec![tool("make", "/usr/bin/make", 0), size(64_200_000), later]),
        target("b", vec![tool("make", "/usr/bin/make", 1), size(64_900_000), drifted]),
        target("c", vec![size(70_000_001), size(90_000_000), warned]),
    ];
    insta::assert_snapshot!(told(&existing(&report(targets), &Budgets::default(), &terms())), @"
    a: forbidden-tool make of the base
    a b: size  up to Bytes(Bytes(65000000))
    b: forbidden-tool make
    b: forbidden-tool wget of the base
    c: size  up to Bytes(Bytes(90000000))
    ");
}

/// A budget of one target for each of `sides`, all by one place when it is shared.
fn budgets(sides: &[(Option<u64>, u64)], is_shared: bool) -> Budgets {
    let limit = |position: usize, (warn, fail): (Option<u64>, u64)| Limit {
        warn: warn.map(Bytes),
        fail: Some(Bytes(fail)),
        place: Some(place(if is_shared { 1 } else { u32::try_from(position).expect("few") + 1 })),
    };
    let targets = sides.iter().enumerate().map(|(position, sides)| Target {
        name: format!("t{position}").parse().expect("a name"),
        place: None,
        source: Source::Build,
        build: None,
        base: None,
        look_in: LookIn::Auto,
        may_ask_registry: true,
        platforms: Vec::new(),
        rules: Rules { max_size: Some(limit(position, *sides)), ..Rules::default() },
    });
    Budgets { targets: targets.collect(), ..Budgets::default() }
}

fn outcome(rule: Rule, actual: Amount) -> RuleOutcome {
    RuleOutcome { rule, status: RuleStatus::Pass, actual, warn: None, fail: None, budget: None }
}

fn sized(sizes: &[Option<u64>]) -> Report {
    let targets = sizes.iter().enumerate().filter_map(|(position, size)| {
        let mut target = target(&format!("t{position}"), Vec::new());
        target.rules = vec![outcome(Rule::Size, Amount::Bytes(Bytes((*size)?)))];
        Some(target)
    });
    report(targets.collect())
}

#[test]
fn a_limit_follows_the_largest_of_its_users() {
    const MB: u64 = 1_000_000;
    let lowered = |sides: &[(Option<u64>, u64)], is_shared, sizes: &[Option<u64>]| {
        let all = ratchet(&sized(sizes), &budgets(sides, is_shared), 500);
        all.iter()
            .map(|lowered| (lowered.to.to_string(), lowered.warn.map(|warn| warn.to_string())))
            .collect::<Vec<_>>()
    };
    let one = |text: &str| vec![(text.to_owned(), None)];
    assert_eq!(lowered(&[(None, 100 * MB)], false, &[Some(60 * MB)]), one("63.0 MB"));
    assert_eq!(lowered(&[(None, 100 * MB)], false, &[Some(91 * MB)]), []);
    assert_eq!(lowered(&[(None, 100 * MB)], false, &[Some(120 * MB)]), []);
    assert_eq!(lowered(&[(None, 100 * MB)], false, &[None]), []);
    assert_eq!(lowered(&[(None, 100 * MB); 2], true, &[Some(10 * MB), Some(60 * MB)]), one("63.0 MB"));
    assert_eq!(lowered(&[(None, 100 * MB); 2], true, &[Some(10 * MB), None]), []);
    let both = vec![("63.0 MB".to_owned(), Some("63.0 MB".to_owned()))];
    assert_eq!(lowered(&[(Some(80 * MB), 100 * MB)], false, &[Some(60 * MB)]), both);
    assert_eq!(lowered(&[(Some(20 * MB), 100 * MB)], false, &[Some(60 * MB)]), one("63.0 MB"));
}

#[test]
fn an_exception_that_excuses_nothing_is_told_from_one_that_may() {
    let allow = |rule, word: &str| Allow {
        targets: Vec::new(),
        rule,
        matches: vec![crate::domain::AllowMatch::Tool(crate::domain::ToolPattern::Name(word.to_owned()))],
        origin: None,
        up_to: None,
        reason: "r".to_owned(),
        until: None,
        place: place(1),
    };
    let mut budgets = budgets(&[(None, 1)], false);
    budgets.allows = vec![allow(Rule::ForbiddenTool, "make"), allow(Rule::ForbiddenTool, "npm")];
    let mut measured = target("t0", vec![finding(Rule::ForbiddenTool, "npm", &["/bin/npm"], 1)]);
    let sorted = unused(&report(vec![measured.clone()]), &budgets);
    assert_eq!((sorted.unused.len(), sorted.open.len()), (1, 0));
    // What a policy says is about other repositories, too.
    let policy = crate::domain::PolicyFile { path: "p.toml".into(), name: place(1).file };
    let of_policy = Budgets { policy: Some(policy), ..budgets.clone() };
    assert_eq!(unused(&report(vec![measured.clone()]), &of_policy).unused.len(), 0);
    assert_eq!(ratchet(&sized(&[Some(1)]), &of_policy, 500), []);
    measured.size = None;
    let unmeasured = report(vec![measured]);
    let sorted = unused(&unmeasured, &budgets);
    assert_eq!((sorted.unused.len(), sorted.open.len()), (0, 1));
}

proptest! {
    #[test]
    fn a_ratchet_never_raises_and_never_goes_below_what_is_measured(
        users in prop::collection::vec((any::<Option<u64>>(), any::<u64>(), any::<Option<u64>>()), 1..5),
        is_shared in any::<bool>(),
        headroom in 100u64..=10_000,
    ) {
        let sides: Vec<(Option<u64>, u64)> = users.iter().map(|(warn, fail, _)| {
            let (warn, fail) = if is_shared { (users[0].0, users[0].1) } else { (*warn, *fail) };
            (warn.map(|warn| warn.min(fail)), fail)
        }).collect();
        let sizes: Vec<Option<u64>> = users.iter().map(|(_, _, size)| *size).collect();
        for lowered in ratchet(&sized(&sizes), &budgets(&sides, is_shared), headroom) {
            prop_assert!(lowered.to < lowered.from);
            prop_assert!(lowered.warn.is_none_or(|warn| warn <= lowered.to));
            let user = usize::try_from(lowered.place.line).unwrap() - 1;
            let largest = if is_shared { sizes.iter().copied().max().unwrap() } else { sizes[user] };
            prop_assert!(largest.is_some_and(|size| size <= lowered.to.value()));
            prop_assert!(!is_shared || sizes.iter().all(Option::is_some));
        }
    }

    #[test]
    fn what_fails_is_all_excused(
        found in prop::collection::vec((0usize..4, 0usize..3, any::<bool>(), 1u64..1_000_000_000), 0..12),
    ) {
        let mut targets: Vec<TargetReport> = (0..4).map(|n| target(&format!("t{n}"), Vec::new())).collect();
        for (position, kind, of_base, bytes) in found {
            let layer = usize::from(!of_base);
            targets[position].findings.push(match kind {
                0 => finding(Rule::ForbiddenTool, "npm", &[["/bin/npm", "/bin/npx"][usize::from(bytes % 2 == 0)]], layer),
                1 => finding(Rule::ForbiddenPath, "**/.git", &["/app/.git"], layer),
                _ => Finding { actual: Some(Amount::Bytes(Bytes(bytes))), ..finding(Rule::Size, "image", &[], layer) },
            });
        }
        let report = report(targets);
        let exceptions = existing(&report, &Budgets::default(), &terms());
        for target in &report.targets {
            for finding in &target.findings {
                let found = found::found(target, finding).unwrap();
                let is_excused = exceptions.iter().any(|allow| {
                    let fits = allow.rule == found.rule && (!allow.of_base || found.of_base);
                    let covers = allow.targets.contains(&target.name.to_string());
                    let enough = match (found.up_to, allow.up_to) {
                        (Some(wanted), Some(there)) => is_within(wanted, there),
                        _ => found.names.iter().all(|name| allow.matches.contains(name)),
                    };
                    fits && covers && enough
                });
                prop_assert!(is_excused, "{found:?} in {exceptions:?}");
            }
        }
        for (position, one) in exceptions.iter().enumerate() {
            prop_assert!(exceptions.iter().skip(position + 1).all(|other| !one.is_about_the_same(other)));
            prop_assert!(!matches!(one.up_to, Some(UpTo::Count(_))));
        }
    }
}
