//! What the pages repeat of the program: the keys of budgets.toml and their values, the rules and their help.
//!
//! `IMGBUDGET_BLESS=1 cargo test --test it docs::generated` writes it anew.

use std::fs;

use imgbudget::catalogue::rules::facts;
use imgbudget::config::{policy_terms, schema, tables};
use imgbudget::domain::Rule;
use serde_json::Value;

use super::page;
use crate::support::repository::root;

/// The name of a mark, the header of a table of budgets.toml, and where the schema describes it.
const TABLES: [(&str, &str, &str); 8] = [
    ("top", "", ""),
    ("budget", "[defaults]", "/$defs/Rules"),
    ("target", "[targets.a]", "/$defs/Target"),
    ("allow", "[[allow]]", "/$defs/Allow"),
    ("fleet", "[fleet]", "/$defs/Fleet"),
    ("comment", "[comment]", "/$defs/Comment"),
    ("baseline", "[baseline]", "/$defs/Baseline"),
    ("policy", "[policy]", "/$defs/Policy"),
];

/// Types of the schema, and what the page calls their values.
const VALUES: [(&str, &str); 10] = [
    ("Size", "size"),
    ("Growth", "growth"),
    ("LimitOfSize", "limit of a size"),
    ("LimitOfuint64", "limit of a number"),
    ("LimitOfGrowth", "limit of a growth"),
    ("Forbidden", "list with severities"),
    ("Demand", "demand"),
    ("Level", "level"),
    ("Day", "day"),
    ("Enforced", "day of enforcement"),
];

/// Compares the blocks between the marks of a page with what is wanted there, or writes them.
fn same(path: &str, blocks: &[(String, String)]) {
    let mut text = page(path).text;
    for (mark, wanted) in blocks {
        let (begin, end) = (format!("<!-- {mark}:begin -->\n"), format!("<!-- {mark}:end -->"));
        let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{path} has no {begin}"));
        let (found, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("{path} has no {end}"));
        let is_same = found == wanted || std::env::var_os("IMGBUDGET_BLESS").is_some();
        assert!(is_same, "{mark} in {path} is out of date; IMGBUDGET_BLESS=1 writes it anew");
        text = format!("{head}{begin}{wanted}{end}{tail}");
    }
    if std::env::var_os("IMGBUDGET_BLESS").is_some() {
        fs::write(root().join(path), text).unwrap();
    }
}

/// What a value of a key is, in the page's words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        let known = VALUES.iter().find(|(known, _)| *known == name);
        return match (known, name) {
            (Some((_, called)), _) => format!("[{called}](#values)"),
            (None, "Network") => "`\"default\"`, `\"host\"`, `\"none\"`".to_owned(),
            (None, "LookIn") => "`\"auto\"`, `\"engine\"`, `\"registry\"`".to_owned(),
            (None, "BudgetChanges") => "`\"note\"`, `\"warn\"`, `\"fail\"`".to_owned(),
            (None, "MayAllow") => "`true`, `false`, list of [codes](rules.md)".to_owned(),
            (None, "AllowedRule") => "[code](rules.md)".to_owned(),
            (None, _) => "table".to_owned(),
        };
    }
    match schema["type"].as_str() {
        Some("array") if schema["items"]["$ref"].is_string() => "tables",
        Some("array") => "list of texts",
        Some("string") => "text",
        Some("integer") => "number",
        Some("boolean") => "`true`, `false`",
        Some("object") => "table",
        other => panic!("no word for {other:?}"),
    }
    .to_owned()
}

/// A cell of a table.
fn cell(text: &Value) -> String {
    text.as_str().unwrap().replace('|', r"\|")
}

/// The row of a key that the schema describes below `pointer`.
fn row_of(schema: &Value, pointer: &str, key: &str) -> String {
    let property = &schema.pointer(pointer).unwrap()["properties"][key];
    format!("| `{key}` | {} | {} |", kind(property), cell(&property["description"]))
}

fn table_of(rows: &[String]) -> String {
    format!("| key | value | what it says |\n|---|---|---|\n{}\n", rows.join("\n"))
}

#[test]
fn keys_and_values_are_those_of_the_schema() {
    let schema = schema::schema();
    let values = VALUES.map(|(name, called)| format!("| {called} | {} |", cell(&schema["$defs"][name]["description"])));
    let mut blocks =
        vec![("values".to_owned(), format!("| value | how it is written |\n|---|---|\n{}\n", values.join("\n")))];
    for (mark, header, pointer) in TABLES {
        let keys = tables().into_iter().find(|(known, _)| *known == header).unwrap().1;
        let rows: Vec<String> = keys.iter().map(|key| row_of(&schema, pointer, key)).collect();
        blocks.push((format!("keys:{mark}"), table_of(&rows)));
    }
    let rows: Vec<String> = policy_terms().iter().map(|key| row_of(&schema, "/$defs/Policy", key)).collect();
    blocks.push(("keys:terms".to_owned(), table_of(&rows)));
    same("docs/configuration.md", &blocks);
}

#[test]
fn no_table_of_the_file_is_left_out() {
    let left_out = tables().into_iter().map(|(header, _)| header);
    let left_out: Vec<_> = left_out.filter(|header| !TABLES.iter().any(|(_, known, _)| known == header)).collect();
    assert_eq!(left_out, ["[profiles.a]", "[targets.a.max-size]"], "the first is [defaults], the second is a value");
}

#[test]
fn rules_are_those_of_the_catalogue() {
    let blocks = Rule::ALL.map(|rule| {
        let facts = facts(rule);
        let key = facts.key.map_or("Always on".to_owned(), |key| format!("Key: `{key}`"));
        let judged = if facts.is_judged { "" } else { " This version accepts the key and reports it as not judged." };
        (format!("rule:{rule}"), format!("**{}.** {key}.{judged}\n\n{}\n", facts.sentence, facts.help))
    });
    same("docs/rules.md", &blocks);
}

/// SARIF links to `docs/rules.md#CODE`.
#[test]
fn every_rule_has_its_heading_in_the_order_of_reports() {
    let page = page("docs/rules.md");
    let headings: Vec<&str> = page.prose().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(headings, Rule::ALL.map(Rule::code));
}
