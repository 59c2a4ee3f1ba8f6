//! The packages that forbidden tools come with: named, and counted once in what a place frees.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::{Ecosystem, FoundPackage, ToolPackages, ToolRemoval};

/// gcc of 7 bytes comes with a package of which 12 bytes and three others go, all of layer 1.
fn packages() -> ToolPackages {
    let package = FoundPackage {
        ecosystem: Ecosystem::Deb,
        name: "gcc-12".to_owned(),
        version: Some("12.2".to_owned()),
        frees: Some(Bytes(30)),
        goes: 3,
    };
    ToolPackages {
        owners: BTreeMap::from([(b"/bin/gcc".to_vec(), 0)]),
        removals: vec![ToolRemoval { package, goes: BTreeSet::from([4, 5, 9]) }],
        brought: BTreeMap::from([
            (4, vec![(1, Bytes(12))]),
            (5, vec![(1, Bytes(10)), (0, Bytes(3))]),
            (9, vec![(0, Bytes(5))]),
        ]),
    }
}

fn judged(measurement: Measurement, tool_packages: Option<ToolPackages>) -> TargetReport {
    let git = PathGlob::new("**/.git").expect("a glob");
    let rules = Rules {
        forbid_tools: build_tools(),
        forbid_paths: vec![Forbidden { what: PathPattern::Glob(git), severity: Severity::Fail, place: None }],
        ..Rules::default()
    };
    let budgets = Budgets::default();
    let rulebook = Rulebook { budgets: &budgets, today: TODAY, against: None, only_new: false, left_out: None };
    judge(&target(rules), Measured { tool_packages, ..measured(measurement) }, &rulebook)
}

fn gcc(report: &TargetReport) -> &Finding {
    report.findings.iter().find(|finding| finding.subject == "gcc").expect("it is found")
}

fn frees(report: &TargetReport) -> Option<u64> {
    let place = report.causes.iter().find(|cause| matches!(cause.at, crate::domain::CauseAt::Layer { .. }));
    place.and_then(|cause| cause.frees).map(|bytes| bytes.0)
}

#[test]
fn a_tool_names_its_package_and_what_goes_with_it() {
    let report = judged(with_tools(), Some(packages()));
    let hint = gcc(&report).hint.clone().unwrap_or_default();
    assert!(hint.starts_with("Comes with package gcc-12 12.2; removing it frees 30 B (3 packages). "), "{hint}");
    assert_eq!(gcc(&report).packages.len(), 1);
    let npm = report.findings.iter().find(|finding| finding.subject == "npm").expect("it is found");
    assert!(npm.packages.is_empty() && !npm.hint.clone().unwrap_or_default().contains("package gcc"));
    let without = judged(with_tools(), None);
    assert!(gcc(&without).packages.is_empty() && gcc(&without).hint.is_some());
}

#[test]
fn a_place_frees_what_it_brought_of_the_packages_each_byte_once() {
    assert_eq!(frees(&judged(with_tools(), None)), Some(7), "the tool alone");
    assert_eq!(frees(&judged(with_tools(), Some(packages()))), Some(22), "of the base image nothing");
    let mut both = with_tools();
    let shown = both.shown.as_mut().expect("read");
    shown.tools.push(tool("make", "make", &[at("/bin/make", 1, 4)]));
    assert_eq!(frees(&judged(both.clone(), Some(packages()))), Some(26), "make comes with no package");
    let mut of_package = packages();
    of_package.owners.insert(b"/bin/make".to_vec(), 0);
    assert_eq!(frees(&judged(both, Some(of_package))), Some(22), "it is of the package that goes anyway");
}

#[test]
fn no_place_frees_more_than_its_layer_brought() {
    let mut huge = packages();
    huge.brought.insert(4, vec![(1, Bytes(4_000))]);
    assert_eq!(frees(&judged(with_tools(), Some(huge))), Some(40));
}

#[test]
fn a_path_that_may_be_in_a_package_is_not_counted_beside_it() {
    let mut measured = with_tools();
    let paths = vec![at("/usr/.git", 1, 18)];
    let git = MatchedPaths { glob: "**/.git".to_owned(), paths, count: 1, bytes: Bytes(18), ..MatchedPaths::default() };
    measured.shown.as_mut().expect("read").matched_paths.push(git);
    assert_eq!(frees(&judged(measured.clone(), Some(packages()))), Some(25), "the tool and the path");
    let mut more = packages();
    more.brought.insert(4, vec![(1, Bytes(29))]);
    assert_eq!(frees(&judged(measured, Some(more))), Some(39), "the packages");
}

#[test]
fn what_cannot_be_removed_frees_nothing_more() {
    let mut essential = packages();
    for removal in &mut essential.removals {
        removal.goes.clear();
        (removal.package.frees, removal.package.goes) = (None, 0);
    }
    let report = judged(with_tools(), Some(essential));
    assert_eq!(frees(&report), Some(7));
    assert!(gcc(&report).hint.clone().unwrap_or_default().starts_with("Comes with package gcc-12 12.2. "));
}
