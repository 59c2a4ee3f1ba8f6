//! The GitHub Action: its steps run for real, its inputs and the documentation agree with what it does.

mod agreement;
mod cache;
mod install;
mod steps;

use std::fs;
use std::path::PathBuf;

use crate::support::action::Job;

/// A stand-in for the program that writes down each argument, ended by NUL, and does nothing else.
fn recorder(job: &Job) -> PathBuf {
    let record = job.workspace().join("arguments");
    job.program(
        "recorder",
        &format!("#!/usr/bin/env bash\nprintf '%s\\0' \"$@\" >>'{0}'\nprintf '\\0' >>'{0}'\n", record.display()),
    )
}

/// What the [`recorder`] was called with, call by call, with temporary folders replaced.
fn recorded(job: &Job) -> Vec<Vec<String>> {
    let text = fs::read_to_string(job.workspace().join("arguments")).unwrap_or_default();
    let folder = regex::Regex::new(r"=/\S*/imgbudget\.[A-Za-z0-9]{6}/").unwrap();
    let stable = |argument: &str| folder.replace(argument, "=[TEMP]/").into_owned();
    text.split_terminator("\0\0").map(|call| call.split('\0').map(stable).collect()).collect()
}
