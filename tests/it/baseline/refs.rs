//! A baseline that git has.

use super::{Shop, states};
use crate::support::run::Run;
use serde_json::Value;
use std::fs;

#[test]
fn a_git_ref_is_read_as_it_was_committed() {
    let shop = Shop::new().repository();
    shop.commit("without a lock file");
    let none = shop.json(&["--baseline-ref", "main"]);
    assert_eq!((none.0, &none.1["baseline"]["state"]), (Some(0), &Value::from("missing")));
    shop.run(&["update"]);
    let then = shop.commit("sizes");
    shop.git(&["checkout", "--quiet", "-b", "feature"]);
    shop.image("api", 65_000);
    shop.run(&["update"]);
    shop.commit("larger");
    shop.commit("more work");
    let (code, report) = shop.json(&["--baseline-ref", "main"]);
    assert_eq!((code, states(&report)), (Some(0), vec!["changed", "same"]));
    let baseline = &report["baseline"];
    assert_eq!((&baseline["commit"], &baseline["behind"]), (&Value::from(then.as_str()), &Value::from(2)));
    assert_eq!((&baseline["source"], &baseline["how"]), (&Value::from("budgets.lock at main"), &Value::from("ref")));
    let shown = shop.run(&["check", "--baseline-ref", "main"]).stdout;
    assert!(shown.contains(&format!("baseline: budgets.lock at main ({}), 2 commits behind\n", &then[..7])), "{shown}");
    // The working copy's own lock file is the default.
    assert_eq!(states(&shop.json(&[]).1), ["same", "same"]);
    // From a folder below, and by a relative revision.
    fs::create_dir(shop.path().join("deep")).unwrap();
    let deep =
        Run::new().dir(shop.path().join("deep")).args(["check", "--baseline-ref", "HEAD~1", "--format", "json"]).run();
    let report: Value = serde_json::from_str(&deep.stdout).unwrap();
    assert_eq!(states(&report), ["same", "same"]);
}

#[test]
fn refs_that_are_not_there_or_not_refs() {
    let shop = Shop::new().repository();
    shop.commit("first");
    insta::assert_snapshot!(shop.screen(&["check", "--quiet", "--baseline-ref", "origin/main"]), @"
    exit: 2
    --- stdout

    --- stderr
    error: --baseline-ref: this repository has no `origin/main`
     hint: Did you mean `main`? `git fetch` brings what only the remote has.
    ");
    let typo = shop.run(&["check", "--baseline-ref", "mian"]).stderr;
    assert!(typo.contains("no `mian`\n hint: Did you mean `main`?"), "{typo}");
    let unlike = shop.run(&["check", "--baseline-ref", "release-7"]).stderr;
    assert!(unlike.contains("hint: Give a branch, a tag or a commit that is here;"), "{unlike}");
    for wrong in
        ["--baseline-ref=--output=stolen", "--baseline-ref=main:budgets.toml", "--baseline-ref=", "--baseline-ref=a..b"]
    {
        let screen = shop.run(&["check", wrong]);
        assert_eq!(screen.code, Some(2), "{wrong}");
        assert!(screen.stderr.contains("is not the name of a commit"), "{wrong}: {}", screen.stderr);
    }
    assert!(!shop.path().join("stolen").exists());
    assert_eq!(shop.run(&["check", "--baseline", "x", "--baseline-ref", "main"]).code, Some(2));
    // A broken lock file is an error at a ref, too.
    shop.write("budgets.lock", "imgbudget.lock/1 content/1\nnonsense\n");
    shop.commit("broken");
    let screen = shop.run(&["check", "--baseline-ref", "main"]);
    assert_eq!(screen.code, Some(2));
    assert!(screen.stderr.contains("budgets.lock at main:2: not `TARGET PLATFORM"), "{}", screen.stderr);
    // Outside of any repository.
    let outside = Shop::new();
    assert_eq!(outside.json(&["--baseline-ref", "main"]).1["baseline"]["state"], "missing");
}

#[test]
fn how_far_a_report_is_behind_is_asked_of_git() {
    let shop = Shop::new().repository();
    let then = shop.commit("first");
    shop.run(&["check", "--write", "json=main.json"]);
    let behind = |shop: &Shop| shop.json(&["--baseline", "main.json"]).1["baseline"]["behind"].clone();
    assert_eq!(behind(&shop), 0);
    shop.commit("second");
    shop.commit("third");
    assert_eq!(behind(&shop), 2);
    // Commits that git does not have, or that are none.
    let report = shop.read("main.json");
    for other in ["0123456789012345678901234567890123456789", "--output=stolen"] {
        shop.write("main.json", report.replace(&then, other));
        let (_, report) = shop.json(&["--baseline", "main.json"]);
        let commit = if other.starts_with('-') { Value::Null } else { other.into() };
        assert_eq!((&report["baseline"]["commit"], &report["baseline"]["behind"]), (&commit, &Value::Null));
    }
    assert!(!shop.path().join("stolen").exists());
    // A shallow clone has both commits and not what lies between.
    shop.write("main.json", &report);
    let url = format!("file://{}", shop.path().display());
    shop.git(&["clone", "--quiet", "--depth", "3", &url, "clone"]);
    let clone = Run::new().dir(shop.path().join("clone"));
    let json = shop.path().join("main.json");
    let screen = clone.args(["check", "--format", "json", "--baseline"]).args([json]).run();
    let report: Value = serde_json::from_str(&screen.stdout).unwrap();
    assert_eq!((&report["baseline"]["commit"], &report["baseline"]["behind"]), (&Value::from(then), &Value::Null));
}
