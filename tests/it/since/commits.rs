//! Which commit a run is compared with, as the job says and git confirms.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Repository, git, job, pull_request, report};
use crate::support::run::{Run, Screen};

/// A feature branch that raised its own row of the lock file, and a main branch that moved on since.
struct Merged {
    repository: Repository,
    /// Where the branch began.
    began: String,
    /// The end of main.
    main: String,
    /// The end of the branch.
    head: String,
    /// The merge that CI made of both.
    merge: String,
    events: TempDir,
}

impl Merged {
    fn new() -> Self {
        let repository = Repository::new();
        let began = repository.git(&["rev-parse", "HEAD"]);
        repository.branch("feature");
        repository.write("services/api/main.go", "package main // more\n");
        repository.image("api", 70_000);
        repository.update();
        let head = repository.commit("api grows");
        repository.git(&["checkout", "--quiet", "main"]);
        repository.image("web", 45_000);
        repository.write("budgets.lock", repository.read("budgets.lock").replace("size=40_000", "size=45_000"));
        let main = repository.commit("web grows");
        repository.git(&["checkout", "--quiet", "--detach"]);
        repository.git(&["merge", "--quiet", "--no-ff", "--no-edit", "feature"]);
        let merge = repository.git(&["rev-parse", "HEAD"]);
        Self { repository, began, main, head, merge, events: tempfile::tempdir().unwrap() }
    }

    /// The job of the pull request in a checkout.
    fn job_in(&self, folder: &Path, args: &[&str]) -> Screen {
        let run = self.repository.run_in(folder, &[&["check", "--format", "json"], args].concat());
        pull_request(run, &self.events, &self.head, &self.merge, &self.main).run()
    }

    fn job(&self, args: &[&str]) -> Screen {
        self.job_in(self.repository.path(), args)
    }
}

/// Why, the commit, and the size of `api` then.
fn compared(screen: &Screen) -> (String, String, Option<u64>) {
    let report = report(screen);
    let baseline = &report["baseline"];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let api = &report["targets"][0]["change"]["size_before"];
    (text(&baseline["how"]), text(&baseline["commit"]), api.as_u64())
}

fn is(screen: &Screen, how: &str, commit: &str, before: u64) {
    assert_eq!(compared(screen), (how.to_owned(), commit.to_owned(), Some(before)), "{}", screen.stderr);
}

#[test]
fn a_pull_request_is_compared_with_what_it_was_merged_onto() {
    let merged = Merged::new();
    let screen = merged.job(&[]);
    is(&screen, "merge-parent", &merged.main, 60_000);
    assert_eq!(screen.stderr, "");
    assert_eq!(report(&screen)["baseline"]["behind"], Value::Null);
    let run = merged.repository.run_in(merged.repository.path(), &["check"]);
    let table = pull_request(run, &merged.events, &merged.head, &merged.merge, &merged.main).run().stdout;
    assert!(table.contains(&format!("{}, this merge's parent", &merged.main[..7])), "{table}");
    // What is asked for counts.
    is(&merged.job(&["--baseline-ref", "feature"]), "ref", &merged.head, 70_000);
    is(&merged.job(&["--baseline-ref", "main"]), "merge-parent", &merged.main, 60_000);
    is(&merged.job(&["--baseline-ref", "auto"]), "merge-parent", &merged.main, 60_000);
}

#[test]
fn a_change_cannot_take_the_lock_file_away() {
    let merged = Merged::new();
    std::fs::remove_file(merged.repository.path().join("budgets.lock")).unwrap();
    is(&merged.job(&[]), "merge-parent", &merged.main, 60_000);
}

#[test]
fn a_lock_file_that_a_change_brings_is_no_baseline_of_it() {
    let merged = Merged::new();
    let repository = &merged.repository;
    repository.write("budgets.toml", repository.read("budgets.toml").replace("budgets.lock", "sizes.lock"));
    std::fs::rename(repository.path().join("budgets.lock"), repository.path().join("sizes.lock")).unwrap();
    repository.git(&["add", "--all"]);
    let found = report(&merged.job(&[]));
    assert_eq!(
        (&found["baseline"]["state"], &found["baseline"]["reason"]),
        (&json!("missing"), &json!("it has no sizes.lock"))
    );
    // A file that nobody commits is of this run.
    repository.git(&["rm", "--quiet", "--cached", "sizes.lock"]);
    let found = report(&merged.job(&[]));
    assert_eq!((&found["baseline"]["state"], &found["baseline"]["how"]), (&json!("found"), &json!("file")));
}

