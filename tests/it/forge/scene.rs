//! A job on a pull request, with a repository, an image and a GitHub.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::fake_github::{FakeGitHub, HEAD, NUMBER, REPOSITORY};
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::run::Run;

/// The commit that the job has checked out: a merge, or the base.
pub(super) const CHECKED_OUT: &str = "00000000000000000000000000000000000000ba";
/// A token as a job has it. It must not be seen anywhere.
pub(super) const CANARY: &str = "ghs_CANARY0123456789abcdefghijklmnopqrst";

/// A checkout with one target that is over its budget of 1 kB, or within it.
pub(super) struct Scene {
    pub(super) dir: TempDir,
    pub(super) github: FakeGitHub,
}

impl Scene {
    /// The image is over its budget.
    pub(super) fn over() -> Self {
        Self::with_image(5000)
    }

    /// The image is within its budget.
    pub(super) fn within() -> Self {
        Self::with_image(500)
    }

    fn with_image(size: usize) -> Self {
        let scene = Self { dir: tempfile::tempdir().unwrap(), github: FakeGitHub::start() };
        fs::create_dir(scene.path(".git")).unwrap();
        fs::write(scene.path("budgets.toml"), "[targets.api]\ncontext = \".\"\nmax-size = \"1 kB\"\n").unwrap();
        fs::write(scene.path("Dockerfile"), "FROM scratch\nCOPY a /a\n").unwrap();
        scene.image(size);
        scene.event(&json!({ "pull_request": {
            "number": NUMBER,
            "head": { "sha": HEAD, "repo": { "full_name": REPOSITORY } },
            "base": { "sha": CHECKED_OUT, "repo": { "full_name": REPOSITORY } },
        } }));
        scene
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Replaces the image.
    pub(super) fn image(&self, size: usize) {
        let image = Image::new().layer(Layer::new().zeros("a", 0o644, size)).named("acme/api:1");
        fs::write(self.path("api.tar"), docker_archive(&[image])).unwrap();
    }

    /// Replaces the event.
    pub(super) fn event(&self, payload: &Value) {
        fs::write(self.path("event.json"), payload.to_string()).unwrap();
    }

    /// The program as a step of the job.
    pub(super) fn step(&self, args: &str) -> Run {
        Run::new()
            .dir(self.dir.path())
            .args(args.split_whitespace())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("GITHUB_SHA", CHECKED_OUT)
            .env("GITHUB_RUN_ID", "77")
            .env("GITHUB_EVENT_NAME", "pull_request")
            .env("GITHUB_EVENT_PATH", self.path("event.json"))
            .env("GITHUB_API_URL", self.github.url())
            .env("GITHUB_GRAPHQL_URL", format!("{}/graphql", self.github.url()))
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .env("GITHUB_OUTPUT", self.path("output.txt"))
            .env("GITHUB_TOKEN", CANARY)
    }

    /// `check` of the archive.
    pub(super) fn check(&self, args: &str) -> Run {
        self.step(&format!("check --archive api=api.tar {args}"))
    }

    /// A report that `check` wrote.
    pub(super) fn report(&self, name: &str) {
        let screen = self.check(&format!("--write json={name}")).run();
        assert!(self.path(name).exists(), "{}", screen.stderr);
    }
}
