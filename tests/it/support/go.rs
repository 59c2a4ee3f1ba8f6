//! Go as a judge: every engine is written in it, so what its standard library reads is what an image is.
//!
//! The programs of `tests/go` get inputs on standard input, each after its length as four bytes, the highest first. They answer with
//! the version of Go and then one line for each input, JSON all of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use tempfile::TempDir;

use super::repository::root;

/// A program of `tests/go`, built.
pub(crate) struct Program {
    file: PathBuf,
    _directory: TempDir,
}

impl Program {
    /// Builds `tests/go/NAME.go`. `None`, and said so, where Go is not installed.
    pub(crate) fn build(name: &str, test: &str) -> Option<Self> {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let directory = tempfile::tempdir_in(scratch).expect("a folder");
        let file = directory.path().join(name);
        let mut go = Command::new("go");
        go.arg("build").arg("-o").arg(&file).arg(root().join("tests/go").join(name).with_extension("go"));
        // Nothing is fetched: neither modules nor another Go.
        go.env("GOCACHE", scratch.join("go-cache")).env("GO111MODULE", "off").env("GOTOOLCHAIN", "local");
        let built = match go.output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                println!("skipped (go is missing): {test}");
                return None;
            }
            built => built.expect("go runs"),
        };
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Some(Self { file, _directory: directory })
    }

    /// The version of Go, and the answers to all inputs.
    pub(crate) fn answers<T: DeserializeOwned>(&self, inputs: &[impl AsRef<[u8]> + Sync]) -> (String, Vec<T>) {
        let mut child =
            Command::new(&self.file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("piped");
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                for input in inputs.iter().map(AsRef::as_ref) {
                    let length = u32::try_from(input.len()).expect("less than 4 GiB").to_be_bytes();
                    stdin.write_all(&length).and_then(|()| stdin.write_all(input)).expect("it reads all");
                }
            });
            child.wait_with_output().expect("it ends")
        });
        assert!(output.status.success(), "it failed: {}", output.status);
        let mut lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let version = serde_json::from_slice(lines.next().expect("a version")).expect("a string");
        let answers: Vec<T> = lines.map(|line| serde_json::from_slice(line).expect("an answer")).collect();
        assert_eq!(answers.len(), inputs.len(), "an answer for each");
        (version, answers)
    }
}
