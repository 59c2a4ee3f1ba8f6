//! Whole screens of a difference.

use super::*;
use crate::domain::{
    Bytes, ComparedImage, Difference, DifferenceRow, DifferenceState, DifferentThing, Ecosystem, Origin, PackageCounts,
    Place, Platform, TargetReport, ToolChanges, Verdict,
};
use crate::output::packages;
use crate::text::width;

const MB: u64 = 1_000_000;

fn row(what: DifferentThing, state: DifferenceState, before: u64, after: u64, line: u32) -> DifferenceRow {
    DifferenceRow {
        what,
        state,
        before: Bytes(before),
        after: Bytes(after),
        old_layer: None,
        new_layer: (state != DifferenceState::Gone).then_some(1),
        line: (line > 0).then(|| Place { file: "Dockerfile".to_owned(), line, column: 1 }),
        origin: Origin::Own,
    }
}

fn layer(made_by: &str) -> DifferentThing {
    DifferentThing::Layer { created_by: Some(made_by.to_owned()), hidden: Bytes::ZERO }
}

fn package(name: &str, old: &[&str], new: &[&str]) -> DifferentThing {
    let versions = |all: &[&str]| all.iter().map(|version| (*version).to_owned()).collect();
    DifferentThing::Package {
        ecosystem: Ecosystem::Npm,
        name: name.to_owned(),
        old_versions: versions(old),
        new_versions: versions(new),
    }
}

fn directory(path: &str, files: u64) -> DifferentThing {
    DifferentThing::Directory { path: path.to_owned(), files }
}

fn image(name: &str, size: u64) -> ComparedImage {
    ComparedImage {
        name: name.to_owned(),
        platform: Platform::new("linux", "amd64", None),
        id: None,
        size: Bytes(size),
        base: Some(Bytes(105 * MB)),
        compressed: None,
        layers: 5,
    }
}

fn difference() -> Difference {
    use DifferenceState::{Changed, Gone, New};
    let mut rows = vec![
        row(layer("RUN /bin/sh -c chown -R node:node /app # buildkit"), New, 0, 147_100_000, 24),
        row(layer("COPY --from=build /usr/bin /usr/bin # buildkit"), New, 0, 107_600_000, 20),
        row(package("typescript", &[], &["5.4.2"]), New, 0, 64 * MB, 21),
        row(package("jest", &[], &["29.7.0"]), New, 0, 12 * MB, 21),
        row(package("openssl", &["3.0.1"], &["3.0.2"]), Changed, 5 * MB, 6 * MB, 0),
        row(directory("/app/test", 12), Gone, 12_100_000, 0, 0),
        row(
            directory("/app/public/assets/generated/by/a/tool/that/likes/deep/directories", 40),
            Changed,
            0,
            3 * MB,
            23,
        ),
    ];
    rows.extend((0..31).map(|at| row(DifferentThing::File { path: format!("/app/{at}.js") }, New, 0, 1000 + at, 23)));
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let tools =
        ToolChanges { added: names(&["g++", "gcc", "make", "cmake", "ld", "as", "nm"]), removed: names(&["curl"]) };
    Difference {
        rows,
        tools: Some(tools),
        packages: Some(PackageCounts { before: 412, after: 431, added: 21, removed: 2, changed: 1 }),
        ..Difference::default()
    }
}

fn comparison() -> Comparison {
    let difference = difference();
    let after = u64::try_from(i128::from(316_100_000) + difference.sum()).expect("grown");
    Comparison {
        old: image("shop-api:main", 316_100_000),
        new: image("shop-api", after),
        difference,
        layers: Vec::new(),
    }
}

#[test]
fn a_screen_is_80_columns_wide() {
    let shown = screen(&comparison(), &Options { width: Some(80), ..Options::default() });
    insta::assert_snapshot!(shown, @"
    shop-api:main → shop-api  316.1 → 638.7 MB   +322.6 MB (+102.1 %)
                              base ±0 · yours +322.6 MB

      +147.1 MB  new layer  RUN chown -R node:node /app                          :24
      +107.6 MB  new layer  COPY --from=build /usr/bin /usr/bin                  :20
       +64.0 MB  package    typescript 5.4.2, new                                :21
       +12.0 MB  package    jest 29.7.0, new                                     :21
        +1.0 MB  package    openssl 3.0.1 → 3.0.2
       −12.1 MB  directory  /app/test, gone
        +3.0 MB  directory  /app/…/a/tool/that/likes/deep/directories, 40 files  :23
        +1.0 kB  file       /app/0.js, new                                       :23
        +1.0 kB  file       /app/1.js, new                                       :23
        +1.0 kB  file       /app/2.js, new                                       :23
      and 28 smaller, +28.5 kB together (--all)

    tools     + g++, gcc, make, cmake and 3 more
              − curl
    packages  412 → 431 (+21 −2), 1 of another version
    ");
    for columns in [60, 80, 100] {
        let shown = screen(&comparison(), &Options { width: Some(columns), all: true, ..Options::default() });
        assert!(shown.lines().all(|line| width(line) <= columns), "{shown}");
        assert_eq!(shown.matches(".js").count(), 31);
    }
}

#[test]
fn where_only_sizes_are_known_it_says_so() {
    let mut comparison = comparison();
    let rest = crate::domain::DifferenceRest { rows: 0, before: comparison.old.size, after: comparison.new.size };
    let unknown = vec!["budgets.lock has sizes alone".to_owned()];
    comparison.difference = Difference { rest, unknown, ..Difference::default() };
    insta::assert_snapshot!(screen(&comparison, &Options::default()), @"
    shop-api:main → shop-api  316.1 → 638.7 MB   +322.6 MB (+102.1 %)   base ±0 · yours +322.6 MB

    not compared  budgets.lock has sizes alone
    ");
}

#[test]
fn hostile_names_stay_in_their_cell() {
    let name = "a|b`\n# x\u{1b}[2J<b>@team";
    let mut hostile = comparison();
    hostile.difference.rows = vec![
        row(package(name, &["1`|"], &["2\u{202e}"]), DifferenceState::Changed, 1, 2, 0),
        row(directory(name, 2), DifferenceState::New, 0, 2, 0),
    ];
    let shown = markdown(&hostile, &Options::default());
    let table: Vec<&str> = shown.lines().filter(|line| line.starts_with("| +")).collect();
    assert_eq!(table.len(), 2, "{shown}");
    assert!(!shown.lines().any(|line| line.starts_with("# x")) && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn a_change_names_its_packages_and_directories() {
    let mut target = TargetReport::new("api".parse().expect("a name"), None, Verdict::Pass);
    let plain = |name: &str| name.to_owned();
    assert_eq!((packages::new_in(&target, 1, plain), packages::grown(&target, plain)), (None, None));
    let grown = vec![crate::domain::GrownDirectory { path: "/app".to_owned(), before: Bytes(1), after: Bytes(MB + 1) }];
    target.difference = Some(Difference { grown, ..difference() });
    assert_eq!(packages::new_in(&target, 1, plain).as_deref(), Some("typescript 64.0 MB, jest 12.0 MB"));
    assert_eq!(packages::new_in(&target, 0, plain), None);
    assert_eq!(packages::grown(&target, plain).as_deref(), Some("/app +1.0 MB"));
    let changed = target.difference.as_ref().and_then(|difference| packages::changed(difference, plain));
    assert_eq!(
        changed.as_deref(),
        Some("412 → 431 (+21 −2), 1 of another version: typescript 5.4.2 new, jest 29.7.0 new, openssl 3.0.1 → 3.0.2")
    );
}
