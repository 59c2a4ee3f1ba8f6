//! Builds, looks and saves on every engine of `IMGBUDGET_TEST_ENGINES`.

#![expect(clippy::expect_used, reason = "a test may fail loudly, and so may what it calls")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::StreamExt as _;
use imgbudget::credentials::{Credentials, docker_config};
use imgbudget::domain::{Network, Platform};
use imgbudget::engine::{Address, BuildError, BuildRequest, Kind, names};
use imgbudget::progress::{Event, Observer, Silent};
use imgbudget::{Class, Error};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::daemon::{self, BASE, Daemon, context};

fn request(target: &str) -> BuildRequest {
    BuildRequest {
        project: "engine".to_owned(),
        target: target.parse().expect(target),
        dockerfile: "Dockerfile".to_owned(),
        stage: None,
        args: BTreeMap::new(),
        network: Network::None,
        platform: None,
        no_cache: false,
        pull: false,
        credentials: Credentials::default(),
    }
}

/// Keeps what a person would see of steps.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn has(&self, what: &str) -> bool {
        self.0.lock().expect("lock").iter().any(|line| line.contains(what))
    }
}

impl Observer for Heard {
    fn event(&self, _target: &str, event: Event<'_>) {
        let line = match event {
            Event::StepDone { name, cached, failed, .. } => format!("done {name} cached={cached} failed={failed}"),
            Event::StepLog { line, .. } => format!("log {line}"),
            other => format!("{other:?}"),
        };
        self.0.lock().expect("lock").push(line);
    }
}

async fn clean(daemon: &Daemon, target: &str) {
    daemon.remove(&names::tag("engine", &target.parse().expect(target), None)).await;
}

#[tokio::test]
async fn a_build_is_found_again_by_its_id() {
    for daemon in daemon::all("a_build_is_found_again_by_its_id").await {
        let files: &[(&str, &[u8])] = &[("Dockerfile", b"FROM scratch\nCOPY a /a\n"), ("a", b"hello")];
        let request = request("engine-scratch");
        let built = daemon.engine.build(&request, context(files), &Silent).await.expect("built");
        let image = daemon.engine.image(&built.image.to_string(), None).await.expect("there");
        assert_eq!((image.diff_ids.len(), &image.id), (1, &built.image), "{}", daemon.host);
        assert_eq!(&image.platform, &daemon.engine.facts().platform);
        let tagged = daemon.engine.image(&names::tag("engine", &request.target, None), None).await.expect("tagged");
        assert_eq!(tagged.id, built.image);
        let labels = daemon.docker.inspect_image(&built.image.to_string()).await.expect("there").config;
        assert_eq!(labels.and_then(|config| config.labels).expect("labels")[names::LABEL], "engine-scratch");

        let again = daemon.engine.build(&request, context(files), &Silent).await.expect("built");
        assert_eq!(again.image, built.image, "{}", daemon.host);
        assert!(again.cached_steps >= 1 && again.steps >= again.cached_steps, "{}: {again:?}", daemon.host);

        let saved = daemon.engine.save(&[&built.image.to_string()], None);
        let chunks: Vec<_> = saved.map(|chunk| chunk.expect("a chunk")).collect().await;
        assert!(chunks.concat().len() > 1024);
        clean(&daemon, "engine-scratch").await;
    }
}

#[tokio::test]
async fn a_local_image_is_a_base_without_any_registry() {
    for daemon in daemon::all("a_local_image_is_a_base_without_any_registry").await {
        daemon.base_image().await;
        let dockerfile =
            format!("FROM {BASE} AS build\nARG WORD\nRUN echo \"$WORD\" > /word && cat /word\nFROM {BASE}\n");
        let heard = Heard::default();
        let mut request = request("engine-base");
        request.stage = Some("build".to_owned());
        request.no_cache = true;
        request.args.insert("WORD".to_owned(), "said-by-arg".to_owned());
        let built = daemon.engine.build(&request, context(&[("Dockerfile", dockerfile.as_bytes())]), &heard).await;
        let built = built.unwrap_or_else(|error| panic!("{}: {error:?}", daemon.host));
        assert!(heard.has("log said-by-arg"), "{}: {:?}", daemon.host, heard.0);
        assert!(heard.has("RUN echo"), "{}: {:?}", daemon.host, heard.0);
        assert!(built.steps >= 2, "{}: {built:?}", daemon.host);
        clean(&daemon, "engine-base").await;
    }
}

