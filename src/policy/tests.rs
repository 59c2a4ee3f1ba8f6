//! Every rule, at its edges.

use globset::{Glob, GlobMatcher};
use jiff::civil::{Date, date};

use super::{Rulebook, judge, unmeasured};
use crate::baseline::Earlier;
use crate::domain::{
    Allow, AllowMatch, Amount, Bytes, DiffId, Digest, Finding, Forbidden, Growth, Level, Limit, Origin, PathGlob,
    Place, Platform, Rule, RuleStatus, Rules, Severity, Source, Target, TargetReport, ToolPattern, UpTo, Verdict,
};
use crate::image::{FoundPath, FoundTool, MatchedPaths, MeasuredLayer, Measurement, Wasted, WastedByLayer, WastedPath};

const TODAY: Date = date(2026, 11, 21);

fn place(line: u32) -> Place {
    Place { file: "budgets.toml".to_owned(), line, column: 1 }
}

fn target(rules: Rules) -> Target {
    Target {
        name: "api".parse().expect("a name"),
        place: Some(place(1)),
        source: Source::Build,
        build: None,
        platforms: Vec::new(),
        rules,
    }
}

/// A lock file with one target of the name and platform of those here.
fn locked(name: &str, size: u64) -> Earlier {
    let text = format!("imgbudget.lock/1 content/1\n\n{name} linux/amd64 size={size}\n");
    Earlier::read(text.as_bytes(), "budgets.lock").expect("a lock file")
}

/// Layers of the base image and of the Dockerfile, 60 and 40 bytes.
fn measurement() -> Measurement {
    let layer = |seed, size, origin, created_by: &str| MeasuredLayer {
        diff_id: DiffId(Digest::from_sha256([seed; 32])),
        size: Bytes(size),
        created_by: Some(created_by.to_owned()),
        origin,
        dockerfile: None,
    };
    Measurement {
        image_id: Digest::from_sha256([9; 32]),
        platform: Platform::new("linux", "amd64", None),
        user: Some("app".to_owned()),
        size: Bytes(100),
        compressed_size: None,
        layers: vec![
            layer(1, 60, Origin::Base, "ADD rootfs /"),
            layer(2, 40, Origin::Own, "RUN /bin/sh -c apt-get install -y gcc # buildkit"),
        ],
        tools: Vec::new(),
        shadowed_tools: Vec::new(),
        wasted: Wasted::default(),
        matched_paths: Vec::new(),
    }
}

fn tool(name: &str, family: &str, paths: &[FoundPath]) -> FoundTool {
    FoundTool { name: name.to_owned(), family: family.to_owned(), paths: paths.to_vec() }
}

fn at(path: &str, layer: usize, size: u64) -> FoundPath {
    FoundPath { path: path.into(), layer, size: Bytes(size), content: path.into() }
}

#[expect(clippy::unnecessary_wraps, reason = "rules hold their limits as options")]
fn limit<T>(warn: Option<T>, fail: Option<T>) -> Option<Limit<T>> {
    Some(Limit { warn, fail, place: Some(place(5)) })
}

fn forbid(severity: Severity, what: ToolPattern) -> Forbidden<ToolPattern> {
    Forbidden { what, severity, place: Some(place(6)) }
}

fn name(name: &str) -> ToolPattern {
    ToolPattern::Name(name.to_owned())
}

fn build_tools() -> Vec<Forbidden<ToolPattern>> {
    vec![forbid(Severity::Fail, ToolPattern::Group("build-tools".to_owned()))]
}

fn glob(text: &str) -> GlobMatcher {
    Glob::new(text).expect("a glob").compile_matcher()
}

fn allow(rule: Rule) -> Allow {
    Allow {
        targets: vec![glob("a*")],
        rule,
        matches: Vec::new(),
        up_to: None,
        reason: "because".to_owned(),
        until: None,
        place: place(40),
    }
}

fn report(rules: Rules, measurement: &Measurement, allows: &[Allow]) -> TargetReport {
    let in_group =
        |group: &str, tool: &str| group == "build-tools" && ["npm", "npx", "corepack", "gcc"].contains(&tool);
    judge(&target(rules), measurement, &Rulebook { allows, today: TODAY, in_group: &in_group, earlier: None })
}

