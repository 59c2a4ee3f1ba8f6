//! A fixed corpus of layers and archives that readers may understand differently: what we make of each, and, where an engine is there,
//! what the engine makes of it.
//!
//! The engine loads each archive, makes a container of it that is never started, and exports its file system. Whatever that shows must be
//! in our measurement: the path, at least as many bytes, executable where it is executable there. Where we cannot be sure, "could not
//! measure" is right as well, but not for the layers that real tools write. An archive that the engine refuses shows nothing.

mod archives;
mod engine;
mod headers;
mod honest;
mod marks;
mod names;
mod tree;

use futures_util::StreamExt as _;

use crate::support::daemon;
use crate::support::images::{Image, Layer, docker_files, podman_files};
use tree::{Tree, measured};

/// Content of a file that must not be overlooked: more than a reader would take for a rounding error.
const BIG: usize = 30_000;

/// One archive with one image in it.
struct Case {
    /// What is special about it; part of the name that it is loaded under.
    name: &'static str,
    /// What is loaded.
    archive: Vec<u8>,
    /// The size that it has, where a real tool may write it so: then it must be measured.
    honest: Option<u64>,
}

/// A case out of layers; the archive is of the form that every engine reads the same way.
fn layers(name: &'static str, layers: impl IntoIterator<Item = Layer>) -> Case {
    let image = layers.into_iter().fold(Image::new(), Image::layer).named(&tag(name));
    Case { name, archive: podman_files(&[image]).tar(), honest: None }
}

/// A case of one layer.
fn layer(name: &'static str, only: Layer) -> Case {
    layers(name, [only])
}

impl Case {
    /// Real tools write it, and this is its size.
    fn honest(self, size: u64) -> Self {
        Self { honest: Some(size), ..self }
    }
}

/// The name that a case is loaded under.
fn tag(name: &str) -> String {
    format!("docker.io/imgbudget-corpus/{name}:1")
}

/// The file that must not be overlooked.
fn tool(layer: Layer, path: &str) -> Layer {
    layer.file(path, 0o755, vec![b'x'; BIG])
}

/// What the gate asks the machine's own engine: each cause once, since every case takes the engine a good part of a second. An engine of
/// `IMGBUDGET_TEST_ENGINES` is asked all, or those whose name begins with `IMGBUDGET_TEST_CASES`.
const GATE: [&str; 42] = [
    "mark-folder-of-notes",
    "mark-folder-of-links",
    "mark-folder-called-opaque",
    "mark-folder-further-down",
    "mark-folder-that-hides",
    "mark-note-with-content",
    "mark-links-folder-as-target",
    "mark-after-own-file",
    "mark-below-lower-file",
    "mark-below-lower-link",
    "mark-below-own-link",
    "mark-of-missing",
    "sparse-version-2-0",
    "sparse-version-empty",
    "sparse-0-1-empty-map",
    "sparse-0-1-two-sizes",
    "extension-then-global",
    "extension-then-global-path",
    "long-name-then-global",
    "long-name-empty",
    "extension-size-then-empty",
    "magic-version-xx-two-prefixes",
    "magic-gnu-prefix",
    "type-nul-folder-with-size",
    "type-folder-with-size",
    "end-two-blocks-then-more",
    "twice-emptied-with-second-name",
    "twice-from-the-root",
    "hard-link-changes-the-mode",
    "hard-link-through-link",
    "link-on-the-way-absolute",
    "link-on-the-way-to-nothing",
    "lower-link-on-the-way",
    "lower-file-linked",
    "config-rootfs-folded-first",
    "config-rootfs-oddly-spelled",
    "manifest-layers-folded",
    "manifest-twice-other-image",
    "both-index-of-another",
    "both-index-null",
    "both-oci-manifest-folded",
    "both-blob-twice-other-bytes",
];

/// The cases that an engine is asked now.
fn asked() -> Vec<Case> {
    let every = std::env::var_os("IMGBUDGET_TEST_ENGINES").is_some();
    let prefix = std::env::var("IMGBUDGET_TEST_CASES").unwrap_or_default();
    let is_asked = |case: &Case| {
        if every { case.name.starts_with(&prefix) } else { case.honest.is_some() || GATE.contains(&case.name) }
    };
    corpus().into_iter().filter(is_asked).collect()
}

