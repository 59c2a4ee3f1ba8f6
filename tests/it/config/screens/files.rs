//! What is wrong with files: their form, their keys, what they include.

use super::super::{load, load_in, problems, screen, shown};

#[test]
fn missing_and_unreadable_are_two_answers() {
    let root = tempfile::tempdir().unwrap();
    let load = |name: &str| shown(load_in(root.path(), name).unwrap_err());
    insta::assert_snapshot!(load("budgets.toml"), @r#"
    error: there is no file budgets.toml
     = hint: `imgbudget init` writes a first budgets.toml; --config names one that lies elsewhere.
    "#);
    insta::assert_snapshot!(load("."), @r#"
    error: . is a directory
     = hint: Name the file itself, such as budgets.toml.
    "#);
    std::fs::write(root.path().join("latin"), b"# ok\n# caf\xe9\n").unwrap();
    insta::assert_snapshot!(load("latin"), @r#"
    error: latin is not UTF-8 text: line 2 has other bytes
     = hint: Save it as UTF-8.
    "#);
    std::fs::write(root.path().join("large"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    insta::assert_snapshot!(load("large"), @r#"
    error: large is larger than 1 MiB
     = hint: Is it the right file? Budgets of many teams can be split up with `include`.
    "#);
}

#[test]
fn every_syntax_error_is_shown() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "[targets.api]\ncontext = .\nmax-size = 150 MB\nrequire-non-root = True\nplatforms = [\"a\"\n[targets.api]\n")]), @r#"
    error: not valid TOML: invalid mantissa, expected digits
     --> budgets.toml:2:11
      |
    2 | context = .
      |           ^
      |
      = hint: Strings stand in quotes, lists in [ ], tables in { } or under a [header] of their own line.

    error: `150 MB` has no quotes
     --> budgets.toml:3:12
      |
    3 | max-size = 150 MB
      |            ^^^^^^
      |
      = hint: Write "150 MB".

    error: `True` is not a value
     --> budgets.toml:4:20
      |
    4 | require-non-root = True
      |                    ^^^^
      |
      = hint: Write "True" in quotes, or true or false in lower case.

    error: not valid TOML: missing comma between array elements, expected `,`
     --> budgets.toml:6:1
      |
    6 | [targets.api]
      | ^
      |
      = hint: Strings stand in quotes, lists in [ ], tables in { } or under a [header] of their own line.

    4 problems in budgets.toml
    "#);
}

#[test]
fn unknown_keys_have_suggestions() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
args = { A = "b" }
maxSize = "1 MB"
secret = "x"
banana = 1
"#)]), @r#"
    error: unknown key `args` in [targets.api]
     --> budgets.toml:4:1
      |
    4 | args = { A = "b" }
      | ^^^^
      |
      = hint: Did you mean `build-args`?

    error: unknown key `maxSize` in [targets.api]
     --> budgets.toml:5:1
      |
    5 | maxSize = "1 MB"
      | ^^^^^^^
      |
      = hint: Did you mean `max-size`?

    error: unknown key `secret` in [targets.api]
     --> budgets.toml:6:1
      |
    6 | secret = "x"
      | ^^^^^^
      |
      = hint: A build is handed no secrets, ssh keys or named contexts; build that image elsewhere and name it with `image`, or with --image NAME=REF.

    error: unknown key `banana` in [targets.api]
     --> budgets.toml:7:1
      |
    7 | banana = 1
      | ^^^^^^
      |
      = hint: `imgbudget schema budgets` describes every key.

    4 problems in budgets.toml
    "#);
}

#[test]
fn problems_of_all_files_are_shown_together() {
    insta::assert_snapshot!(screen(&[
        ("budgets.toml", "include = [\"services/*/budgets.toml\"]\n[targets.api]\ncontext = \".\"\nmax-size = \"3 bananas\"\n"),
        ("services/web/budgets.toml", "[targets.web]\nmax-layers = \"12\"\n[targets.api]\nimage = \"x\"\n[defaults]\n"),
    ]), @r#"
    error: `bananas` is not a unit
     --> budgets.toml:4:12
      |
    4 | max-size = "3 bananas"
      |            ^^^^^^^^^^^
      |
      = hint: Write a size as "150 MB", "1.35 GB", "150 MiB", or as an integer of bytes.

    error: the target `web` has no source
     --> services/web/budgets.toml:1:10
      |
    1 | [targets.web]
      |          ^^^
      |
      = hint: Say where its image comes from: `context` to build it, or `image`, `archive` or `layout` to measure one that exists.

    error: `max-layers` wants a whole number, not a string
     --> services/web/budgets.toml:2:14
      |
    2 | max-layers = "12"
      |              ^^^^
      |
      = hint: Write it without quotes and without a unit, such as 12.

    error: the target `api` is declared twice
     --> services/web/budgets.toml:3:10
      |
    3 | [targets.api]
      |          ^^^
      |
      = hint: The other one is at budgets.toml:2; give one of them another name.

    error: unknown key `defaults` in an included file
     --> services/web/budgets.toml:5:2
      |
    5 | [defaults]
      |  ^^^^^^^^
      |
      = hint: `defaults` belongs at the top of the root file.

    5 problems in 2 files
    "#);
}

#[test]
fn includes_that_find_nothing() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "include = [\"servces/*/budgets.toml\", \"a/b.toml\"]\n[targets.a]\ncontext = \".\"\n")]), @r#"
    error: `servces/*/budgets.toml` matches no file
     --> budgets.toml:1:12
      |
    1 | include = ["servces/*/budgets.toml", "a/b.toml"]
      |            ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: It is relative to this file; a pattern that finds nothing would leave its budgets unjudged, so take it out or correct it.

    error: `a/b.toml` matches no file
     --> budgets.toml:1:38
      |
    1 | include = ["servces/*/budgets.toml", "a/b.toml"]
      |                                      ^^^^^^^^^^
      |
      = hint: It is relative to this file; a pattern that finds nothing would leave its budgets unjudged, so take it out or correct it.

    2 problems in budgets.toml
    "#);
}

