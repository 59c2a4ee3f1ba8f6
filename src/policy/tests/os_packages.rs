//! Packages of the operating system: how many, where they come from, and what is not known of them.

use super::*;
use crate::domain::{CauseAt, Contents, Ecosystem, Package, Packages, UnreadFile};

/// As many packages of a layer each.
fn packages(of_layers: &[(usize, usize)]) -> Contents {
    let of_layer = |(layer, count): &(usize, usize)| {
        let layer = *layer;
        (0..*count)
            .map(move |n| Package { layer: Some(layer), ..Package::new(Ecosystem::Deb, format!("p{layer}-{n}")) })
    };
    let npm = Package::new(Ecosystem::Npm, "left-pad");
    let list = of_layers.iter().flat_map(of_layer).chain([npm]).collect();
    Contents { packages: Some(Packages { list, ..Packages::default() }), ..Contents::default() }
}

fn judged(limit: Option<Limit<u64>>, contents: Option<Contents>, allows: &[Allow]) -> TargetReport {
    let rules = Rules { max_os_packages: limit, ..Rules::default() };
    let budgets = Budgets { allows: allows.to_vec(), ..Budgets::default() };
    let rulebook = Rulebook { budgets: &budgets, today: TODAY, against: None, only_new: false, left_out: None };
    judge(&target(rules), Measured { contents, ..measured(measurement()) }, &rulebook)
}

fn said(report: &TargetReport) -> String {
    let of_finding = |finding: &Finding| {
        let hint = finding.hint.clone().unwrap_or_default();
        format!("{:?}: {}\n  {hint}", finding.severity, finding.message)
    };
    let findings = report.findings.iter().map(of_finding);
    let causes = report.causes.iter().map(|cause| {
        let (at, allow) = (&cause.at, cause.allow.as_deref().unwrap_or("–"));
        let at = match at {
            CauseAt::Layer { index, .. } => format!("layer {index}"),
            CauseAt::Base { .. } => "base".to_owned(),
            _ => "image".to_owned(),
        };
        format!("{at}: {} → {}\n  {allow}", cause.what, cause.fix)
    });
    findings.chain(causes).collect::<Vec<_>>().join("\n")
}

#[test]
fn packages_of_the_operating_system_are_counted_and_no_others() {
    let all = || Some(packages(&[(0, 3), (1, 2)]));
    for (warn, fail, verdict) in [
        (None, Some(5), Verdict::Pass),
        (None, Some(4), Verdict::Fail),
        (Some(4), Some(9), Verdict::Warn),
        (Some(5), None, Verdict::Pass),
    ] {
        let report = judged(limit(warn, fail), all(), &[]);
        assert_eq!(report.verdict, verdict, "{warn:?} {fail:?}");
        assert_eq!(report.rules[0].actual, Amount::Count(5));
    }
    let none = judged(limit(None, Some(0)), Some(packages(&[])), &[]);
    assert_eq!((none.verdict, none.error), (Verdict::Pass, None), "what has no database has no packages");
    let raised = [Allow { up_to: Some(UpTo::Count(5)), ..allow(Rule::OsPackages) }];
    assert_eq!(judged(limit(None, Some(1)), all(), &raised).verdict, Verdict::Pass);
}

