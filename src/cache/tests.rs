//! A cache as its users see it, on a good day and on bad ones.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::layer::{Entry, EntryKind, LayerIndexBuilder};

fn layer(name: &str) -> LayerIndex {
    let mut draft = LayerIndexBuilder::default();
    draft.push(Entry { path: name.as_bytes(), kind: EntryKind::File { size: 7 }, mode: 0o644 }).expect("room");
    draft.finish(DiffId(Digest::of(name))).expect("room")
}

fn cache() -> (tempfile::TempDir, LayerCache) {
    let folder = tempfile::tempdir().expect("tempdir");
    let cache = LayerCache::open(&folder.path().join("deep/cache")).expect("opens");
    (folder, cache)
}

fn found(cache: &LayerCache, name: &str, least: Evidence) -> Option<(Vec<u8>, Evidence)> {
    let (index, evidence) = cache.layer(&DiffId(Digest::of(name)), least, &Memory::default())?;
    Some((index.path(1), evidence))
}

/// All files of a cache but for its own notes.
fn files(cache: &LayerCache) -> Vec<PathBuf> {
    let mut folders = vec![cache.folder().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let kind = entry.file_type().expect("there");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if entry.path().parent() != Some(cache.folder()) {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn what_was_kept_is_found_by_another_run() {
    let (_folder, cache) = cache();
    assert_eq!(found(&cache, "a", Evidence::EngineSaid), None);
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let config = b"{}";
    cache.keep_config(&Digest::of(config), config);
    let diff_id = DiffId(Digest::of("a"));
    cache.keep_compressed(&diff_id, Bytes(12_345));
    let other = LayerCache::open(cache.folder()).expect("opens");
    assert_eq!(found(&other, "a", Evidence::Hashed), Some((b"a".to_vec(), Evidence::Hashed)));
    assert_eq!(found(&other, "b", Evidence::Hashed), None);
    assert_eq!(other.config(&Digest::of(config)).as_deref(), Some(&config[..]));
    assert_eq!(other.compressed(&diff_id), Some(Bytes(12_345)));
    assert_eq!(other.notes(), Vec::<String>::new());
}

#[test]
fn what_an_engine_said_never_answers_for_what_must_be_hashed() {
    let (_folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::EngineSaid);
    assert_eq!(found(&cache, "a", Evidence::Hashed), None);
    assert_eq!(found(&cache, "a", Evidence::EngineSaid), Some((b"a".to_vec(), Evidence::EngineSaid)));
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    assert_eq!(files(&cache).len(), 1, "the better one takes the place of the other");
    cache.keep_layer(&layer("a"), Evidence::EngineSaid);
    assert_eq!(found(&cache, "a", Evidence::EngineSaid), Some((b"a".to_vec(), Evidence::Hashed)));
    assert_eq!(files(&cache).len(), 1, "and is never replaced by it");
}

#[test]
fn a_config_that_is_not_what_it_is_called_is_neither_kept_nor_found() {
    let (_folder, cache) = cache();
    let digest = Digest::of("{}");
    cache.keep_config(&digest, b"{ }");
    assert_eq!(files(&cache), Vec::<PathBuf>::new());
    cache.keep_config(&digest, b"{}");
    fs::write(&files(&cache)[0], "{ }").expect("writes");
    assert_eq!(cache.config(&digest), None);
    assert_eq!(files(&cache), Vec::<PathBuf>::new());
}
