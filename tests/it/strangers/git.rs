//! Git answers questions about a checkout whose configuration a stranger may have written.

use std::path::Path;
use std::process::Command;

use crate::support::project::Project;

const BUDGETS: &str = "[targets.api]\nimage = \"a\"\nmax-growth = \"1 kB\"\n";

fn git(project: &Project, args: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(args).current_dir(project.root()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with a committed lock file.
fn repository() -> Project {
    let project = Project::with(BUDGETS).file("budgets.lock", "imgbudget.lock/1 content/1\n\napi linux/amd64 size=1\n");
    std::fs::remove_dir(project.path(".git")).unwrap();
    git(&project, &["init", "-q", "-b", "main"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-q", "-m", "all"]);
    project
}

/// Everything in a configuration that names a program, each of which would leave a file.
fn hostile(project: &Project) -> String {
    let touch = |name: &str| format!("\"touch '{}'\"", project.path(&format!("ran-{name}")).display());
    let url = project.root().display();
    format!(
        "[core]\n fsmonitor = {}\n pager = {}\n sshCommand = {}\n askPass = {}\n editor = {}\n gitProxy = {}\n hooksPath = hooks\n \
         alternateRefsCommand = {}\n repositoryformatversion = 1\n\
         [extensions]\n partialClone = origin\n\
         [remote \"origin\"]\n url = {url}\n uploadpack = {}\n promisor = true\n partialclonefilter = blob:none\n\
         [remote \"other\"]\n url = \"ext::sh -c touch%% '{}'\"\n promisor = true\n\
         [protocol]\n allow = always\n[protocol \"file\"]\n allow = always\n[protocol \"ext\"]\n allow = always\n\
         [alias]\n rev-parse = {}\n cat-file = {}\n ls-files = {}\n\
         [filter \"x\"]\n clean = {}\n process = {}\n required = true\n\
         [diff]\n external = {}\n[pager]\n rev-list = {}\n cat-file = {}\n[credential]\n helper = {}\n[gpg]\n program = {}\n",
        touch("fsmonitor"),
        touch("pager"),
        touch("ssh"),
        touch("askpass"),
        touch("editor"),
        touch("proxy"),
        touch("alternate"),
        touch("uploadpack"),
        project.path("ran-ext").display(),
        touch("alias"),
        touch("alias"),
        touch("alias"),
        touch("clean"),
        touch("process"),
        touch("diff"),
        touch("pager-of"),
        touch("pager-of"),
        touch("helper"),
        touch("gpg"),
    )
}

/// What was run.
fn ran(project: &Project) -> Vec<String> {
    let names = std::fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| name.into_string().ok()).filter(|name| name.starts_with("ran-")).collect()
}

fn write_config(project: &Project, text: &str) {
    std::fs::write(project.path(".git/config"), text).unwrap();
    for hook in ["post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"] {
        let path = project.path("hooks").join(hook);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\ntouch '{}'\n", project.path("ran-hook").display())).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).unwrap();
    }
}

/// Removes the object of the lock file, as a partial clone does not have it.
fn forget_the_lock(project: &Project) {
    let output =
        Command::new("git").args(["rev-parse", "HEAD:budgets.lock"]).current_dir(project.root()).output().unwrap();
    let id = String::from_utf8(output.stdout).unwrap();
    let (folder, name) = id.trim().split_at(2);
    std::fs::remove_file(project.path(".git/objects").join(folder).join(name)).unwrap();
}

#[test]
fn nothing_that_a_configuration_names_is_run() {
    let project = repository();
    forget_the_lock(&project);
    write_config(&project, &hostile(&project));
    // What a filter would be asked about.
    std::fs::write(project.path(".gitattributes"), "* filter=x\n").unwrap();
    std::os::unix::fs::symlink(std::env::temp_dir(), project.path("out")).unwrap();
    let budgets = format!("{BUDGETS}[targets.far]\narchive = \"out/no-such-archive.tar\"\n");
    let project = project.file("budgets.toml", budgets);
    let args =
        ["check --baseline-ref main", "check", "check --baseline budgets.lock", "check --changed-since main far"];
    for args in args {
        let screen = project.imgbudget(args).run();
        assert_eq!(screen.code, Some(2), "{}", screen.screen());
        assert_eq!(ran(&project), Vec::<String>::new(), "{args}: {}", screen.screen());
    }
}

/// Without the settings of ours, git would: else the test above could not fail.
#[test]
fn that_configuration_is_as_hostile_as_it_looks() {
    let project = repository();
    forget_the_lock(&project);
    write_config(&project, &hostile(&project));
    let run = |args: &[&str]| drop(Command::new("git").args(args).current_dir(project.root()).output().unwrap());
    run(&["cat-file", "blob", "main:budgets.lock"]);
    run(&["status"]);
    std::fs::write(project.path(".gitattributes"), "* filter=x\n").unwrap();
    std::fs::write(project.path("budgets.toml"), format!("{BUDGETS}# more\n")).unwrap();
    run(&["diff", "--name-only"]);
    let ran = ran(&project);
    assert!(ran.contains(&"ran-uploadpack".to_owned()) && ran.contains(&"ran-fsmonitor".to_owned()), "{ran:?}");
    assert!(ran.contains(&"ran-process".to_owned()) || ran.contains(&"ran-clean".to_owned()), "{ran:?}");
}

#[test]
fn a_blob_that_a_partial_clone_lacks_is_not_fetched() {
    let project = repository();
    let clone = Project::new();
    std::fs::remove_dir(clone.path(".git")).unwrap();
    git(&project, &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", project.root().display());
    git(&clone, &["clone", "-q", "--filter=blob:none", "--no-checkout", &from, "."]);
    std::fs::write(clone.path("budgets.toml"), BUDGETS).unwrap();
    let objects = || count(&clone.path(".git/objects"));
    let before = objects();
    let screen = clone.imgbudget("check --baseline-ref origin/main").run().screen();
    assert_eq!(objects(), before, "{screen}");
    insta::assert_snapshot!(screen, @"
    exit: 2
    --- stdout

    --- stderr
    error: git cannot show `budgets.lock at origin/main`
     hint: It has to be a file that was committed. Nothing is fetched for it: in a partial clone, `git show REF:FILE` brings it.
    ");
}

#[test]
fn a_commit_whose_folders_are_missing_is_no_commit_without_a_lock_file() {
    let project = repository();
    let tree = Command::new("git").args(["rev-parse", "HEAD^{tree}"]).current_dir(project.root()).output().unwrap();
    let id = String::from_utf8(tree.stdout).unwrap();
    let (folder, name) = id.trim().split_at(2);
    std::fs::remove_file(project.path(".git/objects").join(folder).join(name)).unwrap();
    let screen = project.check("--baseline-ref main");
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    assert!(screen.stderr.contains("git cannot show `budgets.lock at main`"), "{}", screen.screen());
}

fn count(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}
