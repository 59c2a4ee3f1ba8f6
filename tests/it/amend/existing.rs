//! `--existing` and `--prune`.

use super::project;

#[test]
fn all_that_fails_is_excused_by_cause_and_the_next_check_passes() {
    let project = project();
    assert_eq!(project.check("").code, Some(1));
    insta::assert_snapshot!(project.imgbudget("allow --existing --until 2099-01-01 --reason known").screen(), @r#"
    exit: 0
    --- stdout
    budgets.toml:12: added
      [[allow]]
      targets = ["api"]
      rule = "size"
      up-to = "65 kB"
      reason = "known"
      until = 2099-01-01
    budgets.toml:19: added
      [[allow]]
      targets = ["api", "web"]
      rule = "forbidden-tool"
      match = ["make"]
      reason = "known"
      until = 2099-01-01
    budgets.toml:26: added
      [[allow]]
      targets = ["api", "web"]
      rule = "forbidden-path"
      match = ["/app/.git"]
      reason = "known"
      until = 2099-01-01
    budgets.toml:33: added
      [[allow]]
      targets = ["api", "web"]
      rule = "root-user"
      reason = "known"
      until = 2099-01-01
    --- stderr
    "#);
    let screen = project.check("");
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    insta::assert_snapshot!(project.imgbudget("allow --existing --until 2099-01-01").screen(), @"
    exit: 0
    --- stdout

    --- stderr
    nothing fails that an exception could excuse
    ");
}

#[test]
fn expired_exceptions_are_given_the_new_day() {
    let project = project();
    let text = project.read("budgets.toml");
    let old =
        "\n[[allow]]\nrule = \"forbidden-tool\"\nmatch = [\"make\"]\nreason = \"old\"\nuntil = 2020-01-01 # was\n";
    let project = project.file("budgets.toml", format!("{text}{old}"));
    let screen = project.imgbudget("allow --existing --until 2099-01-01").run();
    assert!(screen.stdout.starts_with("budgets.toml:12: holds until 2099-01-01\n"), "{}", screen.screen());
    let text = project.read("budgets.toml");
    assert!(text.contains("until = 2099-01-01 # was\n") && text.matches("make").count() == 1, "{text}");
    assert_eq!(project.check("").code, Some(0));
}

#[test]
fn what_matches_nothing_goes_and_what_cannot_be_told_stays() {
    let project = project();
    assert_eq!(project.imgbudget("allow --existing --until 2099-01-01 --reason known").run().code, Some(0));
    let needed = project.read("budgets.toml");
    let unneeded = "\n# cmake was there once\n[[allow]]\ntargets = [\"api\"]\nrule = \"forbidden-tool\"\nmatch = [\"cmake\"]\nreason = \"gone\"\nuntil = 2020-01-01\n\n[[allow]]\nrule = \"growth\"\nup-to = \"1 MB\"\nreason = \"unjudged\"\n";
    let project = project.file(
        "budgets.toml",
        format!("{needed}{unneeded}").replace("max-size = \"50 kB\"", "max-growth = \"1 kB\"\nmax-size = \"50 kB\""),
    );
    insta::assert_snapshot!(project.imgbudget("allow --prune --dry-run").screen(), @"
    exit: 0
    --- stdout
    budgets.toml:41: would go: forbidden-tool (gone)
    --- stderr
    note: 1 exception stayed unjudged: budgets.toml:48
     hint: Their targets were not all measured, or their rule was not judged, as growth without a baseline.
    ");
    insta::assert_snapshot!(project.imgbudget("allow --prune").screen(), @"
    exit: 0
    --- stdout
    budgets.toml:41: removed: forbidden-tool (gone)
    --- stderr
    note: 1 exception stayed unjudged: budgets.toml:48
     hint: Their targets were not all measured, or their rule was not judged, as growth without a baseline.
    ");
    let text = project.read("budgets.toml");
    assert!(!text.contains("cmake") && text.contains("unjudged"), "{text}");
    assert_eq!(project.check("").code, Some(0));
}

#[test]
fn a_report_of_other_targets_prunes_nothing() {
    let project = project();
    assert_eq!(project.imgbudget("allow --existing --until 2099-01-01 --reason known").run().code, Some(0));
    assert_eq!(project.check("web --write json=web.json").code, Some(0));
    let before = (project.read("budgets.toml"), project.read("services/web/budgets.toml"));
    let screen = project.imgbudget("allow --prune --report web.json").run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    assert_eq!((project.read("budgets.toml"), project.read("services/web/budgets.toml")), before);
}
