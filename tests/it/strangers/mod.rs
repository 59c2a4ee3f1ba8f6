//! What a repository that a stranger wrote cannot do. docs/security.md says each of it, and names the test.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod boundary;
mod credentials;
mod git;
mod waits;

use std::path::Path;

use crate::support::project::Project;

/// A value that must not be seen anywhere.
const CANARY: &str = "CANARY0123456789";

/// A repository, and beside it what it has no business with: a file with a secret, and a folder that could be built.
struct Scene {
    project: Project,
    outside: tempfile::TempDir,
}

impl Scene {
    fn new(budgets: &str) -> Self {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), format!("root:{CANARY}:0:0\nTOKEN={CANARY}\n")).unwrap();
        std::fs::write(outside.path().join("Dockerfile"), "FROM scratch\nCOPY secret /\n").unwrap();
        let budgets = budgets.replace("[OUTSIDE]", &outside.path().display().to_string());
        Self { project: Project::with(&budgets), outside }
    }

    /// Makes `name` in the repository a link to `target` outside.
    fn link(self, name: &str, target: &str) -> Self {
        link(&self.outside.path().join(target), &self.project.path(name));
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        Self { project: self.project.file(name, text), ..self }
    }

    /// The screen of `imgbudget ARGS`, which has to end with 2 and to show nothing of what lies outside.
    fn refused(&self, args: &str) -> String {
        let screen = self.project.imgbudget(args).env("TOKEN", CANARY).run();
        let shown = screen.screen().replace(&self.outside.path().display().to_string(), "[OUTSIDE]");
        assert_eq!(screen.code, Some(2), "{shown}");
        assert!(!shown.contains(CANARY) && !shown.contains("root:"), "{shown}");
        shown
    }
}

fn link(target: &Path, name: &Path) {
    std::fs::create_dir_all(name.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, name).unwrap();
}

fn pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}
