//! Pipes and devices where a file should be, and waits that a signal or `--timeout` ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Scene, link, pipe};
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

const TARGET: &str = "[targets.api]\ncontext = \"app\"\n";

/// The screen of a run that has to end with 2. A run that waits for ever is ended by the runner, and has no code.
fn refused(project: &Project, args: &str) -> String {
    let screen = project.imgbudget(args).run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    screen.screen()
}

/// The same without the line breaks of a table.
fn refused_in_a_line(project: &Project, args: &str) -> String {
    refused(project, args).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_pipe_is_no_file() {
    let built = || Project::with(TARGET).file("app/Dockerfile", "FROM scratch\n");
    let cases: [(&str, Project, &str); 9] = [
        ("app/Dockerfile", Project::with(TARGET).file("app/x", ""), "check"),
        ("budgets.toml", Project::new(), "check"),
        ("other.toml", Project::new(), "check --config other.toml"),
        ("more.toml", Project::with(&format!("include = [\"more.toml\"]\n{TARGET}")), "check"),
        ("old", built(), "check --baseline old"),
        ("old", Project::with(&format!("{TARGET}[baseline]\nfile = \"old\"\n")), "check"),
        ("bake", built(), "check --bake-metadata bake"),
        ("report", built(), "merge report"),
        ("budgets.lock", built(), "update"),
    ];
    for (name, project, args) in cases {
        pipe(&project.path(name));
        let said = refused_in_a_line(&project, args);
        assert!(said.contains("it is a named pipe, not a file"), "{name}: {said}");
    }
    let archive = Project::with("[targets.api]\narchive = \"a.tar\"\n");
    pipe(&archive.path("a.tar"));
    insta::assert_snapshot!(refused(&archive, "check"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `a.tar` is a pipe or a device, not a file
     --> budgets.toml:2:1
      |
    2 | archive = "a.tar"
      | ^^^^^^^
      |
      = hint: Name the archive itself; a pipe is named on the command line, as in --archive NAME=-.

    1 problem in budgets.toml
    "#);
}

#[test]
fn an_ignore_file_without_end_is_not_read() {
    for name in ["app/.dockerignore", "app/Dockerfile.dockerignore"] {
        let project = Project::with(TARGET).file("app/Dockerfile", "FROM scratch\n");
        link(Path::new("/dev/zero"), &project.path(name));
        let said = refused_in_a_line(&project, "check");
        assert!(said.contains("lies outside of the repository"), "{said}");
        let said = refused_in_a_line(&project, "check --allow-outside");
        assert!(said.contains("it is a device, not a file"), "{said}");
        std::fs::remove_file(project.path(name)).unwrap();
        pipe(&project.path(name));
        let said = refused_in_a_line(&project, "check");
        assert!(said.contains("it is a named pipe, not a file"), "{said}");
        std::fs::remove_file(project.path(name)).unwrap();
        std::fs::File::create(project.path(name)).unwrap().set_len(4 << 30).unwrap();
        let said = refused_in_a_line(&project, "check");
        assert!(said.contains("it is larger than 1.0 MB"), "{said}");
    }
}

/// A run that is under way, and the memory of it.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let running = Self(command.spawn().unwrap());
        // SIGINT and SIGTERM are 2 and 15; before it listens the system would end it.
        while running
            .status("SigCgt")
            .is_none_or(|caught| u64::from_str_radix(&caught, 16).unwrap() & (1 << 1 | 1 << 14) != (1 << 1 | 1 << 14))
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        running
    }

    fn status(&self, key: &str) -> Option<String> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map(|value| value.trim().to_owned())
    }

    /// Sends a signal and gives the exit code, or nothing when the signal itself ended it.
    fn signal(mut self, name: &str) -> Option<i32> {
        let id = self.0.id().to_string();
        let kill = || assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
        kill();
        self.0.wait().unwrap().code()
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_waited_for_until_a_signal_comes() {
    for signal in ["INT", "TERM"] {
        let project = Project::with("[targets.api]\narchive = \"a.tar\"\n")
            .file("a.tar", docker_archive(&[Image::new().layer(Layer::new().zeros("a", 0o644, 5))]));
        pipe(&project.path("report"));
        let run = project.imgbudget("check --write json=report");
        assert_eq!(Running::start(run.command()).signal(signal), Some(2), "{signal}");
        let left: Vec<_> = std::fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 4, "no draft is left: {left:?}");
    }
}

#[test]
fn an_archive_from_a_pipe_is_read_and_waited_for_until_a_signal_comes() {
    let project = Project::with("[targets.api]\nimage = \"a\"\nmax-size = \"1 kB\"\n");
    pipe(&project.path("a.tar"));
    let run = project.imgbudget("check --archive api=a.tar");
    assert_eq!(Running::start(run.command()).signal("TERM"), Some(2));
    insta::assert_snapshot!(refused(&project, "check --archive api=a.tar --timeout 1s"), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: gave up after [TIME]
      hint: --timeout sets the bound; without it there is none.

    ✗ api could not be measured
    --- stderr
    ");
    let path = project.path("a.tar");
    let archive = docker_archive(&[Image::new().layer(Layer::new().zeros("a", 0o644, 5))]);
    let writer = std::thread::spawn(move || std::fs::write(path, archive).unwrap());
    let screen = project.check("--archive api=a.tar");
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    writer.join().unwrap();
}

#[test]
fn a_pipe_of_the_shell_is_a_file_of_the_command_line() {
    let project = Project::with("[targets.api]\nimage = \"a\"\n");
    let shell = |script: &str| {
        let script = script.replace("imgbudget", env!("CARGO_BIN_EXE_imgbudget"));
        let output = Command::new("bash").arg("-c").arg(script).current_dir(project.root()).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
    };
    let budgets = shell("imgbudget check --config <(printf '[targets.api]\\nimage = \"a\"\\nmax-sise = 1\\n')");
    assert!(budgets.contains("unknown key `max-sise`"), "{budgets}");
    let baseline = shell("imgbudget check --no-build --baseline <(printf '<<<<<<<')");
    assert!(baseline.contains("git left a conflict here"), "{baseline}");
    let bake = shell("imgbudget check --bake-metadata <(printf '{}')");
    assert!(bake.contains("has none of the targets to check"), "{bake}");
    let report = shell("imgbudget merge <(printf '{}')");
    assert!(report.contains("this is not a report of imgbudget"), "{report}");
}

#[test]
fn a_context_is_packed_without_opening_pipes() {
    let scene = Scene::new(TARGET).file("app/Dockerfile", "FROM scratch\n");
    pipe(&scene.project.path("app/pipe"));
    let boundary = imgbudget::files::Boundary::around(scene.project.root(), &|_| None);
    let app = scene.project.path("app");
    let plan = imgbudget::context::plan(&app, &app.join("Dockerfile"), &boundary).unwrap();
    let facts = plan.write(std::io::sink()).unwrap();
    assert_eq!((facts.entries, facts.bytes), (2, 13), "the pipe is an entry without content");
}
