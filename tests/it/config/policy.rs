//! An organisation's policy beneath a repository's file: what is stricter holds, what is looser is told at its line.

use std::path::Path;

use imgbudget::config::{self, ConfigError, Surroundings};
use imgbudget::domain::{Budgets, Bytes, Growth, Limit, Place, Rules, Severity};
use imgbudget::files::Boundary;
use proptest::prelude::*;
use time::{Date, Month};

use super::shown;

const TARGET: &str = "[targets.api]\nimage = \"acme/api:1\"\n";

/// Loads `text` on the ground of `policy`, which lies outside of the repository.
fn load(policy: &str, text: &str) -> Result<Budgets, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("repo");
    std::fs::create_dir_all(repository.join(".git")).unwrap();
    std::fs::create_dir_all(folder.path().join("org")).unwrap();
    std::fs::write(folder.path().join("org/policy.toml"), policy).unwrap();
    std::fs::write(repository.join("budgets.toml"), text).unwrap();
    let boundary = Boundary::around(&repository, &|_| None);
    let around = |policy| Surroundings {
        environment: &|_| None,
        build_env: &[],
        cwd: folder.path(),
        boundary: &boundary,
        policy,
        is_tracked: &|_| true,
    };
    let policy = config::load_policy(Path::new("org/policy.toml"), &around(None))?;
    config::load(Path::new("repo/budgets.toml"), &around(Some(&policy))).map(|loaded| loaded.budgets)
}

fn good(policy: &str, text: &str) -> Budgets {
    load(policy, text).unwrap_or_else(|error| panic!("{}", shown(error)))
}

fn rules(policy: &str, text: &str) -> Rules {
    good(policy, text).targets.remove(0).rules
}

fn screen(policy: &str, text: &str) -> String {
    load(policy, text).map_or_else(shown, |_| panic!("it loads"))
}

fn at(place: Option<&Place>) -> String {
    place.unwrap().to_string()
}

#[test]
fn what_the_repository_leaves_open_is_the_policys_and_is_named_by_its_line() {
    let policy = "[defaults]\nmax-size = { warn = \"100 MB\", fail = \"150 MB\" }\nforbid-tools = [\"@build-tools\"]\n\
                  [profiles.node]\nmax-layers = 12\n[comment]\nmin-change = \"5 MB\"\n\
                  [baseline]\nfile = \"budgets.lock\"\n";
    let budgets = good(policy, &format!("{TARGET}profile = \"node\"\nextend-forbid-tools = [\"curl\"]\n"));
    let rules = &budgets.targets[0].rules;
    let size = rules.max_size.as_ref().unwrap();
    assert_eq!((size.warn, size.fail), (Some(Bytes(100_000_000)), Some(Bytes(150_000_000))));
    assert_eq!(at(size.place.as_ref()), "org/policy.toml:2");
    assert_eq!(at(rules.max_layers.as_ref().unwrap().place.as_ref()), "org/policy.toml:5");
    let tools: Vec<String> =
        rules.forbid_tools.iter().map(|entry| format!("{} {}", entry.what, at(entry.place.as_ref()))).collect();
    assert_eq!(tools, ["@build-tools org/policy.toml:3", "curl repo/budgets.toml:4"]);
    assert_eq!(budgets.comment.min_change, Bytes(5_000_000));
    // It speaks of a file of each repository.
    assert!(budgets.baseline.unwrap().ends_with("repo/budgets.lock"));
}

#[test]
fn a_side_that_is_not_written_is_the_policys() {
    let policy = "[defaults]\nmax-size = { warn = \"100 MB\", fail = \"150 MB\" }\n";
    let sides = |text: &str| {
        let size = rules(policy, &format!("{TARGET}max-size = {text}\n")).max_size.unwrap();
        (size.warn.map(|warn| warn.0 / 1_000_000), size.fail.map(|fail| fail.0 / 1_000_000), at(size.place.as_ref()))
    };
    assert_eq!(sides("\"120 MB\""), (Some(100), Some(120), "repo/budgets.toml:3".to_owned()));
    assert_eq!(sides("\"90 MB\""), (None, Some(90), "repo/budgets.toml:3".to_owned()));
    assert_eq!(sides("{ warn = \"50 MB\" }"), (Some(50), Some(150), "org/policy.toml:2".to_owned()));
}

