//! `imgbudget update --ratchet`.

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

fn image(size: usize) -> Vec<u8> {
    docker_archive(&[Image::new().layer(Layer::new().zeros("a", 0o644, size)).named("a:1")])
}

/// A default that two share, a profile, sides, a count, and a file of its own.
fn project() -> Project {
    Project::with(
        "include = [\"web/budgets.toml\"]\n[defaults] # shared\nmax-size = \"1 MB\" # all\n\n\
         [profiles.p]\nmax-layers = 10\nmax-layer-size = { warn = \"700 kB\", fail = \"900 kB\" }\n\n\
         [targets.api]\narchive = \"api.tar\"\nprofile = \"p\"\n",
    )
    .file("web/budgets.toml", "[targets.web]\narchive = \"web.tar\"\nmax-compressed-size = 500_000 # ours\n")
    .file("api.tar", image(100_000))
    .file("web/web.tar", image(600_000))
}

#[test]
fn limits_go_down_to_what_is_used_where_they_are_written() {
    let project = project();
    let before = project.read("budgets.toml");
    insta::assert_snapshot!(project.imgbudget("update --ratchet --check").screen(), @r#"
    exit: 1
    --- stdout
    budgets.toml:3: could be lowered: max-size 1.0 MB → 630.0 kB (web measures 600.0 kB, the largest of 2)
    budgets.toml:6: could be lowered: max-layers 10 → 2 (api measures 1)
    budgets.toml:7: could be lowered: max-layer-size 900.0 kB → 105.0 kB, and its `warn` (api measures 100.0 kB)
    web/budgets.toml:3: could be lowered: max-compressed-size 500.0 kB → 720 B (web measures 683 B)
    --- stderr
    warning: `max-compressed-size` is 500.0 kB here: the number has no unit
     --> web/budgets.toml:3:23
      |
    3 | max-compressed-size = 500_000 # ours
      |                       ^^^^^^^
      |
      = hint: Write the unit that was meant: "500000 MB"; "500000 B" for bytes.

    1 warning in web/budgets.toml
    "#);
    assert_eq!(project.read("budgets.toml"), before);
    insta::assert_snapshot!(project.imgbudget("update --ratchet").screen(), @r#"
    exit: 0
    --- stdout
    budgets.toml:3: lowered: max-size 1.0 MB → 630.0 kB (web measures 600.0 kB, the largest of 2)
    budgets.toml:6: lowered: max-layers 10 → 2 (api measures 1)
    budgets.toml:7: lowered: max-layer-size 900.0 kB → 105.0 kB, and its `warn` (api measures 100.0 kB)
    web/budgets.toml:3: lowered: max-compressed-size 500.0 kB → 720 B (web measures 683 B)
    --- stderr
    warning: `max-compressed-size` is 500.0 kB here: the number has no unit
     --> web/budgets.toml:3:23
      |
    3 | max-compressed-size = 500_000 # ours
      |                       ^^^^^^^
      |
      = hint: Write the unit that was meant: "500000 MB"; "500000 B" for bytes.

    1 warning in web/budgets.toml
    "#);
    insta::assert_snapshot!(project.read("budgets.toml"), @r#"
    include = ["web/budgets.toml"]
    [defaults] # shared
    max-size = "630 kB" # all

    [profiles.p]
    max-layers = 2
    max-layer-size = { warn = "105 kB", fail = "105 kB" }

    [targets.api]
    archive = "api.tar"
    profile = "p"
    "#);
    assert_eq!(project.check("").code, Some(0));
    assert!(!project.path("budgets.lock").exists());
    insta::assert_snapshot!(project.imgbudget("update --ratchet --check").screen(), @"
    exit: 0
    --- stdout

    --- stderr
    every limit that could be judged fits what is measured
    ");
}

#[test]
fn what_was_not_measured_keeps_its_limits() {
    let project = project();
    assert_eq!(project.check("--write json=main.json").code, Some(0));
    assert_eq!(project.check("api --write json=api.json").code, Some(0));
    std::fs::remove_file(project.path("web/web.tar")).unwrap();
    // One of the two users of the default is missing.
    let screen = project.imgbudget("update --ratchet").run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    assert!(project.read("budgets.toml").contains("max-size = \"1 MB\" # all"));
    assert!(project.read("budgets.toml").contains("max-layers = 2"));
    let project =
        self::project().file("api.json", project.read("api.json")).file("main.json", project.read("main.json"));
    let screen = project.imgbudget("update --ratchet --report api.json --headroom 100%").run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    assert!(project.read("budgets.toml").contains("max-size = \"1 MB\" # all"));
    let screen = project.imgbudget("update --ratchet --report main.json api --check").run();
    assert_eq!(screen.code, Some(1), "{}", screen.screen());
    assert!(!screen.stdout.contains("max-size"), "{}", screen.stdout);
}

#[test]
fn room_has_its_bounds() {
    let project = project();
    let mut screens = String::new();
    for headroom in ["0%", "0", "1000%", "-5%", "five", "0.99%", "100.01%"] {
        let screen = project.imgbudget("update --ratchet").args([format!("--headroom={headroom}")]).run();
        assert_eq!(screen.code, Some(2), "{headroom}");
        screens.push_str(screen.stderr.lines().next().unwrap());
        screens.push('\n');
    }
    insta::assert_snapshot!(screens, @"
    error: invalid value '0%' for '--headroom <PERCENT>': write 1% to 100%: with less, the next byte fails, and with more, nothing is lowered
    error: invalid value '0' for '--headroom <PERCENT>': write 1% to 100%: with less, the next byte fails, and with more, nothing is lowered
    error: invalid value '1000%' for '--headroom <PERCENT>': write 1% to 100%: with less, the next byte fails, and with more, nothing is lowered
    error: invalid value '-5%' for '--headroom <PERCENT>': write a percentage, such as 5%
    error: invalid value 'five' for '--headroom <PERCENT>': write a percentage, such as 5%
    error: invalid value '0.99%' for '--headroom <PERCENT>': write 1% to 100%: with less, the next byte fails, and with more, nothing is lowered
    error: invalid value '100.01%' for '--headroom <PERCENT>': write 1% to 100%: with less, the next byte fails, and with more, nothing is lowered
    ");
    assert_eq!(project.imgbudget("update --check").run().code, Some(2));
    let screen = project.imgbudget("update --ratchet --report web/budgets.toml").run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
}
