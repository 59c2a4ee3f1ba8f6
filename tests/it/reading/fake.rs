//! The never-started container on the days when things go wrong: every step refused, cut off, lied about or abandoned, and no
//! container is left.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may fail loudly, and so may what it calls")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use imgbudget::domain::{DiffId, Digest};
use imgbudget::engine::{self, Engine};
use imgbudget::reading::metadata::{self, Handed};
use imgbudget::reading::{Fallback, export};
use imgbudget::source::Limits;

use super::entries;
use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::images::{Image, Layer};
use crate::support::tar_split;

/// How long it is waited for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(60);

const CLASSIC: &str =
    r#"{"DockerRootDir":"/var/lib/docker","Driver":"overlay2","DriverStatus":[["Supports d_type","true"]]}"#;

fn layer() -> Layer {
    Layer::new().dir("usr/bin").file("usr/bin/gcc", 0o755, b"elf").symlink("usr/bin/cc", "gcc").whiteout("old")
}

fn config() -> Vec<u8> {
    Image::new().layer(layer()).config()
}

/// The files that the engine keeps of the one layer and of the config, by their name below the container's directory.
fn kept() -> BTreeMap<&'static str, Vec<u8>> {
    let tar = layer().tar();
    BTreeMap::from([
        ("0/cache-id", b"1".to_vec()),
        ("0/diff", Digest::of(&tar).to_string().into_bytes()),
        ("0/size", b"6".to_vec()),
        ("0/tar-split.json.gz", tar_split::of(&tar)),
        ("1", config()),
    ])
}

/// An engine that has one image, and the containers that were made on it.
struct Scene {
    fake: FakeEngine,
    containers: Arc<Mutex<BTreeSet<String>>>,
}

/// What an engine does with a request of its own; `None` is what a sound one does.
type Twist = Box<dyn Fn(&str) -> Option<Reply> + Send + Sync>;

/// Makes other files of those that a sound engine keeps.
type Change = Box<dyn FnOnce(&mut BTreeMap<&'static str, Vec<u8>>)>;

/// The part of a request's line between two others.
fn between<'a>(line: &'a str, before: &str, after: char) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    Some(rest.split_once(after).map_or(rest, |(part, _)| part))
}

fn image() -> String {
    let diff_id = Digest::of(layer().tar());
    let id = Digest::of(config());
    format!(
        r#"{{"Id":"{id}","Os":"linux","Architecture":"amd64","Size":6,"RootFS":{{"Type":"layers","Layers":["{diff_id}"]}},"Config":{{"Volumes":{{"/data":{{}}}}}}}}"#
    )
}

/// The tar of the engine's files.
fn archive(token: &str, files: &BTreeMap<&'static str, Vec<u8>>) -> Vec<u8> {
    let directory = format!(".imgbudget-{token}");
    let mut tar = Layer::new().dir(&directory).dir(format!("{directory}/0"));
    for (name, content) in files {
        tar = tar.file(format!("{directory}/{name}"), 0o600, content);
    }
    tar.tar()
}

