//! `pip list` on what `pip install` makes.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{contents_of, lines, text, told};
use crate::support::npm::live;

#[test]
fn pip_lists_the_same_distributions() {
    if !live("pip_lists_the_same_distributions") {
        return;
    }
    let root = tempfile::tempdir().expect("a folder");
    let venv = root.path().join("venv");
    let Some(_) = told("packages of pip", Command::new("python3").args(["-m", "venv"]).arg(&venv)) else { return };
    let python = venv.join("bin/python");
    let packages = ["flask==3.0.3", "PyYAML==6.0.1", "zope.interface==6.4", "ruamel.yaml==0.18.6"];
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"];
    let Some(_) = told("packages of pip", Command::new(&python).args(install).args(packages)) else { return };
    // What an interrupted installation leaves is not a distribution, to neither.
    let homes =
        told("packages of pip", Command::new("find").arg(&venv).args(["-name", "site-packages"])).expect("find");
    let home = String::from_utf8(homes).expect("UTF-8").lines().next().expect("one").to_owned();
    fs::create_dir_all(format!("{home}/~lask-1.0.dist-info")).expect("a folder");
    fs::write(format!("{home}/~lask-1.0.dist-info/METADATA"), "Name: ~lask\nVersion: 1.0\n").expect("a file");
    let list = ["-m", "pip", "list", "--format", "json", "--disable-pip-version-check"];
    let Some(listed) = told("packages of pip", Command::new(&python).args(list)) else { return };
    let listed: Vec<Value> = serde_json::from_slice(&listed).expect("JSON");
    let mut truth: Vec<String> =
        listed.iter().map(|it| format!("{} {}", text(it, "name"), text(it, "version"))).collect();
    truth.sort();
    let contents = contents_of(root.path());
    let found = lines(&contents, "python", |it| format!("{} {}", text(it, "name"), text(it, "version")));
    assert_eq!(found, truth);
    assert_eq!(contents["unread"], serde_json::json!([]));
    // What pip would remove is what a distribution has.
    let show = ["-m", "pip", "show", "--files", "--disable-pip-version-check", "flask"];
    let shown = String::from_utf8(told("files of pip", Command::new(&python).args(show)).expect("pip")).expect("UTF-8");
    let (_, files) = shown.split_once("Files:\n").expect("files");
    let sizes = files.lines().map(|file| fs::metadata(format!("{home}/{}", file.trim())).map_or(0, |file| file.len()));
    let flask =
        contents["packages"].as_array().expect("packages").iter().find(|it| it["name"] == "Flask").expect("is there");
    assert_eq!(
        (flask["bytes"].as_u64(), flask["files"].as_u64()),
        (Some(sizes.sum()), Some(files.lines().count() as u64))
    );
    let needs: Vec<&str> =
        flask["needs"].as_array().expect("needs").iter().filter_map(|need| need[0].as_str()).collect();
    let requires = shown.lines().find_map(|line| line.strip_prefix("Requires: ")).expect("a line");
    let missing: Vec<&str> =
        requires.split(", ").filter(|name| !needs.iter().any(|need| need.eq_ignore_ascii_case(name))).collect();
    assert!(missing.is_empty(), "{missing:?} of {needs:?}");
}
