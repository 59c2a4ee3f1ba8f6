//! A screen by cause: one of three fails, its causes known and new, as `policy` makes them.

use super::rendered;
use crate::domain::{
    Accepted, Amount, BaseImage, Baseline, BaselineState, BudgetChange, Bytes, Cause, CauseAt, Change, ChangeState,
    DiffId, Digest, Eased, EasedBy, Finding, How, LayerChange, LayerReport, NotJudged, Origin, Place, Platform, Report,
    Rule, RuleOutcome, RuleStatus, Severity, TargetReport, Verdict,
};
use crate::output::Options;

fn mb(tenths: u64) -> Bytes {
    Bytes(tenths * 100_000)
}

fn place(file: &str, line: u32) -> Place {
    Place { file: file.to_owned(), line, column: 1 }
}

fn layer(seed: u8, size: Bytes, created_by: &str, line: Option<u32>) -> LayerReport {
    LayerReport {
        diff_id: DiffId(Digest::from_sha256([seed; 32])),
        size: Some(size),
        compressed_size: None,
        created_by: Some(created_by.to_owned()),
        origin: if line.is_some() { Origin::Own } else { Origin::Base },
        dockerfile: line.map(|line| place("Dockerfile", line)),
    }
}

fn over(rule: Rule, over: Bytes, is_new: bool) -> Finding {
    let bytes = |bytes| Some(Amount::Bytes(bytes));
    Finding {
        actual: bytes(Bytes(over.0 * 2)),
        limit: bytes(over),
        over_by: bytes(over),
        is_new: Some(is_new),
        ..Finding::new(rule, Severity::Fail, "image", "it is too large")
    }
}

fn found(rule: Rule, subject: &str, bytes: Option<Bytes>, is_new: bool) -> Finding {
    let actual = bytes.map(Amount::Bytes);
    Finding { actual, is_new: Some(is_new), ..Finding::new(rule, Severity::Fail, subject, "it is in the image") }
}

fn cause(at: CauseAt, what: &str, frees: Option<Bytes>, is_new: bool, findings: &[usize], fix: &str) -> Cause {
    Cause {
        at,
        severity: Severity::Fail,
        what: what.to_owned(),
        frees,
        grew: None,
        is_new: Some(is_new),
        findings: findings.to_vec(),
        touched_again: None,
        fix: fix.to_owned(),
        allow: None,
    }
}

fn excused(cause: Cause, allow: &str) -> Cause {
    Cause { allow: Some(format!("imgbudget allow shop-api {allow}")), ..cause }
}

fn size(status: RuleStatus, actual: Bytes, limit: Bytes) -> RuleOutcome {
    let (actual, fail) = (Amount::Bytes(actual), Some(Amount::Bytes(limit)));
    RuleOutcome { rule: Rule::Size, status, actual, warn: None, fail, budget: None }
}

fn target(name: &str, verdict: Verdict, size_now: Bytes, limit: Bytes, before: Bytes) -> TargetReport {
    let state = if size_now == before { ChangeState::Same } else { ChangeState::Changed };
    let status = if size_now > limit { RuleStatus::Fail } else { RuleStatus::Pass };
    let platform = Platform::new("linux", "amd64", None);
    TargetReport {
        size: Some(size_now),
        rules: vec![size(status, size_now, limit)],
        change: Some(Change {
            state,
            size_before: Some(before),
            base_size_before: None,
            compressed_size_before: None,
            layers: Vec::new(),
        }),
        ..TargetReport::new(name.parse().expect("a name"), Some(platform), verdict)
    }
}

fn at_line(index: usize, line: u32) -> CauseAt {
    CauseAt::Layer { index, line: Some(place("Dockerfile", line)) }
}

