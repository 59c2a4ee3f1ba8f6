//! What fails of what is found, from end to end: what the baseline has, what this change accepted, and what became of the budget.

use serde_json::Value;

use crate::baseline::Shop;

/// A budget that `api` breaks, and no baseline of its own.
const BROKEN: &str = "\
[defaults]
max-growth = \"10 kB\"

[targets.api]
archive = \"api.tar\"
max-size = \"50 kB\"

[targets.web]
archive = \"web.tar\"
max-size = \"50 kB\"
";

/// A shop with a report of the default branch.
fn with_report() -> Shop {
    let shop = Shop::new();
    shop.write("budgets.toml", BROKEN);
    assert_eq!(shop.run(&["check", "--write", "json=main.json"]).code, Some(1));
    shop
}

fn findings<'a>(report: &'a Value, target: usize) -> Vec<(&'a str, &'a str, &'a str)> {
    let of = |finding: &'a Value, path: &str| finding.pointer(path).and_then(Value::as_str).unwrap_or("-");
    let findings = report["targets"][target]["findings"].as_array().unwrap();
    findings.iter().map(|it| (of(it, "/rule"), of(it, "/severity"), of(it, "/eased/why"))).collect()
}

#[test]
fn what_the_baseline_has_is_shown_and_does_not_fail() {
    let shop = with_report();
    assert_eq!(shop.run(&["check", "--baseline", "main.json"]).code, Some(1));
    let args = ["--baseline", "main.json", "--only-new", "--write", "junit=it.xml", "--write", "sarif=it.sarif"];
    let (code, report) = shop.json(&args);
    assert_eq!((code, &report["verdict"]), (Some(0), &Value::from("pass")));
    assert_eq!(findings(&report, 0), [("size", "note", "known")]);
    assert_eq!(report.pointer("/targets/0/rules/0/status"), Some(&Value::from("eased")));
    assert!(!shop.read("it.xml").contains("<failure"));
    let sarif: Value = serde_json::from_str(&shop.read("it.sarif")).unwrap();
    assert_eq!(sarif.pointer("/runs/0/results/0/baselineState"), Some(&Value::from("unchanged")));
    assert_eq!(sarif.pointer("/runs/0/results/0/level"), Some(&Value::from("note")));
    // What is over now and was not is new, and so is what grew by more than `min-change`.
    shop.image("web", 50_001);
    let (code, report) = shop.json(&args);
    assert_eq!((code, findings(&report, 1)), (Some(1), vec![("size", "fail", "-"), ("growth", "fail", "-")]));
    shop.image("web", 40_000);
    shop.image("api", 1_060_001);
    let (code, report) = shop.json(&args);
    assert_eq!((code, findings(&report, 0)), (Some(1), vec![("size", "fail", "-"), ("growth", "fail", "-")]));
}

#[test]
fn the_budget_file_asks_for_it_as_well() {
    let shop = with_report();
    shop.write("budgets.toml", format!("[baseline]\nfile = \"main.json\"\nonly-new = true\n\n{BROKEN}"));
    let (code, report) = shop.json(&[]);
    assert_eq!((code, findings(&report, 0)), (Some(0), vec![("size", "note", "known")]));
    assert_eq!(report["budget_changes"][0]["what"], "only-new switched on");
}

#[test]
fn a_lock_file_does_not_say_what_is_new() {
    let shop = Shop::new();
    shop.run(&["update"]);
    let screen = shop.run(&["check", "--only-new"]);
    assert_eq!(screen.code, Some(2));
    let told = "--only-new needs the findings of the baseline, and budgets.lock is a lock file: it has sizes only";
    assert!(screen.stderr.contains(told), "{}", screen.stderr);
}

#[test]
fn without_a_baseline_nothing_fails_and_strict_says_that_nothing_was_told() {
    let shop = Shop::new();
    shop.write("budgets.toml", BROKEN);
    for baseline in [&["--only-new"][..], &["--only-new", "--baseline", "none.json"]] {
        let (code, report) = shop.json(baseline);
        assert_eq!((code, findings(&report, 0)), (Some(0), vec![("size", "note", "no-baseline")]));
        let strict = shop.run(&[&["check", "--strict"], baseline].concat());
        assert_eq!(strict.code, Some(2), "{}", strict.stderr);
    }
}

#[test]
fn a_looser_budget_is_told_and_may_fail() {
    let shop = with_report();
    shop.write("budgets.toml", BROKEN.replacen("50 kB", "80 kB", 1));
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!(code, Some(0));
    let change = &report["budget_changes"][0];
    assert_eq!(
        (&change["target"], &change["what"], &change["loosens"]),
        (&"api".into(), &"max-size 50.0 → 80.0 kB".into(), &true.into())
    );
    shop.write(
        "budgets.toml",
        format!("[policy]\nbudget-changes = \"fail\"\n\n{}", BROKEN.replacen("50 kB", "80 kB", 1)),
    );
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!((code, findings(&report, 0)), (Some(1), vec![("budget-changed", "fail", "-")]));
    // What the baseline said holds as well.
    assert_eq!(shop.run(&["check", "--write", "json=strict.json"]).code, Some(0));
    shop.write("budgets.toml", BROKEN.replacen("50 kB", "90 kB", 1));
    let (code, _) = shop.json(&["--baseline", "strict.json"]);
    assert_eq!(code, Some(1));
}

#[test]
fn growth_is_accepted_once() {
    let shop = with_report();
    shop.write("budgets.toml", BROKEN.replacen("50 kB", "200 kB", 1));
    assert_eq!(shop.run(&["check", "--write", "json=main.json"]).code, Some(0));
    shop.image("api", 90_000);
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!((code, findings(&report, 0)), (Some(1), vec![("growth", "fail", "-")]));
    let accepting = format!(
        "{}\n[[allow]]\ntargets = [\"api\"]\nrule = \"growth\"\nup-to = \"30 kB\"\nreason = \"the codec\"\n",
        BROKEN.replacen("50 kB", "200 kB", 1)
    );
    shop.write("budgets.toml", &accepting);
    let (code, report) = shop.json(&["--baseline", "main.json", "--write", "json=next.json"]);
    assert_eq!(code, Some(0));
    let accepted = &report["targets"][0]["accepted"][0];
    assert_eq!(
        (&accepted["rule"], &accepted["reason"], &accepted["up_to"]),
        (&"growth".into(), &"the codec".into(), &30_000.into())
    );
    assert_eq!(report["budget_changes"], Value::Array(Vec::new()), "told once");
    // Merged, the exception stays where it is and counts no more.
    shop.image("api", 110_000);
    let (code, report) = shop.json(&["--baseline", "next.json"]);
    assert_eq!((code, findings(&report, 0)), (Some(1), vec![("growth", "fail", "-")]));
    let hint = report["targets"][0]["findings"][0]["hint"].as_str().unwrap();
    assert!(hint.contains("counted in an earlier change"), "{hint}");
    shop.write("budgets.toml", accepting.replace("the codec", "the fonts"));
    assert_eq!(shop.json(&["--baseline", "next.json"]).0, Some(0), "accepted again, for another reason");
}
