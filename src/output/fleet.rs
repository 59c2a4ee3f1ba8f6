//! Twenty services in one repository, on the days that a team has with them. Beside `fixture`, which has each verdict once.

use crate::domain::{
    Accepted, Amount, BaseImage, Baseline, BaselineState, BudgetChange, Bytes, Cause, CauseAt, Change, ChangeState,
    DiffId, Digest, Eased, EasedBy, Finding, How, Inputs, LayerChange, LayerRef, LayerReport, Origin, Place, Platform,
    Report, Role, Rule, RuleOutcome, RuleStatus, Severity, TargetReport, Verdict,
};

const BASE: &str = "node:20-slim";
const MEGABYTE: u64 = 1_000_000;

/// One got worse and fourteen have old problems, of which only what is new was asked for.
pub(super) fn got_worse() -> Report {
    let mut targets: Vec<TargetReport> = (1..=19).map(service).collect();
    // Four pass, one of them with nothing at all to say.
    for (number, target) in (1..=19).zip(&mut targets) {
        match number {
            1..=5 => {}
            6..=15 => known(target, npm(target)),
            _ => known(target, no_user(target)),
        }
    }
    targets.push(orders());
    beside(targets)
}

/// `orders` grew by packages for tests.
pub(super) fn orders() -> TargetReport {
    let mut orders = service(20);
    orders.name = "orders".parse().expect("a name");
    orders.inputs = Some(Inputs::Changed(vec!["services/orders/package.json".to_owned()]));
    resize(&mut orders, 2, 64_200_000);
    let finding = Finding {
        actual: Some(bytes(64_200_000)),
        limit: Some(bytes(5_000_000)),
        over_by: Some(bytes(59_200_000)),
        layer: Some(LayerRef { index: 2, diff_id: diff_id(3), role: Role::GrewMost }),
        budget: Some(place("budgets.toml", 7)),
        is_new: Some(true),
        ..Finding::new(Rule::Growth, Severity::Fail, "image", "the image grew by 64.2 MB since the baseline")
    };
    orders.rules.push(outcome(Rule::Growth, RuleStatus::Fail, 64_200_000, 5_000_000));
    orders.causes = vec![Cause {
        at: CauseAt::Layer { index: 2, line: orders.layers[2].dockerfile.clone() },
        severity: Severity::Fail,
        what: "typescript and jest".to_owned(),
        frees: Some(Bytes(35_000_000)),
        grew: Some(Bytes(64_200_000)),
        is_new: Some(true),
        findings: vec![0],
        touched_again: None,
        fix: "npm ci --omit=dev".to_owned(),
        allow: Some("imgbudget allow orders growth --up-to 65MB".to_owned()),
    }];
    orders.findings = vec![finding];
    orders.verdict = Verdict::Fail;
    orders
}

/// The base image of six services moved, and nothing else did. `here`: because their FROM lines did.
pub(super) fn base_moved(here: bool) -> Report {
    let mut targets: Vec<TargetReport> = (1..=9).map(service).collect();
    for target in targets.iter_mut().take(6) {
        resize(target, 0, 28_400_000);
        target.base_size = target.base_size.map(|size| Bytes(size.0 + 28_400_000));
        let fragments = vec![format!("services/{}/Dockerfile", target.name)];
        target.inputs = Some(if here { Inputs::Changed(fragments) } else { Inputs::Unchanged });
    }
    beside(targets)
}

/// The base moved by more than an image may grow, which only warns in a pull request.
pub(super) fn base_grew() -> Report {
    let mut report = base_moved(false);
    for target in report.targets.iter_mut().take(6) {
        target.verdict = Verdict::Warn;
        target.findings = vec![Finding {
            actual: Some(bytes(28_400_000)),
            limit: Some(bytes(5_000_000)),
            over_by: Some(bytes(23_400_000)),
            is_new: Some(true),
            eased: Some(Eased { from: Severity::Fail, why: EasedBy::Base }),
            ..Finding::new(Rule::Growth, Severity::Warn, "image", "the image grew by 28.4 MB since the baseline")
        }];
    }
    Report { baseline: report.baseline, ..Report::new(report.targets, None, Vec::new()) }
}

