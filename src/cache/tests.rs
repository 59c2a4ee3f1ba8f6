//! A cache as its users see it, on a good day and on bad ones.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::*;
use crate::layer::{Entry, EntryKind, Kept, LayerIndexBuilder};

fn layer(name: &str) -> IndexedLayer {
    let mut draft = LayerIndexBuilder::default();
    draft.push(Entry { path: name.as_bytes(), kind: EntryKind::File { size: 7 }, mode: 0o644 }).expect("room");
    IndexedLayer::new(draft.finish(DiffId(Digest::of(name))).expect("room"), LayerFiles::default())
}

/// The same with all that is to be kept of its files.
fn whole(name: &str) -> IndexedLayer {
    let mut files = LayerFiles::default();
    files.insert(name, Kept::Whole((*b"content").into()));
    files.set_complete();
    IndexedLayer { files: Arc::new(files), ..layer(name) }
}

fn cache() -> (tempfile::TempDir, LayerCache) {
    let folder = tempfile::tempdir().expect("tempdir");
    let cache = LayerCache::open(&folder.path().join("deep/cache")).expect("opens");
    (folder, cache)
}

fn found(cache: &LayerCache, name: &str, least: Evidence) -> Option<(Vec<u8>, Evidence)> {
    let (index, evidence) = cache.layer(&DiffId(Digest::of(name)), least, &Memory::default())?;
    Some((index.index.path(1), evidence))
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
    assert_eq!(found(&other, "a", Evidence::EngineSaid), Some((b"a".to_vec(), Evidence::Hashed)));
    assert_eq!(found(&other, "b", Evidence::EngineSaid), None);
    assert_eq!(other.config(&Digest::of(config)).as_deref(), Some(&config[..]));
    assert_eq!(other.compressed(&diff_id), Some(Bytes(12_345)));
    assert_eq!(other.notes(), Vec::<String>::new());
}

#[test]
fn what_an_engine_said_never_answers_for_what_must_be_hashed() {
    let (_folder, cache) = cache();
    let least = |least| found(&cache, "a", least).map(|(_, evidence)| evidence);
    cache.keep_layer(&layer("a"), Evidence::EngineSaid);
    assert_eq!((least(Evidence::Hashed), least(Evidence::EngineSaid)), (None, Some(Evidence::EngineSaid)));
    cache.keep_layer(&whole("a"), Evidence::Hashed);
    assert_eq!(files(&cache).len(), 2, "the better one takes the place of the other, with its files");
    cache.keep_layer(&layer("a"), Evidence::EngineSaid);
    assert_eq!(
        (least(Evidence::Hashed), least(Evidence::EngineSaid)),
        (Some(Evidence::Hashed), Some(Evidence::Hashed))
    );
    assert_eq!(files(&cache).len(), 2, "and is never replaced by it");
}

#[test]
fn a_layer_without_its_files_is_no_proof() {
    let (_folder, cache) = cache();
    let known = |name: &str| {
        let index = layer(name).index;
        cache.files(&index, &Keep::nothing(), &Memory::default())
    };
    cache.keep_layer(&whole("a"), Evidence::Hashed);
    assert_eq!(known("a").as_ref(), Some(&*whole("a").files));
    let kept = files(&cache).into_iter().find(|file| file.to_string_lossy().contains("/files-")).expect("it is there");
    fs::write(&kept, b"nonsense").expect("its own");
    assert_eq!(known("a"), None);
    assert!(!kept.exists(), "what is damaged goes");
    let least = |least| found(&cache, "a", least).map(|(_, evidence)| evidence);
    assert_eq!((least(Evidence::Hashed), least(Evidence::EngineSaid)), (None, Some(Evidence::Hashed)));
}

