//! What is written is read back equal, and what is not ours is refused.

mod contents;
mod judged;
mod unread;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SCHEMA, from_json, other_definition, schema, to_json};
use crate::domain::{
    Amount, AppliedAllow, BaseImage, Baseline, BaselineState, BuildFacts, Bytes, Change, ChangeState, CompressedSize,
    DiffId, Digest, Finding, How, ImageFrom, ImageIdentity, LayerChange, LayerRef, LayerReport, LeftOut, NotJudged,
    Origin, Place, Platform, ReadFacts, Report, Role, Rule, RuleOutcome, RuleStatus, Rung, Severity, TargetError,
    TargetReport, Verdict,
};

fn place() -> impl Strategy<Value = Place> {
    (".{0,20}", 1u32.., 1u32..).prop_map(|(file, line, column)| Place { file, line, column })
}

fn amounts() -> impl Strategy<Value = [Option<Amount>; 2]> {
    (any::<bool>(), any::<[Option<u64>; 2]>()).prop_map(|(bytes, numbers)| {
        numbers.map(|number| number.map(|n| if bytes { Amount::Bytes(Bytes(n)) } else { Amount::Count(n) }))
    })
}

/// A limit that was kept, of an amount that the report has nowhere else.
fn kept() -> impl Strategy<Value = RuleOutcome> {
    let status = prop::sample::select(vec![RuleStatus::Pass, RuleStatus::Allowed]);
    let rule = prop::sample::select(vec![Rule::Wasted, Rule::OsPackages]);
    (rule, status, any::<(u64, bool, bool)>(), prop::option::of(place())).prop_map(
        |(rule, status, (limit, bytes, soft), budget)| {
            let amount = |n| if bytes { Amount::Bytes(Bytes(n)) } else { Amount::Count(n) };
            let warn = soft.then(|| amount(limit));
            RuleOutcome { rule, status, actual: amount(limit / 2), warn, fail: Some(amount(limit)), budget }
        },
    )
}

/// The rule of findings that are counted, one for each rule, as they would have made it.
fn tallies(findings: &[Finding]) -> Vec<RuleOutcome> {
    let mut rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
    rules.push(Rule::NoBudget);
    rules.sort_unstable();
    rules.dedup();
    let tally = |rule| {
        let own = || findings.iter().filter(move |finding| finding.rule == rule && finding.severity > Severity::Note);
        let status = match own().map(|finding| finding.severity).max() {
            Some(Severity::Fail) => RuleStatus::Fail,
            Some(Severity::Warn) => RuleStatus::Warn,
            _ => RuleStatus::Pass,
        };
        let actual = Amount::Count(own().count() as u64);
        RuleOutcome { rule, status, actual, warn: None, fail: None, budget: None }
    };
    rules.into_iter().map(tally).collect()
}

