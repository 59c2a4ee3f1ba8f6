//! dpkg, in a tree where it unpacked Debian's own packages.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::{counted, found_in, lines, ran};
use crate::support::npm::live;

/// Hard links, links, files below merged directories, several architectures' worth of names. None runs anything before it is unpacked.
const PACKAGES: &[&str] =
    &["adduser", "debianutils", "git", "gzip", "hello", "libgcc-s1", "make", "mawk", "perl-base", "tar", "zlib1g"];

/// A tree of merged directories, as debootstrap makes it, with an empty database.
fn tree(root: &Path) {
    for directory in ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "var/lib/dpkg/info", "var/lib/dpkg/updates"] {
        fs::create_dir_all(root.join(directory)).expect("room");
    }
    for directory in ["bin", "sbin", "lib", "lib64"] {
        symlink(format!("usr/{directory}"), root.join(directory)).expect("room");
    }
    for file in ["status", "available"] {
        fs::write(root.join("var/lib/dpkg").join(file), "").expect("room");
    }
    fs::create_dir_all(root.join("etc")).expect("room");
    fs::write(root.join("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\n").expect("room");
}

#[test]
fn dpkg_says_the_same_of_its_packages_and_their_files() {
    if !live("dpkg's packages") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (root, debs) = (folder.path().join("root"), folder.path().join("debs"));
    tree(&root);
    fs::create_dir(&debs).expect("room");
    let fetched = ran(Command::new("apt-get").arg("download").args(PACKAGES).current_dir(&debs), "Debian's archive");
    if fetched.is_none() {
        return;
    }
    let mut files: Vec<_> =
        fs::read_dir(&debs).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let dpkg = |args: &[&str]| {
        let mut command = Command::new("dpkg");
        command.arg(format!("--root={}", root.display())).args(["--force-all", "--no-triggers"]).args(args);
        command
    };
    let files: Vec<&str> = files.iter().map(|file| file.to_str().expect("UTF-8")).collect();
    // A file that is somebody else's now, before the package comes that has it.
    lines(
        Command::new("dpkg-divert").args(["--root", root.to_str().expect("UTF-8"), "--local", "--no-rename"]).args([
            "--divert",
            "/usr/bin/hello.real",
            "--add",
            "/usr/bin/hello",
        ]),
    );
    if ran(&mut dpkg(&[&["--unpack"], &files[..]].concat()), "dpkg, which only root may unpack with").is_none() {
        return;
    }
    let query = |args: &[&str]| {
        let mut command = Command::new("dpkg-query");
        command.arg(format!("--admindir={}", root.join("var/lib/dpkg").display())).args(args);
        lines(&mut command)
    };
    let compare = |expected: usize| {
        let format = "${Package} ${Version} ${Architecture} ${source:Package} ${binary:Package} ${db:Status-Status}\n";
        let listed = query(&["-W", "-f", format]);
        let present: Vec<Vec<&str>> = listed
            .iter()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .filter(|words| !["config-files", "not-installed"].contains(&words[5]))
            .collect();
        assert_eq!(present.len(), expected);
        let lists = present.iter().map(|words| {
            let listed = query(&["-L", words[4]]);
            let moved =
                |path: &String| if path == "/usr/bin/hello" { "/usr/bin/hello.real".to_owned() } else { path.clone() };
            listed.iter().filter(|path| path.starts_with('/')).map(moved).collect()
        });
        let counts = counted(&root, lists);
        let told: Vec<String> = present
            .iter()
            .zip(counts)
            .map(|(words, (files, bytes))| {
                format!("{} {} {} {}: {files} files, {bytes} bytes", words[0], words[1], words[2], words[3])
            })
            .collect();
        let found = found_in(&root);
        let package = |package: &imgbudget::domain::Package| {
            let (name, version) = (&package.name, package.version.as_deref().unwrap_or_default());
            let architecture = package.architecture.as_deref().unwrap_or_default();
            let source = package.source.as_deref().unwrap_or(name);
            format!("{name} {version} {architecture} {source}: {} files, {} bytes", package.files, package.bytes.0)
        };
        assert_eq!(found.packages.list.iter().map(package).collect::<Vec<_>>(), told);
        assert_eq!(found.unread, []);
        found
    };
    let found = compare(PACKAGES.len());
    let of = |name: &str| found.packages.list.iter().find(|package| package.name == name).expect("is there");
    assert!(of("tar").is_essential && !of("git").is_essential);
    assert!(of("git").bytes.0 > 10_000_000 && of("git").files > 500);
    assert_eq!(of("libgcc-s1").source.as_deref(), Some("gcc-12"));
    // What is removed and keeps its configuration is not there; what is purged is gone.
    lines(&mut dpkg(&["--remove", "hello", "adduser"]));
    lines(&mut dpkg(&["--purge", "mawk"]));
    compare(PACKAGES.len() - 3);
}