#[test]
fn tables_of_the_wrong_shape() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "version = 2\n[[targets]]\ncontext = \".\"\n[allow]\nrule = \"size\"\n")]), @r#"
    error: a version that this imgbudget does not read
     --> budgets.toml:1:11
      |
    1 | version = 2
      |           ^
      |
      = hint: This imgbudget reads version 1; write `version = 1`, or take a newer imgbudget.

    error: `targets` wants a table, not a list
     --> budgets.toml:2:1
      |
    2 | [[targets]]
      | ^^^^^^^^^^^
      |
      = hint: Give each target its name: [targets.api], not [[targets]].

    error: `allow` wants a list of tables, not a table
     --> budgets.toml:4:1
      |
    4 | [allow]
      | ^^^^^^^
      |
      = hint: Write [[allow]], with two brackets: each table is one exception.

    error: an exception from `size` without `up-to`
     --> budgets.toml:4:1
      |
    4 | [allow]
      | ^^^^^^^
      |
      = hint: Say how far it goes: up-to = "170 MB".

    error: an exception without a `reason`
     --> budgets.toml:4:1
      |
    4 | [allow]
      | ^^^^^^^
      |
      = hint: Say why in a sentence: reason = "…". Whoever meets this exception next year wants to know.

    5 problems in budgets.toml
    "#);
}

#[test]
fn included_files_that_cannot_be_read_or_excuse_others() {
    insta::assert_snapshot!(screen(&[
        ("budgets.toml", "include = [\"a.toml\", \"b.toml\", \"big.toml\"]\n[targets.api]\ncontext = \".\"\n"),
        ("a.toml", "[targets.web]\ncontext = \".\"\n[[allow]]\ntargets = [\"api\"]\nrule = \"root-user\"\nreason = \"r\"\n"),
        ("b.toml", "[[allow]]\nrule = \"root-user\"\nreason = \"r\"\n"),
        ("big.toml", &"#".repeat(1024 * 1024 + 1)),
    ]), @r#"
    error: no target of this file matches `api`
     --> a.toml:4:12
      |
    4 | targets = ["api"]
      |            ^^^^^
      |
      = hint: The targets are web.

    error: an exception in a file that declares no target
     --> b.toml:1:1
      |
    1 | [[allow]]
      | ^^^^^^^^^
      |
      = hint: Write it into the root file; what stands here is about the targets of this file.

    error: big.toml is larger than 1 MiB
     --> budgets.toml:1:32
      |
    1 | include = ["a.toml", "b.toml", "big.toml"]
      |                                ^^^^^^^^^^
      |
      = hint: Is it the right file? Budgets of many teams can be split up with `include`.

    3 problems in 3 files
    "#);
}

#[test]
fn a_file_that_includes_itself() {
    let screen_of = |pattern: &str| {
        let root = format!("include = [\"{pattern}\"]\n[targets.a]\ncontext = \".\"\n");
        screen(&[("budgets.toml", &root), ("more/x", "")])
    };
    insta::assert_snapshot!(screen_of("budgets.toml"), @r#"
    error: `budgets.toml` includes this file itself
     --> budgets.toml:1:12
      |
    1 | include = ["budgets.toml"]
      |            ^^^^^^^^^^^^^^
      |
      = hint: Name the other files, or take it out.

    1 problem in budgets.toml
    "#);
    for pattern in ["./budgets.toml", "more/../budgets.toml", "*.toml"] {
        assert!(screen_of(pattern).contains("includes this file itself"), "{pattern}");
    }
    let included = "include = [\"../budgets.toml\"]\n[targets.b]\ncontext = \".\"\n";
    let root = "include = [\"more/a.toml\"]\n[targets.a]\ncontext = \".\"\n";
    let cycle = screen(&[("budgets.toml", root), ("more/a.toml", included)]);
    assert!(cycle.contains("unknown key `include` in an included file"), "{cycle}");
}

#[test]
fn a_wide_pattern_passes_over_the_file_itself() {
    let root = "include = [\"**/budgets.toml\"]\n[targets.a]\ncontext = \".\"\n";
    let service = "[targets.b]\ncontext = \".\"\n";
    let budgets = load(&[("budgets.toml", root), ("b/budgets.toml", service)]).map_err(shown).unwrap();
    assert_eq!(budgets.targets.len(), 2);
}

#[test]
fn warnings_are_shown_beside_errors() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "[targets.api]\ncontext = \".\"\nmax-size = 200\nmax-sise = 1\n")]), @r#"
    warning: `max-size` is 200 B here: the number has no unit
     --> budgets.toml:3:12
      |
    3 | max-size = 200
      |            ^^^
      |
      = hint: Write the unit that was meant: "200 MB"; "200 B" for bytes.

    error: unknown key `max-sise` in [targets.api]
     --> budgets.toml:4:1
      |
    4 | max-sise = 1
      | ^^^^^^^^
      |
      = hint: Did you mean `max-size`?

    2 problems in budgets.toml
    "#);
}

#[test]
fn a_problem_has_no_echo() {
    assert_eq!(problems("[targets.api]\ncontext = 5\n").len(), 1, "a source of the wrong type is a source");
    assert_eq!(problems("[targets.api]\nimag = \"x\"\n").len(), 1, "so is one that is misspelt");
    assert_eq!(problems("targets = 1\n").len(), 1);
    assert_eq!(problems("").len(), 1, "a file that judges nothing is an error");
}
