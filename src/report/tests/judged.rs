//! What a target was judged by, what eased a finding, and what was accepted: on the wire and back.

use super::*;
use crate::domain::{
    Accepted, BudgetChange, Eased, EasedBy, Exception, Forbidden, Growth, Inputs, Level, Limit, PathGlob, Rules,
    Severity, TargetBudget, ToolPattern, UpTo,
};

#[expect(clippy::unnecessary_wraps, reason = "reports hold places as options")]
fn at(line: u32) -> Option<Place> {
    Some(Place { file: "budgets.toml".to_owned(), line, column: 1 })
}

fn day() -> time::Date {
    time::Date::from_calendar_date(2027, time::Month::March, 31).expect("a day")
}

/// A budget with something of everything.
fn budget() -> TargetBudget {
    let growth = Growth { bytes: Some(Bytes(5)), percent_hundredths: Some(200) };
    let exception = |rule, up_to, until| Exception {
        rule,
        matches: Vec::new(),
        origin: None,
        up_to,
        reason: "why not".to_owned(),
        until,
        place: at(40),
    };
    TargetBudget {
        rules: Rules {
            max_size: Some(Limit { warn: Some(Bytes(1)), fail: Some(Bytes(2)), place: at(2) }),
            max_layers: Some(Limit { warn: None, fail: Some(9), place: None }),
            max_growth: Some(Limit { warn: None, fail: Some(growth), place: at(3) }),
            max_own_growth: Some(Limit { warn: Some(growth), fail: None, place: at(4) }),
            forbid_tools: vec![
                Forbidden { what: ToolPattern::Group("shells".to_owned()), severity: Severity::Warn, place: at(5) },
                Forbidden { what: ToolPattern::Name("gcc".to_owned()), severity: Severity::Fail, place: None },
            ],
            forbid_paths: vec![Forbidden {
                what: crate::domain::PathPattern::Glob(PathGlob::new("**/.git").expect("a glob")),
                severity: Severity::Fail,
                place: at(6),
            }],
            require_non_root: Some((Level::Fail, at(7))),
            shadowed_tools: Some((Level::Off, at(8))),
            busybox_applets: Some((Level::Warn, None)),
            enforce_from: at(2).into_iter().map(|place| (place, day())).collect(),
            ..Rules::default()
        },
        exceptions: vec![
            exception(Rule::Growth, Some(UpTo::Growth(growth)), None),
            exception(Rule::Size, Some(UpTo::Bytes(Bytes(7))), Some(day())),
            exception(Rule::Layers, Some(UpTo::Count(7)), None),
            Exception {
                matches: vec!["npm".to_owned()],
                origin: Some(Origin::Base),
                ..exception(Rule::ForbiddenTool, None, None)
            },
        ],
        only_new: at(30),
        min_change: Bytes(1_000_000),
        budget_changes: Severity::Warn,
        budget_changes_place: at(31),
    }
}

/// A report with a limit that the base image passed, something accepted and a budget that changed.
fn report() -> Report {
    let outcome = RuleOutcome {
        rule: Rule::Size,
        status: RuleStatus::Warn,
        actual: Amount::Bytes(Bytes(9)),
        warn: None,
        fail: Some(Amount::Bytes(Bytes(2))),
        budget: at(2),
    };
    let finding = Finding {
        actual: Some(Amount::Bytes(Bytes(9))),
        limit: Some(Amount::Bytes(Bytes(2))),
        over_by: Some(Amount::Bytes(Bytes(7))),
        eased: Some(Eased { from: Severity::Fail, why: EasedBy::Base }),
        ..Finding::new(Rule::Size, Severity::Warn, "image", "too large")
    };
    let name = || "api".parse().expect("a name");
    let target = TargetReport {
        size: Some(Bytes(9)),
        layers: vec![LayerReport {
            diff_id: DiffId(Digest::from_sha256([1; 32])),
            size: Some(Bytes(9)),
            compressed_size: None,
            created_by: None,
            origin: Origin::Own,
            dockerfile: None,
        }],
        rules: vec![outcome],
        findings: vec![finding],
        accepted: vec![Accepted {
            rule: Rule::Growth,
            actual: Amount::Bytes(Bytes(3)),
            up_to: Amount::Bytes(Bytes(4)),
            reason: Some("the codec".to_owned()),
            place: at(40),
        }],
        inputs: Some(Inputs::Changed(vec!["src/main.js".to_owned()])),
        budget: Some(budget()),
        ..TargetReport::new(name(), Some(Platform::new("linux", "amd64", None)), Verdict::Warn)
    };
    let change =
        BudgetChange { target: Some(name()), what: "max-size 1 B → 2 B".to_owned(), loosens: true, place: at(2) };
    let baseline = Baseline {
        source: "main.json".to_owned(),
        how: How::File,
        state: BaselineState::Found,
        commit: None,
        behind: None,
        not_in_run: Vec::new(),
    };
    let report = Report::new(vec![target], None, Vec::new());
    Report { baseline: Some(baseline), budget_changes: vec![change], ..report }
}

