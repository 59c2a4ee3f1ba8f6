//! `imgbudget update` on lock files that were there before.

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

fn image(size: usize) -> Vec<u8> {
    docker_archive(&[Image::new().layer(Layer::new().zeros("a", 0o644, size)).named("a:1")])
}

fn project() -> Project {
    Project::with(
        "[baseline]\nfile = \"budgets.lock\"\n[targets.api]\narchive = \"api.tar\"\nmax-growth = \"500 B\"\n\
         [targets.web]\narchive = \"web.tar\"\nmax-size = \"1 MB\"\n",
    )
    .file("api.tar", image(100_000))
    .file("web.tar", image(200_000))
}

const BEFORE: &str = "api linux/amd64 size=100_000 compressed=";

fn sizes(project: &Project) -> Vec<String> {
    let lock = project.read("budgets.lock");
    let rows = lock.lines().filter(|line| line.contains("size="));
    rows.map(|row| row.split(' ').find(|word| word.starts_with("size=")).unwrap().to_owned()).collect()
}

#[test]
fn a_lock_file_changes_only_where_something_happened() {
    let project = project();
    insta::assert_snapshot!(project.imgbudget("update").screen(), @"
    exit: 0
    --- stdout

    --- stderr
    wrote budgets.lock: the sizes of 2 images
    ");
    let first = project.read("budgets.lock");
    insta::assert_snapshot!(project.imgbudget("update").screen(), @"
    exit: 0
    --- stdout

    --- stderr
    budgets.lock has the sizes of 2 images already
    ");
    let project = project.file("api.tar", image(100_400)).file("web.tar", image(201_999));
    assert_eq!(project.imgbudget("update").run().code, Some(0));
    assert_eq!(project.read("budgets.lock"), first);
    // What would fail as growth is written, however little it is: whoever updates accepts it.
    let project = project.file("api.tar", image(100_600));
    assert_eq!(project.check("").code, Some(1));
    assert_eq!(project.imgbudget("update").run().code, Some(0));
    assert_eq!(sizes(&project), ["size=100_600", "size=200_000"]);
    assert_eq!(project.check("").code, Some(0));
    assert_eq!(project.imgbudget("update --exact web").run().code, Some(0));
    assert_eq!(sizes(&project), ["size=100_600", "size=201_999"]);
    let project = project.file("web.tar", image(300_000));
    assert_eq!(project.imgbudget("update api").run().code, Some(0));
    assert_eq!(sizes(&project), ["size=100_600", "size=201_999"]);
}

#[test]
fn a_conflict_is_measured_away() {
    let project = project();
    assert_eq!(project.imgbudget("update").run().code, Some(0));
    let whole = project.read("budgets.lock");
    let conflict = whole.replacen(
        BEFORE,
        &format!("<<<<<<< HEAD\n{BEFORE}1\n=======\napi linux/amd64 size=3\n>>>>>>> main\n{BEFORE}"),
        1,
    );
    let conflict = if conflict == whole { format!("{whole}<<<<<<< HEAD\n=======\n>>>>>>> main\n") } else { conflict };
    let project = project.file("budgets.lock", &conflict);
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: budgets.lock:7: git left a conflict here
     hint: Run `imgbudget update`: it measures again and writes the whole file.
    ");
    insta::assert_snapshot!(project.imgbudget("update api").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: budgets.lock:7: git left a conflict here
     hint: Run `imgbudget update` without TARGET and --platform: it measures all and writes the whole file.
    ");
    assert_eq!(project.read("budgets.lock"), conflict);
    insta::assert_snapshot!(project.imgbudget("update").screen(), @"
    exit: 0
    --- stdout

    --- stderr
    note: budgets.lock:7: git left a conflict here: all targets are measured again
    wrote budgets.lock: the sizes of 2 images
    ");
    assert_eq!(project.read("budgets.lock"), whole);
}

#[test]
fn what_is_wrong_with_a_lock_file_is_said_at_its_line() {
    let head = "imgbudget.lock/1 content/1\n\n";
    let mut screens = String::new();
    for wrong in [
        "imgbudget.lock/9 content/1\n".to_owned(),
        format!("{head}api linux/amd64 size=-1\n"),
        format!("{head}api linux/amd64 size=\n"),
        format!("{head}api linux/amd64\n"),
    ] {
        let project = project().file("budgets.lock", &wrong);
        let screen = project.check("");
        assert_eq!(screen.code, Some(2), "{}", screen.screen());
        screens.push_str(&screen.stderr);
        let screen = project.imgbudget("update").run();
        assert_eq!(screen.code, Some(0), "{}", screen.screen());
        assert_eq!(project.check("").code, Some(0));
    }
    insta::assert_snapshot!(screens, @"
    error: budgets.lock:1: the first line is `imgbudget.lock/9 content/1`, and this version reads `imgbudget.lock/1`
     hint: Write the lock file anew with `imgbudget update`.
    error: budgets.lock:3: a negative number after `size=` in `api linux/amd64 size=-1`
     hint: Write the lock file anew with `imgbudget update`.
    error: budgets.lock:3: no number after `size=` in `api linux/amd64 size=`
     hint: Write the lock file anew with `imgbudget update`.
    error: budgets.lock:3: no `size=BYTES` in `api linux/amd64`
     hint: Write the lock file anew with `imgbudget update`.
    ");
}
