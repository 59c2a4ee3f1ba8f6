//! What findings become: places that can be changed.

use super::*;
use crate::domain::Cause;

/// `gcc` and a path of one's own layer, `npm` of the base image.
fn everything() -> Measurement {
    let mut measured = with_tools();
    measured.layers[1].dockerfile = Some(Place { file: "Dockerfile".to_owned(), line: 3, column: 1 });
    measured.user = None;
    let git =
        MatchedPaths { glob: "**/.git".to_owned(), paths: vec![at("/app/.git", 1, 20)], count: 1, bytes: Bytes(20) };
    measured.shown.as_mut().expect("read").matched_paths.push(git);
    measured
}

fn all_rules() -> Rules {
    let git = PathGlob::new("**/.git").expect("a glob");
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
