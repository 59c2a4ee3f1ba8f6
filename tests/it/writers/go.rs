//! What the tools that are written in Go and Java write, made by Go's own `archive/tar` as they use it.

use std::path::Path;
use std::process::Command;

use super::tree::{Names, Tree};
use super::{hold, there};
use crate::support::images::{Layer, header};
use crate::support::repository::root;

#[test]
fn go_as_engines_and_builders_use_it() {
    if !there("go") {
        return;
    }
    let tree = Tree::new(Names::Long);
    let out = tree.beside().join("go");
    std::fs::create_dir(&out).unwrap();
    let mut run = Command::new("go");
    run.arg("run").arg(root().join("tests/go/writers.go")).arg(tree.root()).arg(&out);
    // Nothing is fetched: neither modules nor another Go.
    run.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-cache"));
    run.env("GO111MODULE", "off").env("GOTOOLCHAIN", "local");
    let output = run.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", String::from_utf8_lossy(&output.stdout).trim_end());
    let mut written = 0;
    for entry in std::fs::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        hold(&path.display().to_string(), &std::fs::read(&path).unwrap(), tree.size);
        written += 1;
    }
    assert_eq!(written, 5);
}

/// Java's writer splits what is long into PAX records, and gives every entry the first second of 1970.
#[test]
fn jib() {
    let long = format!("app/libs/{}.jar", "dependency-".repeat(20));
    let posix = |path: &[u8], kind: u8, mode: u32, size: usize| {
        let mut block = header(path, kind, mode, b"", size as u64);
        block[257..265].copy_from_slice(b"ustar\x0000");
        block[136..148].copy_from_slice(b"00000000001\0");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    };
    let record = format!("{} path={long}\n", long.len() + 10);
    let tar = Layer::new()
        .raw(&posix(b"app/", b'5', 0o755, 0), b"")
        .raw(&posix(b"app/libs/", b'5', 0o755, 0), b"")
        .raw(&posix(b"./PaxHeaders.X/app_libs_dependency", b'x', 0o644, record.len()), record.as_bytes())
        .raw(&posix(&long.as_bytes()[..100], b'0', 0o644, 5000), &[1; 5000])
        .raw(&posix(b"app/classes/Main.class", b'0', 0o644, 700), &[2; 700])
        .ending(vec![0; 10_240 - 512])
        .tar();
    hold("jib", &tar, 5700);
}