#[tokio::test]
async fn a_failed_run_is_named_with_its_exit_code_and_log() {
    for daemon in daemon::all("a_failed_run_is_named_with_its_exit_code_and_log").await {
        daemon.base_image().await;
        let containers = || async { daemon.docker.list_containers(None::<NoOptions>).await.expect("listed").len() };
        let before = containers().await;
        let dockerfile = format!("FROM {BASE}\nRUN for i in 1 2 3; do echo line $i; done; exit 3\n");
        let files: &[(&str, &[u8])] = &[("Dockerfile", dockerfile.as_bytes())];
        let failed = daemon.engine.build(&request("engine-failing"), context(files), &Silent).await;
        let Err(BuildError::Failed(failure)) = failed else { panic!("{}: {failed:?}", daemon.host) };
        assert_eq!(failure.exit_code, Some(3), "{}: {failure:?}", daemon.host);
        assert_eq!(failure.log.last().map(String::as_str), Some("line 3"), "{}: {failure:?}", daemon.host);
        let step = failure.step.clone().expect("a step");
        assert!(step.instruction.starts_with("RUN for i in 1 2 3;"), "{}: {step}", daemon.host);
        assert_eq!(step.number, 2, "{}", daemon.host);
        let error = Error::from(*failure);
        assert_eq!(error.class(), Class::Build);
        assert!(error.to_string().ends_with("with exit code 3"), "{error}");
        assert_eq!(containers().await, before, "{}: a container is left", daemon.host);
    }
}

type NoOptions = bollard::query_parameters::ListContainersOptions;

#[tokio::test]
async fn a_dockerfile_that_does_not_parse_has_its_line() {
    for daemon in daemon::all("a_dockerfile_that_does_not_parse_has_its_line").await {
        let files: &[(&str, &[u8])] = &[("Dockerfile", b"FROM scratch\n\nFRUM x\n")];
        let failed = daemon.engine.build(&request("engine-parse"), context(files), &Silent).await;
        let Err(BuildError::Failed(failure)) = failed else { panic!("{}: {failed:?}", daemon.host) };
        assert!(failure.message.contains("FRUM"), "{}: {failure:?}", daemon.host);
        if daemon.engine.facts().kind == Kind::Docker {
            assert_eq!(failure.dockerfile_line, Some(3), "{}: {failure:?}", daemon.host);
        }
    }
}

#[tokio::test]
async fn a_context_that_cannot_be_read_is_said_so() {
    for daemon in daemon::all("a_context_that_cannot_be_read_is_said_so").await {
        let broken = context(&[("Dockerfile", b"FROM scratch\n")])
            .map(|chunk| chunk.map(|bytes| bytes.slice(..512)))
            .chain(futures_util::stream::iter([Err(std::io::Error::other("a/b: permission denied"))]));
        let failed = daemon.engine.build(&request("engine-broken"), broken, &Silent).await;
        let error = Error::from(failed.expect_err("no image"));
        assert_eq!(error.chain(), "cannot read the build context: a/b: permission denied", "{}", daemon.host);
        assert_eq!(error.class(), Class::Io);
    }
}

#[tokio::test]
async fn an_image_that_is_not_there_or_for_another_platform() {
    for daemon in daemon::all("an_image_that_is_not_there_or_for_another_platform").await {
        let error = daemon.engine.image("imgbudget-test/none:9", None).await.expect_err("absent");
        assert_eq!(error.class(), Class::Image);
        assert!(error.to_string().ends_with("has no image imgbudget-test/none:9"), "{error}");
        assert!(error.hint().expect("a hint").contains("pull imgbudget-test/none:9"));
        let saved: Vec<_> = daemon.engine.save(&["imgbudget-test/none:9"], None).collect().await;
        assert!(matches!(&saved[..], [Err(error)] if error.class() != Class::Io), "{}: {saved:?}", daemon.host);

        let foreign = "imgbudget-test/engine-foreign:1";
        daemon.load_for(foreign, "linux", "s390x", &[empty_layer()]).await;
        let wanted = Platform::new("linux", "amd64", None);
        let error = daemon.engine.image(foreign, Some(&wanted)).await.expect_err("another platform");
        assert_eq!(
            error.to_string(),
            format!("image {foreign} is for linux/s390x, not for linux/amd64"),
            "{}",
            daemon.host
        );
        let found = daemon.engine.image(foreign, Some(&Platform::new("linux", "s390x", None))).await;
        assert!(found.is_ok(), "{}: {found:?}", daemon.host);
        daemon.remove(foreign).await;
    }
}

