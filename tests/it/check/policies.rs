//! `--policy` and `enforce-from` on a command line.

use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;
use crate::support::run::Screen;

const POLICY: &str = "[defaults]\nmax-size = \"2 kB\"\n";

/// A repository with an image of 3000 bytes, and a policy beside it.
fn project(policy: &str, budgets: &str) -> Project {
    let image = Image::new().layer(Layer::new().zeros("app", 0o755, 3000)).user("app").named("acme/app:1");
    let project = Project::new().file("repo/app.tar", docker_archive(&[image])).file("org/policy.toml", policy);
    let project = if budgets.is_empty() { project } else { project.file("repo/budgets.toml", budgets) };
    project.file("repo/.git/HEAD", "")
}

fn check(project: &Project, args: &str) -> Screen {
    project.imgbudget("check").dir(project.path("repo")).args(args.split_whitespace()).run()
}

/// The findings of a run: severity, and the line that asks for it.
fn findings(project: &Project, args: &str) -> (Option<i32>, Vec<String>) {
    let screen = check(project, &format!("{args} --write json=report.json"));
    let report = project.report("repo/report.json");
    let line = |finding: &Value| {
        let budget = &finding["budget"];
        let eased =
            finding["eased"].as_object().map_or(String::new(), |eased| format!(" eased from {}", eased["from"]));
        format!("{} {}{eased} {}:{}", finding["rule"], finding["severity"], budget["file"], budget["line"])
    };
    let found = report["targets"][0]["findings"].as_array().unwrap().iter().map(line).collect();
    (screen.code, found)
}

const TARGET: &str = "[targets.app]\narchive = \"app.tar\"\n";

#[test]
fn a_policy_is_beneath_the_budget_and_its_line_is_told() {
    let project = project(POLICY, TARGET);
    let (code, found) = findings(&project, "--policy ../org/policy.toml");
    assert_eq!(code, Some(1));
    assert_eq!(found, ["\"size\" \"fail\" \"../org/policy.toml\":2"]);
    let run = project.imgbudget("check").dir(project.path("repo"));
    assert_eq!(run.env("IMGBUDGET_POLICY", "../org/policy.toml").run().code, Some(1));
    let run = project.imgbudget("check").dir(project.path("repo"));
    assert_eq!(run.env("IMGBUDGET_POLICY", "").run().code, Some(0), "set and empty is not set");
}

#[test]
fn a_budget_that_contradicts_it_is_not_checked() {
    let project = project(POLICY, &format!("{TARGET}max-size = \"4 kB\"\n"));
    let screen = check(&project, "--policy ../org/policy.toml").screen();
    insta::assert_snapshot!(screen, @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `max-size` allows 4.0 kB, and the policy 2.0 kB
     --> budgets.toml:3:1
      |
    3 | max-size = "4 kB"
      | ^^^^^^^^
      |
      = hint: The policy says so at ../org/policy.toml:2: a repository may only be stricter. Change the value, or leave the key out.

    1 problem in budgets.toml
    "#);
}

#[test]
fn images_of_the_command_line_are_judged_by_it() {
    let project = project(POLICY, "");
    let (code, found) = findings(&project, "--archive app.tar --policy ../org/policy.toml");
    assert_eq!((code, found.len()), (Some(1), 1));
    let (code, found) = findings(&project, "--archive app.tar --max-size 1kB --policy ../org/policy.toml");
    assert_eq!((code, found.len()), (Some(1), 1));
    let screen = check(&project, "--archive app.tar --max-size 4kB --policy ../org/policy.toml").screen();
    insta::assert_snapshot!(screen, @"
    exit: 2
    --- stdout

    --- stderr
    error: --max-size allows 4.0 kB, and the policy 2.0 kB
     hint: The policy says so at ../org/policy.toml:2: a budget on the command line may only be stricter.
    ");
}

#[test]
fn a_policy_that_is_not_there_or_is_led_astray_is_an_error() {
    let project = project(POLICY, TARGET);
    insta::assert_snapshot!(check(&project, "--policy no-such.toml").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: there is no file no-such.toml
     hint: --policy, or IMGBUDGET_POLICY, names the policy of your organisation.
    ");
    std::fs::create_dir(project.path("elsewhere")).unwrap();
    std::fs::write(project.path("elsewhere/x.toml"), POLICY).unwrap();
    // The outer folder is a repository, too: what lies in it is inside.
    std::fs::remove_dir_all(project.path(".git")).unwrap();
    symlink(project.path("elsewhere/x.toml"), project.path("repo/policy.toml")).unwrap();
    let screen = check(&project, "--policy policy.toml").screen();
    assert!(screen.contains("lies outside of the repository"), "{screen}");
}

#[test]
fn what_is_not_enforced_yet_warns() {
    let target = format!("{TARGET}max-size = {{ fail = \"2 kB\", enforce-from = 9000-01-01 }}\n");
    let first = project("", &target);
    let (code, found) = findings(&first, "");
    assert_eq!(code, Some(0));
    assert_eq!(found, ["\"size\" \"warn\" eased from \"fail\" \"budgets.toml\":3"]);
    let (code, found) = findings(&project("", &target.replace("9000", "2000")), "");
    assert_eq!((code, found.as_slice()), (Some(1), &["\"size\" \"fail\" \"budgets.toml\":3".to_owned()][..]));
}