/// An image of 100 bytes against its baseline.
fn grown(growth: Option<Limit<Growth>>, earlier: Option<&Earlier>, allows: &[Allow]) -> TargetReport {
    let rules = Rules { max_growth: growth, ..sized(None, Some(1000)) };
    let rulebook = Rulebook { allows, today: TODAY, in_group: &|_, _| false, earlier };
    judge(&target(rules), &measurement(), &rulebook)
}

fn of(report: &TargetReport, rule: Rule) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.rule == rule).collect()
}

fn status(report: &TargetReport, rule: Rule) -> Option<RuleStatus> {
    report.rules.iter().find(|outcome| outcome.rule == rule).map(|outcome| outcome.status)
}

fn sized(warn: Option<u64>, fail: Option<u64>) -> Rules {
    Rules { max_size: limit(warn.map(Bytes), fail.map(Bytes)), ..Rules::default() }
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
    let known = report(rules(), &Measurement { compressed_size: Some(Bytes(51)), ..measurement() }, &[]);
    assert_eq!(known.verdict, Verdict::Fail);
    assert!(known.not_judged.is_empty());
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
fn waste_is_put_down_to_the_layer_that_hides_most() {
    let rules = || Rules { max_wasted: limit(None, Some(Bytes(5))), ..Rules::default() };
    assert_eq!(report(rules(), &measurement(), &[]).verdict, Verdict::Pass);
    let hint = |deleted, replaced| {
        let by_layer =
            vec![WastedByLayer::default(), WastedByLayer { deleted: Bytes(deleted), replaced: Bytes(replaced) }];
        let path = WastedPath { path: b"/srv/model".to_vec(), layer: 0, by: 1, size: Bytes(9) };
        let wasted = Wasted { bytes: Bytes(deleted + replaced), by_layer, paths: vec![path], more_paths: 2 };
        let report = report(rules(), &Measurement { wasted, ..measurement() }, &[]);
        let finding = of(&report, Rule::Wasted)[0];
        assert_eq!(finding.message, "9 B are shipped and never seen, 4 B over its budget of 5 B");
        assert_eq!((finding.paths.as_slice(), finding.more_paths), (["/srv/model".to_owned()].as_slice(), 2));
        assert_eq!(finding.layer.as_ref().map(|layer| layer.index), Some(1));
        finding.hint.clone().unwrap_or_default()
    };
    assert!(hint(9, 0).starts_with("Delete files in the instruction that made them"));
    assert!(hint(4, 5).starts_with("A file that a later layer changes ships twice"));
}

#[test]
fn a_layer_is_blamed_for_its_size() {
    let rules = Rules { max_layer_size: limit(None, Some(Bytes(59))), ..Rules::default() };
    let report = report(rules, &measurement(), &[]);
    assert_eq!(report.findings[0].layer.as_ref().map(|layer| layer.index), Some(0));
    assert!(report.findings[0].hint.as_deref().is_some_and(|hint| hint.contains("base image")));
}

#[test]
fn an_image_without_layers_is_judged() {
    let empty = Measurement { size: Bytes::ZERO, layers: Vec::new(), ..measurement() };
    let rules = Rules {
        max_layers: limit(None, Some(0)),
        max_layer_size: limit(None, Some(Bytes::ZERO)),
        ..sized(None, Some(0))
    };
    assert_eq!(report(rules, &empty, &[]).verdict, Verdict::Pass);
}

/// npm, npx and corepack of the base image; gcc of the Dockerfile.
fn with_tools() -> Measurement {
    let linked = |path: &str| FoundPath { content: b"/lib/npm".to_vec(), ..at(path, 0, 30) };
    Measurement {
        tools: vec![
            tool("corepack", "npm", &[at("/bin/corepack", 0, 5)]),
            tool("gcc", "gcc", &[at("/bin/gcc", 1, 7)]),
            tool("npm", "npm", &[linked("/bin/npm")]),
            tool("npx", "npm", &[linked("/bin/npx")]),
            tool("sh", "sh", &[at("/bin/sh", 0, 1)]),
        ],
        ..measurement()
    }
}

#[test]
fn one_cause_is_one_finding() {
    let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &with_tools(), &[]);
    let found = of(&report, Rule::ForbiddenTool);
    let messages: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["gcc is in the image (7 B)", "npm, corepack and npx are in the image (35 B)"]);
    assert_eq!(found[1].paths, ["/bin/corepack", "/bin/npm", "/bin/npx"]);
    assert_eq!(found[1].layer.as_ref().map(|layer| layer.index), Some(0));
    let hint = |index: usize| found[index].hint.clone().unwrap_or_default();
    assert!(hint(0).contains("--no-install-recommends"), "{}", hint(0));
    assert!(hint(1).starts_with("They came with the base image: use a base without them"), "{}", hint(1));
    assert_eq!((report.verdict, status(&report, Rule::ForbiddenTool)), (Verdict::Fail, Some(RuleStatus::Fail)));
}

