//! The report that every format is tested with: each verdict once, and names that would like to do harm.

use crate::domain::{
    Amount, AppliedAllow, BaseImage, Baseline, BaselineState, BuildFacts, Bytes, Cause, CauseAt, Change, ChangeState,
    CompressedSize, DiffId, Digest, Finding, How, ImageFrom, ImageIdentity, LayerChange, LayerRef, LayerReport,
    NotJudged, Origin, Place, Platform, ReadFacts, Report, Role, Rule, RuleOutcome, RuleStatus, Rung, Severity,
    TargetError, TargetReport, Verdict,
};

const COPY_WHAT_RUNS: &str = "build in an earlier stage and copy only what runs";
const NOTE: &str = "the engine keeps images in containerd, so `docker image ls` shows another number";

/// One target that fails, one that warns, one that passes, one without a budget, one that could not be measured.
pub(super) fn fixture() -> Report {
    let fleet = NotJudged { rule: Rule::FleetSize, reason: "this version does not judge it yet".to_owned() };
    Report::new(vec![api(), web(), site(), tool(), batch()], Some("4f2a9c1".to_owned()), vec![fleet])
}

/// The same run beside a baseline: `api` grew by a new layer and a larger one, `web` shrank, `site` is the same, `tool` is new.
pub(super) fn changed() -> Report {
    let mut report = fixture();
    report.baseline = Some(Baseline {
        source: "baseline.json".to_owned(),
        how: How::File,
        state: BaselineState::Found,
        commit: Some("9d1c0fe2b7a3465f8e0d1c2b3a495867fedcba98".to_owned()),
        behind: Some(12),
        not_in_run: vec![("docs".parse().expect("a name"), None)],
    });
    let layer = |index, created_by: &str, before: Option<u64>, after: Option<u64>| LayerChange {
        index,
        created_by: text(created_by),
        before: before.map(Bytes),
        after: after.map(Bytes),
    };
    let change = |state, size_before: Option<u64>, layers| {
        Some(Change {
            state,
            size_before: size_before.map(Bytes),
            base_size_before: None,
            compressed_size_before: None,
            layers,
        })
    };
    let api = &mut report.targets[0];
    api.findings[0].layer = Some(LayerRef { index: 2, diff_id: diff_id(3), role: Role::GrewMost });
    api.change = change(
        ChangeState::Changed,
        Some(121_900_000),
        vec![
            layer(
                Some(2),
                "RUN /bin/sh -c apt-get update && apt-get install -y g++ make # buildkit",
                Some(24_000_000),
                Some(64_200_000),
            ),
            layer(None, "COPY assets|`x` /srv # buildkit", Some(1_800_000), None),
            layer(Some(3), "COPY dist /srv\u{1b}[2J\u{202e} # buildkit", None, Some(1_700_000)),
        ],
    );
    api.findings[0].is_new = Some(true);
    api.findings[1].is_new = Some(true);
    for known in &mut api.findings[2..] {
        known.is_new = Some(false);
    }
    // The limit is put down to the layer that grew, and no longer to the base image.
    let [grown, copied, base] = [0, 1, 2].map(|cause| api.causes[cause].clone());
    let allow = text("imgbudget allow api g++ gcc size --up-to 165MB");
    let grew = Some(Bytes(40_200_000));
    let known = Some(false);
    api.causes = vec![
        Cause { grew, is_new: Some(true), findings: vec![0, 1], allow, ..grown },
        Cause { grew: Some(Bytes(1_700_000)), is_new: Some(true), ..copied },
        Cause {
            is_new: known,
            findings: vec![2, 4],
            allow: text("imgbudget allow api corepack npm npx --origin base"),
            ..base
        },
    ];
    // Of `web` a lock file knew the sizes alone, and whose they are.
    report.targets[1].base_size = Some(Bytes(52_000_000));
    report.targets[1].change = change(ChangeState::Changed, Some(97_000_000), Vec::new());
    if let Some(change) = &mut report.targets[1].change {
        change.base_size_before = Some(Bytes(50_000_000));
    }
    report.targets[2].change = change(ChangeState::Same, Some(12_345_678), Vec::new());
    report.targets[3].change = change(ChangeState::Extra, None, Vec::new());
    report
}

