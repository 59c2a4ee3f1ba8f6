//! Whole screens.

use super::*;
use crate::domain::{Amount, Baseline, BaselineState, Bytes, Change, ChangeState, CompressedSize, How, Rule};
use crate::output::fixture::{changed, fixture, pushed, two_platforms};

fn rendered(report: &Report, width: Option<usize>, colour: bool) -> String {
    let mut out = Vec::new();
    render(report, &Options { width, colour, ..Options::default() }, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn wide() {
    insta::assert_snapshot!(rendered(&fixture(), None, false), @r#"
    Target       Size     Budget          Headroom   Layers   Verdict
    ─────────────────────────────────────────────────────────────────
    api      162.0 MB   150.0 MB   over by 12.0 MB        4   ✗ fail
    web       96.5 MB   100.0 MB            3.5 MB        1   ! warn
    site      12.3 MB    20.0 MB            7.7 MB        1   ✓ pass
    tool          0 B          –                 –        0   ! warn
    batch           –          –                 –        –   ✗ error

    ✗ api: the image is 162.0 MB, 12.0 MB over its budget of 150.0 MB
      largest: layer 1 of 4 (74.8 MB), of the base image node:20-bookworm-slim (services/api/Dockerfile:4): ADD file:0f1 in /
      hint: Build in an earlier stage and copy only what runs, or start from a smaller base image.
      fail · size · budgets.toml:12

    ✗ api: gcc and g++ are in the image (41.2 MB)
      layer 3 of 4 (64.2 MB), services/api/Dockerfile:12: RUN apt-get update && apt-get install -y g++ make
        /usr/bin/g++
        /usr/bin/g++-12
        /usr/bin/gcc
        /usr/bin/x86_64-linux-gnu-gcc-12
      hint: Install it in an earlier stage and copy only what runs.
      fail · forbidden-tool · budgets.toml:14

    ✗ api: npm, npx and corepack are in the image (9.8 MB)
      layer 2 of 4 (21.3 MB), of the base image node:20-bookworm-slim (services/api/Dockerfile:4): RUN npm install -g npm@10
        /usr/local/bin/corepack
        /usr/local/bin/npm
        /usr/local/bin/npx
        /usr/local/lib/node_modules/corepack
        /usr/local/lib/node_modules/npm
        and 4 more
      hint: The base image ships that: use another base, or allow it with a reason and `origin = "base"`. Deleting it in a later layer frees no bytes.
      fail · forbidden-tool · budgets.toml:14

    ! api: /srv/a�::error::b�[31m is in the image (12 B)
      layer 4 of 4 (1.7 MB): COPY dist /srv�[2J�
        /srv/a�::error::b�[31m
      warn · forbidden-path · budgets.toml:15

    · api: wget was deleted by a later layer
      layer 1 of 4 (74.8 MB), of the base image node:20-bookworm-slim (services/api/Dockerfile:4): ADD file:0f1 in /
        /usr/bin/wget
      note · shadowed-tool

    ! web: the image is 96.5 MB, 6.5 MB over its warning limit of 90.0 MB
      warn · size · budgets.toml:20

    ! tool: it has no budget
      hint: Set max-size = "1 kB" (measured + 25 %).
      warn · no-budget

    ✗ batch: the build failed: RUN make all: exit code 2
      | cc -o batch batch.c
      | batch.c:1: �]0;x� error
      |
      hint: The last lines of its log are above.
      error · batch/Dockerfile:7

    image: api, web, site, tool: built in this run
    allowed: forbidden-tool npm, npx (web): base image ships it (until 2027-03-31, budgets.toml:40)
    not judged: fleet-size: this version does not judge it yet
    not judged: growth (web, site): no baseline yet
    note: api, web: the engine keeps images in containerd, so `docker image ls` shows another number

    ✗ error: 1 of 5 targets breaks its budget, 1 could not be measured, 2 with warnings
    "#);
}

#[test]
fn narrow() {
    insta::assert_snapshot!(rendered(&fixture(), Some(50), false), @r#"
    Target       Size          Headroom   Verdict
    ─────────────────────────────────────────────
    api      162.0 MB   over by 12.0 MB   ✗ fail
    web       96.5 MB            3.5 MB   ! warn
    site      12.3 MB            7.7 MB   ✓ pass
    tool          0 B                 –   ! warn
    batch           –                 –   ✗ error

    ✗ api: the image is 162.0 MB, 12.0 MB over its
      budget of 150.0 MB
      largest: layer 1 of 4 (74.8 MB), of the base
      image node:20-bookworm-slim
      (services/api/Dockerfile:4): ADD file:0f1 in /
      hint: Build in an earlier stage and copy only
            what runs, or start from a smaller base
            image.
      fail · size · budgets.toml:12

    ✗ api: gcc and g++ are in the image (41.2 MB)
      layer 3 of 4 (64.2 MB),
      services/api/Dockerfile:12: RUN apt-get update
      && apt-get install -y g++ make
        /usr/bin/g++
        /usr/bin/g++-12
        /usr/bin/gcc
        /usr/bin/x86_64-linux-gnu-gcc-12
      hint: Install it in an earlier stage and copy
            only what runs.
      fail · forbidden-tool · budgets.toml:14

    ✗ api: npm, npx and corepack are in the image
      (9.8 MB)
      layer 2 of 4 (21.3 MB), of the base image
      node:20-bookworm-slim
      (services/api/Dockerfile:4): RUN npm install -g
      npm@10
        /usr/local/bin/corepack
        /usr/local/bin/npm
        /usr/local/bin/npx
        /usr/local/lib/node_modules/corepack
        /usr/local/lib/node_modules/npm
        and 4 more
      hint: The base image ships that: use another
            base, or allow it with a reason and
            `origin = "base"`. Deleting it in a later
            layer frees no bytes.
      fail · forbidden-tool · budgets.toml:14

    ! api: /srv/a�::error::b�[31m is in the image
      (12 B)
      layer 4 of 4 (1.7 MB): COPY dist /srv�[2J�
        /srv/a�::error::b�[31m
      warn · forbidden-path · budgets.toml:15

    · api: wget was deleted by a later layer
      layer 1 of 4 (74.8 MB), of the base image
      node:20-bookworm-slim
      (services/api/Dockerfile:4): ADD file:0f1 in /
        /usr/bin/wget
      note · shadowed-tool

    ! web: the image is 96.5 MB, 6.5 MB over its
      warning limit of 90.0 MB
      warn · size · budgets.toml:20

    ! tool: it has no budget
      hint: Set max-size = "1 kB" (measured + 25 %).
      warn · no-budget

    ✗ batch: the build failed: RUN make all: exit code
      2
      | cc -o batch batch.c
      | batch.c:1: �]0;x� error
      |
      hint: The last lines of its log are above.
      error · batch/Dockerfile:7

    image: api, web, site, tool: built in this run
    allowed: forbidden-tool npm, npx (web): base image
             ships it (until 2027-03-31,
             budgets.toml:40)
    not judged: fleet-size: this version does not
                judge it yet
    not judged: growth (web, site): no baseline yet
    note: api, web: the engine keeps images in
          containerd, so `docker image ls` shows
          another number

    ✗ error: 1 of 5 targets breaks its budget, 1 could
             not be measured, 2 with warnings
    "#);
}

#[test]
fn narrowest() {
    let report = Report::new(fixture().targets.into_iter().skip(1).take(2).collect(), None, Vec::new());
    insta::assert_snapshot!(rendered(&report, Some(30), false), @"
    web  ! warn
      96.5 MB of 100.0 MB
      3.5 MB left
    site  ✓ pass
      12.3 MB of 20.0 MB
      7.7 MB left

    ! web: the image is 96.5 MB,
      6.5 MB over its warning
      limit of 90.0 MB
      warn · size ·
      budgets.toml:20

    image: built in this run
    allowed: forbidden-tool npm,
             npx (web): base image
             ships it (until
             2027-03-31,
             budgets.toml:40)
    not judged: growth: no baseline
                yet
    note: web: the engine keeps
          images in containerd, so
          `docker image ls` shows
          another number

    ! warn: 1 of 2 targets with a
            warning
    ");
}

/// The fixture with a target in each state of change.
fn compared() -> Report {
    let change = |state, size_before: Option<u64>| {
        let size_before = size_before.map(Bytes);
        Some(Change { state, size_before, base_size_before: None, compressed_size_before: None, layers: Vec::new() })
    };
    let mut report = fixture();
    report.targets[0].change = change(ChangeState::Changed, Some(150_000_000));
    report.targets[1].change = change(ChangeState::Changed, Some(96_900_000));
    report.targets[2].change = change(ChangeState::Same, Some(12_345_678));
    report.targets[3].change = change(ChangeState::Extra, None);
    report.baseline = Some(Baseline {
        source: "main.json".to_owned(),
        how: How::File,
        state: BaselineState::Found,
        commit: Some("4f2a9c1d0123456789012345678901234567890a".to_owned()),
        behind: Some(12),
        not_in_run: vec![("legacy".parse().expect("a name"), None)],
    });
    report
}

#[test]
fn what_changed_has_a_column() {
    let shown = rendered(&compared(), None, false);
    let lines: Vec<&str> =
        shown.lines().take(7).chain(shown.lines().filter(|line| line.starts_with("baseline"))).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    Target       Size               Change     Budget          Headroom   Layers   Verdict
    ──────────────────────────────────────────────────────────────────────────────────────
    api      162.0 MB    +12.0 MB (+8.0 %)   150.0 MB   over by 12.0 MB        4   ✗ fail
    web       96.5 MB   −400.0 kB (−0.4 %)   100.0 MB            3.5 MB        1   ! warn
    site      12.3 MB                 same    20.0 MB            7.7 MB        1   ✓ pass
    tool          0 B                  new          –                 –        0   ! warn
    batch           –                    –          –                 –        –   ✗ error
    baseline: main.json (4f2a9c1), 12 commits behind; not in this run: legacy
    ");
    for width in [40, 60, 80, 120] {
        for line in rendered(&compared(), Some(width), false).lines() {
            assert!(crate::text::width(line) <= width, "{width}: {line}");
        }
    }
    let narrow = rendered(&compared(), Some(60), false);
    insta::assert_snapshot!(narrow.lines().take(3).collect::<Vec<_>>().join("\n"), @"
    Target       Size               Change   Verdict
    ────────────────────────────────────────────────
    api      162.0 MB    +12.0 MB (+8.0 %)   ✗ fail
    ");
    let narrow = rendered(&compared(), Some(34), false);
    insta::assert_snapshot!(narrow.lines().take(6).collect::<Vec<_>>().join("\n"), @"
    api  ✗ fail
      162.0 MB of 150.0 MB
      change: +12.0 MB (+8.0 %)
      over by 12.0 MB
    web  ! warn
      96.5 MB of 100.0 MB
    ");
}

#[test]
fn what_the_baseline_does_not_have_is_new() {
    let shown = rendered(&changed(), None, false);
    let lines: Vec<&str> = shown.lines().filter(|line| line.contains(" · budgets.toml:1")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    fail · size · budgets.toml:12 · new
    fail · forbidden-tool · budgets.toml:14 · new
    fail · forbidden-tool · budgets.toml:14
    warn · forbidden-path · budgets.toml:15
    ");
}

#[test]
fn where_only_the_compressed_size_changed() {
    let mut report = compared();
    let site = &mut report.targets[2];
    site.compressed_size = Some(CompressedSize::exact(Bytes(5_000_000)));
    let change = site.change.as_mut().expect("compared");
    (change.state, change.compressed_size_before) = (ChangeState::Changed, Some(Bytes(4_000_000)));
    assert!(rendered(&report, None, false).contains("+1.0 MB (+25.0 %) compressed"));
}

#[test]
fn a_row_is_about_the_size_that_has_a_limit() {
    let mut report = Report::new(fixture().targets.into_iter().take(1).collect(), None, Vec::new());
    let outcome = &mut report.targets[0].rules[0];
    (outcome.rule, outcome.actual) = (Rule::CompressedSize, Amount::Bytes(Bytes(61_000_000)));
    outcome.fail = Some(Amount::Bytes(Bytes(60_000_000)));
    let head = |report: &Report, width| {
        let shown = rendered(report, width, false);
        shown.split("\n\n").next().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(head(&report, None), @"
    Target       Size               Budget         Headroom   Layers   Verdict
    ──────────────────────────────────────────────────────────────────────────
    api      162.0 MB   60.0 MB compressed   over by 1.0 MB        4   ✗ fail
    ");
    insta::assert_snapshot!(head(&report, Some(30)), @"
    api  ✗ fail
      162.0 MB
      61.0 MB of 60.0 MB compressed
      over by 1.0 MB
    ");
    report.targets[0].rules[0].rule = Rule::OwnSize;
    assert!(head(&report, None).contains(" 60.0 MB own "));
    report.targets[0].rules[0].rule = Rule::Wasted;
    assert!(!head(&report, None).contains("60.0 MB"));
}

#[test]
fn platforms_are_told_apart() {
    let mut report = two_platforms();
    report.targets[1].findings[0].message = "the image is 162.1 MB, 12.1 MB over its budget of 150.0 MB".to_owned();
    let shown = rendered(&report, Some(80), false);
    let heads: Vec<&str> = shown.lines().filter(|line| line.contains("api ")).collect();
    insta::assert_snapshot!(heads.join("\n"), @"
    api      linux/amd64   162.0 MB   150.0 MB   over by 12.0 MB        4   ✗ fail
    api      linux/arm64   162.0 MB   150.0 MB   over by 12.0 MB        4   ✗ fail
    ✗ api (linux/amd64): the image is 162.0 MB, 12.0 MB over its budget of 150.0 MB
    ✗ api (linux/amd64, linux/arm64): gcc and g++ are in the image (41.2 MB)
    ✗ api (linux/amd64, linux/arm64): npm, npx and corepack are in the image
    ! api (linux/amd64, linux/arm64): /srv/a�::error::b�[31m is in the image (12 B)
    · api (linux/amd64, linux/arm64): wget was deleted by a later layer
    ✗ api (linux/arm64): the image is 162.1 MB, 12.1 MB over its budget of 150.0 MB
    ");
}

#[test]
fn a_platform_is_shown_where_somebody_asked_or_there_is_another() {
    let head = |report: &Report, platforms| {
        let mut out = Vec::new();
        render(report, &Options { platforms, ..Options::default() }, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("text").lines().next().unwrap_or_default().contains("Platform")
    };
    let mut report = fixture();
    assert_eq!((head(&report, false), head(&report, true)), (false, true));
    report.targets[2].platform = Some(crate::domain::Platform::new("linux", "arm64", None));
    assert!(head(&report, false));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let mut plain = rendered(&fixture(), Some(80), true);
    while let Some(start) = plain.find('\u{1b}') {
        let end = plain[start..].find('m').expect("a style ends");
        plain.replace_range(start..=start + end, "");
    }
    assert_eq!(plain, rendered(&fixture(), Some(80), false));
}

#[test]
fn strangers_cannot_act() {
    let shown = rendered(&fixture(), None, false);
    assert!(!shown.chars().any(|c| c != '\n' && crate::text::is_hidden(c)));
    assert!(!shown.lines().any(|line| line.starts_with("::")));
}

#[test]
fn lines_fit() {
    for width in [40, 60, 80, 120] {
        for line in rendered(&fixture(), Some(width), false).lines() {
            assert!(crate::text::width(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn a_run_of_nothing() {
    insta::assert_snapshot!(rendered(&Report::new(Vec::new(), None, Vec::new()), None, false), @"✓ pass: no target was measured");
}

#[test]
fn images_from_elsewhere() {
    insta::assert_snapshot!(rendered(&pushed(), Some(110), false), @r#"
    Target        Size                          Budget            Headroom   Layers   Verdict
    ─────────────────────────────────────────────────────────────────────────────────────────
    gateway          –   62.0 MB of 60.0 MB compressed      over by 2.0 MB        2   ✗ fail
    orders    212.0 MB              80.0 MB compressed   too close to tell        1   ! warn
    legacy           –                               –                   –        1   ✗ error

    ✗ gateway: the compressed image is 62.0 MB, 2.0 MB over its budget of 60.0 MB
      largest: layer 2 of 2 (34.0 MB compressed): COPY dist /srv
      fail · compressed-size

    ! orders: the compressed image is about 81.0 MB (an estimate, ± 3 %), too close to its budget of 80.0 MB to
      tell
      hint: The exact size is that of a pushed image, read with `from = "registry"`.
      warn · compressed-size

    ✗ legacy: size could not be judged: the image could only be exported, which does not show its layers
      hint: Pull or load the whole image again, or read it from its registry: `from = "registry"`.

    ✗ legacy: gcc is in the image (41.2 MB)
        /usr/bin/gcc
      fail · forbidden-tool

    image: gateway: registry.example.com/gateway:1.4 from its registry, sha256:abababababab, created 2026-11-03
    image: orders: registry.example.com/orders:2 from the engine, sha256:abababababab, created 2026-11-03
    image: legacy: registry.example.com/legacy:9 from the engine, sha256:abababababab, created 2026-11-03
    read: 1 layer by the engine's layer metadata; the final file system by `export`; 182.9 MB, at most 3.2 s a
          target
    read: gateway: manifest and config alone, which is all that its rules ask for
    read: legacy: fell back from layer metadata: the engine refuses it (403)
    read: legacy: fell back from save: a layer is missing
    not judged: size (legacy): the image could only be exported, which does not show its layers

    ✗ error: 1 of 3 targets breaks its budget, 1 could not be measured, 1 with a warning
    "#);
    insta::assert_snapshot!(rendered(&pushed(), Some(50), false).split("\n\n").next().unwrap_or_default(), @"
    Target        Size            Headroom   Verdict
    ────────────────────────────────────────────────
    gateway          –      over by 2.0 MB   ✗ fail
    orders    212.0 MB   too close to tell   ! warn
    legacy           –                   –   ✗ error
    ");
    insta::assert_snapshot!(rendered(&pushed(), Some(30), false).split("\n\n").next().unwrap_or_default(), @"
    gateway  ✗ fail
      62.0 MB of 60.0 MB compressed
      over by 2.0 MB
    orders  ! warn
      212.0 MB
      about 81.0 MB of 80.0 MB compressed
      too close to tell
    legacy  ✗ error
    ");
}

#[test]
fn many_images_are_counted() {
    let mut report = pushed();
    let first = report.targets[1].clone();
    report.targets = (0..20)
        .map(|number| {
            let mut target = TargetReport { name: format!("t{number}").parse().expect("a name"), ..first.clone() };
            if let Some(image) = &mut target.image {
                image.reference = Some(format!("t:{number}"));
            }
            target
        })
        .collect();
    let shown = rendered(&report, None, false);
    let images: Vec<&str> = shown.lines().filter(|line| line.starts_with("image: ")).collect();
    assert_eq!((images.len(), images.last().copied()), (9, Some("image: and 12 more")));
    assert!(
        shown.contains("\nread: 20 layers by the engine's layer metadata; 58.0 MB, at most 310 ms a target\n"),
        "{shown}"
    );
}
