//! What must not be there: tools, paths, the root user.

use super::*;

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
    assert!(hint(1).starts_with("Comes with the base image: use another base"), "{}", hint(1));
    assert_eq!((report.verdict, status(&report, Rule::ForbiddenTool)), (Verdict::Fail, Some(RuleStatus::Fail)));
}

#[test]
fn the_hint_fits_the_tool_and_its_instruction() {
    let hint = |tools: &[(&str, &str)], created_by: &str| {
        let found =
            |(name, family): &(&str, &str)| tool(name, family, &[at(&format!("/lib/node_modules/{name}"), 1, 3)]);
        let mut measured = showing(tools.iter().map(found).collect());
        measured.layers[1].created_by = Some(created_by.to_owned());
        let names = tools.iter().map(|(tool, _)| forbid(Severity::Fail, name(tool))).collect();
        let report = report(Rules { forbid_tools: names, ..Rules::default() }, &measured, &[]);
        report.findings[0].hint.clone().unwrap_or_default()
    };
    let npm = [("npm", "npm"), ("npx", "npm")];
    assert!(hint(&npm, "COPY /usr/local /usr/local # buildkit").starts_with("Copy only what runs, such as"));
    assert!(hint(&npm, "RUN /bin/sh -c make install # buildkit").starts_with("Build in an earlier stage"));
    assert!(hint(&npm, "RUN /bin/sh -c apt-get install npm # buildkit").starts_with("Install it in an earlier stage"));
    for created_by in ["COPY /app /app # buildkit", "RUN /bin/sh -c npm ci # buildkit"] {
        assert!(hint(&[("eslint", "eslint")], created_by).contains("--omit=dev"), "{created_by}");
        assert!(!hint(&[("gcc", "gcc")], created_by).contains("--omit=dev"), "{created_by}");
    }
}

#[test]
fn nothing_is_said_of_the_base_where_it_is_not_certain() {
    let mut measured = with_tools();
    measured.layers[0].origin = Origin::Unknown;
    let report = report(Rules { forbid_tools: build_tools(), ..Rules::default() }, &measured, &[]);
    let hints: Vec<_> = report.findings.iter().filter_map(|finding| finding.hint.as_deref()).collect();
    assert!(hints.iter().all(|hint| !hint.contains("Comes with the base image")), "{hints:?}");
}

