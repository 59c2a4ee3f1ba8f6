//! No engine, one that forbids, and one that goes away in the middle.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::project::Project;

const MEASURED: &str = "[targets.api]\nimage = \"acme/api:1\"\nmax-size = \"1 MB\"\n";
const BUILT: &str = "[targets.api]\ncontext = \".\"\nmax-size = \"1 MB\"\n";

#[test]
fn no_engine() {
    insta::assert_snapshot!(Project::with(MEASURED).check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: no Docker or Podman engine answers
      | unix://[HOME]/no-engine.sock (DOCKER_HOST): there is no such socket
      hint: Start the engine that DOCKER_HOST names, or unset DOCKER_HOST.

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn an_address_that_is_none() {
    let project = Project::with(MEASURED);
    let screen = |host: &str| project.imgbudget("check").env("DOCKER_HOST", host).screen();
    insta::assert_snapshot!(screen("ssh://build@example.com"), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: DOCKER_HOST says `ssh://build@example.com`, and imgbudget does not speak
      ssh
      hint: Forward the socket yourself, `ssh -nNT -L
            /tmp/docker.sock:/var/run/docker.sock HOST`, and set
            DOCKER_HOST=unix:///tmp/docker.sock.

    ✗ api could not be measured
    --- stderr
    ");
    insta::assert_snapshot!(screen("docker.example.com"), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: DOCKER_HOST says `docker.example.com`, which is not an address
      hint: Write unix:///path/to/docker.sock or tcp://host:port.

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn permission_denied_on_the_socket() {
    let engine = FakeEngine::new(|_| Reply::Missing);
    std::fs::set_permissions(engine.socket(), std::fs::Permissions::from_mode(0o000)).unwrap();
    let project = Project::with(MEASURED);
    let shown = if UnixStream::connect(engine.socket()).is_err() {
        project.imgbudget("check").env("DOCKER_HOST", engine.host()).run().stdout
    } else {
        // Root may use every socket, so somebody else runs a copy of the program from where they may read it.
        let program = project.path("imgbudget");
        std::fs::copy(env!("CARGO_BIN_EXE_imgbudget"), &program).unwrap();
        for folder in [project.root(), engine.socket().parent().unwrap()] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut command = Command::new(program);
        command.arg("check").current_dir(project.root()).env_clear().env("DOCKER_HOST", engine.host());
        let output = command.uid(65534).gid(65534).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stdout).unwrap()
    };
    insta::assert_snapshot!(shown.replace(&engine.host(), "[ENGINE]"), @"
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: no permission to use [ENGINE] (DOCKER_HOST)
      hint: Only its owner may use this socket: run as that user, or with sudo.

    ✗ api could not be measured
    ");
}

#[test]
fn the_engine_goes_away_during_a_build() {
    let engine = FakeEngine::new(|asked| match asked {
        asked if asked.contains("/build?") => Reply::CutAfter(b"{\"stream\":\"begun\"}\n".to_vec()),
        _ => Reply::Missing,
    });
    let project = Project::with(BUILT).file("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    let screen = project.imgbudget("check").env("DOCKER_HOST", engine.host()).screen();
    // Whether the answer breaks off first or the upload does is for the system to say.
    let causes = [
        "error reading a body from connection",
        "Broken pipe (os error 32)",
        "Connection reset by peer (os error 104)",
    ];
    let screen = causes.iter().fold(screen, |screen, cause| screen.replace(cause, "[CAUSE]"));
    insta::assert_snapshot!(screen.replace(&engine.host(), "[ENGINE]"), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: the engine at [ENGINE] (DOCKER_HOST) went away,
      so imgbudget cannot build: [CAUSE]
      hint: Look at the daemon's log (`journalctl -u docker`), and run again when it
            is up.

    ✗ api could not be measured
    --- stderr
    api: building
    ");
}

#[test]
fn the_engine_goes_away_while_the_image_is_read() {
    let id = format!("sha256:{}", "ab".repeat(32));
    let image = format!(
        r#"{{"Id":"{id}","Os":"linux","Architecture":"amd64","RootFS":{{"Type":"layers","Layers":["{id}"]}}}}"#
    );
    let engine = FakeEngine::new(move |asked| match asked {
        asked if asked.ends_with("/json") => Reply::Json(image.clone()),
        asked if asked.contains("/get") => Reply::CutAfter(vec![0; 300]),
        _ => Reply::Missing,
    });
    let screen = Project::with(MEASURED).imgbudget("check").env("DOCKER_HOST", engine.host()).screen();
    insta::assert_snapshot!(screen.replace(&engine.host(), "[ENGINE]"), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: the engine at [ENGINE] (DOCKER_HOST) went away,
      so imgbudget cannot save image
      [DIGEST]:
      unexpected EOF during chunk size line
      hint: Look at the daemon's log (`journalctl -u docker`), and run again when it
            is up.

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn the_engine_does_not_have_the_image() {
    let engine = FakeEngine::new(|_| Reply::Missing);
    let screen = Project::with(MEASURED).imgbudget("check").env("DOCKER_HOST", engine.host()).screen();
    insta::assert_snapshot!(screen.replace(&engine.host(), "[ENGINE]"), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: the engine at [ENGINE] (DOCKER_HOST) has no
      image acme/api:1
      hint: Pull it first, `docker pull acme/api:1`, or ask its registry: --from
            registry.

    ✗ api could not be measured
    --- stderr
    ");
}