fn empty_layer() -> Vec<u8> {
    let mut layer = tar::Builder::new(Vec::new());
    daemon::entry(&mut layer, "a", 0o644, b"a");
    layer.into_inner().expect("in memory")
}

#[tokio::test]
async fn a_login_reaches_the_registry_of_the_base_image() {
    let config = tempfile::tempdir().expect("tempdir");
    for daemon in daemon::all("a_login_reaches_the_registry_of_the_base_image").await {
        // Podman speaks https to every registry that it was not told about, and a remote engine does not see our port.
        let local = matches!(daemon.engine.endpoint().address, Address::Unix(_));
        if daemon.engine.facts().kind != Kind::Docker || !local {
            continue;
        }
        let (registry, seen) = locked_registry().await;
        // base64 of `user:hunter2`
        let auths = format!(r#"{{"auths":{{"{registry}":{{"auth":"dXNlcjpodW50ZXIy"}}}}}}"#);
        std::fs::write(config.path().join("config.json"), auths).expect("write");
        let config = docker_config::load(Some(config.path())).expect("valid");
        let (credentials, notes) = Credentials::find(&config, std::slice::from_ref(&registry)).await;
        assert!(notes.is_empty(), "{notes:?}");
        let dockerfile = format!("FROM {registry}/private:1\nCOPY Dockerfile /\n");
        let request = BuildRequest { credentials, ..request("engine-login") };
        let files: &[(&str, &[u8])] = &[("Dockerfile", dockerfile.as_bytes())];
        let failed = daemon.engine.build(&request, context(files), &Silent).await;
        let Err(BuildError::Failed(failure)) = failed else { panic!("{}: {failed:?}", daemon.host) };
        assert!(failure.vertex.as_deref().is_some_and(|name| name.contains("private:1")), "{failure:?}");
        assert!(failure.hint.is_some(), "{failure:?}");
        let logged_in = seen.lock().expect("lock").contains("Basic dXNlcjpodW50ZXIy");
        assert!(logged_in, "{}: {failure:?}\n{}", daemon.host, seen.lock().expect("lock"));
    }
}

/// A registry that wants a login and has no image; what it was asked.
async fn locked_registry() -> (String, Arc<Mutex<String>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound").to_string();
    let seen = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = vec![0; 8192];
            let length = connection.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let status = if request.contains("\r\nAuthorization: ") { "404 Not Found" } else { "401 Unauthorized" };
            let login = "WWW-Authenticate: Basic realm=\"private\"";
            let reply = format!("HTTP/1.1 {status}\r\n{login}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            log.lock().expect("lock").push_str(&request);
            let _closed = connection.write_all(reply.as_bytes()).await;
        }
    });
    (address, seen)
}

#[tokio::test]
async fn a_dropped_build_stops() {
    for daemon in daemon::all("a_dropped_build_stops").await {
        daemon.base_image().await;
        let marker = format!("imgbudget-cancel-{}", std::process::id());
        let dockerfile = format!("FROM {BASE}\nRUN echo begun; : {marker}; sleep 600\n");
        let files: &[(&str, &[u8])] = &[("Dockerfile", dockerfile.as_bytes())];
        let heard = Heard::default();
        let request = request("engine-cancelled");
        {
            let build = daemon.engine.build(&request, context(files), &heard);
            let begun = async {
                while !heard.has("log begun") {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            tokio::select! {
                ended = build => panic!("{}: {ended:?}", daemon.host),
                () = begun => {}
            }
        }
        let mut left = true;
        for _ in 0..100 {
            left = running(&marker);
            if !left {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(!left, "{}: the RUN still runs", daemon.host);
    }
}

/// Whether a process on this machine has `marker` in its command line. The engines of the tests run here.
fn running(marker: &str) -> bool {
    std::fs::read_dir("/proc").expect("a Linux machine").flatten().any(|process| {
        std::fs::read(process.path().join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(marker))
    })
}