fn finding() -> impl Strategy<Value = Finding> {
    let severity = prop::sample::select(vec![Severity::Note, Severity::Warn, Severity::Fail]);
    let rule = prop::sample::select(vec![Rule::ForbiddenTool, Rule::ShadowedTool, Rule::ForbiddenPath, Rule::RootUser]);
    let texts = (any::<String>(), any::<String>(), any::<Option<String>>(), any::<Vec<String>>());
    let roles = [Role::Cause, Role::Largest, Role::GrewMost, Role::HidesMost];
    let flags = (prop::option::of(prop::sample::select(roles.to_vec())), any::<Option<bool>>());
    (rule, severity, texts, amounts(), prop::option::of(place()), any::<u64>(), flags).prop_map(
        |(rule, severity, (subject, message, hint, paths), [actual, over_by], budget, more_paths, (role, is_new))| {
            // What is over is over by something.
            let over = actual.zip(over_by).filter(|(actual, over)| actual.value() >= over.value());
            let limit = over.map(|(actual, over)| match actual {
                Amount::Bytes(bytes) => Amount::Bytes(Bytes(bytes.0 - over.value())),
                Amount::Count(count) => Amount::Count(count - over.value()),
            });
            let over_by = over_by.filter(|_| limit.is_some());
            let layer = role.map(|role| LayerRef { index: 0, diff_id: DiffId(Digest::from_sha256([1; 32])), role });
            Finding {
                rule,
                severity,
                subject,
                message,
                actual,
                limit,
                over_by,
                names: paths.clone(),
                paths,
                more_paths,
                packages: Vec::new(),
                layer,
                dockerfile: budget.clone().filter(|_| is_new.is_none()),
                hint,
                budget,
                is_new,
                eased: None,
            }
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let layer = (any::<Option<String>>(), any::<Option<u64>>(), any::<Option<u64>>()).prop_map(
        |(created_by, before, after)| {
            let before = if after.is_none() { Some(before.unwrap_or(7)) } else { before };
            LayerChange { index: after.map(|_| 0), created_by, before: before.map(Bytes), after: after.map(Bytes) }
        },
    );
    let layers = prop::collection::vec(layer, 0..3);
    let more = any::<(Option<u64>, Option<u64>)>();
    (any::<Option<(bool, u64)>>(), more, layers).prop_map(|(before, (base, compressed), layers)| Change {
        state: match before {
            None => ChangeState::Extra,
            Some((true, _)) => ChangeState::Same,
            Some((false, _)) => ChangeState::Changed,
        },
        size_before: before.map(|(_, size)| Bytes(size)),
        base_size_before: base.map(Bytes),
        compressed_size_before: compressed.map(Bytes),
        layers,
    })
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        prop::sample::select(vec![
            How::File,
            How::Ref,
            How::MergeParent,
            How::MergeGroupBase,
            How::MergeBase,
            How::Parent,
            How::Image,
        ]),
        any::<Option<u64>>().prop_map(|by| How::Older { by }),
    ]
}

/// What was left out: names that no target of these reports has.
fn left_out() -> impl Strategy<Value = Option<LeftOut>> {
    let name = "left-[a-z]{1,9}".prop_map(|name| name.parse().expect("a name"));
    let left_out = (any::<String>(), prop::collection::vec(name, 0..3));
    prop::option::of(left_out.prop_map(|(since, targets)| LeftOut { since, targets }))
}

fn baseline() -> impl Strategy<Value = Baseline> {
    let state = prop_oneof![
        Just(BaselineState::Found),
        any::<String>().prop_map(BaselineState::Missing),
        any::<String>().prop_map(BaselineState::OtherDefinition),
    ];
    let target = ("[a-z]{1,9}", any::<bool>()).prop_map(|(name, arm)| {
        (name.parse().expect("a name"), arm.then(|| Platform::new("linux", "arm", Some("v7"))))
    });
    let missed = prop::collection::vec(target, 0..3);
    (any::<String>(), how(), state, any::<Option<String>>(), any::<Option<u64>>(), missed).prop_map(
        |(source, how, state, commit, behind, not_in_run)| Baseline { source, how, state, commit, behind, not_in_run },
    )
}

fn image_from() -> impl Strategy<Value = ImageFrom> {
    prop::sample::select(vec![
        ImageFrom::Built,
        ImageFrom::Engine,
        ImageFrom::Registry,
        ImageFrom::Archive,
        ImageFrom::Layout,
    ])
}

fn read_facts() -> impl Strategy<Value = ReadFacts> {
    let how = vec![Rung::Cache, Rung::Metadata, Rung::Save, Rung::Export, Rung::Registry, Rung::File];
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    (prop::sample::select(how), numbers, any::<Vec<String>>()).prop_map(
        |(how, (layers_cached, layers_read, bytes, milliseconds), fallbacks)| ReadFacts {
            how,
            layers_cached,
            layers_read,
            bytes: Bytes(bytes),
            milliseconds,
            fallbacks,
        },
    )
}

prop_compose! {
    fn measured()(
        name in "[A-Za-z0-9._-]{1,64}",
        size in any::<u64>(),
        base in any::<Option<u64>>(),
        stands_on in prop::option::of((any::<String>(), place())),
        (from, digest, created) in (prop::option::of(image_from()), any::<Option<[u8; 32]>>(), any::<Option<String>>()),
        read in prop::option::of(read_facts()),
        compressed in any::<Option<(u64, bool)>>(),
        created_by in any::<Option<String>>(),
        reference in any::<Option<String>>(),
        dockerfile in prop::option::of(place()),
        kept in prop::option::of(kept()),
        findings in prop::collection::vec(finding(), 0..3),
        build in any::<Option<(u64, u64, u64)>>(),
        notes in any::<Vec<String>>(),
        change in prop::option::of(change()),
        subjects in any::<Vec<String>>(),
        dated in any::<bool>(),
    ) -> TargetReport {
        TargetReport {
            name: name.parse().expect("a name"),
            platform: Some(Platform::new("linux", "arm", Some("v7"))),
            verdict: findings.iter().map(|finding| finding.severity.into()).max().unwrap_or(Verdict::Pass),
            image: Some(ImageIdentity {
                id: Digest::from_sha256([2; 32]),
                reference,
                from,
                digest: digest.map(Digest::from_sha256),
                created,
            }),
            size: Some(Bytes(size)),
            base_size: base.map(Bytes),
            base: stands_on.map(|(reference, place)| BaseImage { reference, place }),
            compressed_size: compressed
                .map(|(bytes, is_estimate)| CompressedSize { bytes: Bytes(bytes), is_estimate }),
            change,
            difference: None,
            error: None,
            layers: vec![LayerReport {
                diff_id: DiffId(Digest::from_sha256([1; 32])),
                size: Some(Bytes(size)),
                compressed_size: compressed.map(|(bytes, _)| Bytes(bytes)),
                created_by,
                origin: Origin::Own,
                dockerfile: dockerfile.clone(),
            }],
            rules: tallies(&findings).into_iter().chain(kept).collect(),
            findings,
            allows: vec![AppliedAllow {
                rule: Rule::Size,
                subjects,
                reason: "why not".to_owned(),
                until: dated.then(|| "2027-03-31".to_owned()),
                place: dockerfile,
            }],
            not_judged: vec![NotJudged { rule: Rule::Growth, reason: "no baseline yet".to_owned() }],
            read,
            build: build.map(|(milliseconds, cached_steps, steps)| BuildFacts { milliseconds, cached_steps, steps }),
            contents: None,
            notes,
            causes: Vec::new(),
            size_when_fixed: None,
            accepted: Vec::new(),
            budget: None,
            inputs: None,
        }
    }
}

/// A report with one target that could not be measured.
fn small() -> Report {
    let error = TargetError {
        message: "no daemon".to_owned(),
        hint: Some("Start one.".to_owned()),
        detail: vec!["line".to_owned()],
        place: None,
    };
    let target =
        TargetReport { error: Some(error), ..TargetReport::new("api".parse().expect("a name"), None, Verdict::Error) };
    Report::new(vec![target], Some("abc".to_owned()), Vec::new())
}

/// Why the small report is refused once `change` has been at it.
fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(&to_json(&small())).expect("JSON");
    change(&mut value);
    from_json(value.to_string().as_bytes()).expect_err("refused").chain()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(
        targets in prop::collection::vec(measured(), 0..3),
        commit in any::<Option<String>>(),
        baseline in prop::option::of(baseline()),
        left_out in left_out(),
    ) {
        let report = Report { baseline, left_out, ..Report::new(targets, commit, Vec::new()) };
        let read = from_json(to_json(&report).as_bytes()).map_err(|error| TestCaseError::fail(error.chain()))?;
        prop_assert_eq!(read, report);
    }

    #[test]
    fn any_bytes_are_answered(bytes in any::<Vec<u8>>()) {
        prop_assert!(from_json(&bytes).is_err());
    }
}

