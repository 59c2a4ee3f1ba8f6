//! The steps of both actions, run.

use std::fs;
use std::path::Path;

use super::{recorded, recorder};
use crate::support::action::{CANARY, Job, Outcome};
use crate::support::fake_registry::{FakeRegistry, Guard, OCI_INDEX, PASSWORD, USER, index};
use crate::support::images::{Image, Layer, Stored, docker_archive};

const BUDGETS: &str = "[targets.api]\nimage = \"acme/api:1\"\nmax-size = \"1 kB\"\nforbid-tools = [\"gcc\"]\n";

/// A workspace with a budget and two archives: one within it, one over it.
fn job() -> Job {
    let job = Job::new("action.yml");
    let write = |name: &str, bytes: &[u8]| fs::write(job.workspace().join(name), bytes).unwrap();
    let image =
        |size| docker_archive(&[Image::new().layer(Layer::new().zeros("app", 0o755, size)).named("acme/api:1")]);
    write("budgets.toml", BUDGETS.as_bytes());
    write("small.tar", &image(10));
    write("large.tar", &image(10_000));
    let program = env!("CARGO_BIN_EXE_imgbudget").to_owned();
    job.with("binary", program).env("DOCKER_HOST", "unix:///nowhere/docker.sock")
}

fn verdict(outcome: &Outcome) -> &str {
    assert!(!outcome.log.contains(CANARY), "the token is in the log:\n{}", outcome.log);
    outcome.outputs["verdict"].as_str()
}

#[test]
fn pass() {
    let job = job().with("archives", "api=small.tar").with("report-file", "out/report.json");
    let outcome = job.run();
    assert_eq!(outcome.code, 0, "{}", outcome.log);
    let report = fs::read_to_string(job.workspace().join("out/report.json")).unwrap();
    assert!(report.contains("imgbudget.report/1") && !report.contains(CANARY));
    assert_eq!((verdict(&outcome), outcome.outputs["exceeded"].as_str()), ("pass", "0"));
    assert!(Path::new(&outcome.outputs["report"]).is_absolute() && Path::new(&outcome.outputs["report"]).is_file());
    assert!(Path::new(&outcome.outputs["markdown-file"]).is_file());
}

#[test]
fn fail() {
    // The job's folder holds the report, so it has to outlive the run.
    let large = job().with("archives", "\n  api=large.tar \r\n\n");
    let outcome = large.run();
    assert_eq!(outcome.code, 1, "{}", outcome.log);
    assert!(outcome.log.contains(" over\n"), "{}", outcome.log);
    assert_eq!((verdict(&outcome), outcome.outputs["exceeded"].as_str()), ("fail", "1"));
    assert!(Path::new(&outcome.outputs["report"]).is_file(), "a failed step has outputs, too");
    assert_eq!(job().with("archives", "api=large.tar").with("fail-on", "never").run().code, 0);
}

#[test]
fn could_not_check() {
    let missing = job().with("archives", "api=missing.tar").with("fail-on", "never").run();
    assert_eq!((missing.code, verdict(&missing)), (2, "error"), "{}", missing.log);
    let no_engine = job().run();
    assert_eq!((no_engine.code, verdict(&no_engine)), (2, "error"), "{}", no_engine.log);
    let no_program = Job::new("action.yml").with("binary", "nowhere").run();
    assert_eq!((no_program.code, verdict(&no_program)), (2, "error"), "an action that could not install is no pass");
}