fn shop_api() -> TargetReport {
    let from = place("Dockerfile", 14);
    TargetReport {
        base: Some(BaseImage { reference: "node:20-slim".to_owned(), place: from.clone() }),
        layers: vec![
            layer(1, mb(1_993), "/bin/sh -c #(nop) ADD file:0f1 in / ", None),
            layer(2, mb(1_076), "COPY /usr/bin /usr/bin # buildkit", Some(20)),
            layer(3, mb(491), "COPY . . # buildkit", Some(23)),
            layer(4, mb(1_471), "RUN /bin/sh -c chown -R node:node /app # buildkit", Some(24)),
        ],
        findings: vec![
            over(Rule::Size, mb(4_908), true),
            over(Rule::Wasted, mb(1_640), true),
            over(Rule::Growth, mb(5_184), true),
            found(Rule::ForbiddenTool, "gcc", Some(mb(1_076)), true),
            found(Rule::ForbiddenPath, "**/.git", Some(mb(491)), true),
            found(Rule::RootUser, "user", None, true),
            found(Rule::ForbiddenPath, "/var/lib/apt/lists/*", Some(mb(829)), false),
        ],
        causes: vec![
            excused(
                cause(at_line(3, 24), "", Some(mb(1_471)), true, &[1], "COPY --chown=node:node on lines 21 and 23"),
                "wasted --up-to 180MB",
            ),
            excused(
                cause(
                    at_line(1, 20),
                    "gcc, g++, make, cmake and 12 more",
                    Some(mb(1_076)),
                    true,
                    &[3],
                    "copy only what runs",
                ),
                "gcc g++ make cmake @compilers",
            ),
            excused(
                Cause {
                    touched_again: Some(3),
                    ..cause(at_line(2, 23), "/app/.git", Some(mb(491)), true, &[4], "add .git to .dockerignore")
                },
                "'/app/.git'",
            ),
            excused(
                cause(
                    CauseAt::Setting { instruction: "USER".to_owned(), line: None },
                    "no USER",
                    None,
                    true,
                    &[5],
                    "end the stage with USER 65532:65532",
                ),
                "root-user",
            ),
            excused(
                cause(CauseAt::Image, "size and growth", None, true, &[0, 2], "copy only what runs"),
                "size growth --up-to 850MB",
            ),
            cause(CauseAt::Base { line: Some(from) }, "apt lists", None, false, &[6], "use another base image"),
        ],
        size_when_fixed: Some(mb(5_370)),
        ..target("shop-api", Verdict::Fail, mb(8_408), mb(3_500), mb(3_161))
    }
}

fn shop() -> Report {
    let others = [
        target("web", Verdict::Pass, mb(965), mb(1_000), mb(970)),
        target("worker", Verdict::Pass, mb(410), mb(600), mb(410)),
    ];
    let mut report = Report::new(std::iter::once(shop_api()).chain(others).collect(), None, Vec::new());
    report.baseline = Some(Baseline {
        source: "main".to_owned(),
        how: How::MergeParent,
        state: BaselineState::Found,
        commit: Some("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334".to_owned()),
        behind: None,
        not_in_run: Vec::new(),
    });
    report
}

