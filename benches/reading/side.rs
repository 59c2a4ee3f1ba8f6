//! Two sides, in turn: what each run took, and what ours says of how it read.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What both images and scripts look for.
pub(crate) const TOOLS: [&str; 6] = ["gcc", "make", "git", "curl", "python3", "perl"];

/// A way to do it once. It is made anew for each run.
pub(crate) type Make<'a> = &'a dyn Fn() -> Command;

/// The medians of `rounds`, in which every side runs once: whatever else the machine does falls on all of them.
pub(crate) fn in_turn(rounds: usize, sides: &[Make<'_>]) -> Vec<Duration> {
    let mut times = vec![Vec::with_capacity(rounds); sides.len()];
    for _ in 0..rounds {
        for (side, times) in sides.iter().zip(&mut times) {
            times.push(timed(side()));
        }
    }
    times.into_iter().map(median).collect()
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed(mut command: Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let took = begun.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    took
}

/// `imgbudget check` with a budget that needs every layer, a cache only if one is named, and no CI system around it.
pub(crate) fn check(args: &[&str]) -> Command {
    let mut command = bare(args);
    command.args(["--max-size", "1TB", "--forbid-tools", &TOOLS.join(",")]);
    command
}

/// `imgbudget check` with nothing but `args`, and no cache unless they name one.
pub(crate) fn bare(args: &[&str]) -> Command {
    program(&["check", "--quiet", "--fail-on", "never"], args)
}

/// `imgbudget inspect`, which says all that is in one image.
pub(crate) fn inspect(args: &[&str]) -> Command {
    program(&["inspect", "--format", "json"], args)
}

fn program(subcommand: &[&str], args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgbudget"));
    command.args(subcommand).args(args).current_dir("/");
    if !args.contains(&"--layer-cache") {
        command.args(["--layer-cache", "off"]);
    }
    for variable in ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "IMGBUDGET_READ", "IMGBUDGET_LAYER_CACHE"] {
        command.env_remove(variable);
    }
    command
}

/// What one run of ours says of itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// The ways that its targets were read in, without repetitions.
    pub(crate) how: Vec<String>,
    /// Bytes that were read for all of them.
    pub(crate) bytes: u64,
    /// The peak of resident memory, as the kernel keeps it (`VmHWM` of proc(5)).
    pub(crate) peak: u64,
}

/// Runs ours once beside the clock, to see that it reads in the way that is meant, and what memory that takes.
///
/// A ratio of something else than it says would be worse than none: the benchmark ends when `how` is not the way.
pub(crate) fn told(mut command: Command, how: &str) -> Told {
    command.args(["--format", "json"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("starts");
    let status = format!("/proc/{}/status", child.id());
    let watch = thread::spawn(move || {
        let mut peak = 0;
        // Gone, or a zombie, which has no such line.
        while let Some(now) = high_water(Path::new(&status)) {
            peak = now.max(peak);
            thread::sleep(Duration::from_millis(1));
        }
        peak
    });
    let output = child.wait_with_output().expect("can be waited for");
    let peak = watch.join().expect("does not panic");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}\n{complaint}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let mut told = Told { peak, ..Told::default() };
    for target in report["targets"].as_array().expect("targets") {
        let read = &target["read"];
        told.bytes += read["bytes"].as_u64().unwrap_or_default();
        let way = read["how"].as_str().unwrap_or("nothing").to_owned();
        assert!(way == how || way == "cache", "read by {way} in place of {how}: {target:#}");
        if !told.how.contains(&way) {
            told.how.push(way);
        }
    }
    assert!(told.how.iter().any(|way| way == how), "nothing was read by {how}: {:?}", told.how);
    told
}

fn high_water(status: &Path) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib * 1024)
}

/// A script for `sh`, with what it works on as `$1` and so on.
pub(crate) fn shell(script: &str, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).args(args);
    command
}

/// What a command prints, if it is there and ends well.
pub(crate) fn asked(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
