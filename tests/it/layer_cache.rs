//! The layer cache as a person meets it: where it is, what it shows, and what it refuses.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use imgbudget::cache::LayerCache;
use imgbudget::domain::{DiffId, Digest};
use imgbudget::layer::{Entry, EntryKind, Evidence, IndexedLayer, Keep, LayerFiles, LayerIndexBuilder, codec, read};
use imgbudget::memory::Memory;
use serde_json::Value;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::run::{Run, Screen};

/// A cache with two layers.
fn fill(folder: &Path) -> LayerCache {
    let cache = LayerCache::open(folder).unwrap();
    for name in ["one", "two"] {
        let mut draft = LayerIndexBuilder::default();
        draft.push(Entry { path: name.as_bytes(), kind: EntryKind::File { size: 1 }, mode: 0o644 }).unwrap();
        let index = draft.finish(DiffId(Digest::of(name))).unwrap();
        cache.keep_layer(&IndexedLayer::new(index, LayerFiles::default()), Evidence::Hashed);
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
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ none     –       –         –

    ✗ none: cannot open the archive none.tar: No such file or directory (os error 2)
      hint: In budgets.toml `archive` is relative to that file, on the command line
            to the current directory.

    ✗ none could not be measured
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

/// The folder of somebody who checks an archive of two layers.
fn desk() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let image = Image::new()
        .layer(Layer::new().file("usr/bin/app", 0o755, "app").symlink("app", "usr/bin/app"))
        .layer(Layer::new().file("etc/app.toml", 0o644, "x = 1"))
        .named("acme/api:1");
    fs::write(home.path().join("api.tar"), docker_archive(&[image])).unwrap();
    home
}

const CHECK: [&str; 5] = ["check", "--archive", "api.tar", "--max-size", "1MB"];

fn check(home: &Path) -> Screen {
    at_home(home).args(CHECK).run()
}

/// The layers that the cache of `home` knows.
fn entries(home: &Path) -> Vec<PathBuf> {
    let mut folders = vec![home.join(".cache/imgbudget")];
    let mut entries = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if entry.file_name().len() == 62 && path.to_string_lossy().contains("/layers-") {
                entries.push(path);
            }
        }
    }
    entries.sort();
    entries
}

#[test]
fn what_a_run_read_is_kept_and_what_is_damaged_is_read_again() {
    let home = desk();
    let first = check(home.path());
    assert_eq!(first.code, Some(0), "{}", first.screen());
    let kept = entries(home.path());
    assert_eq!(kept.len(), 2);
    let whole: Vec<Vec<u8>> = kept.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(check(home.path()).screen(), first.screen());
    for spoil in [
        |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec(),
        |_: &[u8]| Vec::new(),
        |bytes: &[u8]| [bytes, b"more"].concat(),
        |bytes: &[u8]| bytes.iter().map(|byte| !byte).collect(),
    ] {
        for (path, bytes) in kept.iter().zip(&whole) {
            fs::write(path, spoil(bytes)).unwrap();
        }
        assert_eq!(check(home.path()).screen(), first.screen());
    }
    assert_eq!(entries(home.path()), kept);
}

/// The report of a check, and apart from it how the image was read.
fn report(home: &Path, args: &[&str]) -> (Value, Value) {
    let screen = at_home(home).args(CHECK).args(["--format", "json"]).args(args.iter().copied()).run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    let mut report: Value = serde_json::from_str(&screen.stdout).unwrap();
    let read = report["targets"][0]["read"].take();
    (report, read)
}

#[test]
fn what_is_known_is_not_read_and_the_report_is_the_same() {
    let home = desk();
    let (first, read) = report(home.path(), &[]);
    assert_eq!((&read["layers_cached"], &read["layers_read"]), (&0.into(), &2.into()), "{read}");
    let (second, read) = report(home.path(), &[]);
    assert_eq!((&read["layers_cached"], &read["layers_read"]), (&2.into(), &0.into()), "{read}");
    assert_eq!(first, second);
    // Of two layers one is gone: that one is read.
    fs::remove_file(&entries(home.path())[0]).unwrap();
    let (third, read) = report(home.path(), &[]);
    assert_eq!((&read["layers_cached"], &read["layers_read"]), (&1.into(), &1.into()), "{read}");
    assert_eq!(first, third);
    let (without, read) = report(home.path(), &["--layer-cache", "off"]);
    assert_eq!((&read["layers_cached"], &read["layers_read"]), (&0.into(), &2.into()), "{read}");
    assert_eq!(first, without);
}

/// A layer with something of all that readers make decisions about.
fn odd_layer() -> Vec<u8> {
    let sparse: [(&str, &[u8]); 4] = [
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", b"sparse"),
        ("GNU.sparse.realsize", b"99"),
    ];
    let map = [&b"1\n0\n5\n"[..], &[0; 506], b"hello"].concat();
    Layer::new()
        .dir("usr/bin/")
        .file("usr/bin/gcc", 0o755, "elf")
        .hard_link("usr/bin/cc", "usr/bin/gcc")
        .file("usr/bin/gcc", 0o644, "another")
        .symlink("bin", "usr/bin")
        .file("bin/ls", 0o4755, "through a link")
        .hard_link("loose", "below/nothing")
        .device("dev/null")
        .whiteout("var/cache")
        .file("var/cache/kept", 0o600, "beside its whiteout")
        .opaque("opt/app")
        .file(".wh..wh.bin/gcc", 0o755, "below a name that hides")
        .file("./a/../../b//c", 0o644, "not as it is written")
        .pax(&[("path", b"long/name"), ("size", b"5")])
        .file("short", 0o644, "hello")
        .pax(&sparse)
        .file("GNUSparseFile.0/sparse", 0o644, map)
        .tar()
}