#[test]
fn nothing_is_said_of_the_base_where_it_is_not_certain() {
    let mut measured = with_tools();
    measured.layers[0].origin = Origin::Unknown;
    let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &measured, &[]);
    let hints: Vec<_> = report.findings.iter().filter_map(|finding| finding.hint.as_deref()).collect();
    assert!(hints.iter().all(|hint| !hint.contains("came with the base image")), "{hints:?}");
}

#[test]
fn a_family_in_two_layers_has_two_causes() {
    let mut measured = with_tools();
    measured.tools[3].paths.push(at("/usr/bin/npx", 1, 2));
    let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &measured, &[]);
    let npm = report.findings.iter().filter(|finding| finding.subject == "npm").count();
    assert_eq!(npm, 2);
}

#[test]
fn allowing_npm_does_not_hide_corepack() {
    let allows = [Allow {
        matches: vec![AllowMatch::Tool(name("npm")), AllowMatch::Glob(glob("np?"))],
        ..allow(Rule::ForbiddenTool)
    }];
    let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &with_tools(), &allows);
    let messages: Vec<&str> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["gcc is in the image (7 B)", "corepack is in the image (5 B)"]);
    assert_eq!(report.allows[0].subjects, ["npm", "npx"]);
}

#[test]
fn exceptions_by_group_or_for_everything() {
    let group = AllowMatch::Tool(ToolPattern::Group("build-tools".to_owned()));
    for matches in [vec![group], Vec::new()] {
        let allows = [Allow { matches, ..allow(Rule::ForbiddenTool) }];
        let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &with_tools(), &allows);
        assert_eq!((report.verdict, status(&report, Rule::ForbiddenTool)), (Verdict::Pass, Some(RuleStatus::Allowed)));
    }
    let others = [Allow { targets: vec![glob("web-*")], ..allow(Rule::ForbiddenTool) }];
    let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &with_tools(), &others);
    assert_eq!((report.verdict, report.allows.len()), (Verdict::Fail, 0));
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
    let report = grown(limit(None, Some(by(9))), Some(&locked("api", 60)), &[]);
    let finding = of(&report, Rule::Growth)[0];
    assert_eq!(finding.message, "the image grew by 40 B since the baseline, 31 B over its budget of 9 B");
    assert_eq!((finding.actual, finding.over_by), (Some(Amount::Bytes(Bytes(40))), Some(Amount::Bytes(Bytes(31)))));
}

