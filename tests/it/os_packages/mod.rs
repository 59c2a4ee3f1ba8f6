//! The packages of operating systems against what their own package managers say of the same trees.

mod dpkg;
mod rpm;
mod sqlite;

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use imgbudget::catalogue;
use imgbudget::contents::View;
use imgbudget::contents::packages::{Found, find};
use imgbudget::contents::told::Told;
use imgbudget::domain::{DiffId, Digest};
use imgbudget::image::Stack;
use imgbudget::layer::{Keep, read};
use imgbudget::memory::Memory;

/// The packages of an image of one layer, whose tar comes from `tar`.
fn found(tar: &mut impl BufRead) -> Found {
    let memory = Memory::default();
    let builder = read::read(&mut *tar, &memory, &Keep::new(catalogue::kept, &memory)).expect("a tar");
    // What pads a tar at its end is nothing to the reader, but something to who writes it.
    io::copy(tar, &mut io::sink()).expect("a pipe");
    let (index, files) = builder.finish(DiffId(Digest::from_sha256([1; 32]))).expect("room");
    let mut stack = Stack::new(&memory);
    stack.push(&index).expect("room");
    let files = [Arc::new(files)];
    find(&View { stack: &stack, layers: &[], files: &files, told: Told::default() }).expect("room")
}

/// The packages of a directory as an image.
fn found_in(root: &Path) -> Found {
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(root).args(["--owner=0", "--group=0", "-cf", "-", "."]);
    let mut child = tar.stdout(Stdio::piped()).spawn().expect("a program of every Debian");
    let found = found(&mut BufReader::new(child.stdout.take().expect("piped")));
    assert!(child.wait().expect("a child").success());
    found
}

/// Runs a program to its end; says why a test is not run where it is not there or fails, as a registry that does not answer.
fn ran(command: &mut Command, what: &str) -> Option<Output> {
    let why = match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => return Some(output),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it failed").to_owned(),
        Err(error) => error.to_string(),
    };
    println!("not run: {what} ({why})");
    None
}

/// The lines that a program writes.
fn lines(command: &mut Command) -> Vec<String> {
    let output = command.stdin(Stdio::null()).output().expect("is there");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

/// What the packages with these paths have there: files and bytes, as counted over the file system itself. A file that several list is of
/// the first; one of several names has its bytes with the first.
fn counted(root: &Path, lists: impl IntoIterator<Item = Vec<String>>) -> Vec<(u64, u64)> {
    use std::collections::BTreeSet;
    use std::os::unix::fs::MetadataExt as _;
    let (mut names, mut contents) = (BTreeSet::new(), BTreeSet::new());
    let count = |list: Vec<String>| {
        let (mut files, mut bytes) = (0, 0);
        for path in list {
            let path = root.join(path.trim_start_matches('/'));
            let (Some(parent), Some(name)) = (path.parent().and_then(|it| it.canonicalize().ok()), path.file_name())
            else {
                continue;
            };
            let Ok(meta) = parent.join(name).symlink_metadata() else { continue };
            if meta.is_dir() || !names.insert(parent.join(name)) {
                continue;
            }
            files += 1;
            if contents.insert((meta.dev(), meta.ino())) {
                bytes += meta.size();
            }
        }
        (files, bytes)
    };
    lists.into_iter().map(count).collect()
}
