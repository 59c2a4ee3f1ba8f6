//! rpm, in a tree where it installed packages that it built.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{counted, found_in, lines, ran};
use crate::support::npm::live;

/// Packages that are built at once: one with hard links and an epoch, and enough of them for several levels of pages.
const MANY: usize = 60;

fn spec() -> String {
    let mut spec = "Name: demo\nEpoch: 2\nVersion: 1.0~rc1\nRelease: 3\nSummary: demo\nLicense: MIT AND (GPLv2+ OR Zlib)\nBuildArch: noarch\n\
        Requires: demo-1, /opt/demo/2/file-1, (demo-3 if demo-4), demo(thing)\nProvides: demo(own)\n%description\ndemo\n"
        .to_owned();
    let mut install = "%install\nmkdir -p %{buildroot}/opt/demo\ncd %{buildroot}/opt/demo\necho hard >one\nln one two\nln -s one soft\n".to_owned();
    let mut files = "%files\n/opt/demo/one\n/opt/demo/two\n/opt/demo/soft\n%dir /opt/demo\n".to_owned();
    for number in 1..=MANY {
        // Some have a header that takes several pages, and some a large one.
        let count = if number % 30 == 0 { 3000 } else { number % 7 * 9 + 1 };
        let provides = if number == 5 { "Provides: demo(thing)\n" } else { "" };
        write!(spec, "%package {number}\nSummary: {number}\n{provides}%description {number}\n{number}\n")
            .expect("a string");
        write!(install, "mkdir {number}\nfor f in $(seq {count}); do echo {number} >{number}/file-$f; done\n")
            .expect("a string");
        write!(files, "%files {number}\n/opt/demo/{number}\n").expect("a string");
    }
    format!("{spec}{install}{files}")
}

/// An rpm that keeps everything below `root`, in its database of SQLite.
fn rpm(root: &Path) -> Command {
    let mut rpm = Command::new("rpm");
    rpm.arg("--root").arg(root).args(["--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite"]);
    rpm
}

#[test]
fn rpm_says_the_same_of_its_packages_and_their_files() {
    if !live("rpm's packages") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("root");
    fs::create_dir_all(&root).expect("room");
    let file = folder.path().join("demo.spec");
    fs::write(&file, spec()).expect("room");
    let top = format!("_topdir {}", folder.path().join("top").display());
    let built = ran(Command::new("rpmbuild").args(["--quiet", "--define", &top, "-bb"]).arg(&file), "rpmbuild");
    if built.is_none() {
        return;
    }
    let built = folder.path().join("top/RPMS/noarch");
    let rpms: Vec<_> = fs::read_dir(built).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(rpms.len(), MANY + 1);
    let installed =
        ran(rpm(&root).args(["--nodeps", "--noscripts", "-i"]).args(&rpms), "rpm, which only root may install with");
    if installed.is_none() {
        return;
    }
    let compare = |expected: usize| {
        let format = r"%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH} %{LICENSE}\n";
        let mut said = lines(rpm(&root).args(["-qa", "--qf", format]));
        said.sort_by(|a, b| a.split(' ').next().cmp(&b.split(' ').next()));
        assert_eq!(said.len(), expected);
        let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines(rpm(&root).args(["-qa", "--qf", r"[%{=NAME} %{FILENAMES}\n]"])) {
            let (name, path) = line.split_once(' ').expect("a name and a path");
            listed.entry(name.to_owned()).or_default().push(path.to_owned());
        }
        let counts = counted(&root, said.iter().map(|line| listed.remove(&name(line)).unwrap_or_default()));
        let counted =
            said.iter().zip(counts).map(|(line, (files, bytes))| format!("{line}: {files} files, {bytes} bytes"));
        let found = found_in(&root);
        let package = |package: &imgbudget::domain::Package| {
            let version = package.version.as_deref().unwrap_or_default();
            let architecture = package.architecture.as_deref().unwrap_or_default();
            let (name, licences, files) = (&package.name, package.licences.join(""), package.files);
            format!("{name} {version} {architecture} {licences}: {files} files, {} bytes", package.bytes.0)
        };
        assert_eq!(found.packages.list.iter().map(package).collect::<Vec<_>>(), counted.collect::<Vec<_>>());
        assert_eq!(found.unread, []);
        found
    };
    let found = compare(MANY + 1);
    let demo = found.packages.list.iter().find(|package| package.name == "demo").expect("is there");
    assert_eq!(demo.version.as_deref(), Some("2:1.0~rc1-3"));
    assert_eq!((demo.files, demo.bytes.0), (3, 5 + 3));
    assert_eq!(demo.needs, [["demo-1"], ["demo-2"], ["demo-5"]]);
    // Pages that are free again, and others that take their place.
    let some: Vec<String> = (1..MANY).step_by(3).map(|number| format!("demo-{number}")).collect();
    lines(rpm(&root).args(["--nodeps", "-e"]).args(&some));
    let found = compare(MANY + 1 - some.len());
    // What is cut short is not read in part.
    let database = root.join("var/lib/rpm/rpmdb.sqlite");
    let whole = fs::read(&database).expect("is there");
    for cut in [whole.len() - 1, whole.len() / 2, 4096, 100] {
        fs::write(&database, &whole[..cut]).expect("room");
        let found = found_in(&root);
        assert_eq!((found.packages.list.len(), found.unread.len()), (0, 1));
    }
    assert!(found.packages.list.len() > 30);
}