#[test]
fn growth_is_excused_up_to() {
    let up_to = |growth| [Allow { up_to: Some(UpTo::Growth(growth)), ..allow(Rule::Growth) }];
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

#[test]
fn the_worst_entry_decides() {
    let mut rules = Rules { forbid_tools: vec![forbid(Severity::Warn, name("gcc"))], ..Rules::default() };
    assert_eq!(report(rules.clone(), &with_tools(), &[]).verdict, Verdict::Warn);
    rules.forbid_tools.extend(build_tools());
    let report = report(rules, &with_tools(), &[]);
    assert!(report.findings.iter().all(|finding| finding.severity == Severity::Fail));
}

#[test]
fn deleted_tools_warn_and_the_base_is_only_noted() {
    let deleted = |layer| Measurement {
        shadowed_tools: vec![tool("gcc", "gcc", &[at("/bin/gcc", layer, 7)]), tool("vi", "vi", &[at("/bin/vi", 1, 1)])],
        ..measurement()
    };
    let rules = |level| Rules { forbid_tools: build_tools(), shadowed_tools: level, ..Rules::default() };
    let own = report(rules(None), &deleted(1), &[]);
    assert_eq!(own.findings.len(), 1);
    assert_eq!(own.findings[0].message, "gcc was deleted by a later layer, and its 7 B still ship");
    assert_eq!(own.verdict, Verdict::Warn);
    let failing = report(rules(Some((Level::Fail, None))), &deleted(1), &[]);
    assert_eq!(failing.verdict, Verdict::Fail);
    let base = report(rules(Some((Level::Fail, None))), &deleted(0), &[]);
    assert_eq!((base.verdict, base.findings[0].severity), (Verdict::Pass, Severity::Note));
    assert_eq!(status(&base, Rule::ShadowedTool), Some(RuleStatus::Pass));
    let off = report(rules(Some((Level::Off, None))), &deleted(1), &[]);
    assert_eq!((off.findings.len(), status(&off, Rule::ShadowedTool)), (0, None));
    let excused = report(rules(None), &deleted(1), &[allow(Rule::ShadowedTool)]);
    assert_eq!(status(&excused, Rule::ShadowedTool), Some(RuleStatus::Allowed));
}

fn matched(glob: &str, paths: Vec<FoundPath>) -> MatchedPaths {
    let bytes = paths.iter().map(|path| path.size).sum();
    MatchedPaths { glob: glob.to_owned(), count: paths.len() as u64, bytes, paths }
}

#[test]
fn one_finding_a_pattern() {
    let pattern = |text: &str, severity| Forbidden {
        what: PathGlob::new(text).expect("a glob"),
        severity,
        place: Some(place(8)),
    };
    let measured = Measurement {
        matched_paths: vec![
            matched("/c/*", vec![at("/c/a", 1, 1), at("/c/b", 1, 2)]),
            matched("**/.git", vec![at("/srv/.git", 1, 9)]),
        ],
        ..measurement()
    };
    let rules = Rules {
        forbid_paths: vec![
            pattern("**/.git", Severity::Fail),
            pattern("/c/*", Severity::Warn),
            pattern("/nothing", Severity::Fail),
        ],
        ..Rules::default()
    };
    let all = report(rules.clone(), &measured, &[]);
    let messages: Vec<&str> = all.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["/srv/.git is in the image (9 B)", "2 paths match /c/* (3 B)"]);
    let allows = [Allow {
        matches: vec![AllowMatch::Glob(glob("/c/a")), AllowMatch::Glob(glob("**/.git"))],
        ..allow(Rule::ForbiddenPath)
    }];
    let rest = report(rules, &measured, &allows);
    assert_eq!(rest.findings[0].message, "/c/b is in the image (2 B)");
    assert_eq!((rest.verdict, rest.allows[0].subjects.len()), (Verdict::Warn, 2));
}

#[test]
fn root_is_told_by_the_config() {
    let rules = |level| Rules { require_non_root: Some((level, Some(place(9)))), ..Rules::default() };
    let as_user = |user: Option<&str>| Measurement { user: user.map(str::to_owned), ..measurement() };
    assert_eq!(report(rules(Level::Fail), &as_user(Some("1000")), &[]).verdict, Verdict::Pass);
    let unset = report(rules(Level::Fail), &as_user(None), &[]);
    assert_eq!(unset.findings[0].message, "the image runs as root: it sets no USER");
    assert_eq!(unset.verdict, Verdict::Fail);
    let zero = report(rules(Level::Warn), &as_user(Some("0:0")), &[]);
    assert_eq!(
        (zero.verdict, zero.findings[0].message.as_str()),
        (Verdict::Warn, "the image runs as root: its USER is 0:0")
    );
    assert_eq!(report(rules(Level::Fail), &as_user(None), &[allow(Rule::RootUser)]).verdict, Verdict::Pass);
}

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
    let later = Rules { max_os_packages: limit(None, Some(1)), ..Rules::default() };
    let later = report(later, &measurement(), &[]);
    let rules: Vec<Rule> = later.not_judged.iter().map(|not| not.rule).collect();
    assert_eq!((later.verdict, rules), (Verdict::Warn, vec![Rule::OsPackages]));
    assert_eq!(report(Rules::default(), &measurement(), &[allow(Rule::NoBudget)]).verdict, Verdict::Pass);
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