/// The failing target on two platforms.
pub(super) fn two_platforms() -> Report {
    let mut arm = api();
    arm.platform = Some(Platform::new("linux", "arm64", None));
    Report::new(vec![api(), arm], None, Vec::new())
}

/// A regular expression of what strangers write: any text, and much of what markup, terminals and escapes take notice of.
pub(super) const HOSTILE: &str = "(\\PC|[\0-\u{1f}\u{7f}-\u{9f}\u{200e}\u{2028}\u{202e}\u{feff}\u{fffe}\u{ffff}]|[<>&\"'/.:%]|[\\\\{}\\[\\]()]|]]>|\\]\\(){0,30}";

/// The fixture with `text` in place of everything that strangers can write.
pub(super) fn hostile(text: &str) -> Report {
    let mut report = fixture();
    let it = || text.to_owned();
    let elsewhere = || Some(Place { file: it(), line: 1, column: 1 });
    for target in &mut report.targets {
        target.platform = target.platform.as_ref().map(|_| Platform::new(text, text, Some(text)));
        target.image = target.image.take().map(|image| ImageIdentity {
            reference: Some(it()),
            from: Some(ImageFrom::Engine),
            created: Some(it()),
            ..image
        });
        target.read = Some(ReadFacts {
            how: Rung::Save,
            layers_cached: 1,
            layers_read: 2,
            bytes: Bytes(3),
            milliseconds: 4,
            fallbacks: vec![it()],
        });
        target.notes = vec![it()];
        if let Some(error) = &mut target.error {
            *error = TargetError { message: it(), hint: Some(it()), detail: vec![it()], place: elsewhere() };
        }
        if let (Some(base), Some(place)) = (&mut target.base, elsewhere()) {
            *base = BaseImage { reference: it(), place };
        }
        for layer in &mut target.layers {
            (layer.created_by, layer.dockerfile) = (Some(it()), elsewhere());
        }
        for outcome in &mut target.rules {
            outcome.budget = elsewhere();
        }
        for finding in &mut target.findings {
            (finding.subject, finding.message, finding.hint) = (it(), it(), Some(it()));
            (finding.paths, finding.budget) = (vec![it(), it()], elsewhere());
        }
        for allow in &mut target.allows {
            (allow.subjects, allow.reason, allow.until) = (vec![it()], it(), Some(it()));
        }
        for cause in &mut target.causes {
            (cause.what, cause.fix, cause.allow) = (it(), it(), Some(it()));
            cause.at = match cause.at.clone() {
                CauseAt::Layer { index, .. } => CauseAt::Layer { index, line: elsewhere() },
                CauseAt::Base { .. } => CauseAt::Base { line: elsewhere() },
                CauseAt::Budget { .. } => CauseAt::Setting { instruction: it(), line: elsewhere() },
                other => other,
            };
        }
        for not in &mut target.not_judged {
            not.reason = it();
        }
    }
    for not in &mut report.not_judged {
        not.reason = it();
    }
    report
}

