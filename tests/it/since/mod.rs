//! What was done since a commit: which commit a change was made on, what of each target changed, and images of that commit.

mod commits;
mod inputs;
mod registry;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::run::{Run, Screen};

/// Two services of one repository: one is built in its own folder, the other at the root.
const BUDGETS: &str = "\
[baseline]
file = \"budgets.lock\"

[defaults]
max-size = \"1 MB\"

[targets.api]
context = \".\"
dockerfile = \"services/api/Dockerfile\"
target = \"production\"

[targets.web]
context = \"services/web\"
";

const API: &str = "\
ARG BASE=registry.example.com/base:1
FROM ${BASE} AS build
COPY go.mod services/api /src/
RUN make

FROM registry.example.com/node:1 AS test
COPY . /everything

FROM registry.example.com/run:1 AS production
COPY --from=build /out /out
";

const WEB: &str = "FROM registry.example.com/web:1\nCOPY . /app\n";

/// A repository whose images were built elsewhere.
pub(super) struct Repository {
    dir: TempDir,
    /// Where images are, outside of the repository.
    images: TempDir,
}

impl Repository {
    /// With one commit on `main`, the lock file included.
    pub(super) fn new() -> Self {
        let made = Self { dir: tempfile::tempdir().unwrap(), images: tempfile::tempdir().unwrap() };
        made.git(&["init", "--quiet", "--initial-branch", "main"]);
        for (path, text) in [
            ("budgets.toml", BUDGETS),
            ("services/api/Dockerfile", API),
            ("services/api/main.go", "package main\n"),
            ("services/web/Dockerfile", WEB),
            ("services/web/index.html", "<html>\n"),
            ("services/web/.dockerignore", "docs\n"),
            ("services/web/docs/read.me", "words\n"),
            ("go.mod", "module shop\n"),
            ("README.md", "# shop\n"),
            (".gitignore", "node_modules\n"),
        ] {
            made.write(path, text);
        }
        made.image("api", 60_000);
        made.image("web", 40_000);
        made.update();
        made.commit("first");
        made
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A link that holds `to`.
    pub(super) fn link(&self, path: &str, to: &str) {
        std::os::unix::fs::symlink(to, self.path().join(path)).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub(super) fn image(&self, name: &str, size: usize) {
        let image = Image::new().layer_by(Layer::new().zeros("own", 0o644, size), "RUN make").named("shop/x:1");
        fs::write(self.archive(name), docker_archive(&[image])).unwrap();
    }

    fn archive(&self, name: &str) -> PathBuf {
        self.images.path().join(format!("{name}.tar"))
    }

    /// The program in a folder, with the images of both targets.
    pub(super) fn run_in(&self, folder: &Path, args: &[&str]) -> Run {
        let archives = ["api", "web"].map(|name| format!("--archive={name}={}", self.archive(name).display()));
        Run::new().dir(folder).args(args.iter().copied()).args(archives)
    }

    pub(super) fn check(&self, args: &[&str]) -> Screen {
        self.run_in(self.path(), &[&["check", "--format", "json"], args].concat()).run()
    }

    pub(super) fn update(&self) {
        let screen = self.run_in(self.path(), &["update"]).run();
        assert_eq!(screen.code, Some(0), "{}", screen.stderr);
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    pub(super) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(super) fn branch(&self, name: &str) {
        self.git(&["checkout", "--quiet", "-b", name]);
    }

    /// A clone of this repository.
    pub(super) fn clone_with(&self, args: &[&str]) -> TempDir {
        let clone = tempfile::tempdir().unwrap();
        let url = format!("file://{}", self.path().display());
        git(clone.path(), &[&["clone", "--quiet"], args, &[&url, "."]].concat());
        clone
    }
}

pub(super) fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "commit.gpgsign=false", "-c", "advice.detachedHead=false"])
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", folder)
        .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
        .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")])
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert!(output.status.success(), "git {args:?}: {}{}", text(output.stdout), text(output.stderr));
    text(output.stdout).trim().to_owned()
}

/// The JSON that a run printed.
pub(super) fn report(screen: &Screen) -> Value {
    serde_json::from_str(&screen.stdout).unwrap_or_else(|_| panic!("{}", screen.screen()))
}

/// A job of GitHub for a pull request from `head`, whose merge is `merge`.
pub(super) fn pull_request(run: Run, folder: &TempDir, head: &str, merge: &str, base: &str) -> Run {
    let repo = json!({ "full_name": "acme/shop" });
    let event = json!({ "pull_request": {
        "number": 5, "head": { "sha": head, "ref": "feature", "repo": repo }, "base": { "sha": base, "ref": "main", "repo": repo },
    } });
    job(run, folder, "pull_request", merge, &event)
}

/// A job of GitHub.
pub(super) fn job(run: Run, folder: &TempDir, name: &str, sha: &str, event: &Value) -> Run {
    let path = folder.path().join("event.json");
    fs::write(&path, event.to_string()).unwrap();
    run.env("GITHUB_ACTIONS", "true")
        .env("CI", "true")
        .env("GITHUB_REPOSITORY", "acme/shop")
        .env("GITHUB_EVENT_NAME", name)
        .env("GITHUB_EVENT_PATH", path)
        .env("GITHUB_SHA", sha)
}