#[test]
fn a_shallow_clone_says_what_would_be_deep_enough() {
    let merged = Merged::new();
    merged.repository.git(&["branch", "merged", &merged.merge]);
    let clone = merged.repository.clone_with(&["--depth", "1", "--branch", "merged"]);
    let screen = merged.job_in(clone.path(), &[]);
    assert_eq!(compared(&screen).0, "file");
    let said = format!(
        "::notice title=imgbudget::compared with budgets.lock of this checkout: the clone does not have {}, which the change was made on. \
         To compare with that commit, set `fetch-depth: 0` at actions/checkout.\n",
        &merged.main[..7]
    );
    assert_eq!(screen.stderr, said);
    // Two commits are enough for the merge and what it was made of.
    let deeper = merged.repository.clone_with(&["--depth", "2", "--branch", "merged"]);
    is(&merged.job_in(deeper.path(), &[]), "merge-parent", &merged.main, 60_000);
    let asked = merged.job_in(clone.path(), &["--baseline-ref", "main"]);
    assert_eq!(asked.code, Some(0));
    assert_eq!(
        report(&asked)["baseline"]["reason"],
        "this clone is shallow and does not have it; set `fetch-depth: 0` at actions/checkout"
    );
    let head = merged.repository.clone_with(&["--depth", "1", "--branch", "feature"]);
    assert_eq!(
        report(&merged.job_in(head.path(), &["--baseline-ref", "auto"]))["baseline"]["reason"],
        "this clone is shallow; set `fetch-depth: 0` at actions/checkout"
    );
}

#[test]
fn the_branch_itself_is_compared_with_where_it_began() {
    let merged = Merged::new();
    merged.repository.git(&["checkout", "--quiet", "feature"]);
    let screen = merged.job(&[]);
    is(&screen, "merge-base", &merged.began, 60_000);
    assert_eq!(screen.stderr, "");
    // A clone of CI has the branches of the remote alone.
    let clone = merged.repository.clone_with(&["--branch", "feature"]);
    is(&merged.job_in(clone.path(), &[]), "merge-base", &merged.began, 60_000);
}

#[test]
fn nobody_guesses_among_three_parents() {
    let merged = Merged::new();
    let repository = &merged.repository;
    let tree = repository.git(&["rev-parse", "HEAD^{tree}"]);
    let parents = ["-p", &merged.began, "-p", &merged.head, "-p", &merged.main];
    let octopus = repository.git(&[&["commit-tree", &tree, "-m", "three"], &parents[..]].concat());
    repository.git(&["checkout", "--quiet", &octopus]);
    repository.git(&["branch", "--force", "main", &merged.began]);
    let run = repository.run_in(repository.path(), &["check", "--format", "json"]);
    let screen = pull_request(run, &merged.events, &merged.head, &octopus, &merged.began).run();
    is(&screen, "merge-base", &merged.began, 60_000);
    let said = format!(
        "::notice title=imgbudget::the commit that is checked out has 3 parents, so what main changed since {} counts here, too\n",
        &merged.began[..7]
    );
    assert_eq!(screen.stderr, said);
}

#[test]
fn a_merge_group_is_compared_with_what_it_was_made_on() {
    let merged = Merged::new();
    let event = json!({ "merge_group": {
        "head_sha": merged.merge, "base_sha": merged.main, "head_ref": "refs/heads/gh-readonly-queue/main/x",
        "base_ref": "refs/heads/main",
    } });
    let run = merged.repository.run_in(merged.repository.path(), &["check", "--format", "json"]);
    is(&job(run, &merged.events, "merge_group", &merged.merge, &event).run(), "merge-group-base", &merged.main, 60_000);
}

