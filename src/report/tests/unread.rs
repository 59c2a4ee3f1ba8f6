//! Targets of which not everything was read, and sizes that are estimates, on the wire and back.

use super::*;
use crate::report::lock;

/// A target of which the manifest alone was read, and what a reader says once `change` has been at it.
fn of_a_manifest(change: impl FnOnce(&mut Value)) -> Option<String> {
    let outcome = |rule, actual, fail| RuleOutcome {
        rule,
        status: RuleStatus::Pass,
        actual,
        warn: None,
        fail: Some(fail),
        budget: None,
    };
    let target = TargetReport {
        compressed_size: Some(CompressedSize { bytes: Bytes(500), is_estimate: true }),
        rules: vec![
            outcome(Rule::CompressedSize, Amount::Bytes(Bytes(500)), Amount::Bytes(Bytes(600))),
            outcome(Rule::Layers, Amount::Count(1), Amount::Count(1)),
        ],
        layers: vec![LayerReport {
            diff_id: DiffId(Digest::from_sha256([1; 32])),
            size: None,
            compressed_size: Some(Bytes(500)),
            created_by: None,
            origin: Origin::Own,
            dockerfile: None,
        }],
        not_judged: vec![NotJudged { rule: Rule::ShadowedTool, reason: "not read".to_owned() }],
        ..TargetReport::new("api".parse().expect("a name"), Some(Platform::new("linux", "amd64", None)), Verdict::Pass)
    };
    let mut value: Value = serde_json::from_str(&to_json(&Report::new(vec![target], None, Vec::new()))).expect("JSON");
    change(&mut value["targets"][0]);
    let said = from_json(value.to_string().as_bytes()).err()?.chain();
    Some(said.strip_prefix("the report contradicts itself: ").unwrap_or(&said).to_owned())
}

#[test]
fn what_was_not_read_hides_nothing() {
    assert_eq!(of_a_manifest(|_| {}), None, "as it was written it is read");
    let not_judged = |rule: &str| {
        let rule = rule.to_owned();
        of_a_manifest(move |target| target["not_judged"] = json!([{"rule": rule, "reason": "nobody looked"}]))
    };
    for rule in ["size", "own-size", "layer-size", "wasted", "growth", "forbidden-tool", "forbidden-path"] {
        assert_eq!(not_judged(rule).as_deref(), Some("a target was not measured, and that is not its error"), "{rule}");
    }
    assert_eq!(not_judged("os-packages"), None, "which earlier versions did not judge");
    let judged = of_a_manifest(|target| {
        let rule = json!({"rule": "wasted", "status": "pass", "unit": "bytes", "actual": 0, "warn": null, "fail": 1, "budget": null});
        target["rules"].as_array_mut().expect("a list").push(rule);
    });
    assert_eq!(judged.as_deref(), Some("a target without a size was judged by what is in its layers"));
    let sized = of_a_manifest(|target| target["layers"][0]["size"] = json!(1));
    assert_eq!(sized.as_deref(), Some("a target without a size has layers with one"));
    let unsized_layer = of_a_manifest(|target| target["size"] = json!(0));
    assert_eq!(unsized_layer.as_deref(), Some("a target's size is not the sum of its layers"));
    let near = of_a_manifest(|target| target["rules"][0]["fail"] = json!(510));
    assert_eq!(near.as_deref(), Some("a rule's status is not that of its limits and findings"), "too near to pass");
    let unknown = of_a_manifest(|target| {
        target["compressed_size"] = Value::Null;
        target["rules"].as_array_mut().expect("a list").remove(0);
    });
    assert_eq!(unknown.as_deref(), Some("a compressed size that is not there is an estimate"));
}

#[test]
fn a_report_of_a_version_that_knew_less_is_read() {
    let without = |target: &mut Value| {
        let target = target.as_object_mut().expect("a target");
        target.remove("read").expect("written");
        target.remove("compressed_size_is_estimate").expect("written");
        target["image"] = json!({"id": format!("sha256:{}", "7".repeat(64)), "reference": "api:1"});
        target["layers"][0].as_object_mut().expect("a layer").remove("compressed_size").expect("written");
    };
    assert_eq!(of_a_manifest(without), None);
}

#[test]
fn a_lock_file_holds_no_estimate() {
    let target = |is_estimate| TargetReport {
        size: Some(Bytes(9)),
        compressed_size: Some(CompressedSize { bytes: Bytes(5), is_estimate }),
        ..TargetReport::new("api".parse().expect("a name"), Some(Platform::new("linux", "amd64", None)), Verdict::Pass)
    };
    let text = |target| lock::Lock::of(&Report::new(vec![target], None, Vec::new())).map(|lock| lock.to_text());
    assert!(text(target(true)).expect("a size").ends_with("\napi linux/amd64 size=9\n"));
    assert!(text(target(false)).expect("a size").ends_with("\napi linux/amd64 size=9 compressed=5\n"));
    let unread = text(TargetReport { size: None, ..target(false) }).expect_err("no size");
    assert_eq!(unread.to_string(), "`api` has no size: no layer was read");
}
