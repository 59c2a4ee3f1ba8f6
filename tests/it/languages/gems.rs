//! `gem list` on what comes with Ruby, and on what `gem install` makes.

use std::fs;
use std::process::Command;

use super::{contents_of, lines, text, told};

#[test]
fn gem_lists_the_same_gems() {
    let root = tempfile::tempdir().expect("a folder");
    let sources = root.path().join("sources");
    fs::create_dir_all(sources.join("lib")).expect("a folder");
    fs::write(sources.join("lib/acme.rb"), "module Acme; end\n".repeat(1000)).expect("a file");
    let specification = "Gem::Specification.new do |s|\n  s.name = 'acme-core'\n  s.version = '1.2.3'\n  s.summary = 'a gem'\n  s.authors = ['me']\n  \
                         s.licenses = ['MIT', 'Apache-2.0']\n  s.files = ['lib/acme.rb']\n  s.add_dependency 'rake', '>= 12'\nend\n";
    fs::write(sources.join("acme.gemspec"), specification).expect("a file");
    let gem = |arguments: &[&str]| told("gems", Command::new("gem").current_dir(&sources).args(arguments));
    let Some(_) = gem(&["build", "acme.gemspec"]) else { return };
    let image = root.path().join("image");
    let home = image.join("usr/local/bundle");
    let home_text = home.to_string_lossy().into_owned();
    let install =
        ["install", "--local", "--force", "--no-document", "--install-dir", &home_text, "acme-core-1.2.3.gem"];
    let Some(_) = gem(&install) else { return };
    // What comes with Ruby, as its own gem sees it.
    let Some(default) = gem(&["environment", "gemdir"]) else { return };
    let Some(paths) = gem(&["environment", "gempath"]) else { return };
    let (default, paths) = (String::from_utf8_lossy(&default), String::from_utf8_lossy(&paths).into_owned());
    for path in paths.trim().split(':').chain([default.trim()]) {
        let to = image.join(path.trim_start_matches('/'));
        if fs::metadata(format!("{path}/specifications")).is_ok() && !to.exists() {
            fs::create_dir_all(&to).expect("a folder");
            let copied = Command::new("cp").arg("-rL").arg(format!("{path}/specifications")).arg(&to).status();
            assert!(copied.expect("cp").success());
        }
    }
    let all = format!("{paths}:{home_text}").replace('\n', "");
    let Some(listed) = told("gems", Command::new("gem").arg("list").env("GEM_PATH", all)) else { return };
    let mut truth = Vec::new();
    for line in String::from_utf8_lossy(&listed).lines().filter(|line| line.ends_with(')')) {
        let (name, versions) = line.trim_end_matches(')').split_once(" (").expect("versions");
        for version in versions.split(", ") {
            let version = version.trim_start_matches("default: ");
            truth.push(format!("{name} {}", version.split(' ').next().unwrap_or_default()));
        }
    }
    truth.sort();
    let contents = contents_of(&image);
    let mut found = lines(&contents, "gem", |it| format!("{} {}", text(it, "name"), text(it, "version")));
    found.dedup();
    assert!(truth.len() > 10, "{truth:?}");
    assert_eq!(found, truth);
    let acme = contents["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .find(|it| it["name"] == "acme-core")
        .expect("is there");
    let specification = fs::metadata(home.join("specifications/acme-core-1.2.3.gemspec")).expect("a file").len();
    assert_eq!(
        (acme["bytes"].as_u64(), &acme["needs"]),
        (Some(17_000 + specification), &serde_json::json!([["rake"]]))
    );
    assert_eq!(acme["licences"], serde_json::json!(["MIT", "Apache-2.0"]));
}
