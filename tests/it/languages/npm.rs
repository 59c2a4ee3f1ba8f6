//! `npm ls` on what `npm install` makes.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{contents_of, lines, text, told};
use crate::support::npm::live;

#[test]
fn npm_lists_the_same_copies() {
    if !live("npm_lists_the_same_copies") {
        return;
    }
    let root = tempfile::tempdir().expect("a folder");
    let app = root.path().join("app");
    fs::create_dir(&app).expect("a folder");
    let manifest = r#"{"name":"app","version":"1.0.0","dependencies":{"express":"4.19.2","debug":"4.3.4"},
        "devDependencies":{"typescript":"5.4.2","eslint":"8.57.0"}}"#;
    fs::write(app.join("package.json"), manifest).expect("a file");
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.current_dir(&app).args(arguments);
        told("packages of npm", &mut npm)
    };
    let Some(_) = npm(&["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]) else { return };
    let Some(listed) = npm(&["ls", "--all", "--json", "--long"]) else { return };
    let listed: Value = serde_json::from_slice(&listed).expect("JSON");
    let mut truth = BTreeMap::new();
    let mut left = vec![&listed];
    while let Some(at) = left.pop() {
        for (name, package) in at["dependencies"].as_object().into_iter().flatten() {
            let path = text(package, "path").trim_start_matches(&*root.path().to_string_lossy());
            let dev = package["dev"] == true;
            // What several need is told whole only once.
            truth.insert(path.to_owned(), format!("{path} {name} {} {dev}", text(package, "version")));
            left.push(package);
        }
    }
    let truth: Vec<String> = truth.into_values().filter(|line| line.starts_with('/')).collect();
    let contents = contents_of(root.path());
    let found = lines(&contents, "npm", |it| {
        format!("{} {} {} {}", text(it, "path"), text(it, "name"), text(it, "version"), it["is_dev"] == true)
    });
    let mut sorted = truth.clone();
    sorted.sort();
    assert!(truth.len() > 100, "{}", truth.len());
    assert_eq!(found, sorted);
    assert_eq!(contents["unread"], serde_json::json!([]));
    // Every byte below node_modules is of one package, or of what npm keeps beside them.
    let bytes: u64 =
        contents["packages"].as_array().expect("packages").iter().filter_map(|it| it["bytes"].as_u64()).sum();
    let du = told(
        "bytes of npm",
        Command::new("find").arg(app.join("node_modules")).args(["-mindepth", "2", "-type", "f", "-printf", "%s\n"]),
    );
    let all: u64 =
        String::from_utf8(du.expect("find")).expect("numbers").lines().filter_map(|it| it.parse::<u64>().ok()).sum();
    assert_eq!(bytes, all);
    let advice = contents["can_go"].as_array().expect("advice").iter().find(|it| it["kind"] == "dev-dependencies");
    let advice = advice.expect("TypeScript alone has a megabyte");
    assert_eq!(text(advice, "fix"), "npm ci --omit=dev");
    assert!(text(advice, "what").starts_with("dev dependencies: typescript, "), "{advice}");
    // What stays is what npm itself would install without them.
    let Some(_) = npm(&["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]) else {
        return;
    };
    let less = contents_of(root.path());
    let sum = |contents: &Value| -> u64 {
        contents["packages"].as_array().expect("packages").iter().filter_map(|it| it["bytes"].as_u64()).sum()
    };
    assert_eq!(advice["bytes"].as_u64(), Some(bytes - sum(&less)));
    assert!(!less["can_go"].as_array().expect("advice").iter().any(|it| it["kind"] == "dev-dependencies"), "{less}");
}
