//! Where the result goes: standard output, files, and nothing but whole ones.

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

fn project() -> Project {
    let layer = Layer::new().file("usr/bin/gcc", 0o755, vec![1; 3000]).file("etc/%a,b\n::x", 0o644, "1");
    let image = Image::new().layer_by(layer, "RUN apt-get install gcc").named("acme/app:1");
    let budgets = "[targets.app]\narchive = \"app.tar\"\nmax-size = \"2 kB\"\nforbid-tools = [\"@build-tools\"]\nrequire-non-root = true\nmax-growth = \"1 MB\"\n";
    Project::with(budgets).file("app.tar", docker_archive(&[image]))
}

#[test]
fn json_is_alone_on_standard_output_and_follows_its_schema() {
    let screen = project().check("--format json");
    assert_eq!((screen.code, screen.stderr.as_str()), (Some(1), ""));
    let report: serde_json::Value = serde_json::from_str(&screen.stdout).unwrap();
    let schema = serde_json::from_str(&Project::new().imgbudget("schema report").run().stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(report["schema"], "imgbudget.report/1");
    assert_eq!(report["verdict"], "fail");
    assert_eq!(report["targets"][0]["size"], 3001);
    assert_eq!(report["targets"][0]["findings"][0]["budget"]["file"], "budgets.toml");
}

#[test]
fn a_failed_run_follows_the_schema_too() {
    let screen = Project::with("[targets.a]\nimage = \"a:1\"\n").check("--format json");
    assert_eq!(screen.code, Some(2));
    let report: serde_json::Value = serde_json::from_str(&screen.stdout).unwrap();
    let schema = serde_json::from_str(&Project::new().imgbudget("schema report").run().stdout).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&report), "{report:#}");
    assert_eq!(report["targets"][0]["verdict"], "error");
}

#[test]
fn one_run_writes_several_files() {
    let project = project();
    let screen = project.check("--write json=out/report.json --write table=out/report.txt");
    assert_eq!(screen.code, Some(1));
    assert_eq!(project.report("out/report.json")["verdict"], "fail");
    // A file has no width and no colour.
    let (file, shown) = (project.read("out/report.txt"), screen.stdout);
    assert_eq!(file.lines().next(), shown.lines().next());
    assert!(!file.contains('\u{1b}'));
}

#[test]
fn a_path_that_cannot_be_written_stops_the_run_before_any_work() {
    let project = project();
    let screen = project.check("--write json=app.tar/report.json").screen();
    insta::assert_snapshot!(screen, @"
    exit: 2
    --- stdout

    --- stderr
    error: cannot write `app.tar/report.json`: Not a directory (os error 20)
     hint: Give a path in a folder that can be written to.
    ");
}

#[test]
fn what_the_run_reads_is_not_written_over() {
    let budgets = "include = [\"more.toml\"]\n[targets.app]\narchive = \"app.tar\"\n[targets.built]\ncontext = \"src\"\n[baseline]\nfile = \"base.json\"\n";
    let project = project()
        .file("budgets.toml", budgets)
        .file("more.toml", "[targets.more]\narchive = \"more.tar\"\n")
        .file("src/Dockerfile", "FROM scratch\n")
        .file("layout/index.json", "{}");
    std::os::unix::fs::symlink("budgets.toml", project.path("link.toml")).unwrap();
    let screen = project.check("app --write json=./src/../budgets.toml");
    insta::assert_snapshot!(screen.screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: --write would put the result over `./src/../budgets.toml`, a file of the budgets
     hint: Name another file, as in --write json=out/report.json.
    ");
    for (path, flags) in [
        ("link.toml", ""),
        ("more.toml", ""),
        ("app.tar", ""),
        ("base.json", ""),
        ("src/Dockerfile", ""),
        ("other.json", "--baseline other.json"),
        ("layout/index.json", "--layout app=layout"),
    ] {
        let screen = project.check(&format!("{flags} --write json={path}"));
        assert_eq!((screen.code, screen.stdout.as_str()), (Some(2), ""), "{path}");
        assert!(screen.stderr.contains(&format!("--write would put the result over `{path}`")), "{}", screen.stderr);
    }
    assert_eq!(project.read("budgets.toml"), budgets);
    let merged = project.imgbudget("merge layout/index.json --write json=layout/index.json").run();
    assert!(merged.stderr.contains("a report that is read"), "{}", merged.stderr);
}

#[test]
fn one_file_that_fails_keeps_no_other_back() {
    let project = project();
    std::os::unix::fs::symlink("/dev/full", project.path("full")).unwrap();
    let screen = project.check("--write json=full --write json=out/report.json");
    assert_eq!(screen.code, Some(2));
    assert!(screen.stdout.contains("✗ app 3.0 kB, 1.0 kB over"), "{}", screen.stdout);
    assert!(screen.stderr.contains("cannot write `full`: No space left"), "{}", screen.stderr);
    assert_eq!(project.report("out/report.json")["verdict"], "fail");
}

#[test]
fn two_formats_do_not_share_a_file() {
    let project = project();
    for (one, other) in [("report", "report"), ("report", "./report")] {
        let screen = project.check(&format!("--write json={one} --write markdown={other}"));
        assert_eq!(screen.code, Some(2));
        assert!(screen.stderr.contains(&format!("--write names `{other}` twice")), "{}", screen.stderr);
        assert!(!project.path("report").exists());
    }
}

#[test]
fn a_run_that_fails_leaves_the_old_file_or_a_whole_new_one() {
    let project = project().file("report.json", "old");
    assert_eq!(project.check("nobody --write json=report.json").code, Some(2));
    assert_eq!(project.check("--write json=report.json --write table=app.tar/x").code, Some(2));
    assert_eq!(project.read("report.json"), "old");
    assert_eq!(project.check("--write json=report.json").code, Some(1));
    assert_eq!(project.report("report.json")["verdict"], "fail");
    let names: Vec<_> = std::fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".imgbudget-")), "{names:?}");
}

#[test]
fn a_narrow_terminal_and_colour() {
    let project = project();
    let narrow = project.imgbudget("check").env("COLUMNS", "40").run().stdout;
    insta::assert_snapshot!(narrow, @r#"
    Target    Size  Budget     Headroom
    ───────────────────────────────────
    ✗ app   3.0 kB  2.0 kB  1.0 kB over

    ✗ app  size 1.0 kB over
      frees ≤
       3.0 kB  layer 1 of 1  RUN apt-get in…
               gcc → install in an earlier
               stage and copy only what runs
            –  no USER → end the stage with
               USER 65532:65532
      All fixes: 3.0 kB → 1 B, within budget
      Needed? imgbudget allow app gcc size \
                --up-to 3.1kB --reason "…"
              imgbudget allow app \
                root-user --reason "…"

    image: archive app.tar,
           sha256:deb360b56ad9
    not judged: growth: no baseline yet

    ✗ app 3.0 kB, 1.0 kB over
    "#);
    let coloured = project.imgbudget("check --color always").run().stdout;
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let wide = project.imgbudget("check").run().stdout;
    assert_eq!(project.imgbudget("check --color always").env("NO_COLOR", "1").run().stdout, coloured, "a flag wins");
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), wide, "colour adds nothing but colour");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let project = project();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_imgbudget"));
    command.args(["tools"]).current_dir(project.root()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