/// A job that pushed an image and measures it where it is, with a login and without any engine.
#[test]
fn what_was_pushed() {
    let registry = FakeRegistry::start();
    registry.guard(Guard::Token);
    let image = |size| Image::new().stored(Stored::Gzip).layer(Layer::new().zeros("app", 0o755, size));
    let entries =
        [("amd64", image(10)), ("arm64", image(10_000).platform("linux/arm64"))].map(|(architecture, image)| {
            registry.push("acme/api", architecture, &image);
            image.descriptor()
        });
    let digest = registry.push_manifest("acme/api", "1", OCI_INDEX, index(&entries));
    let measured = |platforms: &str| {
        let job = job();
        let home = job.workspace().join("docker");
        let auth = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{USER}:{PASSWORD}"));
        let login = serde_json::json!({ "auths": { registry.name(): { "auth": auth } } });
        fs::create_dir(&home).unwrap();
        fs::write(home.join("config.json"), login.to_string()).unwrap();
        let budgets = BUDGETS.replace("image =", &format!("platforms = [{platforms}]\nimage ="));
        fs::write(job.workspace().join("budgets.toml"), budgets).unwrap();
        let images = format!("api={}/acme/api@{digest}", registry.name());
        let job = job.with("images", images).with("from", "registry").with("report-file", "report.json");
        let job = job.env("DOCKER_CONFIG", home.display().to_string());
        let outcome = job.run();
        assert!(!outcome.log.contains(PASSWORD), "{}", outcome.log);
        let report = fs::read_to_string(job.workspace().join("report.json")).unwrap_or_default();
        (outcome, report)
    };
    let (within, report) = measured("\"linux/amd64\"");
    assert_eq!((within.code, verdict(&within)), (0, "pass"), "{}", within.log);
    assert!(report.contains(&digest), "the report says which image it is:\n{report}");
    let (both, _) = measured("\"linux/amd64\", \"linux/arm64\"");
    assert_eq!((both.code, verdict(&both), both.outputs["exceeded"].as_str()), (1, "fail", "1"), "{}", both.log);
}

