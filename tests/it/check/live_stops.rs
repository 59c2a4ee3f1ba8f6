//! Builds that are stopped: by Ctrl-C, and by `--timeout`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bollard::query_parameters::ListContainersOptions;

use imgbudget::engine::Kind;

use crate::support::daemon::{self, BASE, Daemon};
use crate::support::project::Project;

/// A build that would take much longer than any test waits; how long tells its processes from all others.
fn project(name: &str, seconds: &str) -> Project {
    let budgets = format!("[targets.{name}]\ncontext = \".\"\nmax-size = \"10 MB\"\n");
    let dockerfile = format!("FROM {BASE}\nRUN echo {name} is on its way\nRUN sleep {seconds}\n");
    Project::with(&budgets).file("Dockerfile", dockerfile).file("report.json", "old")
}

/// Waits until the engine has ended the step: its container is gone, and its process where that can be seen from here.
///
/// Podman notices that its client went away only when the step is over, whoever the client is.
async fn gone(daemon: &Daemon, seconds: &str) {
    if daemon.engine.facts().kind == Kind::Podman {
        return;
    }
    let command = format!("sleep {seconds}");
    for _ in 0..100 {
        let options = ListContainersOptions { all: true, ..Default::default() };
        let containers = daemon.docker.list_containers(Some(options)).await.unwrap();
        let contained = containers.iter().any(|one| one.command.as_ref().is_some_and(|run| run.contains(&command)));
        if !contained && !runs_here(&command) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("`{command}` still runs, or its container is left");
}

fn runs_here(command: &str) -> bool {
    let command = [command.replace(' ', "\0").into_bytes(), vec![0]].concat();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.into_iter().any(|process| std::fs::read(process.path().join("cmdline")).is_ok_and(|run| run == command))
}

fn nothing_half_written(project: &Project) {
    assert_eq!(project.read("report.json"), "old");
    let names: Vec<_> = std::fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".imgbudget-")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_nothing_behind() {
    let Some(daemon) = daemon::live("ctrl_c_leaves_nothing_behind").await else { return };
    daemon.base_image().await;
    for signal in ["-INT", "-TERM"] {
        let project = project("e2e-stop", "301");
        let run = project.imgbudget("check --no-cache --write json=report.json").live();
        let mut child = run.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let progress = BufReader::new(child.stderr.take().unwrap());
        // The step before the long one is over.
        assert!(progress.lines().map_while(Result::ok).any(|line| line.contains("is on its way")));
        let stopped = Instant::now();
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let mut shown = String::new();
        child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(2), "{shown}");
        assert!(stopped.elapsed() < Duration::from_secs(30), "{:?}", stopped.elapsed());
        assert!(shown.contains("interrupted before it was measured"), "{shown}");
        nothing_half_written(&project);
        gone(&daemon, "301").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_ends_the_target_and_no_other() {
    let Some(daemon) = daemon::live("a_timeout_ends_the_target_and_no_other").await else { return };
    daemon.base_image().await;
    let project = project("e2e-slow", "302");
    let more =
        format!("{}[targets.e2e-there]\nimage = \"{BASE}\"\nmax-size = \"10 MB\"\n", project.read("budgets.toml"));
    let project = project.file("budgets.toml", more);
    let screen = project.imgbudget("check --timeout 3 --format json").live().run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    let report: serde_json::Value = serde_json::from_str(&screen.stdout).unwrap();
    assert_eq!(report["targets"][0]["error"]["message"], "gave up after 3 s");
    assert_eq!(report["targets"][1]["verdict"], "pass");
    gone(&daemon, "302").await;
}