/// The base moved so far that one of six is over its limit, which only warns in a pull request.
pub(super) fn base_crossed() -> Report {
    let mut report = base_moved(false);
    let target = &mut report.targets[5];
    let size = target.size.unwrap_or_default();
    let over = size.0 - 170 * MEGABYTE;
    target.rules = vec![outcome(Rule::Size, RuleStatus::Warn, size.0, 170 * MEGABYTE)];
    target.findings = vec![Finding {
        actual: Some(Amount::Bytes(size)),
        limit: Some(bytes(170 * MEGABYTE)),
        over_by: Some(bytes(over)),
        is_new: Some(true),
        eased: Some(Eased { from: Severity::Fail, why: EasedBy::Drift }),
        ..Finding::new(Rule::Size, Severity::Warn, "image", "the image is over its budget")
    }];
    target.causes = vec![Cause {
        grew: Some(Bytes(28_400_000)),
        is_new: Some(true),
        frees: None,
        fix: "choose another base image".to_owned(),
        allow: Some(format!("imgbudget allow {} size --up-to 180MB", target.name)),
        ..cause(base_at(target), Severity::Warn, "28.4 MB more than before", "")
    }];
    target.verdict = Verdict::Warn;
    Report { baseline: report.baseline, ..Report::new(report.targets, None, Vec::new()) }
}

/// The first day: no baseline, and what the base brings fails ten services.
pub(super) fn first_day() -> Report {
    let mut report = got_worse();
    report.baseline = None;
    for target in &mut report.targets {
        (target.change, target.inputs) = (None, None);
        target.rules.retain(|outcome| outcome.rule == Rule::Size);
        if target.name.as_str() == "orders" {
            (target.findings, target.causes) = (Vec::new(), Vec::new());
        }
        for finding in &mut target.findings {
            (finding.is_new, finding.eased, finding.severity) = (None, None, Severity::Fail);
        }
        for cause in &mut target.causes {
            (cause.is_new, cause.severity) = (None, Severity::Fail);
        }
        target.verdict = if target.findings.is_empty() { Verdict::Pass } else { Verdict::Fail };
    }
    Report::new(report.targets, None, Vec::new())
}

/// What fails on the first day is excused, each in a way of its own: its growth is accepted, or it is not enforced yet.
pub(super) fn accepted() -> Report {
    let mut report = got_worse();
    let orders = report.targets.last_mut().expect("twenty");
    orders.verdict = Verdict::Pass;
    (orders.findings, orders.causes) = (Vec::new(), Vec::new());
    orders.accepted = vec![Accepted {
        rule: Rule::Growth,
        actual: bytes(64_200_000),
        up_to: bytes(65_000_000),
        reason: Some("the search index ships with it".to_owned()),
        place: Some(place("budgets.toml", 31)),
    }];
    Report { baseline: report.baseline, ..Report::new(report.targets, None, Vec::new()) }
}

/// `orders` is allowed more than before, and passes so.
pub(super) fn raised() -> Report {
    let mut report = Report { baseline: got_worse().baseline, ..accepted() };
    let orders = report.targets.last_mut().expect("twenty");
    orders.accepted.clear();
    report.budget_changes = vec![BudgetChange {
        target: Some("orders".parse().expect("a name")),
        what: "max-growth 5.0 → 100.0 MB".to_owned(),
        loosens: true,
        place: Some(place("budgets.toml", 7)),
    }];
    report
}

/// Somebody else's packages: two services are larger, and nothing of them changed.
pub(super) fn drifted() -> Report {
    let mut targets: Vec<TargetReport> = (1..=4).map(service).collect();
    for (target, by) in targets.iter_mut().zip([2_100_000, 1_000_000]) {
        resize(target, 1, by);
    }
    beside(targets)
}

/// A rule that does not fail yet.
pub(super) fn not_yet() -> Report {
    let mut report = got_worse();
    for finding in &mut report.targets[19].findings {
        let why = EasedBy::NotYet { from: "2027-01-31".to_owned(), days: 71 };
        (finding.severity, finding.eased) = (Severity::Warn, Some(Eased { from: Severity::Fail, why }));
    }
    report.targets[19].verdict = Verdict::Warn;
    report.targets[19].causes[0].severity = Severity::Warn;
    Report { baseline: report.baseline, ..Report::new(report.targets, None, Vec::new()) }
}

/// `node-07`: three layers, 148 MB, with room below 250 MB.
fn service(number: u8) -> TargetReport {
    let name = format!("node-{number:02}");
    let dockerfile = format!("services/{}/Dockerfile", if number == 20 { "orders" } else { &name });
    let layer = |seed: u8, size: u64, created_by: &str, origin, line: Option<u32>| LayerReport {
        diff_id: diff_id(seed),
        size: Some(Bytes(size)),
        compressed_size: None,
        created_by: Some(created_by.to_owned()),
        origin,
        dockerfile: line.map(|line| place(&dockerfile, line)),
    };
    TargetReport {
        size: Some(Bytes(148 * MEGABYTE)),
        base_size: Some(Bytes(96 * MEGABYTE)),
        base: Some(BaseImage { reference: BASE.to_owned(), place: place(&dockerfile, 9) }),
        change: Some(Change {
            state: ChangeState::Same,
            size_before: Some(Bytes(148 * MEGABYTE)),
            base_size_before: Some(Bytes(96 * MEGABYTE)),
            compressed_size_before: None,
            layers: Vec::new(),
        }),
        layers: vec![
            layer(1, 96 * MEGABYTE, "ADD rootfs.tar.xz /", Origin::Base, None),
            layer(2, 2 * MEGABYTE, "COPY . . # buildkit", Origin::Own, Some(16)),
            layer(3, 50 * MEGABYTE, "RUN /bin/sh -c npm ci # buildkit", Origin::Own, Some(18)),
        ],
        rules: vec![outcome(Rule::Size, RuleStatus::Pass, 148 * MEGABYTE, 250 * MEGABYTE)],
        inputs: Some(Inputs::Unchanged),
        ..TargetReport::new(name.parse().expect("a name"), Some(Platform::new("linux", "amd64", None)), Verdict::Pass)
    }
}