impl Scene {
    fn new(info: &'static str, files: BTreeMap<&'static str, Vec<u8>>, twist: Twist) -> Self {
        let containers = Arc::<Mutex<BTreeSet<String>>>::default();
        let present = Arc::clone(&containers);
        let fake = FakeEngine::new(move |asked| {
            let name =
                between(asked, "/containers/imgbudget-", '/').or_else(|| between(asked, "/containers/imgbudget-", '?'));
            // Whatever is said of it, it is done.
            if asked.starts_with("POST") {
                let token = between(asked, "name=imgbudget-", '&').expect("a name of its own");
                present.lock().expect("lock").insert(token.to_owned());
            }
            if let Some(reply) = twist(asked) {
                if matches!(&reply, Reply::Status(400..500, _)) && asked.starts_with("POST") {
                    present.lock().expect("lock").clear();
                }
                return reply;
            }
            if asked.starts_with("POST") {
                return Reply::Status(201, r#"{"Id":"1","Warnings":[]}"#.to_owned());
            }
            if asked.starts_with("DELETE") {
                assert!(asked.contains("v=true") && asked.contains("force=true"), "{asked}");
                let token = between(asked, "/containers/imgbudget-", '?').expect("ours");
                present.lock().expect("lock").remove(token);
                return Reply::Status(204, String::new());
            }
            if asked.ends_with("/info") {
                return Reply::Json(info.to_owned());
            }
            if asked.contains("/images/") {
                return Reply::Json(image());
            }
            match name {
                Some(token) if asked.contains("/archive?") => {
                    assert!(asked.contains(&format!(".imgbudget-{token}")), "{asked}");
                    Reply::Bytes(archive(token, &files))
                }
                Some(_) if asked.contains("/export") => Reply::Bytes(layer().file(".dockerenv", 0o755, b"").tar()),
                _ if asked.contains("/containers/json") => Reply::Json("[]".to_owned()),
                _ => Reply::Missing,
            }
        });
        Self { fake, containers }
    }

    fn sound(twist: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::new(CLASSIC, kept(), Box::new(twist))
    }

    /// A classic store that keeps these instead.
    fn keeping(change: impl FnOnce(&mut BTreeMap<&'static str, Vec<u8>>)) -> Self {
        let mut files = kept();
        change(&mut files);
        Self::new(CLASSIC, files, Box::new(|_| None))
    }

    async fn engine(&self) -> Engine {
        let env = BTreeMap::from([("DOCKER_HOST".to_owned(), self.fake.host())]);
        Engine::connect(&engine::find(&env).expect("a socket")).await.expect("it answers")
    }

    /// Reads its image, and looks whether a container is left.
    async fn read(&self) -> Result<Handed, Fallback> {
        let engine = self.engine().await;
        let handed = read(&engine).await;
        assert_eq!(engine.settle(PATIENCE).await, Vec::<String>::new());
        assert_eq!(*self.containers.lock().expect("lock"), BTreeSet::new(), "{:?}", self.fake.requests());
        handed
    }

    async fn refused(&self) -> String {
        match self.read().await {
            Ok(handed) => panic!("it was read: {handed:?}"),
            Err(Fallback(why)) => why,
        }
    }

    fn asked(&self, what: &str) -> usize {
        self.fake.requests().iter().filter(|line| line.contains(what)).count()
    }
}

async fn read(engine: &Engine) -> Result<Handed, Fallback> {
    let image = engine.image("acme/api:1", None).await.expect("there");
    metadata::read(engine, &image, &image.diff_ids, true, &Limits::default(), |_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_engine_hands_over_layers_and_config() {
    let scene = Scene::sound(|_| None);
    let handed = scene.read().await.expect("sound");
    assert_eq!(handed.config, Some(config()));
    let [(index, evidence)] = &handed.layers[..] else { panic!("one layer") };
    assert_eq!((index.index.size().0, *evidence), (6, imgbudget::layer::Evidence::EngineSaid));
    assert_eq!(index.diff_id(), &DiffId(Digest::of(layer().tar())));
    assert_eq!(entries(&index.index).len(), 5, "{:?}", entries(&index.index));
    assert_eq!((scene.asked("POST"), scene.asked("/archive"), scene.asked("DELETE")), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_buildkit_filled_leaves_out_link_targets() {
    let scene = Scene::keeping(|files| drop(files.insert("0/size", b"3".to_vec())));
    assert!(scene.read().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_engine_keeps_is_not_what_it_should_be() {
    let short = layer().tar();
    let cut = |keep: usize| {
        let mut lines = tar_split::lines(&tar_split::parts(&layer().tar()));
        lines.truncate(keep);
        tar_split::stored(&lines)
    };
    let layer = Digest::of(&short).short();
    let of_layer = |what: &str| format!("what the engine keeps of layer {layer} cannot be used: {what}");
    let with =
        |name: &'static str, content: Vec<u8>| -> Change { Box::new(move |files| drop(files.insert(name, content))) };
    let without = |name: &'static str| -> Change { Box::new(move |files| drop(files.remove(name))) };
    let cases: [(Change, String); 11] = [
        (without("0/tar-split.json.gz"), of_layer("its list of entries is missing")),
        (without("0/size"), of_layer("its entries have 6 bytes, and its size is unknown")),
        (without("0/diff"), of_layer("it is another layer")),
        (without("1"), "the engine does not keep the image's config".to_owned()),
        (with("0/size", b"7".to_vec()), of_layer("its entries have 6 bytes, and its size is 7")),
        (with("0/size", vec![b'6'; 1000]), "the engine keeps something else where its layers should be".to_owned()),
        (with("0/diff", Digest::of("other").to_string().into_bytes()), of_layer("it is another layer")),
        (with("1", b"{}".to_vec()), "what the engine keeps as the image's config is another".to_owned()),
        (with("0/tar-split.json.gz", cut(4)), of_layer("it ends in the middle of an entry")),
        (with("0/tar-split.json.gz", cut(3)), of_layer("a file is missing")),
        (with("0/tar-split.json.gz", b"\x1f\x8b\x08".to_vec()), of_layer("unexpected end of file")),
    ];
    for (change, expected) in cases {
        assert_eq!(Scene::keeping(change).refused().await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_were_not_asked_for_are_not_read() {
    let sound = archive("x", &kept());
    let strange = Layer::new()
        .file("../../etc/passwd", 0o600, b"x")
        .file(".imgbudget-0/1", 0o600, b"another directory")
        .file("0/diff", 0o600, b"sha256:00")
        .symlink("0", "/etc");
    // In front of what was asked for, and of the same names.
    let scene = Scene::sound(move |asked| {
        let token = between(asked, "/containers/imgbudget-", '/').filter(|_| asked.contains("/archive"))?;
        let directory = format!(".imgbudget-{token}");
        let links = strange
            .clone()
            .symlink(format!("{directory}/0/diff"), "/etc/passwd")
            .hard_link(format!("{directory}/1"), format!("{directory}/0/diff"));
        let mut tar = links.file(format!("{directory}/0/strange"), 0o600, b"x").ending(b"").tar();
        tar.extend(archive(token, &kept()));
        Some(Reply::Bytes(tar))
    });
    assert!(!sound.is_empty() && scene.read().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_refused() {
    let said = |status, message: &str| {
        let body = format!(r#"{{"message":"{message}"}}"#);
        Scene::sound(move |asked| asked.starts_with("POST").then(|| Reply::Status(status, body.clone())))
    };
    let missing = said(400, "invalid mount config for type \\\"bind\\\": bind source path does not exist: /x");
    assert_eq!(missing.refused().await, "the engine does not keep its layers where engines do");
    let broken = said(500, "no space left on device");
    assert_eq!(broken.refused().await, "the engine refused to create a container: no space left on device");
    // It may be there all the same.
    assert_eq!(broken.asked("DELETE"), 1);
    assert_eq!(missing.asked("DELETE"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forbidden_once_is_not_tried_again_in_the_run() {
    for step in ["POST", "/archive"] {
        let scene = Scene::sound(move |asked| {
            asked.contains(step).then(|| Reply::Status(403, r#"{"message":"not here"}"#.to_owned()))
        });
        let engine = scene.engine().await;
        assert!(read(&engine).await.is_err());
        let again = read(&engine.clone()).await.expect_err("forbidden");
        assert_eq!(again.to_string(), "creating a container is forbidden: not here");
        assert!(
            export::read(&engine, &engine.image("a", None).await.expect("there"), &Limits::default(), |_| {})
                .await
                .is_err()
        );
        assert_eq!((scene.asked("POST"), engine.settle(PATIENCE).await.len()), (1, 0));
        assert!(scene.containers.lock().expect("lock").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_off() {
    for keep in [1, 100, 600, 2000] {
        let scene = Scene::sound(move |asked| {
            let token = between(asked, "/containers/imgbudget-", '/').filter(|_| asked.contains("/archive"))?;
            Some(Reply::CutAfter(archive(token, &kept())[..keep].to_vec()))
        });
        assert!(scene.refused().await.contains("went away"), "{keep}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn engines_that_are_not_asked() {
    let desktop = r#"{"DockerRootDir":"/var/lib/docker","Driver":"overlay2","DriverStatus":[["a","b"]],"OperatingSystem":"Docker Desktop"}"#;
    let guarded = r#"{"DockerRootDir":"/var/lib/docker","Driver":"overlay2","DriverStatus":[["a","b"]],"Plugins":{"Authorization":["opa"]}}"#;
    let silent = r#"{"DriverStatus":[["a","b"]]}"#;
    let odd = r#"{"DockerRootDir":"/var/lib/docker","Driver":"../../etc","DriverStatus":[["a","b"]]}"#;
    let unknown = "the engine does not say where it keeps its layers";
    for (info, expected) in [
        (desktop, "Docker Desktop keeps its files in a machine of its own"),
        (guarded, "the engine has an authorisation plugin"),
        (silent, unknown),
        (odd, unknown),
        ("{}", "it is not known how this engine keeps its layers"),
    ] {
        let scene = Scene::new(info, kept(), Box::new(|_| None));
        assert_eq!((scene.refused().await.as_str(), scene.asked("POST")), (expected, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_waiting_leaves_no_container() {
    for step in ["POST", "/archive", "/containers/json"] {
        let (reached, go_on) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (says, waits) = (Arc::clone(&reached), Arc::clone(&go_on));
        let scene = Scene::sound(move |asked| {
            if asked.contains(step) {
                says.store(true, Ordering::SeqCst);
                while !waits.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            None
        });
        let engine = scene.engine().await;
        let reader = engine.clone();
        let task = tokio::spawn(async move { read(&reader).await.map(drop) });
        while !reached.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        task.abort();
        let _gone = task.await;
        // While the engine may be creating it, or compares others with it, it has to be taken for there.
        if step != "/archive" {
            assert_eq!(engine.settle(Duration::ZERO).await.len(), 1, "{step}");
        }
        go_on.store(true, Ordering::SeqCst);
        assert_eq!(engine.settle(PATIENCE).await, Vec::<String>::new(), "{step}");
        assert_eq!(*scene.containers.lock().expect("lock"), BTreeSet::new(), "{step}: {:?}", scene.fake.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_is_tried_again_and_what_stays_is_named() {
    let failures = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&failures);
    let scene = Scene::sound(move |asked| {
        let mut failures = counted.lock().expect("lock");
        (asked.starts_with("DELETE") && *failures < 2).then(|| {
            *failures += 1;
            Reply::Failure(r#"{"message":"device or resource busy"}"#.to_owned())
        })
    });
    assert!(scene.read().await.is_ok());
    assert_eq!(scene.asked("DELETE"), 3);

    let stuck = Scene::sound(|asked| asked.starts_with("DELETE").then(|| Reply::Status(403, "{}".to_owned())));
    let engine = stuck.engine().await;
    assert!(read(&engine).await.is_ok());
    let left = engine.settle(PATIENCE).await;
    assert!(left.len() == 1 && left[0].starts_with("imgbudget-"), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_the_final_file_system_without_what_engines_add() {
    let scene = Scene::sound(|_| None);
    let engine = scene.engine().await;
    let image = engine.image("acme/api:1", None).await.expect("there");
    let tree = export::read(&engine, &image, &Limits::default(), |_| {}).await.expect("sound");
    let paths: Vec<_> =
        (1..=tree.index.len()).map(|at| String::from_utf8_lossy(&tree.index.path(at)).into_owned()).collect();
    assert_eq!(paths, ["usr", "usr/bin", "usr/bin/gcc", "usr/bin/cc", "old"]);
    assert_eq!((engine.settle(PATIENCE).await.len(), scene.asked("DELETE")), (0, 1));

    // Where it just stops, nobody knows what is missing.
    let scene = Scene::sound(|asked| asked.contains("/export").then(|| Reply::Bytes(layer().ending(b"").tar())));
    let engine = scene.engine().await;
    let cut = export::read(&engine, &image, &Limits::default(), |_| {}).await.expect_err("no end");
    assert_eq!(cut.to_string(), "the engine's export cannot be read: it ends in the middle of an entry");
    assert_eq!(engine.settle(PATIENCE).await.len(), 0);
}