#[test]
fn the_small_one_is_read_and_ends_its_last_line() {
    assert_eq!(from_json(to_json(&small()).as_bytes()).expect("ours"), small());
    assert!(to_json(&small()).ends_with("}\n"));
}

#[test]
fn other_versions_are_told_from_faults() {
    let later = refusal(|value| *value = json!({"schema": "imgbudget.report/2", "whatever": []}));
    assert_eq!(later, format!("the report is of format `imgbudget.report/2`, and this version reads `{SCHEMA}`"));
    assert!(refusal(|value| *value = json!({"version": 1})).starts_with("this is not a report of imgbudget"));
    assert!(refusal(|value| value["definition"] = json!("content/2")).contains("`content/2`"));
}

#[test]
fn sizes_of_another_definition_are_known_without_being_read() {
    let of = |value: Value| other_definition(value.to_string().as_bytes());
    assert_eq!(of(json!({"schema": SCHEMA, "definition": "content/2", "more": 1})).as_deref(), Some("content/2"));
    assert_eq!(of(json!({"schema": SCHEMA, "definition": "content/1"})), None);
    assert_eq!(of(json!({"schema": "imgbudget.report/2", "definition": "content/2"})), None);
    assert_eq!(other_definition(b"{"), None);
}

#[test]
fn fields_that_a_newer_version_added_are_passed_over() {
    let mut value: Value = serde_json::from_str(&to_json(&small())).expect("JSON");
    value["imgbudget"] = json!("99.0.0");
    value["color"] = json!({"deep": [1]});
    value["targets"][0]["color"] = json!(1);
    value["targets"][0]["error"]["color"] = json!(null);
    assert_eq!(from_json(value.to_string().as_bytes()).expect("ours"), small());
}

