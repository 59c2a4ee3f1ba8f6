//! The jobs that we give away, run as they are by gitlab-ci-local: a real shell, a real engine, and a GitLab that remembers.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::body;
use crate::support::daemon::{docker_archive, entry};
use crate::support::fake_gitlab::{FakeGitLab, IID, ME, PROJECT, TOKEN};
use crate::support::fake_registry::{FakeRegistry, Guard, PASSWORD, USER};
use crate::support::images::{Image, Layer};
use crate::support::npm::{Prism, live, tool};
use crate::support::repository::root;

/// A project with a pipeline of `files`, in a git repository.
struct Project {
    folder: TempDir,
    home: TempDir,
    gitlab: FakeGitLab,
    prism: Prism,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let gitlab = FakeGitLab::start();
        let prism = Prism::proxy(&root().join("tests/it/gitlab/gitlab.openapi.yaml"), &gitlab.origin());
        let project = Self { folder, home, gitlab, prism };
        for (path, text) in files {
            let path = project.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        for arguments in [
            "init --quiet --initial-branch main",
            "remote add origin https://gitlab.example.com/acme/shop.git",
            "add --all",
            "-c user.name=t -c user.email=t@example.com commit --quiet --message first",
        ] {
            let git = Command::new("git").args(arguments.split(' ')).current_dir(project.folder.path()).status();
            assert!(git.expect("git").success(), "git {arguments}");
        }
        project
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs the pipeline; whether it passed, and all that it said.
    fn run(&self, variables: &[(&str, &str)]) -> (bool, String) {
        let programs = Path::new(env!("CARGO_BIN_EXE_imgbudget")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        let api = format!("{}/api/v4", self.prism.origin());
        let iid = IID.to_string();
        let ours = [
            ("GITLAB_CI", "true"),
            ("CI_API_V4_URL", &api),
            ("CI_MERGE_REQUEST_PROJECT_ID", PROJECT),
            ("CI_MERGE_REQUEST_IID", &iid),
            ("IMGBUDGET_GITLAB_TOKEN", TOKEN),
        ];
        let mut command = tool("gitlab-ci-local");
        command.args(["--force-shell-executor", "--no-color"]).env("PATH", path).env("HOME", self.home.path());
        command.current_dir(self.folder.path());
        for (name, value) in ours.iter().chain(variables) {
            command.args(["--variable", &format!("{name}={value}")]);
        }
        let output = command.output().expect("gitlab-ci-local");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains(TOKEN), "the token is in the log");
        (output.status.success(), said)
    }
}

const MERGE_REQUEST: (&str, &str) = ("CI_PIPELINE_SOURCE", "merge_request_event");

#[test]
fn archives_are_judged_without_an_engine_and_the_note_is_kept_in_place() {
    if !live("archives_are_judged_without_an_engine_and_the_note_is_kept_in_place") {
        return;
    }
    let example = fs::read_to_string(root().join("examples/gitlab/archive.yml")).unwrap();
    // The job as it is; only the two that build are not run, since their tools come as images.
    let pipeline = "include: [{ local: archive.yml }]\n\
        build-api: { script: [test -f dist/api.tar] }\n\
        build-worker: { script: [test -f dist/worker.tar] }\n";
    let budgets =
        "[defaults]\nmax-size = \"1 kB\"\n[targets.api]\ncontext = \"a\"\n[targets.worker]\ncontext = \"b\"\n";
    let project = Project::new(&[("archive.yml", &example), (".gitlab-ci.yml", pipeline), ("budgets.toml", budgets)]);
    let image = |size: usize| {
        let mut layer = tar::Builder::new(Vec::new());
        entry(&mut layer, "app", 0o644, &vec![7; size]);
        docker_archive("x:1", "linux", "amd64", &[layer.into_inner().unwrap()])
    };
    fs::create_dir(project.path("dist")).unwrap();
    fs::write(project.path("dist/api.tar"), image(1500)).unwrap();
    fs::write(project.path("dist/worker.tar"), image(500)).unwrap();
    project.gitlab.add(1, body("forged").text());
    let no_engine = ("DOCKER_HOST", "unix:///nowhere/docker.sock");

    let (passed, said) = project.run(&[MERGE_REQUEST, no_engine]);
    assert!(!passed && said.contains("500 B over"), "{said}");
    assert!(project.read(".imgbudget/junit.xml").contains("<testsuites"));
    let issues: serde_json::Value = serde_json::from_str(&project.read(".imgbudget/codequality.json")).unwrap();
    assert_eq!(issues.as_array().map(Vec::len), Some(1));
    assert!(project.read(".imgbudget/metrics.txt").ends_with("# EOF\n"));
    let notes = project.gitlab.notes();
    assert_eq!(notes.len(), 2, "{said}");
    assert!(notes[1].author == ME && notes[1].body.contains("`api`"), "{}", notes[1].body);
    assert_eq!(notes[0].body, body("forged").text());

    project.gitlab.requests();
    let (_, said) = project.run(&[MERGE_REQUEST, no_engine]);
    assert_eq!(project.gitlab.requests(), ["GET /user", "GET …/notes"], "{said}");

    fs::write(project.path("dist/api.tar"), image(800)).unwrap();
    let (passed, said) = project.run(&[MERGE_REQUEST, no_engine]);
    assert!(passed, "{said}");
    assert_eq!(project.gitlab.notes().len(), 2);
    assert!(project.gitlab.notes()[1].body.contains("<!-- imgbudget:comment:v1 key=budgets.toml -->"));
    assert_ne!(project.gitlab.notes()[1].body, notes[1].body);

    let (passed, said) = project.run(&[MERGE_REQUEST, no_engine, ("IMGBUDGET_GITLAB_TOKEN", "")]);
    assert!(passed, "{said}");
    assert_eq!(said.matches("there is no token").count(), 1, "{said}");
}

#[test]
fn what_was_pushed_is_judged_in_its_registry() {
    if !live("what_was_pushed_is_judged_in_its_registry") {
        return;
    }
    let example = fs::read_to_string(root().join("examples/gitlab/registry.yml")).unwrap();
    // The job as it is; only the one that builds is not run, since its tool comes as an image.
    let pipeline = "include: [{ local: registry.yml }]\nbuild-api: { script: [test -n x] }\n";
    let budgets = "[targets.api]\ncontext = \"a\"\nmax-size = \"1 kB\"\n";
    let project = Project::new(&[("registry.yml", &example), (".gitlab-ci.yml", pipeline), ("budgets.toml", budgets)]);
    let registry = FakeRegistry::start();
    registry.guard(Guard::Token);
    let commit = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(project.folder.path()).output().unwrap();
    let tag = String::from_utf8(commit.stdout).unwrap();
    registry.push("shop/api", tag.trim(), &Image::new().layer(Layer::new().zeros("app", 0o644, 1500)));
    let (host, image) = (registry.name(), format!("{}/shop", registry.name()));
    let (passed, said) = project.run(&[
        MERGE_REQUEST,
        ("DOCKER_HOST", "unix:///nowhere/docker.sock"),
        ("CI_REGISTRY", &host),
        ("CI_REGISTRY_IMAGE", &image),
        ("CI_REGISTRY_USER", USER),
        ("CI_REGISTRY_PASSWORD", PASSWORD),
    ]);
    assert!(!passed && said.contains("500 B over"), "{said}");
    let notes = project.gitlab.notes();
    assert!(notes.len() == 1 && notes[0].body.contains("`api`"), "{notes:?}\n{said}");
}

#[test]
fn the_component_builds_and_compares_with_the_default_branch() {
    if !live("the_component_builds_and_compares_with_the_default_branch") {
        return;
    }
    let component = fs::read_to_string(root().join("templates/imgbudget.yml")).unwrap();
    let project = Project::new(&[
        ("templates/imgbudget.yml", &component),
        (".gitlab-ci.yml", "include: [{ local: templates/imgbudget.yml, inputs: { engine: runner } }]\n"),
        (
            "budgets.toml",
            "[targets.gitlab-job]\ncontext = \".\"\nmax-size = \"1 MB\"\nforbid-paths = [\"**/.imgbudget/**\"]\n",
        ),
        ("Dockerfile", "FROM scratch\nCOPY . /app\n"),
        (".dockerignore", ".git\n.gitlab-ci-local\n"),
        ("one", "1"),
    ]);
    // What the runner offers, which here is what the test would use itself.
    let engine: Vec<(String, String)> = std::env::vars().filter(|(name, _)| name.starts_with("DOCKER_")).collect();
    let engine: Vec<(&str, &str)> = engine.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();

    let (passed, said) = project.run(&[&engine[..], &[("CI_PIPELINE_SOURCE", "push")]].concat());
    assert!(passed && said.contains("gitlab-job"), "{said}");
    assert_eq!(project.read(".imgbudget/baseline.json"), project.read(".imgbudget/report.json"));

    fs::write(project.path("two"), "x".repeat(30_000)).unwrap();
    let merge_request = [&engine[..], &[MERGE_REQUEST, ("IMGBUDGET_COMMENT", "always")]].concat();
    let (passed, said) = project.run(&merge_request);
    assert!(passed, "{said}");
    // Exactly what was added: nothing that the job itself wrote was shipped.
    let notes = project.gitlab.notes();
    assert!(notes.len() == 1 && notes[0].body.contains("+30.0\u{a0}kB"), "{notes:?}\n{said}");
}