#[test]
fn a_reader_that_understands_a_layer_otherwise_is_another_version() {
    let draft = read::read(&odd_layer()[..], &Memory::default(), &Keep::nothing()).unwrap();
    let (index, _) = draft.finish(DiffId(Digest::of("any"))).unwrap();
    let mut entry = Vec::new();
    codec::encode(&index, Evidence::Hashed, &mut entry).unwrap();
    let sum = format!("{:016x}", codec::checksum(&entry));
    // Where this fails, raise `codec::READER`: a cache must not answer with what an earlier version understood.
    assert_eq!((codec::LAYOUT, codec::READER, sum.as_str()), (2, 1, "725e2380dda3eaea"));
}

#[test]
fn runs_at_the_same_time_share_it() {
    let home = desk();
    let runs: Vec<Run> = (0..4).map(|_| at_home(home.path()).args(CHECK)).collect();
    let children: Vec<_> = runs
        .iter()
        .map(|run| {
            run.command().stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert_eq!((status.code(), String::from_utf8(stderr).unwrap().as_str()), (Some(0), ""));
    }
    assert_eq!(check(home.path()).code, Some(0));
}

/// The line of a note, without folders that change.
fn notes(output: &Output, home: &Path) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    text.replace(&home.canonicalize().unwrap().display().to_string(), "[DIR]")
        .replace(&home.display().to_string(), "[DIR]")
}

#[test]
fn without_permission_there_is_one_note() {
    let home = desk();
    let run = at_home(home.path()).args(CHECK);
    let mut command = run.command();
    if fs::metadata(home.path()).unwrap().uid() == 0 {
        // Root may do anything: it is somebody else who may look and not write.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        command.uid(65534).gid(65534);
    } else {
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o555)).unwrap();
    }
    let output = command.output().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(notes(&output, home.path()), @"
    note: cannot write to the layer cache `[DIR]/.cache/imgbudget`: Permission denied (os error 13)
     hint: The result is the same without it; --layer-cache off turns it off.
    ");
}

#[test]
fn on_a_full_disk_there_is_one_note() {
    let home = desk();
    let run = at_home(home.path()).args(CHECK);
    let direct = run.command();
    // No file may have a single byte, which is what a full disk lets it have.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]).arg(direct.get_program());
    command.args(direct.get_args()).env_clear().current_dir(home.path());
    command.envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(notes(&output, home.path()), @"
    note: cannot write to the layer cache `[DIR]/.cache/imgbudget`: File too large (os error 27)
     hint: The result is the same without it; --layer-cache off turns it off.
    ");
    assert_eq!(entries(home.path()), Vec::<PathBuf>::new(), "half a file is no file");
}

#[test]
fn off_means_off() {
    for off in [&["--layer-cache", "off"][..], &[]] {
        let home = desk();
        let run = at_home(home.path()).args(CHECK).args(off.iter().copied());
        let run = if off.is_empty() { run.env("IMGBUDGET_LAYER_CACHE", "off") } else { run };
        assert_eq!(run.run().code, Some(0));
        assert!(!home.path().join(".cache").exists());
    }
    let home = desk();
    assert_eq!(at_home(home.path()).env("CI", "true").args(CHECK).run().code, Some(0));
    assert!(!home.path().join(".cache").exists(), "in CI nobody asked for it");
}

#[test]
fn no_budget_file_says_where_it_is() {
    let home = desk();
    let budgets = "layer-cache = \"here\"\n[targets.api]\narchive = \"api.tar\"\nmax-size = \"1 MB\"\n";
    fs::write(home.path().join("budgets.toml"), budgets).unwrap();
    assert_eq!(at_home(home.path()).args(["check"]).run().code, Some(2));
    assert!(!home.path().join("here").exists());
}

/// Files that are kept, by the most bytes that they may have.
const KEPT: [(Option<u64>, &str); 5] = [
    (
        Some(64 << 20),
        "var/lib/dpkg/status lib/apk/db/installed usr/lib/apk/db/installed var/lib/rpm/rpmdb.sqlite \
         usr/lib/sysimage/rpm/rpmdb.sqlite usr/lib/sysimage/rpm/Packages.db app/node_modules/.package-lock.json",
    ),
    (
        Some(16 << 20),
        "var/lib/dpkg/diversions var/lib/dpkg/status.d/base var/lib/dpkg/info/a.list var/lib/apt/extended_states \
         etc/apk/world p/site-packages/a-1.dist-info/METADATA p/site-packages/a-1.dist-info/RECORD \
         p/site-packages/a.egg-info/PKG-INFO p/site-packages/a.egg-info",
    ),
    (
        Some(1 << 20),
        "etc/os-release app/package.json app/node_modules/a/package.json app/node_modules/@a/b/package.json \
         g/specifications/a-1.gemspec app/server.key root/.ssh/id_ed25519",
    ),
    (Some(256 << 10), "app/.env root/.npmrc root/.aws/credentials root/.docker/config.json"),
    (None, "var/lib/dpkg/info/a.md5sums var/lib/rpm/Packages app/node_modules/a/lib/package.json usr/bin/app"),
];

#[test]
fn another_choice_of_what_is_kept_is_another_version() {
    for (bound, paths) in KEPT {
        for path in paths.split_whitespace() {
            // Where this fails, raise `codec::files::KEPT`: a cache must not answer for files that an earlier version did not keep.
            assert_eq!(imgbudget::catalogue::kept(path.as_bytes()), bound, "{path}");
        }
    }
    assert_eq!((codec::files::LAYOUT, codec::files::KEPT), (1, 1));
}