#[test]
fn one_of_three_fails() {
    insta::assert_snapshot!(rendered(&shop(), Some(80), false), @r#"
    Target          Size     Change    Budget       Headroom
    ────────────────────────────────────────────────────────
    ✗ shop-api  840.8 MB  +524.7 MB  350.0 MB  490.8 MB over
    ✓ web        96.5 MB  −500.0 kB  100.0 MB         3.5 MB
    ✓ worker     41.0 MB          –   60.0 MB        19.0 MB

    ✗ shop-api  size 490.8 MB over · wasted 164.0 MB over · grew 518.4 MB too much
       frees ≤
      147.1 MB  Dockerfile:24  RUN chown -R node:node /app     new
                → COPY --chown=node:node on lines 21 and 23
      107.6 MB  Dockerfile:20  COPY /usr/bin /usr/bin          new
                gcc, g++, make, cmake and 12 more → copy only what runs
       49.1 MB  Dockerfile:23  COPY . .                        new
                /app/.git; copied again by Dockerfile:24 → add .git to .dockerignore
             –  no USER → end the stage with USER 65532:65532  new
      Known, from base node:20-slim: apt lists 82.9 MB
      All fixes: 840.8 → 537.0 MB, still 187.0 MB over
      Needed? imgbudget allow shop-api wasted --up-to 180MB --reason "…"
              imgbudget allow shop-api gcc g++ make cmake @compilers --reason "…"
              imgbudget allow shop-api '/app/.git' --reason "…"
              imgbudget allow shop-api root-user --reason "…"
              imgbudget allow shop-api size growth --up-to 850MB --reason "…"

    baseline: a1b2c3d, this merge's parent

    ✗ 1 of 3 over: shop-api 840.8 MB (+524.7 MB), 490.8 MB over
    "#);
}

#[test]
fn a_narrow_terminal() {
    insta::assert_snapshot!(rendered(&shop(), Some(48), false), @r#"
    Target          Size     Change       Headroom
    ──────────────────────────────────────────────
    ✗ shop-api  840.8 MB  +524.7 MB  490.8 MB over
    ✓ web        96.5 MB  −500.0 kB         3.5 MB
    ✓ worker     41.0 MB          –        19.0 MB

    ✗ shop-api  size 490.8 MB over · wasted 164.0 MB
      over · grew 518.4 MB too much
       frees ≤
      147.1 MB  Dockerfile:24  RUN chown -R no…  new
                → COPY --chown=node:node on lines 21
                and 23
      107.6 MB  Dockerfile:20  COPY /usr/bin /…  new
                gcc, g++, make, cmake and 12 more →
                copy only what runs
       49.1 MB  Dockerfile:23  COPY . .          new
                /app/.git; copied again by
                Dockerfile:24 → add .git to
                .dockerignore
             –  no USER → end the stage with     new
                USER 65532:65532
      Known, from base node:20-slim: apt lists
      82.9 MB
      All fixes: 840.8 → 537.0 MB, still 187.0 MB
      over
      Needed? imgbudget allow shop-api wasted \
                --up-to 180MB --reason "…"
              imgbudget allow shop-api gcc g++ \
                make cmake @compilers --reason "…"
              imgbudget allow shop-api '/app/.git' \
                --reason "…"
              imgbudget allow shop-api root-user \
                --reason "…"
              imgbudget allow shop-api size growth \
                --up-to 850MB --reason "…"

    baseline: a1b2c3d, this merge's parent

    ✗ 1 of 3 over: shop-api 840.8 MB (+524.7 MB),
      490.8 MB over
    "#);
}

#[test]
fn a_pipe_has_no_width() {
    insta::assert_snapshot!(rendered(&shop(), None, false), @r#"
    Target          Size     Change    Budget       Headroom
    ────────────────────────────────────────────────────────
    ✗ shop-api  840.8 MB  +524.7 MB  350.0 MB  490.8 MB over
    ✓ web        96.5 MB  −500.0 kB  100.0 MB         3.5 MB
    ✓ worker     41.0 MB          –   60.0 MB        19.0 MB

    ✗ shop-api  size 490.8 MB over · wasted 164.0 MB over · grew 518.4 MB too much
       frees ≤
      147.1 MB  Dockerfile:24  RUN chown -R node:node /app     new
                → COPY --chown=node:node on lines 21 and 23
      107.6 MB  Dockerfile:20  COPY /usr/bin /usr/bin          new
                gcc, g++, make, cmake and 12 more → copy only what runs
       49.1 MB  Dockerfile:23  COPY . .                        new
                /app/.git; copied again by Dockerfile:24 → add .git to .dockerignore
             –  no USER → end the stage with USER 65532:65532  new
      Known, from base node:20-slim: apt lists 82.9 MB
      All fixes: 840.8 → 537.0 MB, still 187.0 MB over
      Needed? imgbudget allow shop-api wasted --up-to 180MB --reason "…"
              imgbudget allow shop-api gcc g++ make cmake @compilers --reason "…"
              imgbudget allow shop-api '/app/.git' --reason "…"
              imgbudget allow shop-api root-user --reason "…"
              imgbudget allow shop-api size growth --up-to 850MB --reason "…"

    baseline: a1b2c3d, this merge's parent

    ✗ 1 of 3 over: shop-api 840.8 MB (+524.7 MB), 490.8 MB over
    "#);
}

#[test]
fn colour_is_for_marks_and_names_and_nothing_is_faint() {
    let painted = rendered(&shop(), Some(80), true);
    assert!(painted.contains("\u{1b}[1m\u{1b}[31m✗\u{1b}[0m \u{1b}[1mshop-api\u{1b}[0m  size"), "{painted:?}");
    assert!(!painted.contains("\u{1b}[2m") && !painted.contains("\u{1b}[90m"), "{painted:?}");
}

/// Twenty services: one got worse, fourteen have what the baseline has, and only what is new counts.
fn twenty() -> Report {
    let known = |number: u8| {
        let name = format!("node-{number:02}");
        let eased = Some(Eased { from: Severity::Fail, why: EasedBy::Known });
        let finding =
            Finding { eased, severity: Severity::Note, ..found(Rule::ForbiddenTool, "npm", Some(mb(98)), false) };
        let from = place(&format!("services/{name}/Dockerfile"), 1);
        let at = CauseAt::Base { line: Some(from.clone()) };
        TargetReport {
            base: Some(BaseImage { reference: "node:20-slim".to_owned(), place: from }),
            findings: vec![finding],
            causes: vec![Cause {
                severity: Severity::Note,
                ..cause(at, "npm and npx", None, false, &[0], "use a base image without them")
            }],
            ..target(&name, Verdict::Pass, mb(2_000), mb(2_500), mb(2_000))
        }
    };
    let orders = TargetReport {
        layers: vec![
            layer(1, mb(1_480), "ADD / /", None),
            layer(2, mb(642), "RUN /bin/sh -c npm ci # buildkit", Some(18)),
        ],
        findings: vec![over(Rule::Growth, mb(592), true)],
        causes: vec![Cause {
            grew: Some(mb(642)),
            allow: Some("imgbudget allow orders growth --up-to 65MB".to_owned()),
            ..cause(at_line(1, 18), "typescript 23.0 MB, jest 12.0 MB", Some(mb(350)), true, &[0], "npm ci --omit=dev")
        }],
        ..target("orders", Verdict::Fail, mb(2_122), mb(2_500), mb(1_480))
    };
    let fine = |number: u8| target(&format!("go-{number}"), Verdict::Pass, mb(200), mb(250), mb(200));
    let targets = std::iter::once(orders).chain((1..=14).map(known)).chain((1..=5).map(fine));
    Report::new(targets.collect(), None, Vec::new())
}

#[test]
fn one_of_twenty_got_worse() {
    insta::assert_snapshot!(rendered(&twenty(), Some(80), false), @r#"
    Target        Size    Change    Budget  Headroom
    ────────────────────────────────────────────────
    ✗ orders  212.2 MB  +64.2 MB  250.0 MB   37.8 MB
    ✓ 19 more unchanged: 5 within budget, 14 with known problems

    ✗ orders  grew 59.2 MB too much
      frees ≤
      35.0 MB  Dockerfile:18  RUN npm ci  new
               typescript 23.0 MB, jest 12.0 MB → npm ci --omit=dev
      Needed? imgbudget allow orders growth --up-to 65MB --reason "…"

    Known, from base node:20-slim: npm and npx 9.8 MB (node-01, node-02, node-03,
    node-04 and 10 more)

    ✗ 1 of 20 over: orders 212.2 MB (+64.2 MB), grew 59.2 MB too much; 14 with known
      problems
    "#);
}

#[test]
fn what_is_known_alone_is_told_once() {
    let mut report = twenty();
    report.targets.remove(0);
    let report = Report::new(report.targets, None, Vec::new());
    insta::assert_snapshot!(rendered(&report, Some(80), false), @"
    ✓ 19 unchanged: 5 within budget, 14 with known problems

    Known, from base node:20-slim: npm and npx 9.8 MB (node-01, node-02, node-03,
    node-04 and 10 more)

    ✓ all 19 within budget; least headroom: go-1 5.0 MB; 14 with known problems
    ");
}

#[test]
fn what_the_baseline_has_and_still_fails_is_told_in_full() {
    let mut report = shop();
    for cause in &mut report.targets[0].causes {
        cause.is_new = Some(false);
    }
    let shown = rendered(&report, Some(80), false);
    assert!(shown.contains("Dockerfile:24") && shown.contains("apt lists → use another base image"), "{shown}");
    assert!(!shown.contains("Known") && !shown.contains("new\n"), "{shown}");
}

#[test]
fn size_alone_shows_where_it_is() {
    let mut api = shop_api();
    api.findings.truncate(1);
    api.causes.clear();
    api.size_when_fixed = None;
    let mut report = Report::new(vec![api], None, Vec::new());
    insta::assert_snapshot!(rendered(&report, Some(80), false), @"
    Target          Size     Change    Budget       Headroom
    ────────────────────────────────────────────────────────
    ✗ shop-api  840.8 MB  +524.7 MB  350.0 MB  490.8 MB over

    ✗ shop-api  size 490.8 MB over
       largest
      199.3 MB  Dockerfile:14  FROM node:20-slim: ADD file:0f1 in /
      147.1 MB  Dockerfile:24  RUN chown -R node:node /app
      107.6 MB  Dockerfile:20  COPY /usr/bin /usr/bin

    ✗ shop-api 840.8 MB (+524.7 MB), 490.8 MB over
    ");
    let change = report.targets[0].change.as_mut().expect("compared");
    let grew =
        |index: usize, before| LayerChange { index: Some(index), created_by: None, before, after: Some(mb(1_471)) };
    change.layers = vec![grew(3, None), grew(2, Some(mb(400)))];
    let shown = rendered(&report, Some(80), false);
    let from = shown.find("      grew").expect("what grew");
    insta::assert_snapshot!(shown[from..].split("\n\n").next().unwrap_or_default(), @"
        grew
    +147.1 MB  Dockerfile:24  RUN chown -R node:node /app  new
    +107.1 MB  Dockerfile:23  COPY . .
    ");
}

#[test]
fn what_was_decided_here_comes_with_its_reason() {
    let mut report = shop();
    report.budget_changes = vec![
        BudgetChange {
            target: Some("shop-api".parse().expect("a name")),
            what: "max-size 150.0 → 350.0 MB".to_owned(),
            loosens: true,
            place: Some(place("budgets.toml", 12)),
        },
        BudgetChange { target: None, what: "forbid-tools adds @shells".to_owned(), loosens: false, place: None },
    ];
    report.targets[1].accepted = vec![Accepted {
        rule: Rule::Growth,
        actual: Amount::Bytes(mb(642)),
        up_to: Amount::Bytes(mb(700)),
        reason: Some("the image codec".to_owned()),
        place: Some(place("budgets.toml", 40)),
    }];
    let base = BaseImage { reference: "node:20-slim".to_owned(), place: place("Dockerfile", 1) };
    report.targets[2] = TargetReport {
        base: Some(base),
        base_size: Some(mb(300)),
        ..target("worker", Verdict::Pass, mb(410), mb(600), mb(400))
    };
    if let Some(change) = &mut report.targets[2].change {
        change.base_size_before = Some(mb(290));
    }
    let shown = rendered(&report, Some(80), false);
    let lines = shown.lines().filter(|line| ["budget", "accepted", "base "].iter().any(|word| line.contains(word)));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    ! budget changed here: shop-api max-size 150.0 → 350.0 MB (budgets.toml:12)
      budget changed here: forbid-tools adds @shells
      Known, from base node:20-slim: apt lists 82.9 MB
      Needed? imgbudget allow shop-api wasted --up-to 180MB --reason "…"
              imgbudget allow shop-api gcc g++ make cmake @compilers --reason "…"
              imgbudget allow shop-api '/app/.git' --reason "…"
              imgbudget allow shop-api root-user --reason "…"
              imgbudget allow shop-api size growth --up-to 850MB --reason "…"
      accepted here: growth 64.2 of up to 70.0 MB (budgets.toml:40): the image codec
    node:20-slim: base grew 1.0 MB, yours ±0 (worker)
    "#);
    assert!(shown.starts_with("! budget changed here: "), "{shown}");
}

#[test]
fn nothing_passes_beside_exit_code_2() {
    let mut report = Report::new(shop().targets.into_iter().skip(1).collect(), None, Vec::new());
    report.targets[0].not_judged = vec![NotJudged { rule: Rule::Growth, reason: "no baseline yet".to_owned() }];
    let shown = |strict| {
        let mut out = Vec::new();
        super::render(&report, &Options { strict, ..Options::default() }, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("text")
    };
    let ends = |shown: &str| shown.lines().last().unwrap_or_default().to_owned();
    insta::assert_snapshot!(ends(&shown(false)), @"✓ both within budget; least headroom: web 3.5 MB");
    insta::assert_snapshot!(ends(&shown(true)), @"✗ not judged, which --strict asks for: growth of web");
    assert!(shown(false).contains("✓ web") && shown(true).contains("✗ web"), "{}", shown(true));
}

/// Four services on one base that brings npm; two of them are over, too, and the exception of one covers both.
fn on_one_base() -> Report {
    let service = |number: u8, is_over: bool| {
        let name = format!("node-{number:02}");
        let from = place(&format!("services/{name}/Dockerfile"), 1);
        let tool = Finding { is_new: None, ..found(Rule::ForbiddenTool, "npm", Some(mb(98)), false) };
        let at = CauseAt::Base { line: Some(from.clone()) };
        let base = Cause {
            is_new: None,
            allow: Some(format!("imgbudget allow {name} npm npx --origin base")),
            ..cause(at, "npm, npx", None, false, &[0], "use a base image without npm and npx")
        };
        let size = Cause {
            is_new: None,
            allow: Some(format!("imgbudget allow {name} size --up-to 250MB")),
            ..cause(CauseAt::Image, "too large as a whole", None, false, &[1], "copy only what runs")
        };
        let mut target = TargetReport {
            base: Some(BaseImage { reference: "node:20-slim".to_owned(), place: from }),
            base_size: Some(mb(1_480)),
            layers: vec![layer(1, mb(1_480), "ADD / /", None), layer(number, mb(642), "COPY . . # buildkit", Some(9))],
            findings: vec![tool, Finding { is_new: None, ..over(Rule::Size, mb(122), false) }],
            causes: vec![base, size],
            ..target(&name, Verdict::Fail, mb(2_122), if is_over { mb(2_000) } else { mb(2_500) }, mb(2_122))
        };
        if number == 4 {
            target.causes[0].allow = Some(format!("imgbudget allow {name} npm npx size --up-to 250MB --origin base"));
        }
        if !is_over {
            target.findings.truncate(1);
            target.causes.truncate(1);
        }
        target.change = None;
        target
    };
    let targets = vec![service(1, false), service(2, true), service(3, false), service(4, true)];
    Report::new(targets, None, Vec::new())
}

#[test]
fn what_several_have_in_common_is_told_once() {
    insta::assert_snapshot!(rendered(&on_one_base(), Some(80), false), @r#"
    Target         Size    Budget      Headroom
    ───────────────────────────────────────────
    ✗ node-01  212.2 MB  250.0 MB       37.8 MB
    ✗ node-02  212.2 MB  200.0 MB  12.2 MB over
    ✗ node-03  212.2 MB  250.0 MB       37.8 MB
    ✗ node-04  212.2 MB  200.0 MB  12.2 MB over

    ✗ node-01, node-02, node-03, node-04
      –  FROM node:20-slim
         npm, npx → use a base image without npm and npx
      Needed? imgbudget allow node-01,node-02,node-03 npm npx --origin base \
                --reason "…"

    ✗ node-02  size 12.2 MB over
       largest
      148.0 MB  services/node-02/Dockerfile:1  FROM node:20-slim, 1 layer
       64.2 MB  Dockerfile:9  COPY . .
      → copy only what runs
      Needed? imgbudget allow node-02 size --up-to 250MB --reason "…"

    ✗ node-04  size 12.2 MB over
       largest
      148.0 MB  services/node-04/Dockerfile:1  FROM node:20-slim, 1 layer
       64.2 MB  Dockerfile:9  COPY . .
      → copy only what runs
      Needed? imgbudget allow node-04 npm npx size --up-to 250MB --origin base \
                --reason "…"
              imgbudget allow node-04 size --up-to 250MB --reason "…"

    ✗ 4 of 4 failed: node-02 212.2 MB, 12.2 MB over; node-04 212.2 MB, 12.2 MB over;
      node-01 212.2 MB, 1 forbidden tool; and 1 more
    "#);
}
