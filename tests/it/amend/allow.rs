//! `imgbudget allow` with words.

use super::{archive, project};
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;
use crate::support::run::Screen;

fn allow(project: &Project, words: &str, reason: &str) -> Screen {
    project.imgbudget("allow").args(words.split_whitespace()).args(["--reason", reason]).run()
}

#[test]
fn a_limit_is_measured_rounded_and_written_where_the_target_is() {
    let project = project();
    let before = project.read("budgets.toml");
    insta::assert_snapshot!(allow(&project, "api size", "data of 2026").screen(), @r#"
    exit: 0
    --- stdout
    budgets.toml:12: added
      [[allow]]
      targets = ["api"]
      rule = "size"
      up-to = "65 kB"
      reason = "data of 2026"
    --- stderr
    "#);
    assert_eq!(
        project.read("budgets.toml"),
        format!(
            "{before}\n[[allow]]\ntargets = [\"api\"]\nrule = \"size\"\nup-to = \"65 kB\"\nreason = \"data of 2026\"\n"
        )
    );
    assert!(!project.path("services/web/budgets.toml").metadata().unwrap().permissions().readonly());
}

#[test]
fn after_it_the_next_check_passes() {
    let project = project();
    assert_eq!(project.check("").code, Some(1));
    for words in ["api size", "api,web make /app/.git root-user --until 90d"] {
        let screen = allow(&project, words, "a \"quoted\" reason,\nin two lines \u{202e}");
        assert_eq!(screen.code, Some(0), "{}", screen.screen());
        assert!(!screen.stdout.contains('\u{202e}'));
    }
    let screen = project.check("");
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
}

#[test]
fn an_exception_of_one_teams_targets_goes_into_its_own_file() {
    let project = project();
    let root = project.read("budgets.toml");
    insta::assert_snapshot!(allow(&project, "web make --until 2099-03-31", "the base").screen(), @r#"
    exit: 0
    --- stdout
    services/web/budgets.toml:6: added
      [[allow]]
      targets = ["web"]
      rule = "forbidden-tool"
      match = ["make"]
      reason = "the base"
      until = 2099-03-31
    --- stderr
    "#);
    assert_eq!(project.read("budgets.toml"), root);
    insta::assert_snapshot!(project.read("services/web/budgets.toml"), @r#"
    [targets.web]
    archive = "web.tar"
    max-size = "1 MB"
    # the end

    [[allow]]
    targets = ["web"]
    rule = "forbidden-tool"
    match = ["make"]
    reason = "the base"
    until = 2099-03-31
    "#);
    assert_eq!(allow(&project, "* make", "everywhere").code, Some(0));
    assert!(
        project
            .read("budgets.toml")
            .ends_with("[[allow]]\nrule = \"forbidden-tool\"\nmatch = [\"make\"]\nreason = \"everywhere\"\n")
    );
}

#[test]
fn what_is_there_is_changed_in_place_and_never_twice() {
    let project = project();
    assert_eq!(allow(&project, "api size --up-to 60kB", "first").code, Some(0));
    let changed = allow(&project, "api size --up-to 70kB --until 2099-01-01", "second");
    assert!(changed.stdout.starts_with("budgets.toml:12: changed\n"), "{}", changed.stdout);
    let text = project.read("budgets.toml");
    assert_eq!(text.matches("[[allow]]").count(), 1);
    assert!(text.contains("up-to = \"70 kB\"\nreason = \"second\"\nuntil = 2099-01-01\n"), "{text}");
    let again = allow(&project, "api size --up-to 70kB --until 2099-01-01", "second");
    assert!(again.stdout.starts_with("budgets.toml:12: there already\n"), "{}", again.stdout);
    assert_eq!(project.read("budgets.toml"), text);
}

#[test]
fn an_exception_that_another_file_has_is_changed_there() {
    let project = project();
    let text =
        project.read("budgets.toml") + "\n[[allow]]\ntargets = [\"web\"]\nrule = \"root-user\"\nreason = \"old\"\n";
    let project = project.file("budgets.toml", text);
    let screen = allow(&project, "web root-user", "new");
    assert!(screen.stdout.starts_with("budgets.toml:12: changed\n"), "{}", screen.screen());
    assert!(!project.read("services/web/budgets.toml").contains("allow"));
}

#[test]
fn what_is_found_is_taken_from_a_report() {
    let project = project();
    assert_eq!(project.check("--write json=report.json").code, Some(1));
    std::fs::remove_file(project.path("api.tar")).unwrap();
    let screen = allow(&project, "api size --report report.json --dry-run", "r");
    insta::assert_snapshot!(screen.screen(), @r#"
    exit: 0
    --- stdout
    budgets.toml:12: would be added
      [[allow]]
      targets = ["api"]
      rule = "size"
      up-to = "65 kB"
      reason = "r"
    --- stderr
    "#);
    assert!(!project.read("budgets.toml").contains("allow"));
    insta::assert_snapshot!(allow(&project, "web size --report report.json", "r").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: nothing was found about `size` in web
     hint: Found: forbidden-tool (make), forbidden-path (/app/.git), root-user.
    ");
    insta::assert_snapshot!(allow(&project, "api cmake --report report.json", "r").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: nothing was found about `cmake` in api
     hint: Did you mean `make`? Found: size, forbidden-tool (make), forbidden-path (/app/.git), root-user.
    ");
    insta::assert_snapshot!(allow(&project, "api make --origin base --report report.json", "r").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: nothing was found about `make` from the base image in api
     hint: Found: size, forbidden-tool (make), forbidden-path (/app/.git), root-user.
    ");
    insta::assert_snapshot!(allow(&project, "api,web make /app/.git root-user --report report.json", "r").screen(), @r#"
    exit: 0
    --- stdout
    budgets.toml:12: added
      [[allow]]
      targets = ["api", "web"]
      rule = "forbidden-tool"
      match = ["make"]
      reason = "r"
    budgets.toml:18: added
      [[allow]]
      targets = ["api", "web"]
      rule = "forbidden-path"
      match = ["/app/.git"]
      reason = "r"
    budgets.toml:24: added
      [[allow]]
      targets = ["api", "web"]
      rule = "root-user"
      reason = "r"
    --- stderr
    "#);
}

#[test]
fn words_that_mean_nothing_here_are_errors_with_what_was_meant() {
    let project = project();
    let before = project.read("budgets.toml");
    let mut screens = String::new();
    for words in [
        "ape size",
        "api sise",
        "api max-size",
        "api growth",
        "api nmp",
        "api @shell",
        "api curl",
        "api /etc/passwd",
        "api /app/[",
        "api expired-allow",
        "api layers",
        "api size --up-to 40kB",
        "api size --up-to 40M",
        "api make --up-to 3",
        "api size --origin base",
        "api make --until 2020-01-01",
        "api make --until soon",
        ", make",
    ] {
        let screen = allow(&project, words, "r");
        assert_eq!((screen.code, screen.stdout.as_str()), (Some(2), ""), "{words}");
        screens += &[words, "\n", &screen.stderr].concat();
    }
    let screens = screens.replace(&time::OffsetDateTime::now_utc().date().to_string(), "TODAY");
    insta::assert_snapshot!(screens, @r#"
    ape size
    error: no target is called `ape`
     hint: Did you mean `api`? The targets are api, web.
    api sise
    error: no rule or tool is called `sise`
     hint: Did you mean `size`?
    api max-size
    error: `max-size` is a key of budgets.toml, not a rule
     hint: Its rule is `size`.
    api growth
    error: `growth` is not checked for api
     hint: There is nothing to allow: the budget does not ask for it.
    api nmp
    error: no tool is called `nmp`
     hint: Did you mean `npm`? A command that really is called `nmp` can be forbidden by its path: forbid-paths = ["**/nmp"].
    api @shell
    error: no group of tools is called `@shell`
     hint: Did you mean `@shells`?
    api curl
    error: `curl` is not forbidden for api
     hint: Forbidden: @build-tools.
    api /etc/passwd
    error: `/etc/passwd` is not forbidden for api
     hint: Forbidden: **/.git.
    api /app/[
    error: `/app/[` is not a glob: unclosed character class; missing ']'
     hint: `*`, `?`, `[ab]` and `{a,b}` have a meaning in globs; close what was opened.
    api expired-allow
    error: `expired-allow` cannot be excused
     hint: Change what it is about: an exception needs a new date, a budget a decision.
    api layers
    error: `layers` is not checked for api
     hint: There is nothing to allow: the budget does not ask for it.
    api size --up-to 40kB
    error: --up-to is not above the limit of `size`, which is 50.0 kB already
     hint: An exception allows more than the limit; lower the limit itself in budgets.toml.
    api size --up-to 40M
    error: --up-to: `M` is not a unit: MB or MiB?
     hint: Write MB for powers of ten or MiB for powers of two.
    api make --up-to 3
    error: --up-to is for limits, and none is named
     hint: Leave --up-to out.
    api size --origin base
    error: --origin is for tools and paths, and none is named
     hint: Leave --origin out.
    api make --until 2020-01-01
    error: --until: 2020-01-01 is over; today is TODAY
     hint: Write a day, such as --until 2027-03-31, or a number of days: 90d.
    api make --until soon
    error: --until: `soon` is not a day
     hint: Write a day, such as --until 2027-03-31, or a number of days: 90d.
    , make
    error: no target is named
     hint: Write imgbudget allow TARGET WORD --reason "…"; '*' is every target.
    "#);
    for (args, says) in [
        ("allow api make", "error: an exception without a reason\n"),
        ("allow api", "required arguments"),
        ("allow", "required arguments"),
        ("allow --existing", "--until"),
        ("allow --existing --prune --until 3d", "cannot be used with"),
        ("allow api make --reason \u{a0}", "error: an exception without a reason\n"),
    ] {
        let screen = project.imgbudget("").args(args.split(' ').filter(|word| !word.is_empty())).run();
        assert!(screen.code == Some(2) && screen.stderr.contains(says), "{args}: {}", screen.stderr);
    }
    assert_eq!(project.read("budgets.toml"), before);
}

#[test]
fn what_cannot_be_measured_is_not_excused() {
    let project = project();
    let before = project.read("budgets.toml");
    std::fs::remove_file(project.path("api.tar")).unwrap();
    insta::assert_snapshot!(allow(&project, "api size", "r").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: api: cannot open the archive api.tar: No such file or directory (os error 2)
     hint: In budgets.toml `archive` is relative to that file, on the command line to the current directory.
    ");
    assert_eq!(project.read("budgets.toml"), before);
}

#[test]
fn a_file_that_is_a_link_stays_one_and_keeps_its_mode() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let project = Project::new()
        .file("conf/b.toml", "[targets.api]\narchive = \"../api.tar\"\nforbid-tools = [\"make\"]\n")
        .file("api.tar", archive(5000));
    symlink("conf/b.toml", project.path("budgets.toml")).unwrap();
    std::fs::write(project.path("conf/b.toml"), "[targets.api]\narchive = \"api.tar\"\nforbid-tools = [\"make\"]\n")
        .unwrap();
    std::fs::set_permissions(project.path("conf/b.toml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let screen = allow(&project, "api make", "r");
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    assert!(project.path("budgets.toml").is_symlink());
    assert!(project.read("conf/b.toml").contains("[[allow]]"));
    assert_eq!(project.path("conf/b.toml").metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn growth_is_accepted_up_to_what_was_measured() {
    let image = |size: usize| docker_archive(&[Image::new().layer(Layer::new().zeros("a", 0o644, size)).named("a:1")]);
    let project = Project::with(
        "[targets.api]\narchive = \"api.tar\"\nmax-growth = \"5 kB\"\n[baseline]\nfile = \"budgets.lock\"\n",
    )
    .file("api.tar", image(100_000));
    assert_eq!(project.imgbudget("update").run().code, Some(0));
    let project = project.file("api.tar", image(164_200));
    let screen = allow(&project, "api growth --until 30d", "the new maps");
    assert!(screen.stdout.contains("  up-to = \"65 kB\"\n"), "{}", screen.screen());
    assert_eq!(project.check("").code, Some(0));
}

#[test]
fn the_commands_that_a_report_prints_excuse_what_it_found() {
    let layer = Layer::new().zeros("usr/bin/make", 0o755, 1000).zeros("usr/bin/gcc", 0o755, 64_200).zeros(
        "app/it's [here]/.git",
        0o644,
        7,
    );
    let project = Project::with(
        "[targets.api]\narchive = \"api.tar\"\nforbid-tools = [\"@build-tools\"]\nforbid-paths = [\"**/.git\"]\n\
         require-non-root = true\nmax-size = \"50 kB\"\nmax-layers = 1\nmax-layer-size = \"60 kB\"\nmax-wasted = \"1 kB\"\n",
    )
    .file("api.tar", docker_archive(&[Image::new()
        .layer_by(layer, "RUN apt-get install make gcc")
        .layer_by(Layer::new().whiteout("usr/bin/gcc"), "RUN rm /usr/bin/gcc")]));
    assert_eq!(project.check("--write json=report.json").code, Some(1));
    let report = project.report("report.json");
    let causes = report["targets"][0]["causes"].as_array().unwrap();
    assert!(!causes.is_empty());
    for cause in causes {
        let Some(line) = cause["allow"].as_str() else { continue };
        // As a shell splits it.
        let words = line.strip_prefix("imgbudget ").unwrap();
        let split = std::process::Command::new("sh").args(["-c", &format!("printf '%s\\n' {words}")]).output().unwrap();
        let words: Vec<String> = String::from_utf8(split.stdout).unwrap().lines().map(str::to_owned).collect();
        let screen = project.imgbudget("").args(words).args(["--reason", "printed"]).run();
        assert_eq!(screen.code, Some(0), "{line}: {}", screen.screen());
    }
    let screen = project.check("");
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    assert_eq!(project.imgbudget("allow --prune").run().stdout, "");
}

#[test]
fn the_commands_that_a_report_prints_let_the_next_check_pass() {
    let layer = Layer::new()
        .zeros("usr/bin/make", 0o755, 1000)
        .zeros("usr/bin/size", 0o755, 500)
        .zeros("app/data [1].pem", 0o644, 63_000)
        .dir("app/.git");
    let again = Layer::new().zeros("app/data [1].pem", 0o644, 63_000);
    let image = docker_archive(&[Image::new().layer(layer).layer(again).named("acme/app:1")]);
    let project = project().file("api.tar", image).file(
        "budgets.toml",
        "[targets.api]\narchive = \"api.tar\"\nmax-size = \"50 kB\"\nmax-wasted = \"1 kB\"\nmax-layers = 1\n\
         require-non-root = true\nforbid-tools = [\"@build-tools\"]\nforbid-paths = [\"**/.git\", \"**/*.pem\"]\n",
    );
    for round in 0.. {
        let screen = project.check("--write json=report.json");
        let report: serde_json::Value = serde_json::from_str(&project.read("report.json")).expect("JSON");
        if screen.code == Some(0) {
            assert!(round > 1, "there was something to excuse");
            break;
        }
        let causes = report["targets"][0]["causes"].as_array().expect("causes");
        let command = causes.iter().find_map(|cause| cause["allow"].as_str()).expect("a command");
        // As a shell would split it: quotes hold words together, and there is nothing else in it.
        let words: Vec<String> = command
            .split('\'')
            .enumerate()
            .flat_map(|(part, text)| match part % 2 {
                0 => text.split_whitespace().map(str::to_owned).collect(),
                _ => vec![text.to_owned()],
            })
            .collect();
        assert_eq!(words[..2], ["imgbudget", "allow"]);
        let allowed = project.imgbudget("allow").args(&words[2..]).args(["--reason", "known"]).run();
        assert_eq!(allowed.code, Some(0), "{command}\n{}", allowed.screen());
        assert!(round < 9, "{command} changes nothing");
    }
}