/// Images that were not built here: one of a registry of which the manifest was read, one of an engine, and one that the engine could
/// only export.
pub(super) fn pushed() -> Report {
    let from = |from, name: &str| ImageIdentity {
        id: Digest::from_sha256([7; 32]),
        reference: Some(format!("registry.example.com/{name}")),
        from: Some(from),
        digest: Some(Digest::from_sha256([0xab; 32])),
        created: text("2026-11-03T10:00:00Z"),
    };
    let read = |how, layers_cached, layers_read, bytes, milliseconds| {
        Some(ReadFacts { how, layers_cached, layers_read, bytes: Bytes(bytes), milliseconds, fallbacks: Vec::new() })
    };
    let compressed =
        |status, actual, fail| vec![outcome(Rule::CompressedSize, status, bytes(actual), None, Some(bytes(fail)))];
    let bare = |layer: LayerReport, stored| LayerReport { size: None, compressed_size: Some(Bytes(stored)), ..layer };
    let gateway = TargetReport {
        verdict: Verdict::Fail,
        image: Some(from(ImageFrom::Registry, "gateway:1.4")),
        compressed_size: Some(CompressedSize::exact(Bytes(62_000_000))),
        layers: vec![
            bare(layer(1, 0, "ADD rootfs / # buildkit", Origin::Unknown, None), 28_000_000),
            bare(layer(2, 0, "COPY dist /srv # buildkit", Origin::Unknown, None), 34_000_000),
        ],
        rules: compressed(RuleStatus::Fail, 62_000_000, 60_000_000),
        findings: vec![Finding {
            actual: Some(bytes(62_000_000)),
            limit: Some(bytes(60_000_000)),
            over_by: Some(bytes(2_000_000)),
            layer: Some(LayerRef { index: 1, diff_id: diff_id(2), role: Role::Largest }),
            ..finding(
                Rule::CompressedSize,
                Severity::Fail,
                "image",
                "the compressed image is 62.0 MB, 2.0 MB over its budget of 60.0 MB",
            )
        }],
        causes: vec![Cause {
            allow: text("imgbudget allow gateway compressed-size --up-to 65MB"),
            ..cause(
                CauseAt::Layer { index: 1, line: None },
                Severity::Fail,
                "largest layer",
                &[0],
                "leave out what does not run",
            )
        }],
        read: read(Rung::Registry, 0, 0, 4_000, 90),
        ..target("gateway")
    };
    let orders = TargetReport {
        verdict: Verdict::Warn,
        image: Some(from(ImageFrom::Engine, "orders:2")),
        size: Some(Bytes(212_000_000)),
        compressed_size: Some(CompressedSize { bytes: Bytes(81_000_000), is_estimate: true }),
        layers: vec![layer(5, 212_000_000, "COPY / /", Origin::Unknown, None)],
        rules: compressed(RuleStatus::Warn, 81_000_000, 80_000_000),
        findings: vec![Finding {
            actual: Some(bytes(81_000_000)),
            limit: Some(bytes(80_000_000)),
            hint: text("The exact size is that of a pushed image, read with `from = \"registry\"`."),
            ..finding(
                Rule::CompressedSize,
                Severity::Warn,
                "image",
                "the compressed image is about 81.0 MB (an estimate, ± 3 %), too close to its budget of 80.0 MB to tell",
            )
        }],
        causes: vec![Cause {
            allow: text("imgbudget allow orders compressed-size --up-to 85MB"),
            ..cause(CauseAt::Image, Severity::Warn, "too large as a whole", &[0], COPY_WHAT_RUNS)
        }],
        read: read(Rung::Metadata, 0, 1, 2_900_000, 310),
        ..target("orders")
    };
    let mut facts = read(Rung::Export, 0, 0, 180_000_000, 3_200);
    if let Some(facts) = &mut facts {
        facts.fallbacks =
            vec!["layer metadata: the engine refuses it (403)".to_owned(), "save: a layer is missing".to_owned()];
    }
    let legacy = TargetReport {
        verdict: Verdict::Error,
        image: Some(from(ImageFrom::Engine, "legacy:9")),
        error: Some(TargetError {
            message: "size could not be judged: the image could only be exported, which does not show its layers"
                .to_owned(),
            hint: text("Pull or load the whole image again, or read it from its registry: `from = \"registry\"`."),
            detail: Vec::new(),
            place: None,
        }),
        layers: vec![LayerReport { size: None, ..layer(6, 0, "COPY / /", Origin::Unknown, None) }],
        rules: vec![outcome(Rule::ForbiddenTool, RuleStatus::Fail, Amount::Count(1), None, None)],
        findings: vec![Finding {
            actual: Some(bytes(41_200_000)),
            paths: paths(&["/usr/bin/gcc"]),
            ..finding(Rule::ForbiddenTool, Severity::Fail, "gcc", "gcc is in the image (41.2 MB)")
        }],
        causes: vec![Cause {
            allow: text("imgbudget allow legacy gcc"),
            ..cause(CauseAt::Image, Severity::Fail, "gcc", &[0], COPY_WHAT_RUNS)
        }],
        not_judged: vec![NotJudged {
            rule: Rule::Size,
            reason: "the image could only be exported, which does not show its layers".to_owned(),
        }],
        read: facts,
        ..target("legacy")
    };
    Report::new(vec![gateway, orders, legacy], None, Vec::new())
}

