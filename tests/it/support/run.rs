//! Runs the real program and gives back what a person would have seen.
//!
//! The environment is empty but for what a test sets: no engine, no CI system and no settings of the machine leak in. What
//! changes from run to run (folders, times, digests, the version) is replaced by a name in brackets, so that a whole screen can be
//! compared.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use assert_cmd::Command;
use regex::Regex;
use tempfile::TempDir;

/// No test may hang for longer; a live one may build a toolchain.
const PATIENCE: Duration = Duration::from_secs(900);

/// What leads to an engine: passed on to live tests only.
const ENGINE: [&str; 6] =
    ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "XDG_RUNTIME_DIR"];

/// A run of the program that is being put together.
#[derive(Debug)]
pub(crate) struct Run {
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    home: TempDir,
    input: Vec<u8>,
}

/// How a run ended, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The exit code, `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output as it came, for tests that parse it.
    pub(crate) stdout: String,
    /// Standard error as it came.
    pub(crate) stderr: String,
    places: Vec<(String, &'static str)>,
}

impl Run {
    /// The program without arguments, in an empty folder that is also its home, 80 columns wide, with no engine to reach.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let no_engine = format!("unix://{}/no-engine.sock", home.path().display());
        let run = Self { args: Vec::new(), env: Vec::new(), dir: None, home, input: Vec::new() };
        let path = env::var_os("PATH").unwrap_or_default();
        let own_home = run.home.path().as_os_str().to_owned();
        run.env("PATH", path).env("HOME", own_home).env("COLUMNS", "80").env("DOCKER_HOST", no_engine)
    }

    /// Runs in `dir`, which is shown as `[DIR]`.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.into(), value.into()));
        self
    }

    /// Pipes bytes into standard input; without, it is empty.
    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Lets the program reach the engine that this test process would reach.
    pub(crate) fn live(mut self) -> Self {
        self.env.retain(|(name, _)| name != "DOCKER_HOST");
        self.env.extend(ENGINE.iter().filter_map(|name| Some((name.into(), env::var_os(name)?))));
        self
    }

    /// The same run, for a test that looks at the process while it works. Both must be kept until it has ended.
    pub(crate) fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_imgbudget"));
        command.args(&self.args).env_clear().envs(self.env.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.dir.as_deref().unwrap_or(self.home.path()));
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Screen {
        let dir = self.dir.clone().unwrap_or_else(|| self.home.path().to_owned());
        let output = Command::new(env!("CARGO_BIN_EXE_imgbudget"))
            .args(&self.args)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&dir)
            .write_stdin(self.input)
            .timeout(PATIENCE)
            .output()
            .unwrap();
        let mut places = Vec::new();
        for (path, name) in [(dir.as_path(), "[DIR]"), (self.home.path(), "[HOME]")] {
            // A temporary folder may lie behind a symlink, and the program may have resolved it.
            places.extend(path.canonicalize().map(|real| (real.display().to_string(), name)));
            places.push((path.display().to_string(), name));
        }
        Screen {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            places,
        }
    }

    /// Runs it, and gives the whole screen.
    pub(crate) fn screen(self) -> String {
        self.run().screen()
    }
}

impl Screen {
    /// Exit code, standard output and standard error as one text without what changes from run to run.
    pub(crate) fn screen(&self) -> String {
        let code = self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        let part = |text: &str| self.stable(text).trim_end().to_owned();
        format!("exit: {code}\n--- stdout\n{}\n--- stderr\n{}", part(&self.stdout), part(&self.stderr))
    }

    fn stable(&self, text: &str) -> String {
        static CHANGING: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
            [
                (Regex::new(r"\bsha256:[0-9a-f]{12}\b|\b(sha256:)?[0-9a-f]{64}\b").unwrap(), "[DIGEST]"),
                (Regex::new(r"\b(\d+m )?\d+(\.\d+)? ?(ms|s)\b").unwrap(), "[TIME]"),
                (
                    Regex::new(&format!(r"\bimgbudget {}", regex::escape(env!("CARGO_PKG_VERSION")))).unwrap(),
                    "imgbudget [VERSION]",
                ),
            ]
        });
        let mut text = self.places.iter().fold(text.to_owned(), |text, (path, name)| text.replace(path, name));
        for (pattern, name) in CHANGING.iter() {
            text = pattern.replace_all(&text, *name).into_owned();
        }
        text
    }
}

#[test]
fn screens_do_not_change_from_run_to_run() {
    let digest = "ab".repeat(32);
    let screen = Screen {
        code: Some(1),
        stdout: format!("/tmp/x1/api built in 12.5 s (1m 3s, 40ms), sha256:{digest}\n"),
        stderr: format!("imgbudget {}: 150 MB in 3 layers, {digest}\n\n", env!("CARGO_PKG_VERSION")),
        places: vec![("/tmp/x1".to_owned(), "[DIR]")],
    };
    insta::assert_snapshot!(screen.screen(), @r"
    exit: 1
    --- stdout
    [DIR]/api built in [TIME] ([TIME], [TIME]), [DIGEST]
    --- stderr
    imgbudget [VERSION]: 150 MB in 3 layers, [DIGEST]
    ");
}

#[test]
fn the_program_runs_in_the_folder_it_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let screen = Run::new().dir(dir.path()).args(["--version"]).screen();
    insta::assert_snapshot!(screen, @r"
    exit: 0
    --- stdout
    imgbudget [VERSION]
    --- stderr
    ");
}

#[test]
fn nothing_of_the_machine_leaks_in() {
    let run = Run::new();
    let names: Vec<_> = run.env.iter().map(|(name, _)| name.to_string_lossy()).collect();
    assert_eq!(names, ["PATH", "HOME", "COLUMNS", "DOCKER_HOST"]);
    assert!(run.live().env.iter().all(|(_, value)| !value.to_string_lossy().contains("no-engine")));
}
