//! A whole measurement, and globs.

use std::sync::Arc;

use imgbudget::domain::{
    Bytes, Compressed, CompressedSize, DiffId, Digest, HistoryEntry, ImageConfig, Origin, PathGlob, Platform,
};
use imgbudget::image::{Below, Contents, Explanation, Measurement, Question, Triggers, measure};
use imgbudget::memory::Memory;

use crate::support::layers::{Layer, finish};

fn measured(layers: Vec<Layer>, history: &[&str], question: &Question<'_>) -> Measurement {
    let layers: Vec<_> = finish(layers).into_iter().map(Arc::new).collect();
    let entry = |line: &&str| HistoryEntry { created_by: Some((*line).to_owned()), comment: None, empty_layer: false };
    let config = ImageConfig {
        id: Digest::from_sha256([9; 32]),
        platform: Platform::new("linux", "amd64", None),
        created: Some("2026-11-03T10:00:00Z".to_owned()),
        user: Some("node".to_owned()),
        base: None,
        diff_ids: layers.iter().map(|layer| layer.diff_id().clone()).collect(),
        history: history.iter().map(entry).collect(),
    };
    let compressed = Compressed { layers: vec![Bytes(3), Bytes(2)], is_estimate: false };
    measure(&config, Contents::Layers(&layers), Some(&compressed), question, &Memory::default()).expect("small enough")
}

fn matched(globs: &[&str], layers: Vec<Layer>) -> Vec<imgbudget::image::MatchedPaths> {
    let globs: Vec<_> = globs.iter().map(|glob| PathGlob::new(glob).expect(glob)).collect();
    let globs: Vec<_> = globs.iter().collect();
    measured(layers, &[], &Question { globs: &globs, ..Question::default() }).shown.expect("read").matched_paths
}

#[test]
fn everything_at_once() {
    let copy = &super::instructions(&[("WORKDIR", "/"), ("COPY", "app /srv/app")])[1];
    let question = Question {
        tool_names: &["terraform"],
        explanation: Some(Explanation {
            file: "api/Dockerfile",
            steps: &[copy],
            from: 1,
            triggers: Triggers::InHistory,
            below: Below::Base,
        }),
        ..Question::default()
    };
    let layers = vec![
        Layer::default().program("usr/bin/gcc", 100).link("usr/bin/cc", "gcc"),
        Layer::default().program("opt/terraform", 30).whiteout("usr/bin"),
    ];
    let image = measured(layers, &["base", "COPY app /srv/app # buildkit"], &question);
    assert_eq!((image.size(), image.base_size()), (Some(Bytes(133)), Some(Bytes(103))));
    assert_eq!(image.compressed_size, Some(CompressedSize::exact(Bytes(5))));
    assert_eq!(image.layers[1].compressed_size, Some(Bytes(2)));
    assert_eq!(image.user.as_deref(), Some("node"));
    let origins: Vec<_> = image.layers.iter().map(|layer| (layer.size.map(|size| size.0), layer.origin)).collect();
    assert_eq!(origins, [(Some(103), Origin::Base), (Some(30), Origin::Own)]);
    assert_eq!(image.layers[1].dockerfile.as_ref().map(ToString::to_string).as_deref(), Some("api/Dockerfile:3"));
    assert_eq!(image.layers[1].created_by.as_deref(), Some("COPY app /srv/app # buildkit"));
    let names = |tools: &[imgbudget::image::FoundTool]| tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&image.shown.expect("read").tools), ["terraform"]);
    assert_eq!(names(&image.stored.expect("read").shadowed_tools), ["cc", "gcc"]);
}

#[test]
fn an_image_without_layers() {
    let image = measured(vec![], &[], &Question::default());
    assert_eq!((image.size(), image.layers.len()), (Some(Bytes::ZERO), 0));
    assert!(image.shown.is_some_and(|shown| shown.tools.is_empty()));
    assert_eq!(matched(&["**"], vec![])[0].count, 0);
}