#[test]
fn a_family_in_two_layers_has_two_causes() {
    let mut measured = with_tools();
    measured.shown.as_mut().expect("read").tools[3].paths.push(at("/usr/bin/npx", 1, 2));
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
fn an_exception_for_the_base_image_excuses_nothing_of_ones_own() {
    let both = vec![tool("npm", "npm", &[at("/usr/bin/npm", 0, 5), at("/opt/npm", 1, 7)])];
    let rules = || Rules { forbid_tools: build_tools(), ..Rules::default() };
    let of_base = [Allow { origin: Some(Origin::Base), ..allow(Rule::ForbiddenTool) }];
    let report = |measurement: &Measurement| report(rules(), measurement, &of_base);
    let found = report(&showing(both.clone()));
    let paths: Vec<&[String]> =
        of(&found, Rule::ForbiddenTool).iter().map(|finding| finding.paths.as_slice()).collect();
    assert_eq!(paths, [["/opt/npm"]]);
    assert_eq!(found.allows[0].subjects, ["npm"]);
    let mut unknown = showing(both);
    unknown.layers[0].origin = Origin::Unknown;
    assert_eq!(of(&report(&unknown), Rule::ForbiddenTool).len(), 2, "what cannot be told is not excused");
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
    let deleted =
        |layer| hiding(vec![tool("gcc", "gcc", &[at("/bin/gcc", layer, 7)]), tool("vi", "vi", &[at("/bin/vi", 1, 1)])]);
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

/// Alpine: BusyBox, its shell and downloader, and a package manager.
fn alpine() -> Measurement {
    let link = |name: &str| FoundPath { content: b"/bin/busybox".into(), ..at(&format!("/bin/{name}"), 0, 8) };
    let applet = |name: &str| FoundTool { applet: true, ..tool(name, "busybox", &[link(name)]) };
    let busybox = tool("busybox", "busybox", &[at("/bin/busybox", 0, 8)]);
    let tools = vec![tool("apk", "apk", &[at("/sbin/apk", 0, 6)]), busybox, applet("nc"), applet("sh"), applet("wget")];
    showing(tools)
}

#[test]
fn applets_are_told_as_applets_of_one_file() {
    let messages = |names: &[&str], level: Option<Level>| {
        let pattern = |name: &&str| match name.strip_prefix('@') {
            Some(group) => ToolPattern::Group(group.to_owned()),
            None => super::name(name),
        };
        let forbid_tools = names.iter().map(|name| forbid(Severity::Fail, pattern(name))).collect();
        let rules = Rules { forbid_tools, busybox_applets: level.map(|level| (level, None)), ..Rules::default() };
        let report = report(rules, &alpine(), &[]);
        let told = report.findings.iter().map(|finding| format!("{:?}: {}", finding.severity, finding.message));
        told.collect::<Vec<_>>()
    };
    // A name means the tool, whoever provides it; a group does not mean applets.
    assert_eq!(messages(&["wget"], None), ["Fail: busybox provides wget"]);
    assert_eq!(messages(&["wget"], Some(Level::Off)), ["Fail: busybox provides wget"]);
    assert_eq!(messages(&["@downloaders"], None), ["Note: busybox provides wget"]);
    assert_eq!(messages(&["@downloaders"], Some(Level::Off)), [""; 0]);
    assert_eq!(messages(&["@downloaders"], Some(Level::Warn)), ["Warn: busybox provides wget"]);
    assert_eq!(messages(&["@downloaders", "nc"], None), ["Fail: busybox provides nc", "Note: busybox provides wget"]);
    assert_eq!(
        messages(&["@downloaders", "@debuggers"], Some(Level::Fail)),
        ["Fail: busybox provides 2 of the forbidden tools: nc and wget"]
    );
    // BusyBox is a shell of its own: who forbids it, forbids what it provides.
    assert_eq!(messages(&["busybox"], None), ["Fail: busybox is in the image (8 B)"]);
    assert_eq!(
        messages(&["@shells", "@downloaders"], None),
        ["Fail: busybox is in the image (8 B) and provides 2 of the forbidden tools: sh and wget"]
    );
    assert_eq!(messages(&["@os-package-managers"], None), ["Fail: apk is in the image (6 B)"]);
}

#[test]
fn an_exception_for_busybox_covers_its_applets_but_for_those_that_are_named() {
    let of = |names: Vec<ToolPattern>| {
        let forbid_tools = names.into_iter().map(|name| forbid(Severity::Fail, name)).collect();
        let allows = [Allow { matches: vec![AllowMatch::Tool(name("busybox"))], ..allow(Rule::ForbiddenTool) }];
        report(Rules { forbid_tools, ..Rules::default() }, &alpine(), &allows)
    };
    let group = |name: &str| ToolPattern::Group(name.to_owned());
    assert_eq!(of(vec![group("shells"), group("downloaders")]).verdict, Verdict::Pass);
    let named = of(vec![group("shells"), name("wget")]);
    assert_eq!((named.verdict, named.findings[0].message.as_str()), (Verdict::Fail, "busybox provides wget"));
}

#[test]
fn deleted_applets_of_a_group_are_not_told() {
    let measured = hiding(alpine().shown.expect("read").tools);
    let rules = |name: &str| Rules {
        forbid_tools: vec![forbid(Severity::Fail, ToolPattern::Group(name.to_owned()))],
        ..Rules::default()
    };
    assert!(of(&report(rules("downloaders"), &measured, &[]), Rule::ShadowedTool).is_empty());
    assert_eq!(of(&report(rules("shells"), &measured, &[]), Rule::ShadowedTool).len(), 1);
}

fn matched(glob: &str, paths: Vec<FoundPath>) -> MatchedPaths {
    let bytes = paths.iter().map(|path| path.size).sum();
    MatchedPaths { glob: glob.to_owned(), count: paths.len() as u64, bytes, paths, ..MatchedPaths::default() }
}

fn matching(matched_paths: Vec<MatchedPaths>) -> Measurement {
    Measurement { shown: Some(Shown { matched_paths, ..Shown::default() }), ..measurement() }
}

#[test]
fn one_finding_a_pattern() {
    let pattern = |text: &str, severity| Forbidden { what: path_pattern(text), severity, place: Some(place(8)) };
    let measured = matching(vec![
        matched("/c/*", vec![at("/c/a", 1, 1), at("/c/b", 1, 2)]),
        matched("**/.git", vec![at("/srv/.git", 1, 9)]),
    ]);
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
fn a_path_is_put_down_to_the_layer_that_brought_most_of_it() {
    let found = |paths: Vec<FoundPath>, count: u64, created_by: &str| {
        let mut measured = matching(vec![MatchedPaths { count, ..matched("/c/*", paths) }]);
        measured.layers[1].created_by = Some(created_by.to_owned());
        let glob = path_pattern("/c/*");
        let rules = Rules {
            forbid_paths: vec![Forbidden { what: glob, severity: Severity::Fail, place: None }],
            ..Rules::default()
        };
        let finding = report(rules, &measured, &[]).findings.remove(0);
        let paths = &measured.shown.as_ref().expect("read").matched_paths[0].paths;
        let several = finding.layer.is_some() && paths.iter().any(|path| path.layer != paths[0].layer);
        assert_eq!(finding.message.ends_with(", most of it in one layer"), several, "{}", finding.message);
        (finding.layer.map(|layer| layer.index), finding.hint.unwrap_or_default())
    };
    let run = "RUN /bin/sh -c make # buildkit";
    let (layer, hint) = found(vec![at("/c/a", 0, 1), at("/c/b", 1, 2)], 2, run);
    assert_eq!((layer, &hint[..9]), (Some(1), "Remove it"));
    let (layer, hint) = found(vec![at("/c/a", 0, 2), at("/c/b", 1, 2)], 2, run);
    assert_eq!((layer, &hint[..30]), (None, "Name it in .dockerignore, or r"));
    let (layer, hint) = found(vec![at("/c/a", 1, 0)], 1, "COPY /src /src # buildkit");
    assert_eq!((layer, &hint[hint.len() - 10..]), (Some(1), "copy less."));
    let (layer, hint) = found(vec![at("/c/a", 0, 3), at("/c/b", 0, 2)], 2, run);
    assert_eq!((layer, &hint[..14]), (Some(0), "Comes with the"));
    assert!(
        found(vec![at("/c/a", 0, 3), at("/c/b", 1, 2)], 2, run).1.starts_with("Most of it came with the base image")
    );
    assert_eq!(found(vec![at("/c/a", 1, 0)], 5, run).0, None);
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

/// A budget that forbids these groups.
fn forbidding(groups: &[PathGroup]) -> Rules {
    let entry = |group: &PathGroup| Forbidden {
        what: PathPattern::Group(*group),
        severity: Severity::Fail,
        place: Some(place(8)),
    };
    Rules { forbid_paths: groups.iter().map(entry).collect(), ..Rules::default() }
}

#[test]
fn a_group_is_one_finding_with_the_fix_that_fits() {
    let caches = matched("@caches", vec![at("/root/.npm/_cacache", 1, 40), at("/root/.cache/pip", 1, 20)]);
    let mut measured = matching(vec![caches]);
    measured.layers[1].created_by = Some("RUN /bin/sh -c npm ci # buildkit".to_owned());
    let rules = forbidding(&[PathGroup::Caches]);
    let all = report(rules.clone(), &measured, &[]);
    assert_eq!(all.findings[0].message, "2 paths match @caches (60 B)");
    assert_eq!(all.causes[0].fix, "RUN --mount=type=cache,target=/root/.npm");
    assert_eq!(all.causes[0].allow.as_deref(), Some("imgbudget allow api /root/.cache/pip /root/.npm/_cacache"));
    let excused = |what: AllowMatch| {
        let allows = [Allow { matches: vec![what], ..allow(Rule::ForbiddenPath) }];
        report(rules.clone(), &measured, &allows).findings.len()
    };
    assert_eq!(excused(AllowMatch::Paths(PathGroup::Caches)), 0);
    assert_eq!(excused(AllowMatch::Paths(PathGroup::Secrets)), 1);
    assert_eq!(excused(AllowMatch::Glob(glob("/root/.npm/**"))), 1);
}

#[test]
fn what_was_deleted_and_what_could_not_be_read_is_said() {
    let rules = forbidding(&[PathGroup::Secrets]);
    let secrets = || matched("@secrets", Vec::new());
    let unread = || vec![(at("/app/big.pem", 1, 9), "has 3.0 MB".to_owned())];
    let with = |matched: MatchedPaths, allows: &[Allow]| report(rules.clone(), &matching(vec![matched]), allows);

    let clean = with(secrets(), &[]);
    assert_eq!((clean.verdict, clean.error), (Verdict::Pass, None));

    let open = with(MatchedPaths { unread: unread(), ..secrets() }, &[]);
    let message = "forbidden-path could not be judged: /app/big.pem may be of @secrets and was not read: has 3.0 MB";
    assert_eq!((open.verdict, open.error.map(|error| error.message)), (Verdict::Error, Some(message.to_owned())));
    assert_eq!(open.not_judged.iter().map(|not| not.rule).collect::<Vec<_>>(), [Rule::ForbiddenPath]);

    let allows = [Allow { matches: vec![AllowMatch::Glob(glob("/app/big.pem"))], ..allow(Rule::ForbiddenPath) }];
    let allowed = with(MatchedPaths { unread: unread(), ..secrets() }, &allows);
    assert_eq!((allowed.verdict, allowed.error), (Verdict::Pass, None));

    let both = with(MatchedPaths { unread: unread(), ..matched("@secrets", vec![at("/app/.env", 1, 9)]) }, &[]);
    assert_eq!((both.verdict, both.findings.len(), both.not_judged.len()), (Verdict::Error, 1, 0));

    let gone = FoundPath { shares: Vec::new(), ..at("/root/.ssh/id_rsa", 1, 9) };
    let deleted = with(MatchedPaths { deleted: vec![gone], ..matched("@secrets", vec![at("/app/.env", 1, 9)]) }, &[]);
    let messages: Vec<&str> = deleted.findings.iter().map(|finding| finding.message.as_str()).collect();
    let still = "/root/.ssh/id_rsa was deleted by a later layer and still ships";
    assert_eq!(messages, ["/app/.env is in the image (9 B)", still]);

    // What nobody looked for did not pass.
    let never = report(rules.clone(), &matching(Vec::new()), &[]);
    assert_eq!(never.verdict, Verdict::Error);
}
