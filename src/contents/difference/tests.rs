//! Differences of images made in code: what tells which byte, that rows add up, and that images exchanged give the mirror.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::contents::packages::Found;
use crate::domain::{
    Bytes, DiffId, DifferenceRow, DifferentThing, Digest, Ecosystem, Origin, Package, PackageCounts, UnreadFile,
};
use crate::image::node::NodeKind;
use crate::image::{MeasuredLayer, Stack};
use crate::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};
use crate::memory::Memory;

/// What a layer does.
#[derive(Debug, Clone)]
enum Act {
    File(String, u64),
    Link(String, String),
    Delete(String),
}

use Act::{Delete, File, Link};

/// An image: for each layer who brought it, its instruction, and what it does.
#[derive(Debug, Clone, Default)]
struct Image {
    layers: Vec<(Origin, String, Vec<Act>)>,
    /// Directories that are packages: name, version, path.
    packages: Vec<(&'static str, &'static str, &'static str)>,
    unread: bool,
}

impl Image {
    fn with(mut self, origin: Origin, made_by: &str, acts: Vec<Act>) -> Self {
        self.layers.push((origin, made_by.to_owned(), acts));
        self
    }

    fn own(self, made_by: &str, acts: Vec<Act>) -> Self {
        self.with(Origin::Own, made_by, acts)
    }

    fn package(mut self, name: &'static str, version: &'static str, path: &'static str) -> Self {
        self.packages.push((name, version, path));
        self
    }