#[test]
fn the_place_is_the_own_layer_that_can_make_up_for_it_else_the_base_image() {
    let own = judged(limit(None, Some(4)), Some(packages(&[(0, 3), (1, 2)])), &[]);
    insta::assert_snapshot!(said(&own), @"
    Fail: the image has 5 packages of the operating system, 1 over its budget of 4
      2 of the packages come with that layer. Install fewer, or build in an earlier stage and copy only what runs.
    layer 1: 5 packages → build in an earlier stage and copy only what runs
      imgbudget allow api os-packages --up-to 5
    ");
    let base = judged(limit(None, Some(1)), Some(packages(&[(0, 9), (1, 2)])), &[]);
    insta::assert_snapshot!(said(&base), @"
    Fail: the image has 11 packages of the operating system, 10 over its budget of 1
      The base image brings 9 of them: start from a smaller one.
    base: 11 packages → start from a smaller base image
      imgbudget allow api os-packages --up-to 11
    ");
    let without_files = judged(
        limit(None, Some(1)),
        Some(Contents {
            packages: Some(Packages {
                list: vec![Package::new(Ecosystem::Apk, "a"), Package::new(Ecosystem::Rpm, "b")],
                ..Packages::default()
            }),
            ..Contents::default()
        }),
        &[],
    );
    insta::assert_snapshot!(said(&without_files), @"
    Fail: the image has 2 packages of the operating system, 1 over its budget of 1
      Install fewer packages, or start from a smaller base image.
    image: 2 packages → install fewer packages, or start from a smaller base image
      imgbudget allow api os-packages --up-to 2
    ");
}

#[test]
fn what_is_only_recommended_is_left_out_by_a_word() {
    let mut contents = packages(&[(0, 3), (1, 4)]);
    let of_own =
        |packages: &Packages| (0..packages.list.len()).filter(|at| packages.list[*at].layer == Some(1)).collect();
    if let Some(packages) = &mut contents.packages {
        packages.recommended = of_own(packages);
    }
    insta::assert_snapshot!(said(&judged(limit(None, Some(5)), Some(contents), &[])), @"
    Fail: the image has 7 packages of the operating system, 2 over its budget of 5
      4 of the packages come with that layer; `apt-get install --no-install-recommends` leaves out 4 of them.
    layer 1: 7 packages → apt-get install --no-install-recommends leaves out 4 packages
      imgbudget allow api os-packages --up-to 7
    ");
}

#[test]
fn what_was_not_read_is_not_counted_as_none() {
    let unread = |path: &str| {
        let unread = vec![UnreadFile { path: path.to_owned(), why: "is cut short in line 12".to_owned() }];
        judged(limit(None, Some(9)), Some(Contents { unread, ..packages(&[(0, 3)]) }), &[])
    };
    let database = unread("/var/lib/dpkg/status");
    let error = database.error.as_ref().map(|error| error.message.as_str());
    assert_eq!(error, Some("os-packages could not be judged: /var/lib/dpkg/status is cut short in line 12"));
    assert_eq!((database.verdict, database.not_judged[0].rule), (Verdict::Error, Rule::OsPackages));
    assert_eq!(unread("/app/node_modules/a/package.json").verdict, Verdict::Pass, "that is about other packages");
    let lost = |of_layers: &[(usize, usize)]| {
        let unread = vec![UnreadFile { path: "/usr/lib/os-release".to_owned(), why: "says debian".to_owned() }];
        judged(limit(None, Some(9)), Some(Contents { unread, ..packages(of_layers) }), &[]).verdict
    };
    assert_eq!((lost(&[]), lost(&[(0, 3)])), (Verdict::Error, Verdict::Pass), "a Debian without packages");
    let nothing = judged(limit(None, Some(9)), None, &[]);
    assert_eq!(nothing.verdict, Verdict::Error);
    let error = nothing.error.map(|error| error.message);
    assert_eq!(error.as_deref(), Some("os-packages could not be judged: its files were not looked into"));
}

#[test]
fn growth_by_the_base_image_alone_only_warns_in_a_change() {
    let before = judged(limit(None, Some(9)), Some(packages(&[(0, 3), (1, 2)])), &[]);
    assert_eq!(before.verdict, Verdict::Pass);
    let earlier = Earlier::Report(Box::new(crate::domain::Report::new(vec![before], None, Vec::new())));
    let against = Against { in_change: true, ..against(&earlier) };
    let budgets = Budgets::default();
    let rulebook =
        Rulebook { budgets: &budgets, today: TODAY, against: Some(&against), only_new: false, left_out: None };
    let rules = Rules { max_os_packages: limit(None, Some(5)), ..Rules::default() };
    let now = |contents| {
        judge(&target(rules.clone()), Measured { contents: Some(contents), ..measured(measurement()) }, &rulebook)
    };
    assert_eq!(now(packages(&[(0, 3), (1, 3)])).verdict, Verdict::Fail, "the Dockerfile brought one more");
}