fn api() -> TargetReport {
    let layers = vec![
        layer(1, 74_800_000, "/bin/sh -c #(nop) ADD file:0f1 in / ", Origin::Base, None),
        layer(2, 21_300_000, "RUN /bin/sh -c npm install -g npm@10 # buildkit", Origin::Base, None),
        layer(
            3,
            64_200_000,
            "RUN /bin/sh -c apt-get update && apt-get install -y g++ make # buildkit",
            Origin::Own,
            Some(place("services/api/Dockerfile", 12)),
        ),
        layer(4, 1_700_000, "COPY dist /srv\u{1b}[2J\u{202e} # buildkit", Origin::Own, None),
    ];
    let findings = vec![
        Finding {
            actual: Some(bytes(162_000_000)),
            limit: Some(bytes(150_000_000)),
            over_by: Some(bytes(12_000_000)),
            layer: Some(LayerRef { index: 0, diff_id: diff_id(1), role: Role::Largest }),
            hint: text("Build in an earlier stage and copy only what runs, or start from a smaller base image."),
            budget: Some(place("budgets.toml", 12)),
            ..finding(Rule::Size, Severity::Fail, "image", "the image is 162.0 MB, 12.0 MB over its budget of 150.0 MB")
        },
        Finding {
            actual: Some(bytes(41_200_000)),
            paths: paths(&["/usr/bin/g++", "/usr/bin/g++-12", "/usr/bin/gcc", "/usr/bin/x86_64-linux-gnu-gcc-12"]),
            layer: Some(LayerRef { index: 2, diff_id: diff_id(3), role: Role::Cause }),
            hint: text("Install it in an earlier stage and copy only what runs."),
            budget: Some(place("budgets.toml", 14)),
            ..finding(Rule::ForbiddenTool, Severity::Fail, "gcc", "gcc and g++ are in the image (41.2 MB)")
        },
        Finding {
            actual: Some(bytes(9_800_000)),
            paths: paths(&[
                "/usr/local/bin/corepack",
                "/usr/local/bin/npm",
                "/usr/local/bin/npx",
                "/usr/local/lib/node_modules/corepack",
                "/usr/local/lib/node_modules/npm",
                "/usr/local/lib/node_modules/npm/bin/npm",
            ]),
            more_paths: 3,
            layer: Some(LayerRef { index: 1, diff_id: diff_id(2), role: Role::Cause }),
            hint: text(
                "Comes with the base image: use another base, or allow it with a reason and `origin = \"base\"`. Deleting it in a \
                 later layer frees no bytes.",
            ),
            budget: Some(place("budgets.toml", 14)),
            ..finding(Rule::ForbiddenTool, Severity::Fail, "npm", "npm, npx and corepack are in the image (9.8 MB)")
        },
        Finding {
            actual: Some(bytes(12)),
            paths: paths(&["/srv/a\n::error::b\u{1b}[31m"]),
            layer: Some(LayerRef { index: 3, diff_id: diff_id(4), role: Role::Cause }),
            budget: Some(place("budgets.toml", 15)),
            ..finding(
                Rule::ForbiddenPath,
                Severity::Warn,
                "/srv/a*",
                "/srv/a\n::error::b\u{1b}[31m is in the image (12 B)",
            )
        },
        Finding {
            layer: Some(LayerRef { index: 0, diff_id: diff_id(1), role: Role::Cause }),
            paths: paths(&["/usr/bin/wget"]),
            ..finding(Rule::ShadowedTool, Severity::Note, "wget", "wget was deleted by a later layer")
        },
    ];
    TargetReport {
        verdict: Verdict::Fail,
        size: Some(Bytes(162_000_000)),
        base_size: Some(Bytes(96_100_000)),
        base: Some(BaseImage {
            reference: "node:20-bookworm-slim".to_owned(),
            place: place("services/api/Dockerfile", 4),
        }),
        compressed_size: Some(CompressedSize::exact(Bytes(61_000_000))),
        layers,
        rules: vec![
            outcome(Rule::Size, RuleStatus::Fail, bytes(162_000_000), None, Some(bytes(150_000_000))),
            outcome(Rule::Layers, RuleStatus::Pass, Amount::Count(4), Some(Amount::Count(9)), Some(Amount::Count(12))),
            outcome(Rule::ForbiddenTool, RuleStatus::Fail, Amount::Count(2), None, None),
            outcome(Rule::ForbiddenPath, RuleStatus::Warn, Amount::Count(1), None, None),
            outcome(Rule::ShadowedTool, RuleStatus::Pass, Amount::Count(0), None, None),
        ],
        findings,
        causes: causes_of_api(),
        size_when_fixed: Some(Bytes(120_799_988)),
        build: Some(BuildFacts { milliseconds: 61_234, cached_steps: 3, steps: 7 }),
        notes: vec![NOTE.to_owned()],
        ..target("api")
    }
}