/// All of them.
fn corpus() -> Vec<Case> {
    [marks::cases(), headers::cases(), names::cases(), archives::cases(), honest::cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn what_real_tools_write_is_measured_to_the_byte() {
    for case in honest::cases() {
        let ours = measured(&case.archive).map(|tree| tree.size);
        assert_eq!(ours, Ok(case.honest.expect("honest")), "{}", case.name);
    }
}

#[test]
fn names_of_cases_are_names_of_images() {
    let mut names: Vec<_> = corpus().iter().map(|case| case.name).collect();
    let plain =
        |name: &&str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    assert!(names.iter().all(plain));
    assert!(GATE.iter().all(|name| names.contains(name)));
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// How the comparison of one case ended.
enum Outcome {
    /// Nothing that the engine shows is missing.
    Held(String),
    /// Something is.
    Failed(Vec<String>),
}

fn compare(case: &Case, ours: &Result<Tree, String>, theirs: &Result<Tree, String>) -> Outcome {
    match (ours, theirs, case.honest) {
        (Err(why), _, Some(_)) => Outcome::Failed(vec![format!("honest, and could not be measured: {why}")]),
        (Ok(ours), _, Some(size)) if ours.size != size => {
            Outcome::Failed(vec![format!("honest: it has {size} bytes, and we say {}", ours.size)])
        }
        (_, Err(why), Some(_)) => Outcome::Failed(vec![format!("honest, and the engine refuses it: {why}")]),
        (Err(_), Err(_), None) => Outcome::Held("both refuse it".to_owned()),
        (Err(why), Ok(theirs), None) => Outcome::Held(format!("could not measure ({}): {why}", theirs.bytes)),
        (Ok(ours), Err(_), None) => Outcome::Held(format!("refused by the engine, {} for us", ours.size)),
        (Ok(ours), Ok(theirs), honest) => {
            let mut problems = ours.lacks(theirs);
            if honest.is_some() {
                problems.extend(theirs.lacks(ours).into_iter().map(|what| format!("the engine does not show: {what}")));
            }
            match (problems.is_empty(), ours.bytes == theirs.bytes) {
                (false, _) => Outcome::Failed(problems),
                (true, true) => Outcome::Held(format!("equal: {}", theirs.bytes)),
                (true, false) => Outcome::Held(format!("more: {} for us, {} there", ours.bytes, theirs.bytes)),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_an_engine_shows_is_missing() {
    const AT_ONCE: usize = 4;

    for daemon in &daemon::all("nothing_that_an_engine_shows_is_missing").await {
        let cases = asked();
        let results = futures_util::stream::iter(&cases).map(|case| async move {
            let (theirs, saved) = engine::shown(daemon, case).await;
            let ours = measured(&case.archive);
            let again = saved.map(|saved| measured(&saved));
            (case, compare(case, &ours, &theirs), again.map(|again| compare(case, &again, &theirs)))
        });
        let mut failed = Vec::new();
        let mut results = std::pin::pin!(results.buffered(AT_ONCE));
        while let Some((case, outcome, saved)) = results.next().await {
            for (how, outcome) in std::iter::once(("archive", outcome)).chain(saved.map(|saved| ("image", saved))) {
                match outcome {
                    Outcome::Held(what) => println!("{:<34} {how:<8} {what}", case.name),
                    Outcome::Failed(problems) => {
                        println!("{:<34} {how:<8} LESS", case.name);
                        failed.extend(problems.into_iter().map(|what| format!("{} ({how}): {what}", case.name)));
                    }
                }
            }
        }
        assert!(failed.is_empty(), "{} of {} cases:\n{}", daemon.host, cases.len(), failed.join("\n"));
    }
}

/// An archive of the form that Docker writes today, for what is about its documents.
fn documents(image: Image) -> crate::support::images::Files {
    docker_files(&[image])
}