#[test]
fn fields_that_are_missing_are_missed() {
    for field in ["/imgbudget", "/definition", "/verdict", "/targets", "/targets/0/name", "/targets/0/findings"] {
        let said = refusal(|value| {
            let (parent, name) = field.rsplit_once('/').expect("has one");
            value.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(name);
        });
        let name = field.rsplit('/').next().expect("has one");
        assert!(said.contains(&format!("missing field `{name}`")), "{field}: {said}");
    }
}

#[test]
fn who_wrote_a_report_that_cannot_be_read_is_told() {
    let mut value: Value = serde_json::from_str(&to_json(&small())).expect("JSON");
    (value["imgbudget"], value["targets"]) = (json!("99.0.0"), json!("moved"));
    let error = from_json(value.to_string().as_bytes()).expect_err("refused");
    let said = format!("imgbudget 99.0.0 wrote it, and this is {}: ", env!("CARGO_PKG_VERSION"));
    assert!(error.hint().is_some_and(|hint| hint.starts_with(&said)), "{:?}", error.hint());
    let newer = from_json(br#"{"schema": "imgbudget.report/2"}"#).expect_err("refused");
    assert_eq!(newer.hint(), Some("A newer imgbudget wrote it: update the one that reads it."));
}

#[test]
fn what_is_not_ours_is_refused() {
    for (pointer, wrong) in [
        ("/targets/0/size", json!(1.0)),
        ("/targets/0/size", json!(-1)),
        ("/targets/0/size", json!("1")),
        ("/targets/0/name", json!("a b")),
        ("/targets/0/name", json!("a\n/merge")),
        ("/targets/0/verdict", json!("pass")),
        ("/verdict", json!("pass")),
        ("/verdict", json!("great")),
        ("/targets/0/error", json!(null)),
        ("/targets/0/notes", json!(vec!["x"; 10_001])),
        ("/targets/0/notes", json!(["x".repeat(64 * 1024 + 1)])),
        ("/targets/0/not_judged", json!([{"rule": "beauty", "reason": ""}])),
        ("/targets/0/image", json!({"id": "sha256:12", "reference": null})),
        ("/targets/0/build", json!({"seconds": 1, "milliseconds": 1000, "cached_steps": 0, "steps": 0})),
        ("/targets/0/build", json!({"seconds": u64::MAX, "milliseconds": 0, "cached_steps": 0, "steps": 0})),
        ("/targets/0/error/place", json!({"file": "a", "line": 0, "column": 1})),
        ("/targets/0/base", json!({"reference": "a", "place": null})),
        ("/targets/0/base", json!({"reference": "a", "place": {"file": "a", "line": 0, "column": 1}})),
        (
            "/baseline",
            json!({"source": "x", "state": "lost", "reason": null, "commit": null, "behind": null, "not_in_run": []}),
        ),
        (
            "/baseline",
            json!({"source": "x", "state": "found", "reason": "y", "commit": null, "behind": null, "not_in_run": []}),
        ),
        (
            "/baseline",
            json!({"source": "x", "state": "missing", "reason": null, "commit": null, "behind": null, "not_in_run": []}),
        ),
        (
            "/baseline",
            json!({"source": "x", "state": "found", "reason": null, "commit": null, "behind": -1, "not_in_run": []}),
        ),
        (
            "/targets/0/change",
            json!({"state": "extra", "size_before": 1, "compressed_size_before": null, "layers": []}),
        ),
        (
            "/targets/0/change",
            json!({"state": "same", "size_before": null, "compressed_size_before": null, "layers": []}),
        ),
        (
            "/targets/0/change",
            json!({"state": "same", "size_before": 1, "compressed_size_before": null, "layers": [
                {"index": 0, "created_by": null, "before": null, "after": 1}
            ]}),
        ),
        (
            "/targets/0/change",
            json!({"state": "same", "size_before": 1, "compressed_size_before": null, "layers": [
                {"index": null, "created_by": null, "before": null, "after": null}
            ]}),
        ),
    ] {
        let said = refusal(|value| *value.pointer_mut(pointer).expect("there") = wrong.clone());
        assert!(!said.is_empty(), "{pointer}");
    }
    assert!(from_json(&vec![b' '; 16 * 1024 * 1024 + 1]).is_err());
    assert!(from_json("[".repeat(1_000_000).as_bytes()).is_err());
}

#[test]
fn a_verdict_is_not_taken_on_trust() {
    let finding = json!({
        "rule": "size", "severity": "fail", "subject": "image", "message": "too large", "unit": null, "actual": null,
        "limit": null, "over_by": null, "paths": [], "more_paths": 0, "layer": null, "hint": null, "budget": null,
        "is_new": null,
    });
    let platform = json!({"os": "linux", "architecture": "amd64", "variant": null});
    let of = |verdict: &str, size: Value, platform: &Value, findings: Value| {
        refusal(|value| {
            value["verdict"] = json!(verdict);
            let target = &mut value["targets"][0];
            (target["verdict"], target["error"], target["size"]) = (json!(verdict), Value::Null, size);
            (target["platform"], target["findings"]) = (platform.clone(), findings);
        })
    };
    let hidden = of("pass", json!(1), &platform, json!([finding]));
    assert_eq!(hidden, "the report contradicts itself: a target's verdict is not the worst of its findings");
    assert_eq!(of("fail", json!(1), &platform, json!([])), hidden);
    let nowhere = of("pass", json!(1), &Value::Null, json!([]));
    assert!(nowhere.ends_with("a target without an error was measured, and has a platform"), "{nowhere}");
    let unmeasured = of("pass", Value::Null, &platform, json!([]));
    assert!(unmeasured.ends_with("a target without a budget has the rule no-budget"), "{unmeasured}");
}

#[test]
fn the_schema_takes_what_is_written_and_added_fields() {
    let schema = schema();
    let mut value: Value = serde_json::from_str(&to_json(&small())).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &value));
    value["targets"][0]["size"] = json!(-1);
    assert!(!jsonschema::is_valid(&schema, &value));
    value["targets"][0]["size"] = json!(1);
    value["targets"][0]["color"] = json!(1);
    assert!(jsonschema::is_valid(&schema, &value));
}

