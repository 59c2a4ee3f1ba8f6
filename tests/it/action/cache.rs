//! When the action restores and saves the layer cache, and when neither.

use super::{recorded, recorder};
use crate::support::action::{Job, Outcome};

const MAIN: &str = "refs/heads/main";

/// A job that asks for the cache, with a program that keeps something in it and ends with `code`.
fn job(event: &str, git_ref: &str, code: i32) -> Job {
    let job = Job::new("action.yml").with("cache", "true").with("binary", "keeps").event(event, git_ref, "main");
    let script = format!(
        "#!/usr/bin/env bash\nfor a in \"$@\"; do case $a in --layer-cache=*) d=${{a#*=}} ;; esac; done\n\
         [[ -z ${{d-}} ]] || {{ mkdir -p \"$d\"; sleep 0.01; echo >\"$d/usage\"; }}\nexit {code}\n"
    );
    job.program("keeps", &script);
    job.env("GITHUB_RUN_ID", "71").env("GITHUB_RUN_ATTEMPT", "2")
}

/// The nested actions that were called, without the commits that they are pinned to.
fn used(outcome: &Outcome) -> Vec<&str> {
    outcome.used.iter().map(|used| used.action.split('@').next().unwrap_or_default()).collect()
}

const RESTORE: &str = "actions/cache/restore";
const SAVE: &str = "actions/cache/save";

#[test]
fn it_is_off_unless_asked_for() {
    let job = Job::new("action.yml").with("binary", "recorder").event("push", MAIN, "main");
    recorder(&job);
    assert_eq!(used(&job.run()), [""; 0]);
    assert!(recorded(&job)[0].iter().all(|argument| !argument.starts_with("--layer-cache")));
}

#[test]
fn it_is_restored_by_all_and_saved_by_the_default_branch_alone() {
    for (event, git_ref, expected) in [
        ("push", MAIN, &[RESTORE, SAVE][..]),
        ("schedule", MAIN, &[RESTORE, SAVE]),
        ("workflow_dispatch", MAIN, &[RESTORE, SAVE]),
        ("push", "refs/heads/feature", &[RESTORE]),
        ("push", "refs/tags/main", &[RESTORE]),
        ("pull_request", "refs/pull/7/merge", &[RESTORE]),
        ("merge_group", "refs/heads/gh-readonly-queue/main/pr-7", &[RESTORE]),
        // Jobs of the default branch that anybody can start with a comment.
        ("issue_comment", MAIN, &[RESTORE]),
        ("pull_request_target", MAIN, &[]),
        ("workflow_run", MAIN, &[]),
    ] {
        let outcome = job(event, git_ref, 0).run();
        assert_eq!((outcome.code, &used(&outcome)[..]), (0, expected), "{event} of {git_ref}: {}", outcome.log);
    }
    let unknown = job("push", "refs/heads/", 0).event("push", "refs/heads/", "");
    assert_eq!(used(&unknown.run()), [RESTORE], "an event without a default branch");
}

#[test]
fn a_run_saves_under_its_own_key_what_others_find_by_its_beginning() {
    let job = job("push", MAIN, 0).env("RUNNER_OS", "Linux");
    let outcome = job.run();
    let directory = job.temp("imgbudget-layers").display().to_string();
    let [restore, save] = &outcome.used[..] else { panic!("{:?}", outcome.used) };
    let given = |name: &str| restore.with.get(name).map(String::as_str);
    assert_eq!(given("key"), Some("imgbudget-layers-Linux-71-2"));
    assert_eq!(given("restore-keys"), Some("imgbudget-layers-Linux-"));
    assert_eq!(given("path"), Some(directory.as_str()));
    assert_eq!(
        save.with.iter().collect::<Vec<_>>(),
        restore.with.iter().filter(|(name, _)| *name != "restore-keys").collect::<Vec<_>>()
    );
}

#[test]
fn it_is_saved_where_the_check_failed_and_not_where_nothing_is_new() {
    let outcome = job("push", MAIN, 1).run();
    assert_eq!((outcome.code, used(&outcome)), (1, vec![RESTORE, SAVE]), "over budget, and read all the same");
    let job = Job::new("action.yml").with("cache", "true").with("binary", "recorder").event("push", MAIN, "main");
    recorder(&job);
    assert_eq!(used(&job.run()), [RESTORE]);
    let passed: Vec<_> = recorded(&job).remove(0);
    assert!(passed.contains(&format!("--layer-cache={}", job.temp("imgbudget-layers").display())), "{passed:?}");
}

#[test]
fn without_the_program_nothing_is_saved() {
    let outcome = job("push", MAIN, 0).with("binary", "nowhere").run();
    assert_eq!((outcome.code, used(&outcome)), (2, Vec::new()));
}