/// What a reader says once `change` has been at it.
fn said(change: impl FnOnce(&mut Value)) -> Option<String> {
    let mut value: Value = serde_json::from_str(&to_json(&report())).expect("JSON");
    change(&mut value);
    from_json(value.to_string().as_bytes()).err().map(|error| error.chain())
}

#[test]
fn it_is_read_back_and_fits_the_schema() {
    let json = to_json(&report());
    assert_eq!(from_json(json.as_bytes()).expect("ours"), report());
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let value: Value = serde_json::from_str(&json).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_report_of_a_version_that_did_not_say_is_read() {
    let without = said(|value| {
        for field in ["accepted", "inputs", "budget"] {
            value["targets"][0].as_object_mut().expect("a target").remove(field).expect("written");
        }
        value.as_object_mut().expect("a report").remove("budget_changes").expect("written");
    });
    assert_eq!(without, None);
}

#[test]
fn what_was_not_eased_so_is_refused() {
    let eased = |change: fn(&mut Value)| said(|value| change(&mut value["targets"][0]["findings"][0]));
    let wrong = "the report contradicts itself: a finding was eased to something that its reason does not give";
    for change in [
        (|it: &mut Value| it["eased"]["why"] = json!("known")) as fn(&mut Value),
        |it| it["eased"]["from"] = json!("warn"),
        |it| it["eased"]["from"] = json!("note"),
    ] {
        assert_eq!(eased(change).as_deref(), Some(wrong));
    }
    let day = "the report contradicts itself: a finding has a day of enforcement exactly when it is eased until then";
    assert_eq!(eased(|it| it["eased"]["days"] = json!(3)).as_deref(), Some(day));
    assert_eq!(eased(|it| it["eased"]["why"] = json!("not-yet")).as_deref(), Some(day));
    let status = "the report contradicts itself: a rule's status is not that of its limits and findings";
    assert_eq!(eased(|it| it["eased"] = Value::Null).as_deref(), Some(status), "a failure became a warning by itself");
    let no_baseline = said(|value| value["baseline"] = Value::Null);
    assert_eq!(
        no_baseline.as_deref(),
        Some("the report contradicts itself: a finding was eased by a baseline that was not found")
    );
}

#[test]
fn a_budget_is_not_taken_on_trust() {
    let refused = |pointer: &str, to: Value| said(|value| *value.pointer_mut(pointer).expect(pointer) = to);
    for (pointer, to, why) in [
        (
            "/targets/0/budget/limits/0/rule",
            json!("root-user"),
            "the budget in the report limits `root-user`, which is not a limit",
        ),
        (
            "/targets/0/budget/limits/0/rule",
            json!("layers"),
            "a limit of the budget in the report has another unit than its rule",
        ),
        ("/targets/0/budget/limits/1/fail", Value::Null, "a limit of the budget in the report has no side"),
        (
            "/targets/0/budget/exceptions/1/up_to/count",
            json!(1),
            "an exception in the report has another unit than its rule",
        ),
        ("/targets/0/budget/exceptions/1/until", json!("soon"), "`soon` in the report is not a day"),
        ("/targets/0/budget/levels/0/level", json!("note"), "a setting of the budget has the level `note`"),
        (
            "/targets/0/budget/only_new",
            json!(false),
            "the report contradicts itself: only-new has a line exactly when it is on",
        ),
        ("/targets/0/accepted/0/actual", json!(5), "the report contradicts itself: more was accepted than allowed"),
        (
            "/targets/0/inputs/state",
            json!("unchanged"),
            "the report contradicts itself: inputs have a reason exactly when they are unknown, and changes when they changed",
        ),
    ] {
        assert_eq!(refused(pointer, to).as_deref(), Some(why), "{pointer}");
    }
    assert!(
        refused("/targets/0/budget/forbid_paths/0/what", json!("/a/["))
            .is_some_and(|said| said.starts_with("a forbidden path is not a glob"))
    );
    assert!(
        refused("/budget_changes/0/target", json!("a/b")).is_some_and(|said| said.contains("cannot name a target"))
    );
}