#[test]
fn the_call_by_default() {
    let job = Job::new("action.yml").with("binary", "recorder");
    recorder(&job);
    assert_eq!(job.run().code, 0);
    insta::assert_debug_snapshot!(recorded(&job), @r#"
    [
        [
            "check",
            "--fail-on=failure",
            "--comment=auto",
            "--summary",
            "--annotations",
            "--github-output",
            "--write=json=[TEMP]/report.json",
            "--write=markdown=[TEMP]/report.md",
            "--",
        ],
    ]
    "#);
}

#[test]
fn everything_runs_in_the_working_directory() {
    for folder in ["-", "a b/c"] {
        let job = Job::new("action.yml").with("working-directory", folder).with("binary", "here");
        let pwd = job.workspace().join("pwd");
        job.program(&format!("{folder}/here"), &format!("#!/bin/sh\npwd -P >'{}'\n", pwd.display()));
        let outcome = job.run();
        assert_eq!(outcome.code, 0, "{}", outcome.log);
        let expected = job.workspace().join(folder).canonicalize().unwrap();
        assert_eq!(fs::read_to_string(pwd).unwrap().trim_end(), expected.display().to_string());
    }
    let job = Job::new("action.yml").with("working-directory", "nowhere");
    let program = recorder(&job).display().to_string();
    assert_eq!(job.with("binary", program).run().code, 2);
}

#[test]
fn inputs_are_never_code() {
    let attacks = [
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned",
        "'; touch pwned; '",
        "\"; touch pwned; \"",
        "a\ntouch pwned",
        "${IFS}",
        "&& touch pwned",
        "| touch pwned",
        "--help",
        "-x",
        "*",
        "~",
        "\\",
        "a[$(touch pwned)]",
        "::error::x",
        "!!",
    ];
    let inputs = [
        "config",
        "targets",
        "images",
        "archives",
        "bake-metadata",
        "build",
        "cache",
        "comment",
        "comment-key",
        "pr-number",
        "summary",
        "annotations",
        "fail-on",
        "baseline",
        "baseline-ref",
        "report-file",
        "sarif-file",
        "token",
        "working-directory",
        "version",
        "binary",
    ];
    for input in inputs {
        let job = Job::new("action.yml");
        let program = recorder(&job).display().to_string();
        // One job takes all attacks as lines, and each is tried alone where the input says which program, folder or mode.
        let alone =
            ["build", "cache", "summary", "annotations", "working-directory", "version", "binary"].contains(&input);
        let values =
            if alone { attacks.map(str::to_owned).to_vec() } else { vec![attacks[0].to_owned(), attacks.join("\n")] };
        let mut job = job.with("binary", program).env("IMGBUDGET_DOWNLOAD_BASE", "http://127.0.0.1:9");
        for value in values {
            if input == "version" {
                job = job.with("binary", "");
            }
            job = job.with(input, value.clone());
            let outcome = job.run();
            assert_eq!(outcome.code, if alone { 2 } else { 0 }, "{input}: {value}\n{}", outcome.log);
            assert!(!outcome.log.contains("::error::x"), "{}", outcome.log);
        }
        assert!(!job.workspace().join("pwned").exists(), "{input} was executed");
        for call in recorded(&job) {
            let end = call.iter().position(|argument| argument == "--").expect("targets come after --");
            let flags = &call[1..end];
            assert!(
                flags.iter().all(|flag| flag == "--summary"
                    || flag == "--annotations"
                    || flag == "--github-output"
                    || flag.contains('=')),
                "{input} became a flag: {call:?}"
            );
            assert!(input == "targets" || call.len() == end + 1, "{input} became a target: {call:?}");
        }
    }
}

#[test]
fn lines_become_one_flag_each_and_words_one_target_each() {
    let job = Job::new("action.yml")
        .with("images", "api=acme/api:1\r\n\n  web=acme/web:1\t\n")
        .with("targets", " api\n web  * \n")
        .with("binary", "recorder");
    recorder(&job);
    assert_eq!(job.run().code, 0);
    let call = recorded(&job).remove(0);
    assert_eq!(call[1..3], ["--image=api=acme/api:1", "--image=web=acme/web:1"]);
    assert_eq!(call[call.len() - 4..], ["--", "api", "web", "*"]);
}

#[test]
fn reports_are_joined_then_posted() {
    let job = Job::new("report/action.yml")
        .with("expect", "2")
        .with("reports", "reports/*/*.json\nmore reports/*.json\nnone*.json");
    let record = job.workspace().join("arguments");
    // Joins by writing something where --write=json=PATH says.
    let script = format!(
        "#!/usr/bin/env bash\nprintf '%s\\0' \"$@\" >>'{0}'\nprintf '\\0' >>'{0}'\n\
         for a in \"$@\"; do case $a in --write=json=*) echo '{{}}' >\"${{a#--write=json=}}\" ;; esac; done\n\
         [[ $1 != merge ]] || exit 1\n",
        record.display()
    );
    let program = job.program("program", &script).display().to_string();
    for name in ["reports/a/1.json", "reports/b $(touch pwned)/2.json", "reports/c\nx/3.json", "more reports/4.json"] {
        let path = job.workspace().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{}").unwrap();
    }
    let job = job.with("binary", program);
    let outcome = job.run();
    assert_eq!(outcome.code, 1, "the verdict of the joined report counts: {}", outcome.log);
    assert!(!job.workspace().join("pwned").exists());
    insta::assert_debug_snapshot!(recorded(&job), @r#"
    [
        [
            "merge",
            "--expect=2",
            "--fail-on=failure",
            "--summary",
            "--github-output",
            "--write=json=[TEMP]/report.json",
            "--write=markdown=[TEMP]/report.md",
            "--",
            "./reports/a/1.json",
            "./reports/b $(touch pwned)/2.json",
            "./reports/c\nx/3.json",
            "./more reports/4.json",
        ],
        [
            "comment",
            "--report=[TEMP]/report.json",
            "--comment=auto",
            "--github-output",
        ],
    ]
    "#);
}

#[test]
fn reports_are_joined_by_the_program_itself() {
    let leg = |name: &str| {
        let job = job().with("archives", format!("api={name}.tar")).with("report-file", "report.json");
        job.run();
        fs::read(job.workspace().join("report.json")).unwrap()
    };
    let report = |name: &str| {
        let job = Job::new("report/action.yml").with("reports", "legs/*.json").with("expect", "1");
        fs::create_dir(job.workspace().join("legs")).unwrap();
        fs::write(job.workspace().join("legs/leg.json"), leg(name)).unwrap();
        let job = job.with("binary", env!("CARGO_BIN_EXE_imgbudget"));
        let outcome = job.run();
        assert!(Path::new(&outcome.outputs["report"]).is_file(), "{}", outcome.log);
        assert!(Path::new(&outcome.outputs["markdown-file"]).is_file(), "{}", outcome.log);
        (outcome.code, verdict(&outcome).to_owned(), outcome.outputs["exceeded"].clone())
    };
    assert_eq!(report("small"), (0, "pass".to_owned(), "0".to_owned()));
    assert_eq!(report("large"), (1, "fail".to_owned(), "1".to_owned()));
}

#[test]
fn no_reports_is_no_pass() {
    let job = Job::new("report/action.yml").with("reports", "reports/*.json\n").with("binary", "recorder");
    recorder(&job);
    let outcome = job.run();
    assert_eq!((outcome.code, verdict(&outcome)), (2, "error"));
    assert!(recorded(&job).is_empty());
}