#[test]
fn globs_match_the_final_file_system_and_list_the_topmost_paths() {
    let layers = vec![
        Layer::default()
            .file("root/.npm/a/b", 10)
            .file("root/.npm/c", 5)
            .file("srv/.git/config", 3)
            .file("var/lib/apt/lists/old", 99)
            .hard_link("root/.npm/d", "root/.npm/c"),
        Layer::default().whiteout("var/lib/apt/lists/old").link("srv/app/.git", "../.git"),
    ];
    let found = matched(&["/root/.npm/**", "**/.git", "var/lib/apt/lists/*", "/nowhere"], layers);
    let lines: Vec<String> = found
        .iter()
        .map(|matched| {
            let path = |path: &imgbudget::image::FoundPath| {
                let layer = path.layer.expect("a layer");
                format!("{}@{layer} {}", String::from_utf8_lossy(&path.path), path.size.0)
            };
            let paths: Vec<_> = matched.paths.iter().map(path).collect();
            format!("{}: {} paths, {} bytes {paths:?}", matched.glob, matched.count, matched.bytes.0)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    /root/.npm/**: 3 paths, 15 bytes ["/root/.npm/a@0 10", "/root/.npm/c@0 5", "/root/.npm/d@0 0"]
    **/.git: 2 paths, 10 bytes ["/srv/.git@0 3", "/srv/app/.git@1 7"]
    var/lib/apt/lists/*: 0 paths, 0 bytes []
    /nowhere: 0 paths, 0 bytes []
    "#);
}

#[test]
fn what_apt_leaves_after_a_clean_up_is_not_meant_by_a_pattern() {
    let clean = || {
        Layer::default()
            .file("var/lib/apt/lists/lock", 0)
            .directory("var/lib/apt/lists/partial")
            .directory("var/lib/apt/lists/auxfiles")
            .file("var/cache/apt/archives/lock", 0)
            .directory("var/cache/apt/archives/partial")
    };
    let count = |glob: &str, layer: Layer| matched(&[glob], vec![layer])[0].count;
    for glob in
        ["/var/lib/apt/lists/*", "/var/lib/apt/lists/**", "var/lib/apt/lists", "/var/cache/apt/archives/*", "**/lock"]
    {
        let expected = u64::from(glob == "var/lib/apt/lists");
        assert_eq!(count(glob, clean()), expected, "{glob}");
    }
    assert_eq!(count("/var/lib/apt/lists/lock", clean()), 1, "the very path is meant");
    for dirty in [
        clean().file("var/lib/apt/lists/deb.debian.org_Packages", 9),
        clean().file("var/lib/apt/lists/empty", 0),
        clean().file("var/lib/apt/lists/partial/half", 5),
        clean().file("var/lib/apt/lists/lock", 5),
        clean().link("var/lib/apt/lists/auxfiles/x", "/etc/shadow"),
    ] {
        assert_eq!(count("/var/lib/apt/lists/*", dirty), 1);
    }
    assert_eq!(count("/srv/*", Layer::default().file("srv/lock", 0).directory("srv/partial")), 2);
}

#[test]
fn a_glob_that_matches_everything_stays_small() {
    let folder = "long".repeat(100);
    let mut layer = Layer::default();
    for number in 0..20_000 {
        layer = layer.file(format!("{folder}/{number:05}/x"), 1);
    }
    let found = matched(&["/long*/*", "**/x", "**"], vec![layer]);
    let counts: Vec<_> = found.iter().map(|matched| (matched.count, matched.bytes.0)).collect();
    assert_eq!(counts, [(20_000, 20_000), (20_000, 20_000), (1, 20_000)]);
    for matched in &found {
        let names: usize = matched.paths.iter().map(|found| found.path.len() + found.content.len()).sum();
        assert!(names <= 8 << 20, "{}: {names} bytes", matched.glob);
    }
    assert!(found[1].paths.len() > 10_000);
    assert!(found[1].paths[999].path.ends_with(b"/00999/x"));
}

#[test]
fn a_directory_is_put_down_to_the_layer_that_filled_it() {
    let layers = vec![
        Layer::default().directory("var/cache/apt").directory("var/empty").file("var/lib/own", 9),
        Layer::default().file("var/cache/apt/pkg", 20).link("var/lib/link", "own"),
        Layer::default().file("var/cache/apt/more", 5),
    ];
    let found = matched(&["/var/cache/apt", "/var/empty", "/var/lib"], layers);
    let layers: Vec<Option<usize>> = found.iter().map(|matched| matched.paths[0].layer).collect();
    assert_eq!(layers, [Some(1), Some(0), Some(0)]);
}

/// A config of two layers, the lower one of the base image.
fn two_layers() -> ImageConfig {
    let entry = |line: &str| HistoryEntry { created_by: Some(line.to_owned()), comment: None, empty_layer: false };
    ImageConfig {
        id: Digest::from_sha256([9; 32]),
        platform: Platform::new("linux", "amd64", None),
        created: None,
        user: None,
        base: None,
        diff_ids: [1, 2].map(|seed| DiffId(Digest::from_sha256([seed; 32]))).to_vec(),
        history: vec![entry("base"), entry("COPY app /srv/app # buildkit")],
    }
}

#[test]
fn a_final_file_system_shows_what_is_in_it_and_nothing_about_layers() {
    let tree = Layer::default().program("usr/bin/gcc", 100).link("usr/bin/cc", "gcc").file("srv/.git/config", 3);
    let tree = finish(vec![tree]).remove(0);
    let globs = [PathGlob::new("**/.git").unwrap()];
    let globs: Vec<_> = globs.iter().collect();
    let question = Question { globs: &globs, ..Question::default() };
    let image = measure(&two_layers(), Contents::Tree(&tree), None, &question, &Memory::default()).expect("small");
    assert!(image.stored.is_none() && image.size().is_none() && image.base_size().is_none());
    let layers: Vec<_> = image.layers.iter().map(|layer| (layer.size, layer.created_by.as_deref())).collect();
    assert_eq!(layers, [(None, Some("base")), (None, Some("COPY app /srv/app # buildkit"))]);
    let shown = image.shown.expect("a file system");
    let tools: Vec<_> = shown.tools.iter().map(|tool| (tool.name.as_str(), tool.paths[0].layer)).collect();
    assert_eq!(tools, [("cc", None), ("gcc", None)]);
    let git = &shown.matched_paths[0];
    assert_eq!((git.count, git.bytes, git.paths[0].layer), (1, Bytes(3), None));
}

#[test]
fn a_manifest_says_how_many_layers_and_how_large_they_are_compressed() {
    let compressed = Compressed { layers: vec![Bytes(3), Bytes(2)], is_estimate: true };
    let question = Question::default();
    let image = measure(&two_layers(), Contents::Nothing, Some(&compressed), &question, &Memory::default());
    let image = image.expect("small");
    assert!(image.stored.is_none() && image.shown.is_none() && !image.is_explained());
    assert_eq!(image.compressed_size, Some(CompressedSize { bytes: Bytes(5), is_estimate: true }));
    let layers: Vec<_> = image.layers.iter().map(|layer| (layer.size, layer.compressed_size)).collect();
    assert_eq!(layers, [(None, Some(Bytes(3))), (None, Some(Bytes(2)))]);
}
