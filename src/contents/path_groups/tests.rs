//! What is in each group, and what must stay out of it.

use super::*;
use crate::contents::fixture::{Image, Item, file, owned_by_debian, text};

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAA\n-----END PRIVATE KEY-----\n";

fn gone(path: &str) -> Item {
    Item::Gone(path.to_owned())
}

fn matched_in(image: &Image, group: PathGroup, of_debian: &[&str]) -> MatchedPaths {
    image.look(|view| matched(view, &owned_by_debian(view, of_debian), &[group]).expect("memory").remove(0))
}

fn paths(found: &[FoundPath]) -> Vec<String> {
    found.iter().map(|found| String::from_utf8_lossy(&found.path).into_owned()).collect()
}

/// What a group matches among some files in one layer.
fn of(group: PathGroup, items: &[Item]) -> Vec<String> {
    paths(&matched_in(&Image::default().own("RUN make", items), group, &[]).paths)
}

#[test]
fn caches_are_told_from_directories_that_are_called_alike() {
    let is_cache = |path: &str, beside: &[&str]| {
        let mut items = vec![file(path, 100)];
        items.extend(beside.iter().map(|path| file(path, 1)));
        of(PathGroup::Caches, &items)
    };
    for (path, beside, wanted) in [
        ("/var/lib/apt/lists/deb.example.com_dists", &[][..], "/var/lib/apt/lists"),
        ("/var/cache/apt/archives/gcc_12_amd64.deb", &[], "/var/cache/apt"),
        ("/var/cache/apt/pkgcache.bin", &[], "/var/cache/apt"),
        ("/var/cache/apk/APKINDEX.1.tar.gz", &[], "/var/cache/apk"),
        ("/root/.cache/pip/http/a", &[], "/root/.cache/pip"),
        ("/home/app/.cache/pip/http/a", &[], "/home/app/.cache/pip"),
        ("/root/.npm/_cacache/content-v2/a", &[], "/root/.npm/_cacache"),
        ("/usr/local/share/.cache/yarn/v6/a", &[], "/usr/local/share/.cache/yarn"),
        ("/root/.yarn/berry/cache/a.zip", &[], "/root/.yarn/berry/cache"),
        ("/root/.local/share/pnpm/store/v3/a", &[], "/root/.local/share/pnpm/store"),
        ("/root/.cache/go-build/00/a", &[], "/root/.cache/go-build"),
        ("/go/pkg/mod/cache/download/a", &[], "/go/pkg/mod"),
        ("/usr/local/cargo/registry/cache/a", &[], "/usr/local/cargo/registry"),
        ("/root/.m2/repository/a.jar", &[], "/root/.m2/repository"),
        ("/root/.gradle/caches/a", &[], "/root/.gradle/caches"),
        ("/root/.composer/cache/a", &[], "/root/.composer/cache"),
        ("/usr/local/bundle/cache/a.gem", &["/usr/local/bundle/specifications/a.gemspec"], "/usr/local/bundle/cache"),
        ("/opt/conda/pkgs/urls.txt", &["/opt/conda/conda-meta/history"], "/opt/conda/pkgs"),
        ("/root/.ccache/a", &[], "/root/.ccache"),
        ("/app/node_modules/.cache/babel/a", &[], "/app/node_modules/.cache"),
    ] {
        assert_eq!(is_cache(path, beside), [wanted], "{path}");
    }
    for (path, beside) in [
        // What Plug'n'Play loads from.
        ("/app/.yarn/cache/left-pad.zip", &["/app/.pnp.cjs"][..]),
        ("/root/.yarn/berry/cache/left-pad.zip", &["/app/.pnp.cjs"]),
        // What programs load while they run.
        ("/root/.cache/ms-playwright/chromium", &[]),
        ("/root/.cache/huggingface/hub/model", &[]),
        ("/root/.cache/pypoetry/virtualenvs/app/bin/python", &[]),
        ("/root/.cache/coursier/v1/a.jar", &[]),
        // What is only called so.
        ("/app/cache/a.gem", &[]),
        ("/app/vendor/cache/a.gem", &[]),
        ("/src/pkg/mod/mod.go", &[]),
        ("/app/_cacache/notes.txt", &[]),
        ("/app/pkgs/urls.txt", &[]),
        ("/usr/lib/python3/__pycache__/a.pyc", &[]),
        ("/var/cache/debconf/config.dat", &[]),
        ("/var/cache/ldconfig/aux-cache", &[]),
        ("/app/var/lib/apt/lists/a", &[]),
    ] {
        assert_eq!(is_cache(path, beside), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn a_cache_without_bytes_is_clean() {
    let apt = ["/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock", "/var/lib/apt/lists/partial/x"];
    assert_eq!(of(PathGroup::Caches, &apt.map(|path| file(path, 0))), Vec::<String>::new());
}

#[test]
fn a_store_whose_files_are_linked_elsewhere_takes_nothing() {
    let same = |path: &str, of: &str| Item::Same(path.to_owned(), of.to_owned());
    let stored = file("/root/.local/share/pnpm/store/v3/a", 100);
    let linked = same("/app/node_modules/a/index.js", "/root/.local/share/pnpm/store/v3/a");
    let image = |items: &[Item]| Image::default().own("RUN pnpm install", items);
    let all = matched_in(&image(&[stored.clone(), linked.clone()]), PathGroup::Caches, &[]);
    assert_eq!((all.count, all.bytes), (0, Bytes(0)));
    let more = [stored, linked, file("/root/.local/share/pnpm/store/v3/b", 7)];
    let part = matched_in(&image(&more), PathGroup::Caches, &[]);
    assert_eq!((part.count, part.bytes, part.paths[0].shares.len()), (1, Bytes(7), 1));
}

#[test]
fn a_repository_is_a_directory() {
    let items = [
        file("/app/.git/objects/pack/a", 9),
        file("/app/vendor/lib/.git", 40),
        file("/app/.gitignore", 5),
        file("/app/old/.svn/wc.db", 3),
        file("/app/empty/.hg/x", 0),
        file("/app/git/config", 3),
    ];
    assert_eq!(of(PathGroup::Vcs, &items), ["/app/.git", "/app/old/.svn"]);
}

#[test]
fn secrets_are_told_by_content_and_not_by_name() {
    let items = [
        text("/app/tls/server.pem", KEY),
        text("/app/tls/public.pem", "-----BEGIN CERTIFICATE-----\nMIIB0000000000000000\n-----END CERTIFICATE-----\n"),
        text("/etc/ssl/certs/ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB0000000000000000\n"),
        text("/app/.npmrc", "//registry.example.com/:_authToken=npm_abcdef\n"),
        text("/home/app/.npmrc", "registry=https://registry.example.com/\n"),
        text("/app/.env", "API_KEY=abc123def\n"),
        text("/app/.env.example", "API_KEY=abc123def\n"),
        text("/app/node_modules/dotenv/.env", "API_KEY=abc123def\n"),
        text("/usr/lib/python3/dist-packages/tornado/test/test.key", KEY),
        text("/root/.ssh/id_ed25519.pub", "ssh-ed25519 AAAA me\n"),
        text("/opt/tool/test.pem", KEY),
        text("/etc/ssl/private/snakeoil.key", KEY),
        file("/app/empty.key", 0),
    ];
    let image = Image::default().own("COPY . /", &items);
    let of_debian = ["/opt/tool/test.pem", "/etc/ssl/private/snakeoil.key"];
    let found = matched_in(&image, PathGroup::Secrets, &of_debian);
    // What a package brings everybody can download, but for what is filled in below /etc.
    assert_eq!(
        paths(&found.paths),
        ["/app/.env", "/app/.npmrc", "/app/tls/server.pem", "/etc/ssl/private/snakeoil.key"]
    );
    assert!(found.unread.is_empty() && found.deleted.is_empty(), "{found:?}");
}

#[test]
fn a_file_that_may_be_a_secret_and_was_not_read_is_named() {
    let items = [Item::Unread("/app/big.pem".to_owned(), 9_000_000), file("/app/other.key", 10), file("/app/a.txt", 9)];
    let found = matched_in(&Image::default().own("COPY . /", &items), PathGroup::Secrets, &[]);
    let unread: Vec<(String, &str)> = found
        .unread
        .iter()
        .map(|(found, why)| (String::from_utf8_lossy(&found.path).into_owned(), why.as_str()))
        .collect();
    assert_eq!(unread, [("/app/big.pem".to_owned(), "is too large"), ("/app/other.key".to_owned(), "it was not read")]);
    assert!(found.paths.is_empty());
}

#[test]
fn a_secret_that_a_later_layer_deletes_still_ships() {
    let image = Image::default()
        .own("COPY id_rsa /root/.ssh/", &[text("/root/.ssh/id_rsa", KEY), text("/app/.env", "TOKEN=abcdef\n")])
        .own("COPY .env /app/", &[text("/app/.env", "TOKEN=ghijkl\n")])
        .own("RUN rm -rf /root/.ssh", &[gone("/root/.ssh")]);
    let found = matched_in(&image, PathGroup::Secrets, &[]);
    assert_eq!(
        (paths(&found.paths), paths(&found.deleted)),
        (vec!["/app/.env".to_owned()], vec!["/root/.ssh/id_rsa".to_owned()])
    );
    assert_eq!((found.deleted[0].layer, found.deleted[0].shares.len()), (Some(0), 0));
}

#[test]
fn cores_are_told_by_content_or_by_number_and_size() {
    let mut head = vec![0; 64];
    head[..6].copy_from_slice(b"\x7fELF\x02\x01");
    let elf = |kind: u8| {
        let mut head = head.clone();
        head[16] = kind;
        String::from_utf8(head).expect("ASCII")
    };
    let items = [
        text("/app/core", &elf(4)),
        text("/opt/core", &elf(2)),
        text("/srv/core", "a text\n"),
        file("/app/core.4711", 5_000_000),
        file("/app/core.1", 900),
        file("/app/core.123.js", 5_000_000),
        file("/lib/core/index.js", 5_000_000),
    ];
    assert_eq!(of(PathGroup::CoreDumps, &items), ["/app/core", "/app/core.4711"]);
}

#[test]
fn opt_in_groups_leave_what_is_needed() {
    let docs = [
        file("/usr/share/man/man1/ls.1.gz", 10),
        file("/usr/share/doc/bash/README", 10),
        file("/usr/share/doc/bash/copyright", 10),
        file("/usr/share/doc/gcc/changelog.gz", 10),
        file("/app/docs/index.md", 10),
        file("/app/doc/index.md", 10),
    ];
    assert_eq!(of(PathGroup::Docs, &docs), ["/usr/share/doc/bash/README", "/usr/share/doc/gcc", "/usr/share/man"]);
    let maps = [file("/app/dist/a.js.map", 9), file("/app/world.map", 9), file("/app/dist/a.js", 9)];
    assert_eq!(of(PathGroup::SourceMaps, &maps), ["/app/dist/a.js.map"]);
    let headers = [
        file("/usr/include/c++/12/vector", 9),
        file("/usr/lib/gcc/12/include/stddef.h", 9),
        file("/app/include/config.php", 9),
        file("/app/src/a.h", 9),
    ];
    assert_eq!(of(PathGroup::Headers, &headers), ["/usr/include", "/usr/lib/gcc/12/include"]);
    let libraries = [file("/usr/lib/libc.a", 9), file("/usr/lib/libc.so.6", 9), file("/app/lib/data.a", 9)];
    assert_eq!(of(PathGroup::StaticLibs, &libraries), ["/usr/lib/libc.a"]);
}
