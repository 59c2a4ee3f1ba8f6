//! Whole screens, of targets that no image of a test has: a known base, what can go, stages.

use proptest::prelude::*;

use super::{Options, screens, stages};
use crate::domain::{
    BaseImage, Bytes, CanGo, CanGoKind, CompressedSize, Contents, DiffId, Digest, Directory, Ecosystem, ImageIdentity,
    LayerReport, Origin, PackageCount, Place, Platform, Report, TargetReport, UnreadFile, Verdict,
};
use crate::text::width;

const MB: u64 = 1_000_000;

fn place(line: u32) -> Place {
    Place { file: "Dockerfile".to_owned(), line, column: 1 }
}

fn layer(size: u64, created_by: &str, line: Option<u32>) -> LayerReport {
    LayerReport {
        diff_id: DiffId(Digest::from_sha256([1; 32])),
        size: Some(Bytes(size)),
        compressed_size: None,
        created_by: Some(created_by.to_owned()),
        origin: if line.is_some() { Origin::Own } else { Origin::Base },
        dockerfile: line.map(place),
    }
}

fn directory(path: &str, depth: usize, size: u64, layer: usize) -> Directory {
    Directory { path: path.to_owned(), depth, bytes: Bytes(size), brought: vec![(layer, Bytes(size))] }
}

fn can_go(kind: CanGoKind, bytes: Option<u64>, what: &str, line: Option<u32>, fix: &str) -> CanGo {
    CanGo {
        kind,
        what: what.to_owned(),
        paths: Vec::new(),
        more_paths: 0,
        bytes: bytes.map(Bytes),
        layer: None,
        line: line.map(place),
        fix: fix.to_owned(),
        is_new: None,
    }
}

fn target(name: &str, sizes: (u64, u64), layers: Vec<LayerReport>) -> TargetReport {
    let image =
        ImageIdentity { id: Digest::from_sha256([2; 32]), reference: None, from: None, digest: None, created: None };
    TargetReport {
        image: Some(image),
        size: Some(Bytes(sizes.0)),
        base_size: Some(Bytes(sizes.1)),
        base: Some(BaseImage { reference: "node:20".to_owned(), place: place(1) }),
        layers,
        ..TargetReport::new(name.parse().expect("a name"), Some(Platform::new("linux", "amd64", None)), Verdict::Pass)
    }
}

fn shop_api() -> TargetReport {
    let layers = vec![
        layer(1_000 * MB, "ADD rootfs.tar /", None),
        layer(100 * MB, "RUN /bin/sh -c apt-get install -y gcc # buildkit", None),
        layer(24_300_000, "COPY . . # buildkit", Some(8)),
        layer(88_100_000, "RUN /bin/sh -c npm ci --no-audit --no-fund --foreground-scripts # buildkit", Some(9)),
        layer(0, "WORKDIR /app", Some(10)),
    ];
    let contents = Contents {
        user: None,
        wasted: Some(Bytes(18_200_000)),
        directories: vec![
            directory("/usr/lib/x86_64-linux-gnu", 0, 402_700_000, 0),
            directory("/app/node_modules", 0, 88_100_000, 3),
            directory("/app/node_modules/typescript", 1, 23_000_000, 3),
            Directory {
                brought: vec![(2, Bytes(10_000_000)), (3, Bytes(8_200_000))],
                ..directory("/app/.git", 0, 18_200_000, 2)
            },
        ],
        package_counts: Some(vec![PackageCount { ecosystem: Ecosystem::Deb, packages: 431, bytes: Bytes(9) }]),
        can_go: vec![
            can_go(
                CanGoKind::DevDependencies,
                Some(44 * MB),
                "dev dependencies: typescript, jest, eslint",
                Some(9),
                "npm ci --omit=dev",
            ),
            can_go(CanGoKind::Vcs, Some(18_200_000), "/app/.git", None, "add .git to .dockerignore"),
            can_go(CanGoKind::Base, None, "gcc, make, python3, npm (build tools)", None, "node:20-slim: try it"),
            can_go(CanGoKind::Caches, Some(900_000), "/root/.npm", Some(9), "use a cache mount"),
        ],
        can_go_bytes: Bytes(63_100_000),
        ..Contents::default()
    };
    TargetReport {
        compressed_size: Some(CompressedSize { bytes: Bytes(408_300_000), is_estimate: true }),
        contents: Some(contents),
        ..target("shop-api", (1_212_400_000, 1_100 * MB), layers)
    }
}

fn shown(target: &TargetReport, columns: usize, all: bool) -> String {
    let options = Options { width: Some(columns), all, ..Options::default() };
    screens(std::slice::from_ref(target), None, &options)
}

