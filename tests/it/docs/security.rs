//! What docs/security.md says that holds has a test of that name.

use std::fs;

use regex::Regex;

use super::page;
use crate::support::repository::root;

/// Whether a test of this path is in the sources: `strangers::git::x` is `x` in tests/it/strangers/git.rs.
fn exists(test: &str) -> bool {
    let Some((module, name)) = test.rsplit_once("::") else { return false };
    let path = module.replace("::", "/");
    let folder = path.strip_suffix("/tests").unwrap_or(&path);
    let files = [
        format!("tests/it/{path}.rs"),
        format!("tests/it/{path}/mod.rs"),
        format!("src/{path}.rs"),
        format!("src/{folder}.rs"),
    ];
    let test = Regex::new(&format!(r"#\[(tokio::)?test(\([^)]*\))?\]\s+(async )?fn {name}\(")).unwrap();
    files.iter().any(|file| fs::read_to_string(root().join(file)).is_ok_and(|text| test.is_match(&text)))
}

#[test]
fn what_holds_has_its_test() {
    let page = page("docs/security.md");
    let (_, table) = page.text.split_once("<!-- holds:begin -->").unwrap();
    let (table, _) = table.split_once("<!-- holds:end -->").unwrap();
    let rows: Vec<&str> = table.trim().lines().skip(2).collect();
    assert!(rows.len() > 15, "the table was not found");
    let name = Regex::new("`([a-z0-9_]+(::[a-z0-9_]+)+)`").unwrap();
    for row in rows {
        let tests = row.rsplit('|').nth(1).unwrap();
        let named: Vec<&str> = name.captures_iter(tests).map(|found| found.get(1).unwrap().as_str()).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for test in named {
            assert!(exists(test), "no test is called {test}");
        }
    }
}

#[test]
fn a_test_that_is_gone_is_noticed() {
    assert!(exists("docs::security::what_holds_has_its_test"));
    assert!(!exists("docs::security::exists"), "a function is not a test");
    assert!(!exists("strangers::git::that_is_gone"));
    assert!(exists("report::tests::findings_that_were_taken_out_leave_no_pass"));
}