    fn look<T>(&self, look: impl FnOnce(&Side<'_>) -> T) -> T {
        let memory = Memory::default();
        let indexes: Vec<LayerIndex> = self.layers.iter().map(|(_, by, acts)| index(by, acts)).collect();
        let layers: Vec<MeasuredLayer> = self.layers.iter().zip(&indexes).map(measured).collect();
        let mut stack = Stack::new(&memory);
        stack.tell_origins(layers.iter().map(|layer| layer.origin).collect());
        for index in &indexes {
            stack.push(index).expect("small");
        }
        let view = View { stack: &stack, layers: &layers, files: &[], told: crate::contents::Told::default() };
        let mut found = Found::new(&view).expect("small");
        for (name, version, path) in &self.packages {
            let package =
                Package { version: Some((*version).to_owned()), ..Package::new(Ecosystem::Npm, (*name).to_owned()) };
            let files: Vec<_> = view.at(path.as_bytes()).into_iter().flat_map(|top| stack.below(top)).collect();
            found.add(&view, package, files).expect("small");
        }
        if self.unread {
            found
                .unread
                .push(UnreadFile { path: "/app/node_modules/x/package.json".to_owned(), why: "cut short".to_owned() });
        }
        look(&Side { view: &view, packages: Some(&found), tools: None })
    }

    fn size(&self) -> i128 {
        self.look(|side| i128::from(side.view.stack.size().0))
    }
}

fn measured(((origin, made_by, _), index): (&(Origin, String, Vec<Act>), &LayerIndex)) -> MeasuredLayer {
    MeasuredLayer {
        diff_id: index.diff_id().clone(),
        size: Some(index.size()),
        compressed_size: None,
        created_by: Some(made_by.clone()),
        origin: *origin,
        dockerfile: None,
        copied_from: None,
    }
}

fn index(made_by: &str, acts: &[Act]) -> LayerIndex {
    let mut builder = LayerIndexBuilder::default();
    for act in acts {
        let (path, kind) = match act {
            File(path, size) => (path, EntryKind::File { size: *size }),
            Link(path, target) => (path, EntryKind::HardLink { target: target.as_bytes() }),
            Delete(path) => (path, EntryKind::Whiteout),
        };
        // What no engine unpacks is not in the layer.
        let _ = builder.push(Entry { path: path.as_bytes(), kind, mode: 0o644 });
    }
    let diff_id = DiffId(Digest::of(format!("{made_by} {acts:?}").as_bytes()));
    builder.finish(diff_id).expect("small")
}

fn file(path: &str, size: u64) -> Act {
    File(path.to_owned(), size)
}

fn files(directory: &str, number: u64, size: u64) -> Vec<Act> {
    (0..number).map(|at| file(&format!("{directory}/{at}"), size)).collect()
}

fn compared(old: &Image, new: &Image) -> Difference {
    old.look(|old| new.look(|new| difference(old, new).expect("small")))
}

/// `+3 new file /a`.
fn said(difference: &Difference) -> String {
    let row = |row: &DifferenceRow| {
        let what = match &row.what {
            DifferentThing::Layer { created_by, hidden } => {
                format!("layer {} hides {}", created_by.as_deref().unwrap_or("-"), hidden.0)
            }
            DifferentThing::Base => "base".to_owned(),
            DifferentThing::Package { name, old_versions, new_versions, .. } => {
                format!("package {name} {old_versions:?} {new_versions:?}")
            }
            DifferentThing::Directory { path, files } => format!("directory {path}, {files} files"),
            DifferentThing::File { path } => format!("file {path}"),
        };
        let place = |at: Option<usize>| at.map_or("-".to_owned(), |at| at.to_string());
        let layers = format!("{}>{}", place(row.old_layer), place(row.new_layer));
        format!("{:+} {} {what} ({layers})", row.difference(), row.state.as_str())
    };
    difference.rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_image_differs_in_nothing() {
    let image = Image::default().own("COPY a /", vec![file("a", 5)]).package("x", "1", "/");
    let difference = compared(&image, &image);
    assert!(difference.is_nothing() && difference.grown.is_empty(), "{difference:?}");
    assert_eq!(difference.packages, Some(PackageCounts { before: 1, after: 1, ..PackageCounts::default() }));
}

#[test]
fn each_byte_is_told_by_what_explains_it() {
    let old = Image::default()
        .with(Origin::Base, "base", vec![file("bin/sh", 10), file("etc/os", 1)])
        .own("COPY . .", vec![file("app/main", 100), file("app/test/a", 40), file("app/test/b", 2)])
        .own("RUN npm ci", vec![file("app/node_modules/left/i", 7), file("app/node_modules/same/i", 3)])
        .package("left", "1.0", "/app/node_modules/left")
        .package("same", "1.0", "/app/node_modules/same");
    let new = Image::default()
        .with(Origin::Base, "base 2", vec![file("bin/sh", 12), file("etc/os", 1)])
        .own("COPY . .", vec![file("app/main", 103)])
        .own(
            "RUN npm ci",
            vec![
                file("app/node_modules/left/i", 9),
                file("app/node_modules/same/i", 3),
                file("app/node_modules/ts/i", 64),
                file("app/node_modules/ts/lib/i", 6),
            ],
        )
        .own("RUN chown -R node /app", vec![file("app/main", 103), file("app/node_modules/left/i", 9)])
        .own("COPY --from=build /usr/bin /usr/bin", vec![file("usr/bin/gcc", 107), file("usr/bin/cc", 1)])
        .package("left", "1.1", "/app/node_modules/left")
        .package("same", "1.0", "/app/node_modules/same")
        .package("ts", "5.4", "/app/node_modules/ts");
    let difference = compared(&old, &new);
    insta::assert_snapshot!(said(&difference), @r#"
    +112 new layer RUN chown -R node /app hides 112 (->3)
    +108 new layer COPY --from=build /usr/bin /usr/bin hides 0 (->4)
    +70 new package ts [] ["5.4"] (->2)
    -42 gone directory /app/test, 2 files (1>-)
    +3 changed file /app/main (1>1)
    +2 changed package left ["1.0"] ["1.1"] (2>2)
    +2 changed file /bin/sh (0>0)
    "#);
    assert_eq!(difference.sum(), new.size() - old.size());
    let counts = PackageCounts { before: 2, after: 3, added: 1, removed: 0, changed: 1 };
    assert_eq!(difference.packages, Some(counts));
    let grown: Vec<_> = difference.grown.iter().map(|it| (it.path.as_str(), it.after.0 - it.before.0)).collect();
    assert_eq!(grown, [("/usr/bin", 108), ("/app/node_modules/ts", 70), ("/bin", 2)]);
}

#[test]
fn what_a_later_layer_deletes_ships_all_the_same() {
    let old = Image::default().own("RUN npm ci", files("app/ts", 2, 30)).package("ts", "5", "/app/ts");
    let new = old.clone().own("RUN rm -r /app/ts", vec![Delete("app/ts".to_owned())]);
    let new = Image { packages: Vec::new(), ..new };
    let difference = compared(&old, &new);
    insta::assert_snapshot!(said(&difference), @r#"
    +60 new layer RUN rm -r /app/ts hides 60 (->1)
    -60 gone package ts ["5"] [] (0>-)
    "#);
    assert_eq!(difference.sum(), 0);
}

#[test]
fn many_small_files_are_their_directory_and_large_ones_stand_alone() {
    let old = Image::default().own("COPY . .", [files("app/dist/a", 50, 10), files("app/lib", 300, 1)].concat());
    let new = Image::default().own(
        "COPY . .",
        [
            files("app/dist/a", 50, 20),
            files("app/lib", 250, 1),
            files("app/new/deep/down", 40, 20),
            vec![file("app/big", 5000), file("etc/hosts", 3)],
        ]
        .concat(),
    );
    insta::assert_snapshot!(said(&compared(&old, &new)), @"
    +5000 new file /app/big (->0)
    +800 new directory /app/new, 40 files (->0)
    +500 changed directory /app/dist/a, 50 files (0>0)
    -47 changed directory /, 51 files (0>0)
    ");
}

#[test]
fn a_path_that_another_layer_brings_is_no_change() {
    let old = Image::default().own("ADD rootfs-1", vec![file("bin/sh", 10), file("bin/a", 5)]);
    let new = Image::default().own("ADD rootfs-2", vec![file("bin/sh", 10), file("bin/b", 6)]);
    insta::assert_snapshot!(said(&compared(&old, &new)), @"
    +6 new layer ADD rootfs-2 hides 0 (->0)
    -5 gone layer ADD rootfs-1 hides 0 (0>-)
    ");
}

#[test]
fn packages_that_were_read_of_one_image_alone_are_not_new() {
    let old = Image { unread: true, ..Image::default().own("RUN npm ci", Vec::new()) };
    let new = Image::default().own("RUN npm ci", files("app/ts", 2, 30)).package("ts", "5", "/app/ts");
    let difference = compared(&old, &new);
    insta::assert_snapshot!(said(&difference), @"+60 new directory /app, 2 files (->0)");
    assert_eq!(difference.packages, None);
    assert_eq!(difference.unknown, ["packages of Node: /app/node_modules/x/package.json cut short"]);
}

#[test]
fn layers_alone_add_up() {
    let old = Image::default().with(Origin::Base, "a", files("a", 2, 10)).own("COPY x", files("x", 1, 5));
    let new = Image::default()
        .with(Origin::Base, "b", files("a", 3, 10))
        .own("COPY x", files("x", 1, 7))
        .own("RUN y", files("y", 1, 4));
    let difference = old.look(|old| new.look(|new| of_layers(old.view.layers, new.view.layers))).expect("sizes");
    insta::assert_snapshot!(said(&difference), @"
    +10 changed base (->-)
    +4 new layer RUN y hides 0 (->2)
    +2 changed layer COPY x hides 0 (1>1)
    ");
    assert_eq!(difference.sum(), new.size() - old.size());
}

#[test]
fn ten_thousand_files_are_one_directory() {
    let many =
        |size| Image::default().own("COPY . .", (0..100).flat_map(|at| files(&format!("d{at}"), 100, size)).collect());
    let difference = compared(&many(1), &many(2));
    assert_eq!((difference.sum(), difference.rows.len()), (10_000, 100));
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec("[abc]", 1..4).prop_map(|parts| parts.join("/"))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (path(), 0u64..40).prop_map(|(path, size)| File(path, size)),
        1 => (path(), path()).prop_map(|(path, target)| Link(path, target)),
        2 => path().prop_map(Delete),
    ]
}

fn image() -> impl Strategy<Value = Image> {
    let origin = prop_oneof![Just(Origin::Base), Just(Origin::Own), Just(Origin::Unknown)];
    let layer = (origin, "[xyz]", prop::collection::vec(act(), 0..8));
    let package = (
        prop::sample::select(vec!["p", "q", "r"]),
        prop::sample::select(vec!["1", "2"]),
        prop::sample::select(vec!["/a", "/a/b", "/b", "/c/a", "/c"]),
    );
    (prop::collection::vec(layer, 0..5), prop::collection::vec(package, 0..4)).prop_map(|(layers, packages)| Image {
        layers,
        packages,
        unread: false,
    })
}

/// What a row says, without the layers.
fn told(row: &DifferenceRow) -> (String, DifferenceState, Bytes, Bytes) {
    let what = match &row.what {
        DifferentThing::Package { name, .. } => format!("package {name}"),
        DifferentThing::Layer { .. } => "layer".to_owned(),
        what => format!("{what:?}"),
    };
    (what, row.state, row.before, row.after)
}

proptest! {
    #[test]
    fn the_rows_are_exactly_the_difference(old in image(), new in image()) {
        let difference = compared(&old, &new);
        prop_assert_eq!(difference.sum(), new.size() - old.size(), "{}", said(&difference));
        prop_assert!(difference.rows.is_sorted_by_key(|row| std::cmp::Reverse(row.bytes())));
        let layers = old.look(|old| new.look(|new| of_layers(old.view.layers, new.view.layers))).expect("sizes");
        prop_assert_eq!(layers.sum(), new.size() - old.size());
        if let Some(counts) = difference.packages {
            prop_assert_eq!(counts.before + counts.added, counts.after + counts.removed);
        }
    }

    #[test]
    fn exchanged_images_give_the_mirror(old in image(), new in image()) {
        let mut there: Vec<_> = compared(&old, &new).rows.iter().map(told).collect();
        let back = compared(&new, &old);
        let mirrored = back.rows.iter().map(told).map(|(what, state, before, after)| (what, state.mirrored(), after, before));
        let mut back: Vec<_> = mirrored.collect();
        there.sort();
        back.sort();
        prop_assert_eq!(there, back);
    }

    #[test]
    fn directories_that_grew_show_what_the_file_systems_show(old in image(), new in image()) {
        let totals = |image: &Image| image.look(|side| {
            let totals = side.view.stack.totals().expect("small");
            let directories = side.view.stack.live().filter(|(_, node)| node.kind == NodeKind::Directory);
            directories.map(|(id, _)| (side.view.stack.path(id), totals.of(id))).collect::<BTreeMap<_, _>>()
        });
        let (before, after) = (totals(&old), totals(&new));
        for grown in compared(&old, &new).grown {
            let path = grown.path.as_bytes();
            prop_assert_eq!(Bytes(after[path]), grown.after);
            prop_assert_eq!(Bytes(before.get(path).copied().unwrap_or_default()), grown.before);
            prop_assert!(grown.before < grown.after);
        }
    }
}
