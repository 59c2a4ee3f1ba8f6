//! What findings become: places that can be changed.

use proptest::prelude::*;

use super::built::{Step, base, image, own};
use super::*;
use crate::domain::{Cause, CauseAt, Report};
use crate::policy::case::Case;
use crate::policy::{OtherStage, causes};

/// `gcc` and a path of one's own layer, `npm` of the base image.
fn everything() -> Measurement {
    let mut measured = with_tools();
    measured.layers[1].dockerfile = Some(Place { file: "Dockerfile".to_owned(), line: 3, column: 1 });
    measured.user = None;
    let git = MatchedPaths {
        glob: "**/.git".to_owned(),
        paths: vec![at("/app/.git", 1, 20)],
        count: 1,
        bytes: Bytes(20),
        ..MatchedPaths::default()
    };
    measured.shown.as_mut().expect("read").matched_paths.push(git);
    measured
}

fn all_rules() -> Rules {
    let git = path_pattern("**/.git");
    Rules {
        forbid_tools: build_tools(),
        forbid_paths: vec![Forbidden { what: git, severity: Severity::Fail, place: Some(place(7)) }],
        require_non_root: Some((Level::Fail, None)),
        max_layers: limit(None, Some(1)),
        ..sized(None, Some(90))
    }
}

fn told(causes: &[Cause]) -> Vec<String> {
    let frees = |cause: &Cause| cause.frees.map_or_else(|| "–".to_owned(), |frees| frees.to_string());
    causes.iter().map(|cause| format!("{}: {} → {}", frees(cause), cause.what, cause.fix)).collect()
}

fn allows(causes: &[Cause]) -> Vec<&str> {
    causes.iter().map(|cause| cause.allow.as_deref().unwrap_or("–")).collect()
}