#[test]
fn one_screen_says_where_the_bytes_are() {
    insta::assert_snapshot!(shown(&shop_api(), 80, false), @"
    shop-api  1.21 GB  (about 408.3 MB compressed)  linux/amd64 · 5 layers · root
              base node:20 1.10 GB · yours 112.4 MB · wasted 18.2 MB · 431 packages

    Layers, yours                                                         Dockerfile
       88.1 MB  ████████████████████  RUN npm ci --no-audit --no-fund -…  :9
       24.3 MB  █████▌                COPY . .                            :8
       1.10 GB  base node:20, 2 layers                                    :1

    Largest directories                                                   brought by
      402.7 MB  /usr/lib/x86_64-linux-gnu                                 base
       88.1 MB  /app/node_modules                                         :9
       23.0 MB    typescript                                              :9
       18.2 MB  /app/.git                                                 :8, :9

    Can go                                                 fix
       44.0 MB  dev dependencies: typescript, jest, esli…  :9 npm ci --omit=dev
       18.2 MB  /app/.git                                  add .git to .dockerignore
          base  gcc, make, python3, npm (build tools)      node:20-slim: try it
                and 1 more, 900.0 kB together (--all)

    Together at most 63.1 MB: 1.21 → 1.15 GB. The base is 90 % of this image.
    ");
    insta::assert_snapshot!(shown(&shop_api(), 120, true), @"
    shop-api  1.21 GB  (about 408.3 MB compressed)  linux/amd64 · 5 layers · root
              base node:20 1.10 GB · yours 112.4 MB · wasted 18.2 MB · 431 packages

    Layers                                                                                                        Dockerfile
       1.00 GB  ██████████████████████████████  ADD rootfs.tar /                                                  base
      100.0 MB  ███                             RUN apt-get install -y gcc                                        base
       88.1 MB  ██▋                             RUN npm ci --no-audit --no-fund --foreground-scripts              :9
       24.3 MB  ▋                               COPY . .                                                          :8
           0 B                                  WORKDIR /app                                                      :10

    Largest directories                                                                                           brought by
      402.7 MB  /usr/lib/x86_64-linux-gnu                                                                         base
       88.1 MB  /app/node_modules                                                                                 :9
       23.0 MB    typescript                                                                                      :9
       18.2 MB  /app/.git                                                                                         :8, :9

    Can go                                                                                         fix
       44.0 MB  dev dependencies: typescript, jest, eslint                                         :9 npm ci --omit=dev
       18.2 MB  /app/.git                                                                          add .git to .dockerignore
          base  gcc, make, python3, npm (build tools)                                              node:20-slim: try it
      900.0 kB  /root/.npm                                                                         :9 use a cache mount

    Together at most 63.1 MB: 1.21 → 1.15 GB. The base is 90 % of this image.
    ");
}

#[test]
fn what_was_not_read_is_named_and_nothing_is_called_clean() {
    let unread = UnreadFile { path: "/var/lib/dpkg/status".to_owned(), why: "cut short in line 12".to_owned() };
    let contents = Contents {
        user: Some("app".to_owned()),
        package_counts: Some(Vec::new()),
        unread: vec![unread],
        ..Contents::default()
    };
    let layers = vec![layer(2 * MB, "COPY app /app", Some(2))];
    let target = TargetReport { base: None, contents: Some(contents), ..target("scratch", (2 * MB, 0), layers) };
    insta::assert_snapshot!(shown(&target, 80, false), @"
    scratch  2.0 MB  linux/amd64 · 1 layer · user app
             no base · yours 2.0 MB · packages not known

    Layers                                                                Dockerfile
        2.0 MB  ████████████████████  COPY app /app                       :2

    ! not read: /var/lib/dpkg/status: cut short in line 12
    ");
}

#[test]
fn of_a_file_system_alone_there_are_no_layers_to_show() {
    let mut layers = vec![layer(0, "COPY app /app", Some(2))];
    layers[0].size = None;
    let directories = vec![Directory { path: "/app".to_owned(), depth: 0, bytes: Bytes(5 * MB), brought: Vec::new() }];
    let target = TargetReport {
        size: None,
        base_size: None,
        contents: Some(Contents { directories, ..Contents::default() }),
        ..target("api", (0, 0), layers)
    };
    insta::assert_snapshot!(shown(&target, 80, false), @"
    api  size not known  linux/amd64 · 1 layer · root

    Largest directories
        5.0 MB  /app
    ");
}

#[test]
fn stages_go_by_their_lines_and_the_sum_from_the_largest_to_the_one_that_ships() {
    let of = |name, size| target(name, (size, 0), vec![layer(size, "RUN make", Some(3))]);
    let report = Report::new(vec![of("builder", 1_100 * MB), of("runtime", 12 * MB)], None, Vec::new());
    let names = [("builder".to_owned(), 1), ("last stage".to_owned(), 9)];
    let options = Options { width: Some(80), ..Options::default() };
    insta::assert_snapshot!(stages(&report, &names, 1, &options), @"
    Stages                                                                Dockerfile
       1.10 GB  ████████████████████  builder                             :1
       12.0 MB  ▏                     last stage  ships                   :9

    builder 1.10 GB → last stage 12.0 MB
    ");
}

#[test]
fn another_base_is_a_sum_of_what_was_measured() {
    let slim = target("base", (200 * MB, 0), Vec::new());
    let on = |target: &TargetReport, other: &TargetReport| {
        let shown = screens(std::slice::from_ref(target), Some(("node:20-slim", other)), &Options::default());
        shown.lines().last().map(str::to_owned).unwrap_or_default()
    };
    insta::assert_snapshot!(on(&shop_api(), &slim), @"
    On node:20-slim, 200.0 MB, it would be 312.4 MB: 900.0 MB less, with your layers as they are.
    ");
    let unknown = TargetReport { base_size: None, ..shop_api() };
    insta::assert_snapshot!(on(&unknown, &slim), @"
    node:20-slim is 200.0 MB. What this image has of its own is not known, and so is what it would be there.
    ");
}

proptest! {
    #[test]
    fn lines_fit_whatever_names_say(name in "\\PC{0,20}", path in "(/[a-z日\u{202e}\n]{0,30}){1,9}", columns in 60usize..160) {
        let mut target = shop_api();
        let contents = target.contents.as_mut().expect("has some");
        contents.directories[1].path = path;
        contents.directories[3].path.clone_from(&name);
        contents.can_go[1].what.clone_from(&name);
        contents.user = Some(name.clone());
        target.layers[3].created_by = Some(name);
        for line in shown(&target, columns, true).lines() {
            prop_assert!(width(line) <= columns, "{}: {line}", width(line));
            let is_plain = !line.contains(['\u{202e}', '\u{1b}']);
            prop_assert!(is_plain, "{line:?}");
        }
    }
}
