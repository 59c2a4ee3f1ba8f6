//! The component and the jobs to copy: one script in three files, and valid to GitLab.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use regex::Regex;

use crate::support::npm::live;
use crate::support::repository::root;

const COMPONENT: &str = "templates/imgbudget.yml";
const EXAMPLES: [&str; 3] =
    ["examples/gitlab/docker-in-docker.yml", "examples/gitlab/archive.yml", "examples/gitlab/registry.yml"];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// From the cache to the end: what the three jobs have in common.
fn common(path: &str) -> String {
    let text = read(path);
    let at = text.find("  # What merge requests are compared with").expect(path);
    text[at..].replace("\"imgbudget-$[[ inputs.job-name ]]\"", "imgbudget")
}

#[test]
fn the_jobs_do_the_same() {
    for example in EXAMPLES {
        assert_eq!(common(example), common(COMPONENT), "{example}");
    }
}

#[test]
fn the_jobs_name_this_version() {
    let image = format!("imgbudget/imgbudget:{}-shell", env!("CARGO_PKG_VERSION"));
    for path in EXAMPLES.into_iter().chain([COMPONENT]) {
        assert!(read(path).contains(&image), "{path} does not name {image}");
    }
}

#[test]
fn every_input_is_declared_and_used() {
    let text = read(COMPONENT);
    let (spec, job) = text.split_once("\n---\n").unwrap();
    let name = Regex::new(r"(?m)^    ([a-z-]+):$").unwrap();
    let declared: BTreeSet<&str> = name.captures_iter(spec).map(|found| found.get(1).unwrap().as_str()).collect();
    let used = Regex::new(r"\$\[\[ inputs\.([a-z-]+) \]\]").unwrap();
    let used: BTreeSet<&str> = used.captures_iter(job).map(|found| found.get(1).unwrap().as_str()).collect();
    assert_eq!(declared, used);
}

/// The component as GitLab sees it once the inputs have their defaults.
fn rendered() -> String {
    let text = read(COMPONENT);
    let (spec, job) = text.split_once("\n---\n").unwrap();
    let default = Regex::new(r#"(?m)^    ([a-z-]+):\n      default: "?([^"\n]*)"?$"#).unwrap();
    default.captures_iter(spec).fold(job.to_owned(), |job, input| {
        job.replace(&format!("$[[ inputs.{} ]]", &input[1]), if input[2].is_empty() { "\"\"" } else { &input[2] })
    })
}

#[test]
fn gitlab_takes_them() {
    if !live("gitlab_takes_them") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("component.yml");
    fs::write(&component, rendered()).unwrap();
    let output = Command::new(root().join("scripts/check-jsonschema.sh"))
        .arg("vendor.gitlab-ci")
        .args(EXAMPLES.map(|example| root().join(example)))
        .arg(&component)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The script of a job, run by a shell with an `imgbudget` that only says how it was called.
fn called(variables: &[(&str, &str)]) -> String {
    use std::os::unix::fs::PermissionsExt as _;

    let text = read(EXAMPLES[0]);
    let (_, script) = text.split_once("  script:\n    - |\n").unwrap();
    let lines = script.lines().take_while(|line| line.is_empty() || line.starts_with("      "));
    let script: String = lines.flat_map(|line| [line.trim_start_matches("      "), "\n"]).collect();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("imgbudget");
    fs::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$@\" > calls\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.arg("-euc").arg(script).current_dir(folder.path()).env("PATH", path).env("IMGBUDGET_CACHE", "pull");
    let names = [
        "CONFIG",
        "TARGETS",
        "IMAGES",
        "FROM",
        "ARCHIVES",
        "COMMENT",
        "FAIL_ON",
        "BUILD_ENV",
        "ALLOW_OUTSIDE",
        "CHANGED_SINCE",
    ];
    for name in names {
        shell.env(format!("IMGBUDGET_{name}"), "");
    }
    let output = shell.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(folder.path().join("calls")).unwrap()
}

#[test]
fn permits_are_handed_on_and_only_when_they_are_set() {
    let plain = called(&[("IMGBUDGET_ALLOW_OUTSIDE", "false")]);
    assert!(!plain.contains("--allow-outside") && !plain.contains("--build-env"), "{plain}");
    let both = called(&[("IMGBUDGET_ALLOW_OUTSIDE", "true"), ("IMGBUDGET_BUILD_ENV", "NPM_TOKEN API_KEY")]);
    assert!(both.contains("\n--allow-outside\n"), "{both}");
    assert!(both.contains("\n--build-env\nNPM_TOKEN\n--build-env\nAPI_KEY\n"), "{both}");
}

#[test]
fn images_and_where_to_look_for_them_are_handed_on() {
    let plain = called(&[]);
    assert!(!plain.contains("--image") && !plain.contains("--from"), "{plain}");
    let images = "api=registry.example.com/shop/api:1 worker=registry.example.com/shop/worker:1";
    let both = called(&[("IMGBUDGET_IMAGES", images), ("IMGBUDGET_FROM", "registry")]);
    let (api, worker) = images.split_once(' ').unwrap();
    assert!(both.contains(&format!("\n--image\n{api}\n--image\n{worker}\n--from\nregistry\n")), "{both}");
}

#[test]
fn only_merge_requests_leave_out_what_did_not_change() {
    let since = ("IMGBUDGET_CHANGED_SINCE", "auto");
    assert!(!called(&[since]).contains("--changed-since"), "main measures all that others are compared with");
    let request = called(&[since, ("CI_MERGE_REQUEST_IID", "3")]);
    assert!(request.contains("\n--changed-since\nauto\n"), "{request}");
    assert!(!called(&[("CI_MERGE_REQUEST_IID", "3")]).contains("--changed-since"));
}