#[test]
fn every_contradiction_is_told_at_its_line() {
    let policy = "[defaults]\nmax-size = \"150 MB\"\nmax-layers = { warn = 10, fail = 12 }\nmax-growth = \"2%\"\n\
                  max-wasted = \"5 MB\"\nforbid-tools = [\"@build-tools\", \"curl\"]\nforbid-paths = [\"**/.git\"]\n\
                  require-non-root = true\n";
    let text = format!(
        "[defaults]\nmax-size = \"200 MB\"\nforbid-tools = [\"@shells\"]\n\n{TARGET}max-layers = {{ warn = 11, fail = 12 }}\n\
         max-growth = {{ larger-of = [\"5 MB\", \"2%\"] }}\nmax-wasted = false\nextend-forbid-paths = {{ warn = [\"**/.git\"] }}\n\
         require-non-root = \"warn\"\n\n[targets.web]\nimage = \"acme/web:1\"\n"
    );
    insta::assert_snapshot!(screen(policy, &text), @r#"
    error: `max-size` allows 200.0 MB, and the policy 150.0 MB
     --> repo/budgets.toml:2:1
      |
    2 | max-size = "200 MB"
      | ^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:2: a repository may only be stricter. Change the value, or leave the key out.

    error: `forbid-tools` leaves out `@build-tools`, which the policy forbids
     --> repo/budgets.toml:3:1
      |
    3 | forbid-tools = ["@shells"]
      | ^^^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:6. `extend-forbid-tools` adds to its list and takes nothing out.

    error: `forbid-tools` leaves out `curl`, which the policy forbids
     --> repo/budgets.toml:3:1
      |
    3 | forbid-tools = ["@shells"]
      | ^^^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:6. `extend-forbid-tools` adds to its list and takes nothing out.

    error: `max-layers` warns above 11, and the policy above 10
     --> repo/budgets.toml:7:1
      |
    7 | max-layers = { warn = 11, fail = 12 }
      | ^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:3: a repository may only be stricter. Change the value, or leave the key out.

    error: `max-growth` allows 5.0 MB or 2%, the larger, and the policy 2%
     --> repo/budgets.toml:8:1
      |
    8 | max-growth = { larger-of = ["5 MB", "2%"] }
      | ^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:4: a repository may only be stricter. Change the value, or leave the key out.

    error: `max-wasted` is switched off, and the policy sets it
     --> repo/budgets.toml:9:1
      |
    9 | max-wasted = false
      | ^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:5: a repository may only be stricter. Change the value, or leave the key out.

    error: `**/.git` only warns here, and fails by the policy
      --> repo/budgets.toml:10:1
       |
    10 | extend-forbid-paths = { warn = ["**/.git"] }
       | ^^^^^^^^^^^^^^^^^^^
       |
       = hint: The policy says so at org/policy.toml:7. `extend-forbid-paths` adds to its list and takes nothing out.

    error: `require-non-root` is a warning here, and fails by the policy
      --> repo/budgets.toml:11:1
       |
    11 | require-non-root = "warn"
       | ^^^^^^^^^^^^^^^^
       |
       = hint: The policy says so at org/policy.toml:8: a repository may only be stricter. Change the value, or leave the key out.

    8 problems in repo/budgets.toml
    "#);
}

#[test]
fn what_busybox_provides_stays_as_forbidden_as_busybox() {
    let policy = "[defaults]\nforbid-tools = [\"busybox\", \"@downloaders\"]\n";
    insta::assert_snapshot!(screen(policy, &format!("{TARGET}busybox-applets = \"off\"\n")), @r#"
    error: `busybox-applets` is off here, and fails by the policy
     --> repo/budgets.toml:3:1
      |
    3 | busybox-applets = "off"
      | ^^^^^^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:2: a repository may only be stricter. Change the value, or leave the key out.

    1 problem in repo/budgets.toml
    "#);
    good("[defaults]\nforbid-tools = [\"@downloaders\"]\n", &format!("{TARGET}busybox-applets = \"warn\"\n"));
}

#[test]
fn what_may_be_loosened_is_the_policys_to_say() {
    let policy = "[defaults]\nmax-size = \"150 MB\"\nmax-layers = 12\n[policy]\nmay-loosen = [\"max-size\"]\n";
    let rules = rules(policy, &format!("{TARGET}max-size = \"1 GB\"\n"));
    assert_eq!(rules.max_size.unwrap().fail, Some(Bytes(1_000_000_000)));
    assert!(load(policy, &format!("{TARGET}max-layers = 13\n")).is_err());
}

#[test]
fn exceptions_are_the_policys_to_take() {
    let allow = "\n[[allow]]\nrule = \"size\"\nup-to = \"1 GB\"\nreason = \"because\"\n";
    let text = format!("{TARGET}{allow}");
    let policy = "[defaults]\nmax-size = \"150 MB\"\n";
    assert_eq!(good(policy, &text).allows.len(), 1);
    insta::assert_snapshot!(screen(&format!("{policy}[policy]\nmay-allow = [\"forbidden-tool\"]\n"), &text), @"
    error: the policy takes no exceptions from `size`
     --> repo/budgets.toml:4:1
      |
    4 | [[allow]]
      | ^^^^^^^^^
      |
      = hint: `may-allow` in org/policy.toml lists the rules that it takes exceptions from.

    1 problem in repo/budgets.toml
    ");
    assert!(load(&format!("{policy}[policy]\nmay-allow = false\n"), &text).is_err());
    assert!(load(&format!("{policy}[policy]\nmay-allow = [\"size\"]\n"), &text).is_ok());
    // What the policy does not ask for is the repository's own.
    good("[policy]\nmay-allow = false\n", &format!("{TARGET}max-size = \"1 MB\"\n{allow}"));
}

#[test]
fn an_organisations_exceptions_hold_in_every_repository() {
    let policy =
        "[[allow]]\ntargets = [\"no-such-*\", \"api\"]\nrule = \"forbidden-tool\"\nmatch = [\"npm\"]\nreason = \"x\"\n";
    let budgets = good(policy, TARGET);
    assert!(budgets.allows[0].covers("api"));
    assert!(budgets.is_of_policy(&budgets.allows[0].place));
}

#[test]
fn what_eases_everything_at_once_needs_the_policys_leave() {
    let text =
        format!("{TARGET}[baseline]\nfile = \"main.json\"\nonly-new = true\n[policy]\nbudget-changes = \"note\"\n");
    insta::assert_snapshot!(screen("[policy]\nbudget-changes = \"fail\"\n", &text), @r#"
    error: `only-new` eases what the policy asks for
     --> repo/budgets.toml:5:1
      |
    5 | only-new = true
      | ^^^^^^^^
      |
      = hint: Take it out, or ask for may-loosen = ["only-new"] in org/policy.toml.

    error: `budget-changes` is milder than the policy has it
     --> repo/budgets.toml:7:1
      |
    7 | budget-changes = "note"
      | ^^^^^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:2: a repository may only be stricter. Leave the key out.

    2 problems in repo/budgets.toml
    "#);
    good("[policy]\nbudget-changes = \"fail\"\nmay-loosen = [\"only-new\", \"budget-changes\"]\n", &text);
    let quiet = good("[baseline]\nonly-new = true\n", TARGET);
    assert_eq!(at(quiet.only_new.as_ref()), "org/policy.toml:2");
    assert!(
        good("[baseline]\nonly-new = true\n", &format!("{TARGET}[baseline]\nonly-new = false\n")).only_new.is_none()
    );
}

#[test]
fn a_policy_has_no_targets_and_a_repository_sets_no_terms() {
    insta::assert_snapshot!(screen(
        "include = [\"a.toml\"]\nmay-loosen = [\"max-size\"]\n[targets.api]\nimage = \"x\"\n[policy]\nmay-loosen = [\"max-sise\", \"extend-forbid-tools\"]\nmay-allow = [\"sise\"]\n",
        TARGET
    ), @r#"
    error: unknown key `include` in a policy
     --> org/policy.toml:1:1
      |
    1 | include = ["a.toml"]
      | ^^^^^^^
      |
      = hint: `include` belongs at the top of the root file.

    error: unknown key `may-loosen` in a policy
     --> org/policy.toml:2:1
      |
    2 | may-loosen = ["max-size"]
      | ^^^^^^^^^^
      |
      = hint: `may-loosen` belongs in [policy] of the file of --policy.

    error: unknown key `targets` in a policy
     --> org/policy.toml:3:2
      |
    3 | [targets.api]
      |  ^^^^^^^
      |
      = hint: `targets` belongs at the top of the root file.

    error: `max-sise` is not a key that can be loosened
     --> org/policy.toml:6:15
      |
    6 | may-loosen = ["max-sise", "extend-forbid-tools"]
      |               ^^^^^^^^^^
      |
      = hint: Did you mean `max-size`?

    error: `extend-forbid-tools` is not a key that can be loosened
     --> org/policy.toml:6:27
      |
    6 | may-loosen = ["max-sise", "extend-forbid-tools"]
      |                           ^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: Did you mean `forbid-tools`?

    error: `sise` is not a rule that can be excused
     --> org/policy.toml:7:14
      |
    7 | may-allow = ["sise"]
      |              ^^^^^^
      |
      = hint: Did you mean `size`?

    6 problems in org/policy.toml
    "#);
    insta::assert_snapshot!(screen("", &format!("{TARGET}[policy]\nmay-loosen = [\"max-size\"]\n")), @r#"
    error: unknown key `may-loosen` in [policy]
     --> repo/budgets.toml:4:1
      |
    4 | may-loosen = ["max-size"]
      | ^^^^^^^^^^
      |
      = hint: `may-loosen` belongs in [policy] of the file of --policy.

    1 problem in repo/budgets.toml
    "#);
    insta::assert_snapshot!(screen("", &format!("policy = \"org.toml\"\n{TARGET}")), @r#"
    error: `policy` wants a table, not a string
     --> repo/budgets.toml:1:10
      |
    1 | policy = "org.toml"
      |          ^^^^^^^^^^
      |
      = hint: Write [policy] with its keys under it; --policy names the file of an organisation.

    1 problem in repo/budgets.toml
    "#);
}

#[test]
fn days_of_enforcement_are_read_where_they_stand() {
    let text = format!(
        "[defaults]\nmax-layers = 12\n[profiles.old]\nenforce-from = 2027-02-01\n{TARGET}profile = \"old\"\n\
         max-size = {{ warn = \"1 MB\", fail = \"2 MB\", enforce-from = 2027-01-01 }}\n\
         forbid-tools = {{ fail = [\"gcc\"], warn = [\"curl\"], enforce-from = 2026-12-01 }}\nextend-forbid-tools = [\"make\"]\n\
         require-non-root = {{ fail = true, enforce-from = 2020-01-01 }}\n"
    );
    let rules = rules("", &text);
    let day = |place: Option<&Place>| rules.enforce_from.get(place.unwrap()).map(Date::to_string);
    assert_eq!(day(rules.max_layers.as_ref().unwrap().place.as_ref()).as_deref(), Some("2027-02-01"));
    assert_eq!(day(rules.max_size.as_ref().unwrap().place.as_ref()).as_deref(), Some("2027-01-01"));
    assert_eq!(day(rules.require_non_root.as_ref().unwrap().1.as_ref()).as_deref(), Some("2020-01-01"));
    let tools: Vec<_> =
        rules.forbid_tools.iter().map(|entry| (entry.what.to_string(), day(entry.place.as_ref()))).collect();
    let told: Vec<_> = tools.iter().map(|(name, day)| (name.as_str(), day.as_deref().unwrap())).collect();
    assert_eq!(told, [("gcc", "2026-12-01"), ("curl", "2027-02-01"), ("make", "2027-02-01")]);
}

#[test]
fn wrong_days_are_told() {
    let text = "[defaults]\nenforce-from = \"2027-01-01\"\nmax-size = { warn = \"1 MB\", enforce-from = 2027-01-01 }\n\
                max-layers = { fail = 3, enforce-from = 2027-01-01T00:00:00Z }\n\
                max-growth = { larger-of = [\"5 MB\", \"2%\"], enforce-from = 2027-01-01 }\n\
                forbid-tools = { warn = [\"gcc\"], enforce-from = 2027-01-01 }\n\
                require-non-root = { enforce-from = 2027-01-01 }\n[fleet]\nmax-size = { fail = \"1 GB\", enforce-from = 2027-01-01 }\n";
    insta::assert_snapshot!(screen("", &format!("{text}{TARGET}")), @r#"
    error: `enforce-from` wants a day, not a string
     --> repo/budgets.toml:2:16
      |
    2 | enforce-from = "2027-01-01"
      |                ^^^^^^^^^^^^
      |
      = hint: Write a day without quotes and without a time: enforce-from = 2027-03-31.

    error: `enforce-from` of `max-size` has nothing to enforce: there is no `fail`
     --> repo/budgets.toml:3:29
      |
    3 | max-size = { warn = "1 MB", enforce-from = 2027-01-01 }
      |                             ^^^^^^^^^^^^
      |
      = hint: Name what fails from that day on with `fail`; what only warns needs no day.

    error: `enforce-from` wants a day
     --> repo/budgets.toml:4:41
      |
    4 | max-layers = { fail = 3, enforce-from = 2027-01-01T00:00:00Z }
      |                                         ^^^^^^^^^^^^^^^^^^^^
      |
      = hint: Write a day without quotes and without a time: enforce-from = 2027-03-31.

    error: `enforce-from` of `max-growth` stands beside `fail`
     --> repo/budgets.toml:5:44
      |
    5 | max-growth = { larger-of = ["5 MB", "2%"], enforce-from = 2027-01-01 }
      |                                            ^^^^^^^^^^^^
      |
      = hint: Write { fail = { larger-of = […] }, enforce-from = … }.

    error: `enforce-from` of `forbid-tools` has nothing to enforce: there is no `fail`
     --> repo/budgets.toml:6:34
      |
    6 | forbid-tools = { warn = ["gcc"], enforce-from = 2027-01-01 }
      |                                  ^^^^^^^^^^^^
      |
      = hint: Name what fails from that day on with `fail`; what only warns needs no day.

    error: `require-non-root` has no `fail`
     --> repo/budgets.toml:7:20
      |
    7 | require-non-root = { enforce-from = 2027-01-01 }
      |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: Write require-non-root = { fail = true, enforce-from = 2027-03-31 }.

    error: `enforce-from` is for rules about one target
     --> repo/budgets.toml:9:12
      |
    9 | max-size = { fail = "1 GB", enforce-from = 2027-01-01 }
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: Write it in a target, a profile or [defaults]; a limit of the fleet may warn first: { warn = … }.

    7 problems in repo/budgets.toml
    "#);
}

#[test]
fn a_repository_delays_its_own_rules_alone() {
    let policy = "[defaults]\nmax-size = \"150 MB\"\nforbid-tools = [\"gcc\"]\n";
    let own = format!("{TARGET}enforce-from = 2027-01-01\nmax-layers = 9\n");
    let own = rules(policy, &own);
    assert_eq!(own.enforce_from.keys().map(|place| place.file.as_str()).collect::<Vec<_>>(), ["repo/budgets.toml"]);
    insta::assert_snapshot!(screen(policy, &format!(
        "{TARGET}enforce-from = 2027-01-01\nmax-size = \"120 MB\"\nextend-forbid-tools = {{ fail = [\"gcc\"], enforce-from = 2027-02-01 }}\n"
    )), @r#"
    error: `max-size` is enforced from 2027-01-01, and by the policy now
     --> repo/budgets.toml:4:1
      |
    4 | max-size = "120 MB"
      | ^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:2. Give a day to rules of your own alone.

    error: `forbid-tools` is enforced from 2027-02-01, and by the policy now
     --> repo/budgets.toml:5:1
      |
    5 | extend-forbid-tools = { fail = ["gcc"], enforce-from = 2027-02-01 }
      | ^^^^^^^^^^^^^^^^^^^
      |
      = hint: The policy says so at org/policy.toml:3. Give a day to rules of your own alone.

    2 problems in repo/budgets.toml
    "#);
    let delayed = "[defaults]\nenforce-from = 2027-03-01\nmax-size = \"150 MB\"\n";
    // A policy that is new delays nothing that a repository had before.
    assert!(
        !rules(delayed, &format!("{TARGET}max-layers = 9\n"))
            .enforce_from
            .keys()
            .any(|place| place.file == "repo/budgets.toml")
    );
    good(delayed, &format!("{TARGET}max-size = {{ fail = \"120 MB\", enforce-from = 2027-02-01 }}\n"));
    let left = "[defaults]\nmax-size = \"150 MB\"\n[policy]\nmay-loosen = [\"enforce-from\"]\n";
    assert_eq!(rules(left, &format!("{TARGET}enforce-from = 2027-01-01\n")).enforce_from.len(), 1);
}

/// What a limit makes of an amount on a day.
fn verdict<T: Copy>(
    limit: Option<&Limit<T>>,
    rules: &Rules,
    day: Date,
    is_over: impl Fn(T) -> bool,
) -> Option<Severity> {
    let limit = limit?;
    let waits = limit.place.as_ref().and_then(|place| rules.enforce_from.get(place)).is_some_and(|from| *from > day);
    if limit.fail.is_some_and(&is_over) {
        return Some(if waits { Severity::Warn } else { Severity::Fail });
    }
    limit.warn.is_some_and(&is_over).then_some(Severity::Warn)
}

/// What the rules make of an image of `amount` that grew by as much from `before`, that has `tool` and runs as root.
fn verdicts(rules: &Rules, amount: u64, before: u64, tool: &str, day: Date) -> Vec<Option<Severity>> {
    let waits =
        |place: Option<&Place>| place.and_then(|place| rules.enforce_from.get(place)).is_some_and(|from| *from > day);
    let held = |severity: Severity, place: Option<&Place>| {
        if severity == Severity::Fail && waits(place) { Severity::Warn } else { severity }
    };
    let tools = rules.forbid_tools.iter().filter(|entry| entry.what.to_string() == tool);
    let root = rules.require_non_root.as_ref().and_then(|(level, place)| Some(held(level.severity()?, place.as_ref())));
    vec![
        verdict(rules.max_size.as_ref(), rules, day, |limit: Bytes| amount > limit.0),
        verdict(rules.max_layers.as_ref(), rules, day, |limit: u64| amount > limit),
        verdict(rules.max_growth.as_ref(), rules, day, |limit: Growth| amount > limit.allowed(Bytes(before)).0),
        tools.map(|entry| held(entry.severity, entry.place.as_ref())).max(),
        root,
    ]
}

/// A value of a limit: one side, two, or none.
fn limit(unit: &'static str) -> impl Strategy<Value = String> {
    let side = move |n: u32| if unit.is_empty() { n.to_string() } else { format!("\"{n} {unit}\"") };
    let day = prop::option::of(1u8..28);
    prop_oneof![
        (1u32..40).prop_map(side),
        (1u32..40).prop_map(move |n| format!("{{ warn = {} }}", side(n))),
        (1u32..40, 0u32..40, day).prop_map(move |(warn, more, day)| {
            let day = day.map_or(String::new(), |day| format!(", enforce-from = 2027-01-{day:02}"));
            format!("{{ warn = {}, fail = {}{day} }}", side(warn), side(warn + more))
        }),
        Just("false".to_owned()),
    ]
}

fn growth() -> impl Strategy<Value = String> {
    prop_oneof![
        limit("B"),
        (1u32..90).prop_map(|n| format!("\"{n}%\"")),
        (1u32..40, 1u32..90).prop_map(|(bytes, percent)| format!("{{ larger-of = [\"{bytes} B\", \"{percent}%\"] }}")),
    ]
}

/// A table of budget keys, each of them there or not.
fn table() -> impl Strategy<Value = String> {
    let words = || prop::sample::subsequence(vec!["gcc", "curl", "make"], 0..3).prop_map(|words| format!("{words:?}"));
    let list = prop_oneof![
        words(),
        (words(), 1u8..28).prop_map(|(fail, day)| format!("{{ fail = {fail}, enforce-from = 2027-01-{day:02} }}")),
        prop::sample::select(vec!["gcc", "curl"]).prop_map(|word| format!("{{ warn = [\"{word}\"] }}")),
    ];
    let demand = prop::sample::select(vec!["true", "false", "\"warn\"", "{ fail = true, enforce-from = 2027-01-10 }"]);
    let keys = (
        prop::option::of(limit("B")),
        prop::option::of(limit("")),
        prop::option::of(growth()),
        prop::option::of(list.clone()),
        prop::option::of(list),
        prop::option::of(demand),
        prop::option::of(1u8..28),
    );
    keys.prop_map(|(size, layers, growth, tools, more, root, day)| {
        let key = |key: &str, value: Option<String>| value.map_or(String::new(), |value| format!("{key} = {value}\n"));
        [
            key("max-size", size),
            key("max-layers", layers),
            key("max-growth", growth),
            key("forbid-tools", tools),
            key("extend-forbid-tools", more),
            key("require-non-root", root.map(str::to_owned)),
            key("enforce-from", day.map(|day| format!("2027-01-{day:02}"))),
        ]
        .concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever a repository writes: it is refused, or allows nothing that the policy does not.
    #[test]
    fn no_repository_is_looser_than_its_policy(
        (policy, of_profile) in (table(), table()),
        (defaults, profile, own) in (table(), table(), table()),
        (amount, before, day) in (0u64..90, 0u64..90, 1u8..28),
        tool in prop::sample::select(vec!["gcc", "curl", "make"]),
    ) {
        let policy = format!("[defaults]\n{policy}[profiles.p]\n{of_profile}");
        let target = format!("{TARGET}profile = \"p\"\n");
        // A day for what never fails is refused, here and there.
        let Ok(alone) = load(&policy, &target) else { return Ok(()) };
        let text = format!("[defaults]\n{defaults}[profiles.p]\n{profile}{target}{own}");
        let Ok(ours) = load(&policy, &text) else { return Ok(()) };
        let day = Date::from_calendar_date(2027, Month::January, day).unwrap();
        let of = |budgets: &Budgets| verdicts(&budgets.targets[0].rules, amount, before, tool, day);
        for (ours, policy) in of(&ours).into_iter().zip(of(&alone)) {
            prop_assert!(ours >= policy, "{ours:?} where the policy has {policy:?}\n{text}");
        }
    }
}