/// A job of GitLab.
fn gitlab(run: Run, variables: &[(&str, &str)]) -> Screen {
    let run = run.env("GITLAB_CI", "true").env("CI", "true").env("CI_MERGE_REQUEST_IID", "3");
    variables
        .iter()
        .fold(run.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"), |run, (name, value)| run.env(name, *value))
        .run()
}

#[test]
fn a_merge_request_is_compared_by_its_kind_of_pipeline() {
    let merged = Merged::new();
    let repository = &merged.repository;
    let run = || repository.run_in(repository.path(), &["check", "--format", "json"]);
    let result = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", merged.main.as_str()),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", &merged.head),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &merged.began),
        ("CI_COMMIT_SHA", &merged.merge),
    ];
    is(&gitlab(run(), &result), "merge-parent", &merged.main, 60_000);
    repository.git(&["checkout", "--quiet", "feature"]);
    let detached = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", merged.began.as_str()),
        ("CI_COMMIT_SHA", &merged.head),
    ];
    is(&gitlab(run(), &detached), "merge-base", &merged.began, 60_000);
    is(&gitlab(run(), &[("CI_COMMIT_SHA", &merged.head)]), "merge-base", &merged.began, 60_000);
    let shallow = repository.clone_with(&["--depth", "1", "--branch", "feature"]);
    let screen = gitlab(repository.run_in(shallow.path(), &["check", "--format", "json"]), &detached);
    let said = format!(
        "note: compared with budgets.lock of this checkout: the clone does not have {}, which the change was made on\n \
         hint: To compare with that commit, set `GIT_DEPTH: 0` for the job.\n",
        &merged.began[..7]
    );
    assert_eq!(screen.stderr, said);
}

#[test]
fn an_older_report_says_that_it_is() {
    let merged = Merged::new();
    let repository = &merged.repository;
    let measured_at = |commit: &str| {
        repository.git(&["checkout", "--quiet", "--force", commit]);
        let path = merged.events.path().join("main.json");
        let write = format!("json={}", path.display());
        assert_eq!(repository.check(&["--write", &write]).code, Some(0));
        repository.git(&["checkout", "--quiet", "--force", &merged.merge]);
        path.display().to_string()
    };
    let older = measured_at(&merged.began);
    let found = report(&merged.job(&["--baseline", &older]));
    assert_eq!(
        (&found["baseline"]["how"], &found["baseline"]["older_by"], &found["baseline"]["commit"]),
        (&json!("older"), &json!(1), &json!(merged.began))
    );
    let same = measured_at(&merged.main);
    assert_eq!(report(&merged.job(&["--baseline", &same]))["baseline"]["how"], "merge-parent");
    let other = measured_at(&merged.head);
    let found = report(&merged.job(&["--baseline", &other]));
    assert_eq!((&found["baseline"]["how"], &found["baseline"]["older_by"]), (&json!("older"), &Value::Null));
}

#[test]
fn auto_at_a_desk_is_where_the_branch_began() {
    let merged = Merged::new();
    let repository = &merged.repository;
    repository.git(&["checkout", "--quiet", "feature"]);
    is(&repository.check(&["--baseline-ref", "auto"]), "merge-base", &merged.began, 60_000);
    // On main nothing but what is not committed yet is new.
    repository.git(&["checkout", "--quiet", "main"]);
    is(&repository.check(&["--baseline-ref", "auto"]), "ref", &merged.main, 60_000);
    // In a job, it is the commit.
    let run = repository.run_in(repository.path(), &["check", "--format", "json", "--baseline-ref", "auto"]);
    is(&run.env("CI", "true").run(), "parent", &merged.began, 60_000);
    // Without one, the lock file of the checkout counts.
    is_file(&repository.check(&[]));
}

fn is_file(screen: &Screen) {
    assert_eq!((compared(screen).0.as_str(), compared(screen).1.as_str()), ("file", "-"));
}

#[test]
fn a_branch_of_the_remote_is_found_by_its_own_name() {
    let merged = Merged::new();
    let clone = merged.repository.clone_with(&["--branch", "feature"]);
    let screen = merged.repository.run_in(clone.path(), &["check", "--format", "json", "--baseline-ref", "main"]).run();
    is(&screen, "ref", &merged.main, 60_000);
    assert_eq!(report(&screen)["baseline"]["source"], "budgets.lock at origin/main");
}

#[test]
fn without_git_a_change_is_judged_all_the_same() {
    let merged = Merged::new();
    std::fs::remove_dir_all(merged.repository.path().join(".git")).unwrap();
    is_file(&merged.job(&[]));
    let asked = report(&merged.job(&["--baseline-ref", "main"]));
    assert_eq!(asked["baseline"]["reason"], "this is not a git repository, or git is not installed");
    let empty = tempfile::tempdir().unwrap();
    git(empty.path(), &["init", "--quiet"]);
    std::fs::write(empty.path().join("budgets.toml"), super::BUDGETS).unwrap();
    let screen = merged.repository.run_in(empty.path(), &["check", "--format", "json", "--baseline-ref", "main"]).run();
    assert_eq!(report(&screen)["baseline"]["reason"], "the repository has no commit yet");
}
