//! Whole screens.

mod causes;

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
    Target       Size    Budget      Headroom
    ─────────────────────────────────────────
    ✗ api    162.0 MB  150.0 MB  12.0 MB over
    ! web     96.5 MB  100.0 MB        3.5 MB
    ✓ site    12.3 MB   20.0 MB        7.7 MB
    ! tool        0 B         –             –
    ✗ batch         –         –             –

    ✗ api  size 12.0 MB over
      frees ≤
      41.2 MB  services/api/Dockerfile:12  RUN apt-get update && apt-get install -y g++ make
               gcc, g++ → install in an earlier stage and copy only what runs
         12 B  layer 4 of 4  COPY dist /srv�[2J�
               /srv/a�::error::b�[31m → add it to .dockerignore
            –  services/api/Dockerfile:4  FROM node:20-bookworm-slim
               npm, npx, corepack, wget → use a base image without them
      All fixes: 162.0 → 120.8 MB, within budget
      Needed? imgbudget allow api g++ gcc --reason "…"
              imgbudget allow api '/srv/a*' --reason "…"
              imgbudget allow api corepack npm npx size --up-to 165MB --origin base --reason "…"

    ! web  size 6.5 MB over its warning limit
      largest
      96.5 MB  layer 1 of 1  COPY / /
      → build in an earlier stage and copy only what runs
      Needed? imgbudget allow web size --up-to 97MB --reason "…"

    ! tool  no budget
      –  no budget → set max-size = "1 kB"

    ✗ batch: the build failed: RUN make all: exit code 2
      | cc -o batch batch.c
      | batch.c:1: �]0;x� error
      |
      hint: The last lines of its log are above.
      batch/Dockerfile:7

    image: api, web, site, tool: built in this run
    allowed: forbidden-tool npm, npx (web): base image ships it (until 2027-03-31, budgets.toml:40)
    not judged: fleet-size: this version does not judge it yet
    not judged: growth (web, site): no baseline yet
    note: api: wget was deleted by a later layer
    note: api, web: the engine keeps images in containerd, so `docker image ls` shows another number

    ✗ 1 of 5 could not be measured: batch; 1 of 5 over: api 162.0 MB, 12.0 MB over; 2 with warnings
    "#);
}

