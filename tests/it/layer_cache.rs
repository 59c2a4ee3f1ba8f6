//! The layer cache as a person meets it: where it is, what it shows, and what it refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use imgbudget::cache::LayerCache;
use imgbudget::domain::{DiffId, Digest};
use imgbudget::layer::{Entry, EntryKind, Evidence, LayerIndexBuilder};

use crate::support::run::Run;

/// A cache with two layers.
fn fill(folder: &Path) -> LayerCache {
    let cache = LayerCache::open(folder).unwrap();
    for name in ["one", "two"] {
        let mut draft = LayerIndexBuilder::default();
        draft.push(Entry { path: name.as_bytes(), kind: EntryKind::File { size: 1 }, mode: 0o644 }).unwrap();
        cache.keep_layer(&draft.finish(DiffId(Digest::of(name))).unwrap(), Evidence::Hashed);
    }
    cache.keep_config(&Digest::of("{}"), b"{}");
    cache.trim();
    cache
}

fn at_home(folder: &Path) -> Run {
    Run::new().dir(folder).env("HOME", folder)
}

fn git(folder: &Path, args: &[&str]) {
    assert!(Command::new("git").args(args).current_dir(folder).status().unwrap().success());
}

#[test]
fn it_shows_where_it_is_and_what_it_holds() {
    let home = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(at_home(home.path()).args(["cache"]).screen(), @"
    exit: 0
    --- stdout
    [DIR]/.cache/imgbudget
      0 layers in 0 B of at most 500.0 MB
    --- stderr
    ");
    assert!(!home.path().join(".cache").exists(), "to look makes nothing");
    fill(&home.path().join(".cache/imgbudget"));
    insta::assert_snapshot!(at_home(home.path()).args(["cache"]).screen(), @"
    exit: 0
    --- stdout
    [DIR]/.cache/imgbudget
      2 layers in 12.3 kB of at most 500.0 MB
    --- stderr
    ");
}

#[test]
fn it_is_cleared() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("c");
    fill(&folder);
    let old = folder.join("layers-0.1/00");
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("0".repeat(62)), [0; 9000]).unwrap();
    let run = || at_home(home.path()).env("IMGBUDGET_LAYER_CACHE", "c");
    insta::assert_snapshot!(run().args(["cache"]).screen(), @"
    exit: 0
    --- stdout
    [DIR]/c
      2 layers in 24.6 kB of at most 500.0 MB
      12.3 kB of it were kept by other versions of imgbudget
    --- stderr
    ");
    insta::assert_snapshot!(run().args(["cache", "clear"]).screen(), @"
    exit: 0
    --- stdout

    --- stderr
    removed 2 layers (24.6 kB) from [DIR]/c
    ");
    insta::assert_snapshot!(run().args(["cache", "clear"]).screen(), @"
    exit: 0
    --- stdout

    --- stderr
    nothing to remove in [DIR]/c
    ");
    insta::assert_snapshot!(run().args(["cache"]).screen(), @"
    exit: 0
    --- stdout
    [DIR]/c
      0 layers in 0 B of at most 500.0 MB
    --- stderr
    ");
}

#[test]
fn what_is_not_a_layer_cache_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("src")).unwrap();
    fs::write(home.path().join("src/main.rs"), "").unwrap();
    let clear = |directory: &str| at_home(home.path()).args(["cache", "clear", "--layer-cache", directory]).screen();
    insta::assert_snapshot!(clear("src"), @"
    exit: 2
    --- stdout

    --- stderr
    error: `src` cannot be the layer cache: it holds other files
     hint: Name a directory that is empty, or one that is not there yet.
    ");
    insta::assert_snapshot!(clear("src/main.rs"), @"
    exit: 2
    --- stdout

    --- stderr
    error: `src/main.rs` cannot be the layer cache: it is not a directory
     hint: Name another one, or turn it off with --layer-cache off.
    ");
    assert!(home.path().join("src/main.rs").exists());
}

#[test]
fn what_everybody_can_write_to_is_not_used() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".cache/imgbudget");
    fill(&folder);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let check = ["check", "--archive", "none.tar", "--max-size", "1MB"];
    // Nobody named it, so the run goes on without it.
    insta::assert_snapshot!(at_home(home.path()).args(check).screen(), @"
    exit: 2
    --- stdout
    Target   Size   Budget   Headroom   Layers   Verdict
    ────────────────────────────────────────────────────
    none        –        –          –        –   ✗ error

    ✗ none: cannot open the archive none.tar: No such file or directory (os error 2)
      hint: In budgets.toml `archive` is relative to that file, on the command line
            to the current directory.

    ✗ error: the target could not be measured
    --- stderr
    note: `[DIR]/.cache/imgbudget` cannot be the layer cache: everybody can write to it, and so lie about images
     hint: `chmod o-w` it, or name another one.
    ");
    let named = at_home(home.path()).args(check).args(["--layer-cache", ".cache/imgbudget"]);
    insta::assert_snapshot!(named.screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: `.cache/imgbudget` cannot be the layer cache: everybody can write to it, and so lie about images
     hint: `chmod o-w` it, or name another one.
    ");
}

#[test]
fn files_of_a_commit_are_no_cache() {
    let repository = tempfile::tempdir().unwrap();
    fill(&repository.path().join("cache"));
    git(repository.path(), &["init", "--quiet"]);
    let run = || at_home(repository.path()).args(["cache", "--layer-cache", "cache"]);
    assert_eq!(run().run().code, Some(0), "git does not know them yet");
    git(repository.path(), &["add", "."]);
    insta::assert_snapshot!(run().screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: `cache` cannot be the layer cache: git tracks files in it
     hint: Whoever can commit there can lie about images: name a directory outside of the repository, or one that it ignores.
    ");
    // Nor are they through a link.
    std::os::unix::fs::symlink("cache", repository.path().join("link")).unwrap();
    let linked = at_home(repository.path()).env("IMGBUDGET_LAYER_CACHE", "link").args(["cache"]);
    insta::assert_snapshot!(linked.screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: `link` cannot be the layer cache: git tracks files in it
     hint: Whoever can commit there can lie about images: name a directory outside of the repository, or one that it ignores.
    ");
}

#[test]
fn in_ci_there_is_none_unless_somebody_names_it() {
    let home = tempfile::tempdir().unwrap();
    let job = || at_home(home.path()).env("CI", "true");
    insta::assert_snapshot!(job().args(["cache"]).screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: the layer cache is off: this is a CI job
     hint: --layer-cache DIR names one.
    ");
    assert_eq!(job().args(["cache", "--layer-cache", "c"]).run().code, Some(0));
    insta::assert_snapshot!(at_home(home.path()).args(["cache", "clear", "--layer-cache", "off"]).screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: the layer cache is off: it was turned off
     hint: --layer-cache DIR names one.
    ");
}