/// A target that is over its size and has a tool too many, and what a reader says once `change` has been at it.
fn forged(change: impl FnOnce(&mut Value)) -> Option<String> {
    let outcome =
        |rule, status, actual: Amount, fail| RuleOutcome { rule, status, actual, warn: None, fail, budget: None };
    let size = |bytes| Amount::Bytes(Bytes(bytes));
    let over = Finding {
        actual: Some(size(500)),
        limit: Some(size(100)),
        over_by: Some(size(400)),
        ..Finding::new(Rule::Size, Severity::Fail, "image", "too large")
    };
    let target = TargetReport {
        size: Some(Bytes(500)),
        rules: vec![
            outcome(Rule::Size, RuleStatus::Fail, size(500), Some(size(100))),
            outcome(Rule::ForbiddenTool, RuleStatus::Fail, Amount::Count(1), None),
        ],
        findings: vec![over, Finding::new(Rule::ForbiddenTool, Severity::Fail, "gcc", "gcc is in the image")],
        layers: vec![LayerReport {
            diff_id: DiffId(Digest::from_sha256([1; 32])),
            size: Some(Bytes(500)),
            compressed_size: None,
            created_by: None,
            origin: Origin::Own,
            dockerfile: None,
        }],
        ..TargetReport::new("api".parse().expect("a name"), Some(Platform::new("linux", "amd64", None)), Verdict::Fail)
    };
    let mut value: Value = serde_json::from_str(&to_json(&Report::new(vec![target], None, Vec::new()))).expect("JSON");
    change(&mut value);
    let said = from_json(value.to_string().as_bytes()).err()?.chain();
    Some(said.strip_prefix("the report contradicts itself: ").unwrap_or(&said).to_owned())
}

