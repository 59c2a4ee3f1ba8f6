//! Where the program comes from, and what is never run.

use std::collections::BTreeMap;
use std::fs;

use crate::support::action::{CANARY, Job, Outcome};
use crate::support::file_server::FileServer;
use crate::support::images::hex;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn asset() -> String {
    let machine = if cfg!(target_arch = "aarch64") { "aarch64" } else { "x86_64" };
    let system = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-musl" };
    format!("imgbudget-{VERSION}-{machine}-{system}.tar.gz")
}

/// A release whose program says that it ran, and its place below the download base.
fn release() -> (String, Vec<u8>) {
    let script = b"#!/bin/sh\necho released program, $1\n";
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o755);
    header.set_size(script.len() as u64);
    tar.append_data(&mut header, "imgbudget", &script[..]).unwrap();
    (format!("/v{VERSION}/{}", asset()), tar.into_inner().unwrap().finish().unwrap())
}

fn job_that_expects(sha256: &str) -> Job {
    let job = Job::new("action.yml");
    fs::write(job.action_file("action/checksums.txt"), format!("# comment\n{sha256}  {}\n", asset())).unwrap();
    job
}

fn refused(outcome: &Outcome, why: &str) {
    assert_eq!((outcome.code, outcome.outputs["verdict"].as_str()), (2, "error"), "{}", outcome.log);
    assert!(outcome.log.contains(why), "{}", outcome.log);
    assert!(!outcome.log.contains("released program"), "{}", outcome.log);
}

#[test]
fn a_release_with_the_right_checksum_runs() {
    let (path, bytes) = release();
    let server = FileServer::new(BTreeMap::from([(path.clone(), bytes.clone())]));
    let job = job_that_expects(&hex(&bytes)).env("IMGBUDGET_DOWNLOAD_BASE", &server.address);
    for version in ["", VERSION, concat!("v", env!("CARGO_PKG_VERSION"))] {
        let job = job_that_expects(&hex(&bytes)).env("IMGBUDGET_DOWNLOAD_BASE", format!("{}/", server.address));
        let outcome = job.with("version", version).run();
        assert_eq!(outcome.code, 0, "{}", outcome.log);
        assert!(outcome.log.contains("released program, check"), "{}", outcome.log);
    }
    assert_eq!(job.run().code, 0);
    assert_eq!(server.asked(), [path.as_str(); 4], "nothing is cached");
}

#[test]
fn a_release_with_another_checksum_is_not_run() {
    let (path, bytes) = release();
    let server = FileServer::new(BTreeMap::from([(path, bytes)]));
    let job = job_that_expects(&"0".repeat(64)).env("IMGBUDGET_DOWNLOAD_BASE", &server.address);
    refused(&job.run(), "is not what checksums.txt says");
}

#[test]
fn a_release_that_is_not_there() {
    let server = FileServer::new(BTreeMap::new());
    let job = job_that_expects(&"0".repeat(64)).env("IMGBUDGET_DOWNLOAD_BASE", &server.address);
    refused(&job.run(), "could not be downloaded");
}

#[test]
fn a_version_without_a_checksum_is_not_downloaded() {
    let server = FileServer::new(BTreeMap::new());
    for version in ["99.0.0", "../../x", "1.2", "1.2.3/..", "1.2.3-$(x)"] {
        let job = Job::new("action.yml").env("IMGBUDGET_DOWNLOAD_BASE", &server.address).with("version", version);
        let why = if version == "99.0.0" { "knows no checksum" } else { "is a version such as" };
        refused(&job.run(), why);
    }
    let windows = Job::new("action.yml").env("RUNNER_OS", "Windows");
    refused(&windows.run(), "Linux and macOS");
    assert!(server.asked().is_empty());
}

/// A job whose `PATH` begins with stand-ins of programs that would leave the machine or take minutes.
fn with_stand_ins(job: Job, programs: &[(&str, &str)]) -> Job {
    for (name, script) in programs {
        job.program(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
    }
    let path = format!("{}:{}", job.workspace().join("bin").display(), std::env::var("PATH").unwrap());
    job.env("PATH", path)
}

#[test]
fn a_version_without_a_release_is_built_from_source() {
    let build = r#"while [ $# -gt 0 ]; do case $1 in --root) root=$2 ;; esac; shift; done
mkdir -p "$root/bin" && printf '#!/bin/sh\necho built program, $1\n' >"$root/bin/imgbudget" && chmod +x "$root/bin/imgbudget"
echo "token: ${IMGBUDGET_GITHUB_TOKEN-none}" >&2; pwd >&2"#;
    let outcome = with_stand_ins(Job::new("action.yml"), &[("cargo", build)]).run();
    assert_eq!(outcome.code, 0, "{}", outcome.log);
    assert!(outcome.log.contains("::notice title=imgbudget::") && outcome.log.contains("built program, check"));
    assert!(outcome.log.contains("token: none"), "a build script sees no token: {}", outcome.log);

    refused(&with_stand_ins(Job::new("action.yml"), &[("cargo", "exit 1")]).run(), "could not be built");
}

#[test]
fn an_attestation_is_asked_for_where_gh_is() {
    let (_, bytes) = release();
    // GitHub is out of reach of a test: `curl` brings the file from the workspace.
    let curl = r#"while [ $# -gt 0 ]; do case $1 in --output) out=$2 ;; esac; url=$1; shift; done
echo "from $url" >&2; cp "$GITHUB_WORKSPACE/asset" "$out""#;
    let run = |gh: &str| {
        let job = job_that_expects(&hex(&bytes));
        fs::write(job.workspace().join("asset"), &bytes).unwrap();
        with_stand_ins(job, &[("curl", curl), ("gh", gh)]).run()
    };
    let good = run(r#"echo "gh $*, token ${#GH_TOKEN}" >&2"#);
    assert_eq!(good.code, 0, "{}", good.log);
    let url = format!("from {}/releases/download/v{VERSION}/{}", env!("CARGO_PKG_REPOSITORY"), asset());
    assert!(good.log.contains(&url), "{}", good.log);
    assert!(good.log.contains("--repo imgbudget/imgbudget") && good.log.contains(&format!("token {}", CANARY.len())));
    assert!(!good.log.contains(CANARY));

    refused(&run(r#"case "$*" in *--help*) ;; *) exit 1 ;; esac"#), "no valid attestation");
    assert_eq!(run("exit 1").code, 0, "a gh that is too old to verify is as good as none");
}