#[test]
fn findings_are_told_by_the_place_that_can_be_changed() {
    let report = report(all_rules(), &everything(), &[]);
    insta::assert_snapshot!(told(&report.causes).join("\n"), @"
    27 B: gcc, /app/.git → remove it in the same RUN
    –: npm, corepack, npx → use a base image without them
    –: no USER → end the stage with USER 65532:65532
    –: 2 layers → join RUN instructions that belong together, and COPY instructions with one destination
    ");
    insta::assert_snapshot!(allows(&report.causes).join("\n"), @"
    imgbudget allow api gcc /app/.git
    imgbudget allow api corepack npm npx size --up-to 100B --origin base
    imgbudget allow api root-user
    imgbudget allow api layers --up-to 2
    ");
    assert_eq!(report.size_when_fixed, Some(Bytes(73)));
    let under: Vec<usize> = report.causes.iter().flat_map(|cause| cause.findings.clone()).collect();
    assert_eq!(under.len(), report.findings.len());
}

/// Everything that is forbidden, and limits of nothing.
fn strict(globs: &[&str]) -> Rules {
    let glob = |text: &&str| path_pattern(text);
    let forbid_paths = globs.iter().map(|text| Forbidden { what: glob(text), severity: Severity::Fail, place: None });
    Rules {
        forbid_tools: vec![
            forbid(Severity::Fail, ToolPattern::Group("build-tools".to_owned())),
            forbid(Severity::Fail, ToolPattern::Group("node-dev".to_owned())),
        ],
        forbid_paths: forbid_paths.collect(),
        max_wasted: limit(None, Some(Bytes(0))),
        max_growth: limit(None, Some(Growth { bytes: Some(Bytes(0)), percent_hundredths: None })),
        max_layer_size: limit(None, Some(Bytes(0))),
        ..sized(None, Some(0))
    }
}

fn shown(report: &TargetReport) -> String {
    let cause = |cause: &Cause| {
        let at = match &cause.at {
            CauseAt::Layer { line: Some(line), .. } => format!("line {}", line.line),
            CauseAt::Layer { index, line: None } => format!("layer {index}"),
            other => format!("{other:?}").split(' ').next().unwrap_or_default().to_owned(),
        };
        let again = cause.touched_again.map(|layer| format!(" (again: layer {layer})")).unwrap_or_default();
        let news = if cause.is_new == Some(true) { " new" } else { "" };
        let frees = cause.frees.map_or_else(|| "–".to_owned(), |frees| frees.0.to_string());
        format!("{frees} {at}{again}{news}: {} → {}", cause.what, cause.fix)
    };
    let mut lines: Vec<String> = report.causes.iter().map(cause).collect();
    lines.extend(report.size_when_fixed.map(|fixed| format!("{} → {fixed}", report.size.unwrap_or_default())));
    lines.join("\n")
}

/// A service that was built by somebody in a hurry.
fn shop() -> Vec<Step> {
    vec![
        base(&[("bin/node", 90), ("usr/local/lib/node_modules/npm/x", 9), ("var/lib/apt/lists/a", 80)]),
        own("COPY --from=build /usr/bin /usr/bin", &[("usr/bin/gcc", 60), ("usr/bin/make", 40), ("usr/bin/app", 5)]),
        own("RUN npm ci", &[("app/node_modules/typescript/x", 23), ("app/node_modules/left/x", 7)]),
        own("COPY . .", &[("app/.git/pack", 49), ("app/main.js", 1)]),
        own(
            "RUN chown -R node:node /app",
            &[
                ("app/node_modules/typescript/x", 23),
                ("app/node_modules/left/x", 7),
                ("app/.git/pack", 49),
                ("app/main.js", 1),
            ],
        ),
    ]
}

const GLOBS: [&str; 2] = ["**/.git", "/var/lib/apt/lists/*"];

#[test]
fn a_file_is_put_down_to_who_brought_it_and_its_second_copy_to_who_changed_it() {
    let report = report(strict(&GLOBS), &image(&shop(), &GLOBS), &[]);
    insta::assert_snapshot!(shown(&report), @"
    100 line 2: gcc, make → copy only what runs
    80 line 5: /app shipped twice → COPY --chown=node:node on line 4
    49 line 4 (again: layer 4): /app/.git → add .git to .dockerignore
    23 line 3 (again: layer 4): typescript → npm ci --omit=dev
    – Base: npm, /var/lib/apt/lists/a → use a base image without npm
    444 B → 192 B
    ");
    assert_eq!(report.size_when_fixed, Some(Bytes(444 - 100 - 80 - 49 - 23)));
}

#[test]
fn what_is_deleted_later_is_put_down_to_who_made_it() {
    let steps = [
        base(&[("bin/node", 90)]),
        own("RUN curl -o /root/.cache/model", &[("root/.cache/model", 20), ("app", 1)]),
        own("RUN rm -rf /root/.cache", &[]).without(&["root/.cache"]),
    ];
    let report =
        report(Rules { max_wasted: limit(None, Some(Bytes(0))), ..Rules::default() }, &image(&steps, &[]), &[]);
    insta::assert_snapshot!(shown(&report), @"
    20 line 2: /root/.cache, deleted on line 3 → delete /root/.cache in the instruction that makes it
    111 B → 91 B
    ");
    let finding = of(&report, Rule::Wasted)[0];
    assert_eq!(finding.layer.as_ref().map(|layer| layer.index), Some(1));
    insta::assert_snapshot!(finding.hint.clone().unwrap_or_default(), @"20 B in /root/.cache: made on line 2, deleted on line 3. Delete files in the instruction that makes them: deleting them in a later layer frees no bytes.");
}

#[test]
fn what_is_ones_own_is_not_the_bases_because_the_base_had_it_too() {
    let steps = [
        base(&[("usr/bin/npm", 9), ("usr/lib/x", 5)]),
        own("RUN chown -R node /usr", &[("usr/bin/npm", 9), ("usr/lib/x", 5)]),
    ];
    let allows = [Allow { origin: Some(Origin::Base), ..allow(Rule::ForbiddenTool) }];
    let report = report(strict(&[]), &image(&steps, &[]), &allows);
    assert_eq!(of(&report, Rule::ForbiddenTool).len(), 1);
    insta::assert_snapshot!(shown(&report), @"
    14 line 2: npm, /usr shipped twice → chown only what your own lines add
    – Base: largest layer → start from a smaller base image
    28 B → 14 B
    ");
}

#[test]
fn what_is_new_comes_first() {
    let before = &shop()[..4];
    let earlier = report(strict(&GLOBS), &image(before, &GLOBS), &[]);
    let earlier = Earlier::Report(Box::new(Report::new(vec![earlier], None, Vec::new())));
    let report = compared(strict(&GLOBS), &image(&shop(), &GLOBS), &[], Some(&earlier));
    insta::assert_snapshot!(shown(&report), @"
    80 line 5 new: /app shipped twice → COPY --chown=node:node on line 4
    100 line 2: gcc, make → copy only what runs
    49 line 4 (again: layer 4): /app/.git → add .git to .dockerignore
    23 line 3 (again: layer 4): typescript → npm ci --omit=dev
    – Base: npm, /var/lib/apt/lists/a → use a base image without npm
    444 B → 192 B
    ");
}

#[test]
fn commands_name_what_was_found_and_no_more() {
    let many: Vec<String> = (0..9).map(|n| format!("app/vendor/{n}/.git")).collect();
    let files: Vec<(&str, u64)> = many.iter().map(|path| (path.as_str(), 1)).collect();
    let command = |steps: &[Step], globs: &[&str]| {
        let rules = Rules { forbid_paths: strict(globs).forbid_paths, ..Rules::default() };
        allows(&report(rules, &image(steps, globs), &[]).causes).join("\n")
    };
    let odd = [own("COPY . .", &[("app/[a]*.pem", 1), ("app/b c.pem", 1)])];
    assert_eq!(command(&odd, &["**/*.pem"]), r"imgbudget allow api '/app/\[a\]\*.pem' '/app/b c.pem'");
    assert_eq!(command(&[own("COPY . .", &files)], &["**/.git"]), "imgbudget allow api '/app/vendor/**'");
    let hostile = [own("COPY . .", &[("app/it's.pem", 1)])];
    assert_eq!(command(&hostile, &["**/*.pem"]), "imgbudget allow api '**/*.pem'");
    assert_eq!(command(&hostile, &["app/it's*"]), "–");
}

prop_compose! {
    fn steps()(layers in prop::collection::vec(prop::collection::vec((0..9_usize, prop::option::weighted(0.8, 0..4_u64)), 0..6), 0..6), of_base in 0..3_usize) -> Vec<Step> {
        const PATHS: [&str; 9] = ["bin/gcc", "bin/npm", "a/b", "a/c", "a/bin/make", "a/.git/x", "a", "a/.git", "lib/gcc"];
        let layers = layers.into_iter().enumerate();
        layers.map(|(number, files)| Step {
            is_base: number < of_base,
            files: files.into_iter().map(|(path, size)| (PATHS[path].to_owned(), size.map(|size| size * 10))).collect(),
            ..own(["RUN chown -R a /a", "COPY . .", "COPY --from=x /a /a"][number % 3], &[])
        }).collect()
    }
}

proptest! {
    #[test]
    fn causes_have_every_finding_once_and_free_no_more_than_there_is(steps in steps(), before in steps()) {
        let globs = ["**/.git", "/a/**", "/a"];
        let earlier = report(strict(&globs), &image(&before, &globs), &[]);
        let earlier = Earlier::Report(Box::new(Report::new(vec![earlier], None, Vec::new())));
        let (budgets, against) = (Budgets::default(), against(&earlier));
        let rulebook = Rulebook { budgets: &budgets, today: TODAY, against: Some(&against), only_new: false, left_out: None };
        let report = judge(&target(strict(&globs)), measured(image(&steps, &globs)), &rulebook);
        let mut under: Vec<usize> = report.causes.iter().flat_map(|cause| cause.findings.clone()).collect();
        under.sort_unstable();
        prop_assert_eq!(under, (0..report.findings.len()).collect::<Vec<_>>());
        for cause in &report.causes {
            let frees = cause.frees.unwrap_or_default();
            match &cause.at {
                CauseAt::Layer { index, .. } => prop_assert!(Some(frees) <= report.layers[*index].size),
                CauseAt::Image => prop_assert!(Some(frees) <= report.size),
                _ => prop_assert_eq!(cause.frees, None),
            }
        }
        // Places are apart but for the image as a whole, so what they free adds up.
        let is_apart = report.causes.iter().all(|cause| cause.at != CauseAt::Image);
        let all: Bytes = report.causes.iter().filter_map(|cause| cause.frees).sum();
        prop_assert!(Some(all) <= report.size || !is_apart);
        if let Some(fixed) = report.size_when_fixed {
            let size = report.size.unwrap_or_default();
            prop_assert!(fixed < size && fixed >= size.saturating_sub(all));
            prop_assert!(!is_apart || fixed == size.saturating_sub(all));
        }
        // It is read back, so whoever reads it finds no contradiction in it.
        let whole = conclude(vec![report], None, &rulebook);
        let read = crate::report::from_json(crate::report::to_json(&whole).as_bytes());
        let read = read.map_err(|error| TestCaseError::fail(error.chain()))?;
        prop_assert_eq!(&read.targets[0].causes, &whole.targets[0].causes);
        prop_assert_eq!(read.targets[0].size_when_fixed, whole.targets[0].size_when_fixed);
    }

    #[test]
    fn the_order_of_findings_changes_no_cause(steps in steps(), seed in any::<u64>()) {
        let globs = ["**/.git", "/a/**"];
        let measured = image(&steps, &globs);
        let rules = strict(&globs);
        let there = report(rules.clone(), &measured, &[]);
        let budgets = Budgets::default();
        let rulebook = Rulebook { budgets: &budgets, today: TODAY, against: None, only_new: false, left_out: None };
        let target = target(rules);
        let case = Case::new(&target, &measured, (None, None), &there, &rulebook);
        let mut order: Vec<usize> = (0..there.findings.len()).collect();
        order.sort_by_key(|index| (*index as u64 + 1).wrapping_mul(seed | 1));
        let shuffled = TargetReport { findings: order.iter().map(|index| there.findings[*index].clone()).collect(), ..there.clone() };
        let (mut causes, fixed) = causes::of(&case, &shuffled);
        for cause in &mut causes {
            cause.findings = cause.findings.iter().map(|index| order[*index]).collect();
            cause.findings.sort_unstable();
        }
        prop_assert_eq!((causes, fixed), (there.causes, there.size_when_fixed));
    }
}

#[test]
fn the_wrong_stage_is_told_before_everything_else() {
    let other = || Some(OtherStage { is: "build".to_owned(), expected: "production".to_owned() });
    let judged = |allows: &[Allow]| {
        let budgets = Budgets { allows: allows.to_vec(), ..Budgets::default() };
        let rulebook = Rulebook { budgets: &budgets, today: TODAY, against: None, only_new: false, left_out: None };
        let made = Measured { other_stage: other(), ..measured(everything()) };
        judge(&target(all_rules()), made, &rulebook)
    };
    let report = judged(&[]);
    let (first, cause) = (&report.findings[0], &report.causes[0]);
    assert_eq!(first.message, "the image is stage `build`, the budget expects `production`");
    assert_eq!((first.severity, report.verdict), (Severity::Warn, Verdict::Fail));
    assert_eq!((&cause.at, cause.what.as_str(), cause.frees), (&CauseAt::Stage, first.message.as_str(), None));
    assert_eq!(cause.allow.as_deref(), Some("imgbudget allow api wrong-stage"));
    let excused = judged(&[allow(Rule::WrongStage)]);
    assert_eq!(status(&excused, Rule::WrongStage), Some(RuleStatus::Allowed));
    assert_ne!(excused.causes[0].at, CauseAt::Stage);
}

#[test]
fn deleted_tools_follow_their_rule_and_a_tool_called_like_a_rule_is_no_rule() {
    let steps = [
        own("RUN apt-get install binutils make", &[("usr/bin/size", 9), ("usr/bin/make", 8)]),
        own("RUN rm /usr/bin/make", &[]).without(&["usr/bin/make"]),
    ];
    let rules = Rules { forbid_tools: build_tools(), ..Rules::default() };
    let report = report(rules, &image(&steps, &[]), &[]);
    assert_eq!(allows(&report.causes), ["imgbudget allow api '[s]ize' shadowed-tool make"]);
}