/// No finding, and a verdict that fits.
fn pass(value: &mut Value) {
    value["verdict"] = json!("pass");
    let target = &mut value["targets"][0];
    (target["verdict"], target["findings"]) = (json!("pass"), json!([]));
}

#[test]
fn findings_that_were_taken_out_leave_no_pass() {
    assert_eq!(forged(|_| {}), None, "as it was written it is read");
    let status = Some("a rule's status is not that of its limits and findings".to_owned());
    assert_eq!(forged(pass), status);
    let kept = |value: &mut Value| {
        pass(value);
        for rule in value["targets"][0]["rules"].as_array_mut().expect("a list") {
            rule["status"] = json!("pass");
        }
    };
    assert_eq!(forged(kept), status, "500 is over 100, and one tool was counted");
    let raised = |value: &mut Value| {
        kept(value);
        let rules = &mut value["targets"][0]["rules"];
        (rules[0]["fail"], rules[1]["actual"]) = (json!(null), json!(0));
    };
    assert_eq!(forged(raised), status, "a limit that is none judges nothing");
    let smaller = |value: &mut Value| {
        kept(value);
        let rules = &mut value["targets"][0]["rules"];
        (rules[0]["actual"], rules[1]["actual"]) = (json!(50), json!(0));
    };
    assert_eq!(forged(smaller).as_deref(), Some("a rule was judged by another amount than the one that was measured"));
    let size = |value: &mut Value| {
        smaller(value);
        value["targets"][0]["size"] = json!(50);
    };
    assert_eq!(forged(size).as_deref(), Some("a target's size is not the sum of its layers"));
    let rules = |value: &mut Value| {
        pass(value);
        value["targets"][0]["rules"] = json!([]);
    };
    assert_eq!(forged(rules).as_deref(), Some("a target without a budget has the rule no-budget"));
    let allowed = |value: &mut Value| {
        kept(value);
        value["targets"][0]["rules"][0]["status"] = json!("allowed");
    };
    assert_eq!(forged(allowed), status);
    let one = |value: &mut Value| drop(value["targets"][0]["findings"].as_array_mut().expect("a list").remove(1));
    assert_eq!(forged(one), status, "the other finding keeps the verdict");
    let twice = |value: &mut Value| {
        let rule = value["targets"][0]["rules"][0].clone();
        value["targets"][0]["rules"].as_array_mut().expect("a list").push(rule);
    };
    assert_eq!(forged(twice).as_deref(), Some("a target has a rule twice"));
    let added = |value: &mut Value| drop(value["targets"][0]["rules"].as_array_mut().expect("a list").remove(1));
    assert_eq!(forged(added).as_deref(), Some("a finding is of a rule that was not judged"));
    let sum = |value: &mut Value| value["targets"][0]["findings"][0]["over_by"] = json!(1);
    assert_eq!(forged(sum).as_deref(), Some("a finding is over by something else than its amount less its limit"));
}