#[test]
fn narrow() {
    insta::assert_snapshot!(rendered(&fixture(), Some(50), false), @r#"
    Target       Size    Budget      Headroom
    ─────────────────────────────────────────
    ✗ api    162.0 MB  150.0 MB  12.0 MB over
    ! web     96.5 MB  100.0 MB        3.5 MB
    ✓ site    12.3 MB   20.0 MB        7.7 MB
    ! tool        0 B         –             –
    ✗ batch         –         –             –

    ✗ api  size 12.0 MB over
      frees ≤
      41.2 MB  services/api/Dockerfile:12  RUN apt-ge…
               gcc, g++ → install in an earlier stage
               and copy only what runs
         12 B  layer 4 of 4  COPY dist /srv�[2J�
               /srv/a�::error::b�[31m → add it to
               .dockerignore
            –  services/api/Dockerfile:4  FROM node:2…
               npm, npx, corepack, wget → use a base
               image without them
      All fixes: 162.0 → 120.8 MB, within budget
      Needed? imgbudget allow api g++ gcc --reason "…"
              imgbudget allow api '/srv/a*' --reason \
                "…"
              imgbudget allow api corepack npm npx \
                size --up-to 165MB --origin base \
                --reason "…"

    ! web  size 6.5 MB over its warning limit
      largest
      96.5 MB  layer 1 of 1  COPY / /
      → build in an earlier stage and copy only what
      runs
      Needed? imgbudget allow web size --up-to 97MB \
                --reason "…"

    ! tool  no budget
      –  no budget → set max-size = "1 kB"

    ✗ batch: the build failed: RUN make all: exit code
      2
      | cc -o batch batch.c
      | batch.c:1: �]0;x� error
      |
      hint: The last lines of its log are above.
      batch/Dockerfile:7

    image: api, web, site, tool: built in this run
    allowed: forbidden-tool npm, npx (web): base image
             ships it (until 2027-03-31,
             budgets.toml:40)
    not judged: fleet-size: this version does not
                judge it yet
    not judged: growth (web, site): no baseline yet
    note: api: wget was deleted by a later layer
    note: api, web: the engine keeps images in
          containerd, so `docker image ls` shows
          another number

    ✗ 1 of 5 could not be measured: batch; 1 of 5
      over: api 162.0 MB, 12.0 MB over; 2 with
      warnings
    "#);
}

#[test]
fn narrowest() {
    let report = Report::new(fixture().targets.into_iter().skip(1).take(2).collect(), None, Vec::new());
    insta::assert_snapshot!(rendered(&report, Some(30), false), @r#"
    Target     Size  Headroom
    ─────────────────────────
    ! web   96.5 MB    3.5 MB
    ✓ site  12.3 MB    7.7 MB

    ! web  size 6.5 MB over its
      warning limit
      largest
      96.5 MB  layer 1 of 1  COPY…
      → build in an earlier stage
      and copy only what runs
      Needed? imgbudget allow \
                web size --up-to \
                97MB --reason "…"

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

    ! 1 of 2 with a warning: web
      96.5 MB, size 6.5 MB over
      its warning limit
    "#);
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
    Target       Size     Change    Budget      Headroom
    ────────────────────────────────────────────────────
    ✗ api    162.0 MB   +12.0 MB  150.0 MB  12.0 MB over
    ! web     96.5 MB  −400.0 kB  100.0 MB        3.5 MB
    ✓ site    12.3 MB          –   20.0 MB        7.7 MB
    ! tool        0 B        new         –             –
    ✗ batch         –          –         –             –
    baseline: main.json (4f2a9c1), 12 commits behind; not in this run: legacy
    ");
    for width in [40, 60, 80, 120] {
        for line in rendered(&compared(), Some(width), false).lines() {
            assert!(crate::text::width(line) <= width, "{width}: {line}");
        }
    }
    let narrow = rendered(&compared(), Some(60), false);
    insta::assert_snapshot!(narrow.lines().take(3).collect::<Vec<_>>().join("\n"), @"
    Target       Size     Change    Budget      Headroom
    ────────────────────────────────────────────────────
    ✗ api    162.0 MB   +12.0 MB  150.0 MB  12.0 MB over
    ");
    let narrow = rendered(&compared(), Some(34), false);
    insta::assert_snapshot!(narrow.lines().take(6).collect::<Vec<_>>().join("\n"), @"
    Target       Size     Change
    ────────────────────────────
    ✗ api    162.0 MB   +12.0 MB
    ! web     96.5 MB  −400.0 kB
    ✓ site    12.3 MB          –
    ! tool        0 B        new
    ");
}

#[test]
fn what_the_baseline_does_not_have_is_new() {
    let shown = rendered(&changed(), Some(80), false);
    let lines: Vec<&str> = shown.lines().filter(|line| line.ends_with("  new")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    41.2 MB  services/api/Dockerfile:12  RUN apt-get update && apt-get insta…  new
       12 B  layer 4 of 4  COPY dist /srv�[2J�                                 new
    ");
}

#[test]
fn where_only_the_compressed_size_changed() {
    let mut report = compared();
    let site = &mut report.targets[2];
    site.compressed_size = Some(CompressedSize::exact(Bytes(5_000_000)));
    let change = site.change.as_mut().expect("compared");
    (change.state, change.compressed_size_before) = (ChangeState::Changed, Some(Bytes(4_000_000)));
    assert!(rendered(&report, None, false).contains("  +1.0 MB compressed  "));
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
    Target      Size                      Budget     Headroom
    ─────────────────────────────────────────────────────────
    ✗ api   162.0 MB  61.0 of 60.0 MB compressed  1.0 MB over
    ");
    insta::assert_snapshot!(head(&report, Some(30)), @"
    Target      Size     Headroom
    ─────────────────────────────
    ✗ api   162.0 MB  1.0 MB over
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
    insta::assert_snapshot!(heads.join("\n"), @r#"
    ✗ api   linux/amd64  162.0 MB  150.0 MB  12.0 MB over
    ✗ api   linux/arm64  162.0 MB  150.0 MB  12.0 MB over
    ✗ api (linux/amd64, linux/arm64)  size 12.0 MB over
      Needed? imgbudget allow api g++ gcc --reason "…"
              imgbudget allow api '/srv/a*' --reason "…"
              imgbudget allow api corepack npm npx size --up-to 165MB --origin \
    ✗ 2 of 2 images over: api (linux/amd64) 162.0 MB, 12.0 MB over; api
    "#);
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
    insta::assert_snapshot!(rendered(&Report::new(Vec::new(), None, Vec::new()), None, false), @"✓ nothing to check");
}

#[test]
fn images_from_elsewhere() {
    insta::assert_snapshot!(rendered(&pushed(), Some(110), false), @r#"
    Target         Size                            Budget           Headroom
    ────────────────────────────────────────────────────────────────────────
    ✗ gateway         –        62.0 of 60.0 MB compressed        2.0 MB over
    ! orders   212.0 MB  about 81.0 of 80.0 MB compressed  too close to tell
    ✗ legacy          –                                 –                  –

    ✗ gateway  compressed 2.0 MB over
      compressed
         34.0 MB  layer 2 of 2  COPY dist /srv
                  → leave out what does not run
         28.0 MB  layer 1 of 2  ADD rootfs /
      Needed? imgbudget allow gateway compressed-size --up-to 65MB --reason "…"

    ! orders  compressed too close to tell
       largest
      212.0 MB  layer 1 of 1  COPY / /
      → build in an earlier stage and copy only what runs
      Needed? imgbudget allow orders compressed-size --up-to 85MB --reason "…"

    ✗ legacy: size could not be judged: the image could only be exported, which does not show its layers
      hint: Pull or load the whole image again, or read it from its registry: `from = "registry"`.
    ✗ legacy  1 forbidden tool
      –  gcc → build in an earlier stage and copy only what runs
      Needed? imgbudget allow legacy gcc --reason "…"

    image: gateway: registry.example.com/gateway:1.4 from its registry, sha256:abababababab, created 2026-11-03
    image: orders: registry.example.com/orders:2 from the engine, sha256:abababababab, created 2026-11-03
    image: legacy: registry.example.com/legacy:9 from the engine, sha256:abababababab, created 2026-11-03
    read: 1 layer by the engine's layer metadata; the final file system by `export`; 182.9 MB, at most 3.2 s a
          target
    read: gateway: manifest and config alone, which is all that its rules ask for
    read: legacy: fell back from layer metadata: the engine refuses it (403)
    read: legacy: fell back from save: a layer is missing
    not judged: size (legacy): the image could only be exported, which does not show its layers

    ✗ 1 of 3 could not be measured: legacy; 1 of 3 over: gateway 62.0 of 60.0 MB compressed, 2.0 MB over; 1 with a
      warning
    "#);
    insta::assert_snapshot!(rendered(&pushed(), Some(50), false).split("\n\n").next().unwrap_or_default(), @"
    Target         Size           Headroom
    ──────────────────────────────────────
    ✗ gateway         –        2.0 MB over
    ! orders   212.0 MB  too close to tell
    ✗ legacy          –                  –
    ");
    insta::assert_snapshot!(rendered(&pushed(), Some(30), false).split("\n\n").next().unwrap_or_default(), @"
    ✗ gateway
      62.0 of 60.0 MB compressed
      2.0 MB over
    ! orders
      212.0 MB
      about 81.0 of 80.0 MB compressed
      too close to tell
    ✗ legacy
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
    assert_eq!((images.len(), images.last().copied()), (5, Some("image: and 16 more")));
    assert!(
        shown.contains("\nread: 20 layers by the engine's layer metadata; 58.0 MB, at most 310 ms a target\n"),
        "{shown}"
    );
}

#[test]
fn a_base_that_moved_past_what_images_may_grow_is_told_once() {
    insta::assert_snapshot!(rendered(&crate::output::fleet::base_grew(), Some(80), false), @"
    Target         Size    Change    Budget  Headroom
    ─────────────────────────────────────────────────
    ! node-01  176.4 MB  +28.4 MB  250.0 MB   73.6 MB
    ! node-02  176.4 MB  +28.4 MB  250.0 MB   73.6 MB
    ! node-03  176.4 MB  +28.4 MB  250.0 MB   73.6 MB
    ! node-04  176.4 MB  +28.4 MB  250.0 MB   73.6 MB
    ! node-05  176.4 MB  +28.4 MB  250.0 MB   73.6 MB
    ! node-06  176.4 MB  +28.4 MB  250.0 MB   73.6 MB
    ✓ 3 more within budget, unchanged

    node:20-slim: base grew 28.4 MB, yours ±0, more than they may grow, so it only
    warns (node-01, node-02, node-03, node-04 and 2 more)

    baseline: a1b2c3d, this merge's parent

    ! 6 of 9 with warnings: their base image grew by more than they may
    ");
}