/// A layer is this much larger than in the baseline.
fn resize(target: &mut TargetReport, index: usize, by: u64) {
    let layer = &mut target.layers[index];
    let before = layer.size.unwrap_or_default();
    layer.size = Some(Bytes(before.0 + by));
    let (created_by, after) = (layer.created_by.clone(), layer.size);
    target.size = target.size.map(|size| Bytes(size.0 + by));
    for outcome in target.rules.iter_mut().filter(|outcome| outcome.rule == Rule::Size) {
        outcome.actual = Amount::Bytes(target.size.unwrap_or_default());
    }
    if let Some(change) = &mut target.change {
        change.state = ChangeState::Changed;
        change.layers.push(LayerChange { index: Some(index), created_by, before: Some(before), after });
    }
}

/// The baseline has it, so it does not fail.
fn known(target: &mut TargetReport, (finding, cause): (Finding, Cause)) {
    target.findings = vec![Finding {
        severity: Severity::Note,
        is_new: Some(false),
        eased: Some(Eased { from: Severity::Fail, why: EasedBy::Known }),
        ..finding
    }];
    target.causes = vec![Cause { severity: Severity::Note, is_new: Some(false), ..cause }];
}

fn npm(target: &TargetReport) -> (Finding, Cause) {
    let finding = Finding {
        actual: Some(bytes(9_800_000)),
        paths: vec!["/usr/local/bin/npm".to_owned(), "/usr/local/bin/npx".to_owned()],
        layer: Some(LayerRef { index: 0, diff_id: diff_id(1), role: Role::Cause }),
        ..Finding::new(Rule::ForbiddenTool, Severity::Fail, "npm", "npm and npx are in the image (9.8 MB)")
    };
    let cause = Cause {
        allow: Some(format!("imgbudget allow {} npm --origin base", target.name)),
        ..cause(base_at(target), Severity::Fail, "npm, npx", "use a base image without them")
    };
    (finding, cause)
}

fn no_user(target: &TargetReport) -> (Finding, Cause) {
    let line = Some(place(&format!("services/{}/Dockerfile", target.name), 9));
    let finding = Finding {
        dockerfile: line.clone(),
        ..Finding::new(Rule::RootUser, Severity::Fail, "user", "the image runs as root")
    };
    let at = CauseAt::Setting { instruction: "USER".to_owned(), line };
    let cause = Cause {
        allow: Some(format!("imgbudget allow {} root-user", target.name)),
        ..cause(at, Severity::Fail, "no USER", "end the stage with USER 65532:65532")
    };
    (finding, cause)
}

fn cause(at: CauseAt, severity: Severity, what: &str, fix: &str) -> Cause {
    Cause {
        at,
        severity,
        what: what.to_owned(),
        frees: None,
        grew: None,
        is_new: None,
        findings: vec![0],
        touched_again: None,
        fix: fix.to_owned(),
        allow: None,
    }
}

fn base_at(target: &TargetReport) -> CauseAt {
    CauseAt::Base { line: target.base.as_ref().map(|base| base.place.clone()) }
}

fn beside(targets: Vec<TargetReport>) -> Report {
    let baseline = Baseline {
        source: "main.json".to_owned(),
        how: How::MergeParent,
        state: BaselineState::Found,
        commit: Some("a1b2c3d0123456789012345678901234567890aa".to_owned()),
        behind: None,
        not_in_run: Vec::new(),
    };
    Report { baseline: Some(baseline), ..Report::new(targets, None, Vec::new()) }
}

fn outcome(rule: Rule, status: RuleStatus, actual: u64, fail: u64) -> RuleOutcome {
    let budget = Some(place("budgets.toml", 6));
    RuleOutcome { rule, status, actual: bytes(actual), warn: None, fail: Some(bytes(fail)), budget }
}

fn diff_id(seed: u8) -> DiffId {
    DiffId(Digest::from_sha256([seed; 32]))
}

fn place(file: &str, line: u32) -> Place {
    Place { file: file.to_owned(), line, column: 1 }
}

fn bytes(bytes: u64) -> Amount {
    Amount::Bytes(Bytes(bytes))
}