fn causes_of_api() -> Vec<Cause> {
    let line = |line| Some(place("services/api/Dockerfile", line));
    vec![
        Cause {
            frees: Some(Bytes(41_200_000)),
            allow: text("imgbudget allow api g++ gcc"),
            ..cause(
                CauseAt::Layer { index: 2, line: line(12) },
                Severity::Fail,
                "gcc, g++",
                &[1],
                "install in an earlier stage and copy only what runs",
            )
        },
        Cause {
            frees: Some(Bytes(12)),
            allow: text("imgbudget allow api '/srv/a*'"),
            ..cause(
                CauseAt::Layer { index: 3, line: None },
                Severity::Warn,
                "/srv/a\n::error::b\u{1b}[31m",
                &[3],
                "add it to .dockerignore",
            )
        },
        Cause {
            allow: text("imgbudget allow api corepack npm npx size --up-to 165MB --origin base"),
            ..cause(
                CauseAt::Base { line: line(4) },
                Severity::Fail,
                "npm, npx, corepack, wget",
                &[0, 2, 4],
                "use a base image without them",
            )
        },
    ]
}

fn web() -> TargetReport {
    TargetReport {
        verdict: Verdict::Warn,
        size: Some(Bytes(96_500_000)),
        layers: vec![layer(5, 96_500_000, "COPY / /", Origin::Unknown, None)],
        rules: vec![outcome(
            Rule::Size,
            RuleStatus::Warn,
            bytes(96_500_000),
            Some(bytes(90_000_000)),
            Some(bytes(100_000_000)),
        )],
        findings: vec![Finding {
            actual: Some(bytes(96_500_000)),
            limit: Some(bytes(90_000_000)),
            over_by: Some(bytes(6_500_000)),
            budget: Some(place("budgets.toml", 20)),
            ..finding(
                Rule::Size,
                Severity::Warn,
                "image",
                "the image is 96.5 MB, 6.5 MB over its warning limit of 90.0 MB",
            )
        }],
        causes: vec![Cause {
            allow: text("imgbudget allow web size --up-to 97MB"),
            ..cause(CauseAt::Image, Severity::Warn, "too large as a whole", &[0], COPY_WHAT_RUNS)
        }],
        allows: vec![AppliedAllow {
            rule: Rule::ForbiddenTool,
            subjects: vec!["npm".to_owned(), "npx".to_owned()],
            reason: "base image ships it".to_owned(),
            until: Some("2027-03-31".to_owned()),
            place: Some(place("budgets.toml", 40)),
        }],
        not_judged: vec![NotJudged { rule: Rule::Growth, reason: "no baseline yet".to_owned() }],
        notes: vec![NOTE.to_owned()],
        ..target("web")
    }
}

