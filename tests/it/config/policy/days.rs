//! Rules that fail from a day on.

use imgbudget::domain::Place;
use time::Date;

use super::{TARGET, good, rules, screen};

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