#[test]
fn files_that_an_engine_handed_over_lie_apart() {
    let (_folder, cache) = cache();
    let known = || cache.files(&layer("a").index, &Keep::nothing(), &Memory::default());
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let mut handed = LayerFiles::default();
    handed.insert("a", Kept::Left("is left".into()));
    cache.keep_files(&IndexedLayer { files: Arc::new(handed.clone()), ..layer("a") }, Evidence::EngineSaid);
    assert_eq!(known(), Some(handed.clone()));
    assert_eq!(found(&cache, "a", Evidence::Hashed), None);
    cache.keep_layer(&whole("a"), Evidence::Hashed);
    cache.keep_files(&IndexedLayer { files: Arc::new(handed), ..layer("a") }, Evidence::EngineSaid);
    assert_eq!(known().as_ref(), Some(&*whole("a").files), "what was hashed stays");
    assert_eq!(files(&cache).len(), 2);
    let mut short = LayerFiles::clone(&whole("b").files);
    short.set_short();
    cache.keep_layer(&IndexedLayer { files: Arc::new(short), ..layer("b") }, Evidence::Hashed);
    assert_eq!(found(&cache, "b", Evidence::Hashed), None, "another run may have the memory");
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

/// Lets a file look as if it had last been of use so many hours ago.
fn age(path: &Path, hours: u64) {
    let then = SystemTime::now() - Duration::from_secs(hours * 3600);
    fs::File::options().write(true).open(path).expect("opens").set_modified(then).expect("sets the time");
}

#[test]
fn the_folder_is_the_users_own_and_marked() {
    let (_folder, cache) = cache();
    assert!(!cache.folder().exists(), "nothing is made before something is kept");
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
    let file = &files(&cache)[0];
    assert_eq!((mode(cache.folder()), mode(file.parent().expect("has one")), mode(file)), (0o700, 0o700, 0o600));
    let tag = fs::read_to_string(cache.folder().join("CACHEDIR.TAG")).expect("reads");
    assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
}

#[test]
fn a_folder_that_is_something_else_or_somebody_elses_is_refused() {
    let folder = tempfile::tempdir().expect("tempdir");
    let refused = |path: &Path| {
        LayerCache::open(path).err().map(|error| error.chain().replace(&path.display().to_string(), "[DIR]"))
    };
    assert_eq!(refused(folder.path()), None, "it is empty");
    fs::write(folder.path().join("notes.txt"), "").expect("writes");
    assert_eq!(refused(folder.path()).as_deref(), Some("`[DIR]` cannot be the layer cache: it holds other files"));
    assert_eq!(
        refused(&folder.path().join("notes.txt")).as_deref(),
        Some("`[DIR]` cannot be the layer cache: it is not a directory")
    );
    let open = folder.path().join("open");
    fs::create_dir(&open).expect("makes");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("sets the mode");
    assert_eq!(
        refused(&open).as_deref(),
        Some("`[DIR]` cannot be the layer cache: everybody can write to it, and so lie about images")
    );
}

#[test]
fn half_a_file_another_version_or_any_other_is_dropped_and_kept_anew() {
    let (_folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let path = files(&cache).remove(0);
    let whole = fs::read(&path).expect("reads");
    let mut version = whole.clone();
    version[8] += 1;
    cache.keep_layer(&layer("b"), Evidence::Hashed);
    let other = fs::read(files(&cache).into_iter().find(|file| *file != path).expect("two")).expect("reads");
    for (what, bytes) in [("half", &whole[..whole.len() / 2]), ("none", b""), ("version", &version), ("other", &other)]
    {
        fs::write(&path, bytes).expect("writes");
        assert_eq!(found(&cache, "a", Evidence::EngineSaid), None, "{what}");
        assert!(!path.exists(), "{what} is still there");
        cache.keep_layer(&layer("a"), Evidence::Hashed);
        assert!(found(&cache, "a", Evidence::EngineSaid).is_some(), "{what}");
    }
    assert_eq!(cache.notes(), Vec::<String>::new(), "nobody can do anything about it");
}

#[test]
fn a_compressed_size_is_of_its_layer_and_whole() {
    let (_folder, cache) = cache();
    let diff_id = DiffId(Digest::of("a"));
    cache.keep_compressed(&diff_id, Bytes(12_345));
    let path = files(&cache).remove(0);
    let mut changed = fs::read(&path).expect("reads");
    changed[33] ^= 1;
    for bytes in [&changed[..], &changed[..47], b""] {
        fs::write(&path, bytes).expect("writes");
        assert_eq!(cache.compressed(&diff_id), None);
        assert!(!path.exists());
    }
}

#[test]
fn memory_that_the_run_lacks_is_not_the_files_fault() {
    let (_folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let diff_id = DiffId(Digest::of("a"));
    assert!(cache.layer(&diff_id, Evidence::Hashed, &Memory::new(Bytes(100))).is_none());
    // A file that claims to be endless takes no memory, either.
    let file = fs::File::options().write(true).open(&files(&cache)[0]).expect("opens");
    file.set_len(1 << 40).expect("a hole");
    assert!(cache.layer(&diff_id, Evidence::Hashed, &Memory::default()).is_none());
    assert_eq!(cache.notes(), Vec::<String>::new());
}

#[test]
fn links_are_not_followed() {
    let (folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let path = files(&cache).remove(0);
    let outside = folder.path().join("outside");
    // The file itself, the folder above it, and the one above that.
    for (number, moved) in path.ancestors().take(3).enumerate() {
        let there = outside.join(number.to_string());
        fs::create_dir_all(&outside).expect("makes");
        fs::rename(moved, &there).expect("moves");
        symlink(&there, moved).expect("links");
        let cache = LayerCache::open(cache.folder()).expect("opens");
        assert_eq!(found(&cache, "a", Evidence::EngineSaid), None, "{number}");
        assert_eq!(cache.notes().len(), 1, "{number}");
        cache.trim();
        cache.clear().expect("removes what is its own");
        assert!(there.exists(), "{number}");
        fs::remove_file(moved).expect("removes the link");
        fs::create_dir_all(moved.parent().expect("has one")).expect("makes");
        fs::rename(&there, moved).expect("moves back");
    }
    assert!(found(&cache, "a", Evidence::EngineSaid).is_some());
}

#[test]
fn what_cannot_be_written_is_said_once_and_stops_nothing() {
    let (_folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let shelf = files(&cache)[0].parent().expect("has one").parent().expect("has one").to_owned();
    fs::remove_dir_all(&shelf).expect("removes");
    fs::write(&shelf, "in the way").expect("writes");
    for name in ["a", "b"] {
        cache.keep_layer(&layer(name), Evidence::Hashed);
        assert_eq!(found(&cache, name, Evidence::EngineSaid), None);
    }
    let said = cache.notes().join("\n").replace(&cache.folder().display().to_string(), "[DIR]");
    assert_eq!(said, "cannot write to the layer cache `[DIR]`: Not a directory (os error 20)");
}

#[test]
fn the_least_recently_used_goes_first() {
    let (_folder, cache) = cache();
    let cache = cache.limited(Bytes(100 * 4096));
    let name = |number: u64| format!("layer {number}");
    for number in 0..100 {
        cache.keep_layer(&layer(&name(number)), Evidence::Hashed);
    }
    cache.trim();
    assert_eq!(cache.contents().layers, 100, "so many it may hold");
    for number in 0..100 {
        let (folder, file) = Kind::Layer(Evidence::Hashed).file(cache.folder(), &Digest::of(name(number)));
        age(&folder.join(file), 2 * (number + 1));
    }
    // To be of use makes it young.
    assert!(found(&cache, &name(99), Evidence::EngineSaid).is_some());
    let run = LayerCache::open(cache.folder()).expect("opens").limited(cache.limit());
    run.keep_layer(&layer("one more"), Evidence::Hashed);
    run.trim();
    assert_eq!(run.contents(), Contents { layers: 80, bytes: Bytes(80 * 4096), other_versions: Bytes::ZERO });
    for there in ["one more", &name(99), &name(0), &name(70)] {
        assert!(found(&run, there, Evidence::EngineSaid).is_some(), "{there}");
    }
    for gone in [&name(98), &name(85)] {
        assert_eq!(found(&run, gone, Evidence::EngineSaid), None, "{gone}");
    }
}

#[test]
fn of_files_of_one_age_no_more_go_than_must() {
    let (_folder, cache) = cache();
    let cache = cache.limited(Bytes(50 * 4096));
    for number in 0..60 {
        cache.keep_layer(&layer(&format!("layer {number}")), Evidence::Hashed);
    }
    for file in files(&cache) {
        age(&file, 5);
    }
    cache.trim();
    assert_eq!(cache.contents().layers, 40);
}

#[test]
fn files_are_looked_at_when_there_may_be_too_many_and_once_a_day() {
    let (_folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    cache.trim();
    let note = || fs::read_to_string(cache.folder().join("usage")).expect("reads");
    let counted = note().split_once(' ').expect("two").1.trim_end().parse::<u64>().expect("a time");
    assert!(note().starts_with("4096 "));
    // Believed as long as it is young.
    for (text, after) in [
        (format!("8192 {counted}\n"), "12288 "),
        (format!("8192 {}\n", counted - 25 * 3600), "12288 "),
        (format!("{} {counted}\n", LIMIT.0), "16384 "),
        ("nonsense".to_owned(), "20480 "),
    ] {
        fs::write(cache.folder().join("usage"), &text).expect("writes");
        let run = LayerCache::open(cache.folder()).expect("opens");
        run.keep_layer(&layer(&text), Evidence::Hashed);
        run.trim();
        assert!(note().starts_with(after), "{text} became {}", note());
    }
}

#[test]
fn drafts_of_killed_runs_go_and_those_of_others_stay() {
    let (_folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    let shelf = files(&cache)[0].parent().expect("has one").to_owned();
    let drafts = [shelf.join(".draft-old"), shelf.join(".draft-new"), cache.folder().join(".draft-old")];
    for draft in &drafts {
        fs::write(draft, "half").expect("writes");
    }
    age(&drafts[0], 2);
    age(&drafts[2], 2);
    cache.trim();
    assert_eq!(drafts.map(|draft| draft.exists()), [false, true, false]);
}

#[test]
fn clearing_removes_what_it_made_and_nothing_else() {
    let (_folder, cache) = cache();
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    cache.keep_layer(&layer("b"), Evidence::EngineSaid);
    cache.keep_config(&Digest::of("{}"), b"{}");
    cache.trim();
    let old = cache.folder().join("layers-0.7/ab");
    fs::create_dir_all(&old).expect("makes");
    fs::write(old.join("c".repeat(62)), vec![0; 5000]).expect("writes");
    let mine = [cache.folder().join("layers-1.1/notes.txt"), cache.folder().join("mine/ab/file"), old.join("x")];
    for path in &mine {
        fs::create_dir_all(path.parent().expect("has one")).expect("makes");
        fs::write(path, "mine").expect("writes");
    }
    let held = Contents { layers: 2, bytes: Bytes(5 * 4096), other_versions: Bytes(2 * 4096) };
    assert_eq!(cache.contents(), held);
    assert_eq!(cache.clear().expect("removes"), held);
    assert_eq!(files(&cache).len(), 3, "{:?}", files(&cache));
    assert!(mine.iter().all(|path| path.exists()));
    assert_eq!(cache.clear().expect("nothing to remove"), Contents::default());
    cache.keep_layer(&layer("a"), Evidence::Hashed);
    assert!(found(&cache, "a", Evidence::EngineSaid).is_some());
}

#[test]
fn runs_at_the_same_time_disturb_nobody() {
    let (_folder, cache) = cache();
    let folder = cache.folder();
    std::thread::scope(|scope| {
        for run in 0..4_usize {
            scope.spawn(move || {
                for round in 0..40 {
                    let cache = LayerCache::open(folder).expect("opens").limited(Bytes(20 * 4096));
                    for number in 0..10 {
                        let name = format!("layer {}", (number + run) % 12);
                        let evidence = if number % 2 == 0 { Evidence::Hashed } else { Evidence::EngineSaid };
                        match cache.layer(&DiffId(Digest::of(&name)), evidence, &Memory::default()) {
                            Some((index, known)) => {
                                assert!(known >= evidence && index.index.path(1) == name.as_bytes());
                            }
                            None => cache.keep_layer(&layer(&name), evidence),
                        }
                    }
                    if run == 0 && round % 8 == 0 {
                        cache.clear().expect("removes");
                    }
                    cache.trim();
                    assert_eq!(cache.notes(), Vec::<String>::new());
                }
            });
        }
    });
}