fn site() -> TargetReport {
    TargetReport {
        size: Some(Bytes(12_345_678)),
        layers: vec![layer(6, 12_345_678, "", Origin::Unknown, None)],
        rules: vec![outcome(Rule::Size, RuleStatus::Pass, bytes(12_345_678), None, Some(bytes(20_000_000)))],
        not_judged: vec![NotJudged { rule: Rule::Growth, reason: "no baseline yet".to_owned() }],
        ..target("site")
    }
}

fn tool() -> TargetReport {
    TargetReport {
        verdict: Verdict::Warn,
        size: Some(Bytes::ZERO),
        findings: vec![Finding {
            hint: text("Set max-size = \"1 kB\" (measured + 25 %)."),
            ..finding(Rule::NoBudget, Severity::Warn, "image", "it has no budget")
        }],
        causes: vec![cause(
            CauseAt::Budget { line: None },
            Severity::Warn,
            "no budget",
            &[0],
            "set max-size = \"1 kB\"",
        )],
        rules: vec![outcome(Rule::NoBudget, RuleStatus::Warn, Amount::Count(1), None, None)],
        ..target("tool")
    }
}

fn batch() -> TargetReport {
    TargetReport {
        platform: None,
        verdict: Verdict::Error,
        image: None,
        error: Some(TargetError {
            message: "the build failed: RUN make all: exit code 2".to_owned(),
            hint: text("The last lines of its log are above."),
            detail: vec![
                "cc -o batch batch.c".to_owned(),
                "batch.c:1: \u{1b}]0;x\u{7} error".to_owned(),
                String::new(),
            ],
            place: Some(place("batch/Dockerfile", 7)),
        }),
        ..target("batch")
    }
}

fn target(name: &str) -> TargetReport {
    TargetReport {
        image: Some(ImageIdentity {
            id: Digest::from_sha256([7; 32]),
            reference: None,
            from: Some(ImageFrom::Built),
            digest: None,
            created: None,
        }),
        ..TargetReport::new(name.parse().expect("a name"), Some(Platform::new("linux", "amd64", None)), Verdict::Pass)
    }
}

/// A cause of these findings that frees nothing and that nothing excuses.
fn cause(at: CauseAt, severity: Severity, what: &str, findings: &[usize], fix: &str) -> Cause {
    Cause {
        at,
        severity,
        what: what.to_owned(),
        frees: None,
        grew: None,
        is_new: None,
        findings: findings.to_vec(),
        touched_again: None,
        fix: fix.to_owned(),
        allow: None,
    }
}

fn finding(rule: Rule, severity: Severity, subject: &str, message: &str) -> Finding {
    Finding::new(rule, severity, subject, message)
}

fn outcome(rule: Rule, status: RuleStatus, actual: Amount, warn: Option<Amount>, fail: Option<Amount>) -> RuleOutcome {
    RuleOutcome { rule, status, actual, warn, fail, budget: Some(place("budgets.toml", 12)) }
}

fn layer(seed: u8, size: u64, created_by: &str, origin: Origin, dockerfile: Option<Place>) -> LayerReport {
    let created_by = (!created_by.is_empty()).then(|| created_by.to_owned());
    LayerReport {
        diff_id: diff_id(seed),
        size: Some(Bytes(size)),
        compressed_size: None,
        created_by,
        origin,
        dockerfile,
    }
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

#[expect(clippy::unnecessary_wraps, reason = "findings hold their hints as options")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn paths(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}
