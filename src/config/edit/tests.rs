//! What is edited, and that nothing else is.

use proptest::prelude::*;

use super::*;
use crate::domain::{Amount, Bytes, Growth, Rule, UpTo};

fn exception(targets: &[&str], rule: Rule) -> NewAllow {
    NewAllow {
        targets: targets.iter().map(|&target| target.to_owned()).collect(),
        rule,
        matches: Vec::new(),
        of_base: false,
        up_to: None,
        reason: "until the rewrite".to_owned(),
        until: None,
    }
}

fn draft(text: &str) -> Draft {
    Draft::new("budgets.toml", text).expect("TOML")
}

fn at(line: u32, column: u32) -> Place {
    Place { file: "budgets.toml".to_owned(), line, column }
}

const DAY: Option<time::Date> = match time::Date::from_calendar_date(2027, time::Month::March, 31) {
    Ok(day) => Some(day),
    Err(_) => None,
};

#[test]
fn the_first_exception_goes_to_the_end() {
    let mut file = draft("# ours\n[targets.api]   # the api\ncontext = \".\"\n# max-size = \"1 MB\"");
    let mut new = exception(&["api"], Rule::ForbiddenTool);
    new.matches = vec!["npm".to_owned(), "npx".to_owned()];
    (new.of_base, new.until) = (true, DAY);
    let written = file.allow(&new).expect("writes");
    assert_eq!((written.place.to_string(), written.how), ("budgets.toml:6".to_owned(), How::Added));
    insta::assert_snapshot!(file.text(), @r#"
    # ours
    [targets.api]   # the api
    context = "."
    # max-size = "1 MB"

    [[allow]]
    targets = ["api"]
    rule = "forbidden-tool"
    match = ["npm", "npx"]
    origin = "base"
    reason = "until the rewrite"
    until = 2027-03-31
    "#);
    let before = file.text().to_owned();
    assert_eq!(file.allow(&new).expect("writes").how, How::Unchanged);
    assert_eq!(file.text(), before);
}

#[test]
fn the_next_goes_after_the_last_and_what_is_there_is_changed_in_place() {
    let text = "[[allow]] # size\ntargets = [\n  \"api\", # ours\n]\nrule    = \"size\"\nup-to   = \"10 MB\" # for now\nreason  = 'x'\nuntil   = 2026-01-01\n# more to come\n\n[targets.api]\ncontext = \".\"\n";
    let mut file = draft(text);
    let mut new = exception(&["api"], Rule::Size);
    new.up_to = Some(UpTo::Bytes(Bytes(65_000_000)));
    assert_eq!(file.allow(&new).expect("writes").how, How::Changed);
    let mut other = exception(&["api"], Rule::Growth);
    other.up_to = Some(UpTo::Growth(Growth { bytes: Some(Bytes(5_000_000)), percent_hundredths: Some(250) }));
    let written = file.allow(&other).expect("writes");
    assert_eq!((written.place.line, written.how), (9, How::Added));
    insta::assert_snapshot!(file.text(), @r#"
    [[allow]] # size
    targets = [
      "api", # ours
    ]
    rule    = "size"
    up-to   = "65 MB" # for now
    reason  = "until the rewrite"

    [[allow]]
    targets = ["api"]
    rule = "growth"
    up-to = { larger-of = ["5 MB", "2.5%"] }
    reason = "until the rewrite"
    # more to come

    [targets.api]
    context = "."
    "#);
}

#[test]
fn lists_of_inline_tables_are_edited_too() {
    for (before, after) in [
        ("allow = []\n", "allow = [{ rule = \"size\", up-to = 3, reason = \"r\" }]\n"),
        (
            "allow = [{ rule = \"layers\", up-to = 3, reason = \"q\" }]\n",
            "allow = [{ rule = \"layers\", up-to = 3, reason = \"q\" }, { rule = \"size\", up-to = 3, reason = \"r\" }]\n",
        ),
        (
            "allow = [\n    { rule = \"layers\", up-to = 3, reason = \"q\" } # why\n]\n",
            "allow = [\n    { rule = \"layers\", up-to = 3, reason = \"q\" }, # why\n    { rule = \"size\", up-to = 3, reason = \"r\" },\n]\n",
        ),
    ] {
        let mut file = draft(before);
        let mut new = exception(&[], Rule::Size);
        (new.up_to, new.reason) = (Some(UpTo::Count(3)), "r".to_owned());
        let written = file.allow(&new).expect("writes");
        assert_eq!(file.text(), after);
        file.remove_allow(&written.place).expect("removes");
        assert!(!file.text().contains("\"size\""), "{}", file.text());
        assert_eq!(draft(file.text()).allow(&new).expect("writes").how, How::Added);
    }
}

#[test]
fn what_goes_takes_its_own_comment_along_and_no_other() {
    let text = "# top\n\n# Exceptions\n\n# npm is theirs\n[[allow]]\nrule = \"size\" # here\n\n# next\n[[allow]]\nrule = \"layers\"\n\n\n";
    let mut file = draft(text);
    file.remove_allow(&at(6, 1)).expect("removes");
    assert_eq!(file.text(), "# top\n\n# Exceptions\n\n# next\n[[allow]]\nrule = \"layers\"\n\n\n");
    file.remove_allow(&at(6, 1)).expect("removes");
    assert_eq!(file.text(), "# top\n\n# Exceptions\n");
    assert!(file.remove_allow(&at(3, 1)).is_err() && file.remove_allow(&at(99, 1)).is_err());
}

#[test]
fn a_limit_keeps_its_form() {
    let text = "[defaults]\nmax-size = \"100 MB\" # all\nmax-layers = 12\n[targets.a]\nmax-own-size = { warn = \"8 MB\", fail = \"9 MB\" }\nmax-wasted = 5_000_000\nmax-layer-size.fail = \"3 MB\"\n[targets.b.max-size]\nfail = \"7 MB\"\n";
    let mut file = draft(text);
    let bytes = |bytes| Some(Amount::Bytes(Bytes(bytes)));
    let hard = |fail| Sides { warn: None, fail };
    file.lower(&at(2, 1), hard(bytes(65_000_000))).expect("lowers");
    file.lower(&at(3, 1), hard(Some(Amount::Count(9)))).expect("lowers");
    file.lower(&at(5, 1), Sides { warn: bytes(1000), fail: bytes(1000) }).expect("lowers");
    file.lower(&at(6, 1), hard(bytes(1_500_000))).expect("lowers");
    file.lower(&at(7, 1), hard(bytes(2_000_000))).expect("lowers");
    file.lower(&at(8, 12), hard(bytes(1_250_000_000))).expect("lowers");
    insta::assert_snapshot!(file.text(), @r#"
    [defaults]
    max-size = "65 MB" # all
    max-layers = 9
    [targets.a]
    max-own-size = { warn = "1 kB", fail = "1 kB" }
    max-wasted = "1.5 MB"
    max-layer-size.fail = "2 MB"
    [targets.b.max-size]
    fail = "1.25 GB"
    "#);
    assert!(file.lower(&at(4, 1), hard(bytes(1))).is_err());
}

#[test]
fn ends_of_lines_and_marks_stay() {
    let mut file = draft("\u{feff}[targets.a]\r\nmax-size = \"9 MB\"\r\n");
    file.allow(&exception(&["a"], Rule::RootUser)).expect("writes");
    file.lower(&at(2, 1), Sides { warn: None, fail: Some(Amount::Bytes(Bytes(1000))) }).expect("lowers");
    assert_eq!(
        file.text(),
        "\u{feff}[targets.a]\r\nmax-size = \"1 kB\"\r\n\r\n[[allow]]\r\ntargets = [\"a\"]\r\nrule = \"root-user\"\r\nreason = \"until the rewrite\"\r\n"
    );
}

proptest! {
    #[test]
    fn whatever_the_reason_it_is_read_back_and_the_rest_stays(
        reason in any::<String>(), words in prop::collection::vec(any::<String>(), 0..3), lead in "(# [a-z]{0,9}\n|\n|[a-z]{1,3} = 1\n){0,3}",
    ) {
        prop_assume!(Draft::new("f", lead.as_str()).is_ok());
        let mut file = draft(&lead);
        let mut new = exception(&["a"], Rule::ForbiddenPath);
        (new.reason, new.matches) = (reason.clone(), words);
        file.allow(&new).expect("writes");
        prop_assert!(file.text().starts_with(&lead));
        let table: toml::Table = file.text().parse().expect("TOML");
        let entry = &table["allow"].as_array().expect("a list")[0];
        prop_assert_eq!(entry["reason"].as_str().expect("text"), reason.as_str());
        new.reason.push('!');
        prop_assert_eq!(file.allow(&new).expect("writes").how, How::Changed);
        prop_assert_eq!(file.text().matches("[[allow]]").count() , 1 + (reason.matches("[[allow]]").count() + new.matches.iter().map(|word| word.matches("[[allow]]").count()).sum::<usize>()));
    }
}
