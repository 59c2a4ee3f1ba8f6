//! The documents of an image as engines read them: keys in any spelling, members that come twice, and two lists of what is there.

use serde_json::{Value, json};

use super::{check_sample, read, read_wanted, refused, sample, sizes};
use crate::support::images::{Files, Image, Layer, Member, blob_path, digest, docker_files, legacy_files, oci_files};

fn layer() -> Vec<u8> {
    Layer::new().file("a", 0o644, "abc").tar()
}

fn config() -> String {
    let diff_id = digest(&layer());
    json!({
        "architecture": "amd64",
        "os": "linux",
        "config": { "User": "app", "Labels": { "a": "1", "A": "2" } },
        "rootfs": { "type": "layers", "diff_ids": [diff_id] },
        "history": [{ "created_by": "COPY a /" }],
    })
    .to_string()
}

const MANIFEST: &str = r#"[{"Config":"config.json","RepoTags":["acme/app:1"],"Layers":["layer.tar"]}]"#;

fn saved(config: &str, manifest: &str) -> Files {
    let mut files = Files::default();
    files.add("config.json", config);
    files.add("layer.tar", layer());
    files.add("manifest.json", manifest);
    files
}

/// An OCI layout whose manifest and index are changed before their digests are taken.
fn layout(config: &str, manifest: impl Fn(String) -> String, index: impl Fn(String) -> String) -> Files {
    let blob = |media_type: &str, content: &[u8]| json!({ "mediaType": media_type, "digest": digest(content), "size": content.len() });
    let written = json!({
        "schemaVersion": 2,
        "config": blob("application/vnd.oci.image.config.v1+json", config.as_bytes()),
        "layers": [blob("application/vnd.oci.image.layer.v1.tar", &layer())],
    });
    let manifest = manifest(written.to_string());
    let entry = blob("application/vnd.oci.image.manifest.v1+json", manifest.as_bytes());
    let mut files = Files::default();
    for content in [config.as_bytes(), &layer(), manifest.as_bytes()] {
        files.add(blob_path(content), content);
    }
    files.add("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    files.add("index.json", index(json!({ "schemaVersion": 2, "manifests": [entry] }).to_string()));
    files
}

fn same(text: String) -> String {
    text
}

#[test]
fn a_key_in_another_spelling_is_read_as_engines_read_it() {
    for odd in ["\"uſer\":\"root\"", "\"\\u0055SER\":\"root\""] {
        let image = read(&saved(&config().replace("\"User\":\"app\"", odd), MANIFEST).tar()).expect(odd);
        assert_eq!(image.config.user.as_deref(), Some("root"), "{odd}");
    }
    let loud = config().replace("rootfs", "RootFS").replace("diff_ids", "DIFF_IDS").replace("created_by", "Created_By");
    let image =
        read(&saved(&loud, &MANIFEST.replace("Layers", "LAYERS").replace("Config", "config")).tar()).expect("loud");
    assert_eq!((sizes(&image), image.config.layer_history().len()), (vec![3], 1));
    let shout = |text: String| {
        text.replace("layers", "Layers").replace("manifests", "MANIFESTS").replace("\"digest", "\"Digest")
    };
    assert_eq!(sizes(&read(&layout(&config(), shout, shout).tar()).expect("loud")), [3]);
}

#[test]
fn a_key_that_comes_twice_is_not_guessed() {
    let twice = |text: &str, key: &str, also: &str| {
        assert!(text.contains(key), "{key}");
        text.replacen(key, &format!("{also},{key}"), 1)
    };
    for (key, also) in [
        ("\"User\":", "\"user\":\"root\""),
        ("\"User\":", "\"User\":\"root\""),
        ("\"User\":", "\"uſer\":\"root\""),
        ("\"config\":", "\"Config\":{\"User\":\"root\"}"),
        ("\"rootfs\":", "\"RootFS\":{\"diff_ids\":[]}"),
        ("\"diff_ids\":", "\"diff_IDS\":[]"),
        ("\"history\":", "\"History\":[]"),
        ("\"created_by\":", "\"CREATED_BY\":\"x\""),
        ("\"os\":", "\"oſ\":\"windows\""),
    ] {
        let config = twice(&config(), key, also);
        for files in [saved(&config, MANIFEST), layout(&config, same, same)] {
            let error = refused(&files.tar());
            assert!(error.contains("the image's config cannot be read: the key `"), "{error}");
        }
    }
    for (key, also) in
        [("\"Config\":", "\"config\":\"x\""), ("\"Layers\":", "\"LAYERS\":[]"), ("\"Layers\":", "\"layerſ\":[]")]
    {
        let error = refused(&saved(&config(), &twice(MANIFEST, key, also)).tar());
        assert!(error.contains("its `manifest.json` cannot be read: the key `"), "{error}");
    }
    for (key, also) in
        [("\"layers\":", "\"Layers\":[]"), ("\"config\":", "\"CONFIG\":{}"), ("\"digest\":", "\"Digest\":\"\"")]
    {
        let error = refused(&layout(&config(), |text| twice(&text, key, also), same).tar());
        assert!(error.contains("cannot be read: ") && error.contains("the manifest sha256:"), "{error}");
    }
    let error = refused(&layout(&config(), same, |text| twice(&text, "\"manifests\":", "\"Manifests\":[]")).tar());
    assert!(error.contains("its `index.json` cannot be read: the key `manifests`"), "{error}");
}

#[test]
fn a_document_cannot_be_index_and_manifest() {
    let both = |text: String| {
        text.replacen('{', r#"{"manifests":[{"digest":"sha256:DIGEST","size":1}],"#, 1)
            .replace("DIGEST", &"ab".repeat(32))
    };
    let error = refused(&layout(&config(), both, same).tar());
    assert!(error.contains("it has `manifests` as an index, and `config` or `layers` as a manifest"), "{error}");
    for null in ["null", "[]"] {
        let none = |text: String| text.replacen('{', &format!("{{\"manifests\":{null},"), 1);
        assert_eq!(sizes(&read(&layout(&config(), none, same).tar()).expect("a manifest")), [3]);
    }
}

#[test]
fn an_index_that_lists_nothing_leaves_the_word_to_the_manifest() {
    for index in [r#"{"manifests":null}"#, r#"{"manifests":[]}"#, "{}"] {
        let mut files = legacy_files(&[sample()]);
        files.add("index.json", index);
        check_sample(&read(&files.tar()).expect(index));
        assert!(refused(&files.without("manifest.json").tar()).contains("holds no image"));
    }
}

/// The files of both, `manifest.json` by `manifest`, `index.json` by the rest.
fn joined(index: &[Image], manifest: &[Image]) -> Files {
    let mut files = docker_files(manifest).without("index.json");
    for (path, member) in oci_files(index).0 {
        if let Member::File(content) = member {
            files.add(path, content);
        }
    }
    files
}

#[test]
fn two_lists_that_mean_different_images_are_not_guessed() {
    let made = |name: &str, size: usize| Image::new().layer(Layer::new().zeros("a", 0o644, size)).named(name);
    let (small, fat) = (made("acme/app:1", 1), made("acme/app:1", 3_000_000));
    let error = refused(&joined(std::slice::from_ref(&small), std::slice::from_ref(&fat)).tar());
    assert!(error.contains("`manifest.json` names the config blobs/sha256/"), "{error}");
    assert!(error.contains("to which `index.json` does not lead\nEngines differ"), "{error}");
    let error = refused(&joined(std::slice::from_ref(&small), &[small.clone(), fat.clone()]).tar());
    assert!(error.contains("to which `index.json` does not lead"), "{error}");

    // The same two images, under names that change places.
    let (one, two) = ([small.clone(), made("acme/app:2", 3_000_000)], [made("acme/app:2", 1), fat.clone()]);
    let error = read_wanted(&joined(&one, &two).tar(), "acme/app:1", "").expect_err("another one there");
    assert!(error.to_string().contains("`index.json` and `manifest.json` mean different images"), "{error}");
    assert_eq!(sizes(&read_wanted(&joined(&one, &one).tar(), "acme/app:1", "").expect("the same")), [1]);

    // A platform that nobody asked for, and that manifest.json alone takes for the image.
    let host = format!("linux/{}", if std::env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" });
    let both = [small.platform(&host), fat.platform("linux/mips")];
    let error = refused(&joined(&both, &both[1..]).tar());
    assert!(error.contains("mean different images"), "{error}");
    // containerd lists the platform of its own machine alone.
    assert_eq!(sizes(&read(&joined(&both, &both[..1]).tar()).expect("the host's")), [1]);
    let asked = read_wanted(&joined(&both, &both[..1]).tar(), "", "linux/mips").expect("it is there");
    assert_eq!(sizes(&asked), [3_000_000]);
}

#[test]
fn two_lists_of_layers_are_one_image() {
    let layers = [Layer::new().zeros("a", 0o644, 1), Layer::new().zeros("b", 0o644, 2)].map(Layer::tar);
    let image = Image::new().layer(Layer::new().zeros("a", 0o644, 1)).layer(Layer::new().zeros("b", 0o644, 2));
    let swapped = docker_files(&[image]).change("manifest.json", |manifest| {
        let mut images: Value = serde_json::from_slice(manifest).unwrap();
        images[0]["Layers"] = json!([blob_path(&layers[1]), blob_path(&layers[0])]);
        *manifest = images.to_string().into_bytes();
    });
    let error = refused(&swapped.tar());
    assert!(error.contains("is not what the config says: its diff id is"), "{error}");
}

#[test]
fn a_member_may_come_twice_with_the_same_bytes_only() {
    for files in [legacy_files(&[sample()]), docker_files(&[sample()])] {
        let doubled = Files([files.0.clone(), files.0.clone()].concat());
        check_sample(&read(&doubled.tar()).expect("the same twice"));
        for first in [true, false] {
            for (part, what) in [("manifest.json", "manifest.json cannot be read"), (".tar", "layer "), ("blobs/", "")]
            {
                let changed =
                    files.clone().change(part, |content| *content = Layer::new().file("other", 0o644, "x").tar());
                if changed.tar() == files.tar() {
                    continue;
                }
                let parts = if first { [changed.0, files.0.clone()] } else { [files.0.clone(), changed.0] };
                let error = refused(&Files(parts.concat()).tar());
                assert!(error.contains("it is there twice, with different content") && error.contains(what), "{error}");
            }
        }
        let link = ("manifest.json".to_owned(), Member::Symlink("other.json".to_owned()));
        let error = refused(&Files([files.0.clone(), vec![link]].concat()).tar());
        assert!(error.contains("manifest.json cannot be read: it is there twice"), "{error}");
    }
}

#[test]
fn a_member_below_a_link_is_refused() {
    let other = legacy_files(&[Image::new()]);
    let Some((_, Member::File(manifest))) = other.0.iter().find(|(path, _)| path == "manifest.json").cloned() else {
        unreachable!("legacy archives have one")
    };
    let link = ("here".to_owned(), Member::Symlink(".".to_owned()));
    let below = ("here/manifest.json".to_owned(), Member::File(manifest));
    let files = legacy_files(&[sample()]);
    for extra in [[link.clone(), below.clone()], [below, link]] {
        let error = refused(&Files([files.0.clone(), extra.to_vec()].concat()).tar());
        assert!(error.contains("here/manifest.json lies below here, which is not a directory"), "{error}");
    }
}

#[test]
fn an_image_that_calls_itself_an_attestation_is_an_image() {
    let made = |size: usize| Image::new().layer(Layer::new().zeros("a", 0o644, size)).named("acme/app:1");
    let hidden = oci_files(&[made(1), made(3_000_000)]).change("index.json", |index| {
        let mut document: Value = serde_json::from_slice(index).unwrap();
        document["manifests"][1]["annotations"]["vnd.docker.reference.type"] = json!("attestation-manifest");
        *index = document.to_string().into_bytes();
    });
    assert!(refused(&hidden.tar()).contains("holds several images"));
}
