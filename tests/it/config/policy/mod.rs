//! An organisation's policy beneath a repository's file: what is stricter holds, what is looser is told at its line.

mod days;
mod never_looser;

use std::path::Path;

use imgbudget::config::{self, ConfigError, Surroundings};
use imgbudget::domain::{Budgets, Bytes, Place, Rules};
use imgbudget::files::Boundary;

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
