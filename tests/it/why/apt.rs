//! What goes with a package, against what apt says of the same database: the one of this machine.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

/// How many packages are asked about.
const MOST: usize = 12;

/// What `apt-get --simulate` would remove; `None` where it would not, or would put something else in its place.
fn removed(words: &[&str]) -> Option<BTreeSet<String>> {
    let done = Command::new("apt-get").arg("--simulate").args(words).env("LC_ALL", "C").output().ok()?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let named =
        |line: &str| Some(line.strip_prefix("Purg ").or(line.strip_prefix("Remv "))?.split(' ').next()?.to_owned());
    let is_plain = done.status.success() && !text.lines().any(|line| line.starts_with("Inst "));
    is_plain.then(|| text.lines().filter_map(named).collect())
}

fn marked(how: &str) -> Vec<String> {
    let done = Command::new("apt-mark").arg(how).output().map(|done| done.stdout).unwrap_or_default();
    String::from_utf8_lossy(&done).lines().filter(|name| !name.contains(':')).map(str::to_owned).collect()
}

#[test]
fn as_much_goes_with_a_package_as_apt_would_remove_and_never_more() {
    let files = ["/var/lib/dpkg/status", "/var/lib/apt/extended_states"];
    let [Ok(status), Ok(states)] = files.map(std::fs::read) else {
        println!("skipped (this machine has no database of apt): what goes with a package");
        return;
    };
    let [at_status, at_states] = files.map(|path| path.trim_start_matches('/'));
    let layer = Layer::new().file(at_status, 0o644, status).file(at_states, 0o644, states);
    let project = Project::new().file("a.tar", docker_archive(&[Image::new().layer(layer)]));
    let every = |names: Vec<String>| {
        let step = (names.len() / (MOST / 2)).max(1);
        names.into_iter().step_by(step).collect::<Vec<_>>()
    };
    let asked = [every(marked("showmanual")), every(marked("showauto"))].concat();
    let screen = project.imgbudget(&format!("why --archive a.tar --format json {}", asked.join(" "))).run();
    let answers: Value = serde_json::from_str(&screen.stdout).expect("JSON");
    let left_over = removed(&["autoremove", "--purge"]).unwrap_or_default();
    let (mut compared, mut same) = (0, 0);
    for answer in answers["images"][0]["answers"].as_array().expect("a list") {
        let name = answer["asked"].as_str().expect("a word");
        let frees = answer["things"].as_array().expect("a list").iter().find(|it| it["package"]["name"] == name);
        let Some(ours) = frees.and_then(|it| it["package"]["frees"]["packages"].as_u64()) else { continue };
        let Some(theirs) = removed(&["purge", "--autoremove", name]) else { continue };
        let theirs = theirs.difference(&left_over).count() as u64;
        assert!(ours <= theirs, "{name}: {ours} packages go, and apt removes {theirs}");
        compared += 1;
        same += u64::from(ours == theirs);
    }
    assert!(same * 10 >= compared * 7, "{same} of {compared} are as apt has it");
}
