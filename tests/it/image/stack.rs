//! The stack: named cases, hostile cases, and a comparison with a model that is too simple to be wrong.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use imgbudget::image::node::{Hiding, NodeId, NodeKind};
use imgbudget::image::stack::Stack;
use imgbudget::image::waste::wasted;
use imgbudget::layer::{EntryKind, LayerIndex};
use proptest::prelude::*;

use crate::support::layers::{Layer, finish};

fn stacked(layers: &[LayerIndex]) -> Stack<'_> {
    let mut stack = Stack::new();
    for layer in layers {
        stack.push(layer).expect("small enough");
    }
    stack
}

/// What the file system shows: `/path kind layer`, sorted.
fn shown(stack: &Stack<'_>) -> Vec<String> {
    let mut lines: Vec<_> = stack
        .live()
        .map(|(id, node)| {
            let kind = match node.kind {
                NodeKind::File { size, .. } => format!("file {size}"),
                NodeKind::Directory => "directory".to_owned(),
                NodeKind::Symlink { target } => format!("-> {}", String::from_utf8_lossy(target)),
                NodeKind::Other => "other".to_owned(),
            };
            format!("{} {kind} @{}", String::from_utf8_lossy(&stack.path(id)), node.layer)
        })
        .collect();
    lines.sort();
    lines
}

fn shown_of(layers: Vec<Layer>) -> Vec<String> {
    shown(&stacked(&finish(layers)))
}

#[test]
fn a_whiteout_hides_files_and_whole_directories_and_only_of_lower_layers() {
    let lower = || Layer::default().file("a/b/c", 1).file("a/d", 2).file("e", 3);
    let upper =
        Layer::default().file("a/d", 4).whiteout("a/b").whiteout("a/d").whiteout("e").whiteout("nothing/at/all");
    assert_eq!(shown_of(vec![lower(), upper]), ["/a directory @0", "/a/d file 4 @1"]);
    assert_eq!(shown_of(vec![lower(), Layer::default().whiteout("")]).len(), 5, "the root cannot be deleted");
}

#[test]
fn an_opaque_directory_keeps_what_its_own_layer_put_there_in_any_order() {
    let lower = || Layer::default().file("d/old", 1).file("d/both", 2).file("d/sub/old", 3).file("else", 4);
    let want = ["/d directory @1", "/d/both file 6 @1", "/d/new file 5 @1", "/else file 4 @0"];
    assert_eq!(shown_of(vec![lower(), Layer::default().file("d/new", 5).file("d/both", 6).opaque("d")]), want);
    assert_eq!(shown_of(vec![lower(), Layer::default().opaque("d").file("d/new", 5).file("d/both", 6)]), want);
    assert_eq!(shown_of(vec![lower(), Layer::default().opaque("")]), Vec::<String>::new());
}

#[test]
fn files_and_directories_replace_each_other_and_back() {
    let layers = vec![
        Layer::default().file("x", 1),
        Layer::default().directory("x").file("x/y/z", 2),
        Layer::default().file("x", 3),
        Layer::default().file("x/w", 4),
    ];
    let layers = finish(layers);
    assert_eq!(shown(&stacked(&layers[..2])), ["/x directory @1", "/x/y directory @1", "/x/y/z file 2 @1"]);
    assert_eq!(shown(&stacked(&layers[..3])), ["/x file 3 @2"]);
    assert_eq!(shown(&stacked(&layers)), ["/x directory @3", "/x/w file 4 @3"]);
}

#[test]
fn a_directory_declared_again_keeps_its_children() {
    let layers = finish(vec![
        Layer::default().file("d/a", 1),
        Layer::default().entry("d", EntryKind::Directory, 0o700).entry("", EntryKind::Directory, 0o700),
    ]);
    let stack = stacked(&layers);
    assert_eq!(shown(&stack), ["/d directory @0", "/d/a file 1 @0"]);
    let directory = stack.resolve(NodeId::ROOT, b"/d").expect("there");
    assert_eq!(stack.node(directory).mode, 0o700);
}

#[test]
fn a_directory_hides_a_link_of_a_lower_layer_and_follows_one_of_its_own() {
    let root = || Layer::default().directory("usr/lib").link("lib", "usr/lib");
    assert_eq!(
        shown_of(vec![root(), Layer::default().file("lib/x", 1)]),
        ["/lib directory @1", "/lib/x file 1 @1", "/usr directory @0", "/usr/lib directory @0"]
    );
    assert_eq!(
        shown_of(vec![root().file("lib/x", 1).file("lib/y/z", 2)]),
        [
            "/lib -> usr/lib @0",
            "/usr directory @0",
            "/usr/lib directory @0",
            "/usr/lib/x file 1 @0",
            "/usr/lib/y directory @0",
            "/usr/lib/y/z file 2 @0"
        ]
    );
    assert_eq!(
        shown_of(vec![Layer::default().link("loop", "loop").file("loop/x", 1)]),
        ["/loop directory @0", "/loop/x file 1 @0"]
    );
}

#[test]
fn hard_links_share_bytes_with_their_first_name() {
    let layers = finish(vec![
        Layer::default()
            .hard_link("early", "real")
            .program("real", 10)
            .hard_link("d/second", "real")
            .hard_link("nothing", "not/there")
            .hard_link("self", "self")
            .hard_link("dir", "d"),
        Layer::default().whiteout("real"),
    ]);
    let stack = stacked(&layers);
    assert_eq!(
        shown(&stack),
        [
            "/d directory @0",
            "/d/second file 10 @0",
            "/dir other @0",
            "/early file 10 @0",
            "/nothing other @0",
            "/self other @0"
        ]
    );
    let content = |path: &str| match stack.node(stack.resolve(NodeId::ROOT, path.as_bytes()).expect(path)).kind {
        NodeKind::File { content, .. } => content,
        other => panic!("{other:?}"),
    };
    assert_eq!(content("early"), content("d/second"));
    assert_eq!(stack.path(content("early")), b"/real");
    assert_eq!(stack.totals().of(NodeId::ROOT), 10, "one content, however many names");
}

#[test]
fn what_is_hidden_knows_by_whom() {
    let layers = finish(vec![
        Layer::default().file("a/x", 1).file("b/y", 2).file("c", 3),
        Layer::default().whiteout("a"),
        Layer::default().opaque("b").file("c", 4),
    ]);
    let stack = stacked(&layers);
    let mut hidden: Vec<_> = stack
        .since(0)
        .filter_map(|(id, node)| node.hidden.map(|hidden| (stack.path(id), hidden.by, hidden.how)))
        .collect();
    hidden.sort_by(|a, b| a.0.cmp(&b.0));
    let want: [(&[u8], usize, Hiding); 4] = [
        (b"/a", 1, Hiding::Whiteout),
        (b"/a/x", 1, Hiding::Whiteout),
        (b"/b/y", 2, Hiding::Opaque),
        (b"/c", 2, Hiding::Replaced),
    ];
    assert_eq!(hidden, want.map(|(path, by, how)| (path.to_vec(), by, how)));
}

#[test]
fn links_are_followed_as_a_kernel_does() {
    let mut layer = Layer::default()
        .program("usr/bin/real", 1)
        .link("bin", "usr/bin")
        .link("usr/bin/relative", "../bin/./real")
        .link("absolute", "/bin/relative")
        .link("above", "../../../usr/bin/real")
        .link("dangling", "/not/there")
        .link("a", "b")
        .link("b", "a")
        .link("empty", "")
        .link("through-file", "usr/bin/real/../real")
        .link("hop0", "usr/bin/real");
    for hop in 1..=40 {
        layer = layer.link(format!("hop{hop}"), format!("hop{}", hop - 1));
    }
    let layers = finish(vec![layer]);
    let stack = stacked(&layers);
    let end = |path: &str| stack.resolve(NodeId::ROOT, path.as_bytes()).map(|id| stack.path(id));
    for path in ["bin/real", "/bin/relative", "absolute", "above", "/../../bin/real", "hop39"] {
        assert_eq!(end(path).as_deref(), Some(&b"/usr/bin/real"[..]), "{path}");
    }
    for path in ["dangling", "a", "b", "empty", "through-file", "hop40", "usr/bin/real/x"] {
        assert_eq!(end(path), None, "{path}");
    }
}

#[test]
fn deep_long_and_strange_names() {
    let deep = vec!["d"; 200].join("/");
    let deepest = vec!["d"; 8000].join("/");
    let long = "n".repeat(4000);
    let beyond = "n".repeat(20_000);
    let layers = finish(vec![
        Layer::default()
            .file(&deep, 1)
            .file(&deepest, 1)
            .file(&long, 2)
            .file(&beyond, 4)
            .file(b"\xff\x1b[31m\n", 8)
            .file("../up", 16)
            .file("/absolute//twice", 32),
        Layer::default().whiteout("d").whiteout(&beyond),
    ]);
    let stack = stacked(&layers);
    let paths: Vec<_> = stack.live().map(|(id, _)| stack.path(id)).collect();
    assert!(paths.contains(&format!("/{long}").into_bytes()));
    assert!(paths.contains(&b"/\xff\x1b[31m\n".to_vec()));
    assert!(paths.contains(&b"/absolute/twice".to_vec()));
    assert!(!paths.iter().any(|path| path.starts_with(b"/d")));
    assert_eq!(stack.totals().of(NodeId::ROOT), 2 + 8 + 16 + 32);
}

/// Bounds in seconds are loose because debug builds on busy machines run these too; a quadratic stack needs minutes.
#[test]
fn a_million_files_and_whiteouts_of_everything() {
    let mut files = Layer::default();
    for number in 0..1_000_000 {
        files = files.file(format!("d{}/f{number}", number % 1000), 0);
    }
    let mut layers = vec![files];
    for round in 0..20 {
        let mut layer = Layer::default().opaque("hot");
        for number in 0..1000 {
            layer = layer.whiteout(format!("d{number}")).file(format!("hot/{round}-{number}"), 1);
        }
        layers.push(layer);
    }
    let layers = finish(layers);
    let start = Instant::now();
    let stack = stacked(&layers);
    assert_eq!(stack.live().count(), 1001);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

/// One entry of the model's layers.
#[derive(Debug, Clone)]
enum Act {
    File(String, u64),
    Directory(String),
    Delete(String),
    Empty(String),
}

/// The file system as a map from path to size (`None` for directories) and layer.
type Model = BTreeMap<String, (Option<u64>, usize)>;

fn remove_below(model: &mut Model, path: &str) {
    let below = format!("{path}/");
    model.retain(|other, _| !other.starts_with(&below));
}

/// Lays one layer over the model: markers first, then entries, one at a time.
fn lay(model: &mut Model, layer: &[Act], number: usize) {
    for act in layer {
        match act {
            Act::Delete(path) => {
                model.remove(path);
                remove_below(model, path);
            }
            Act::Empty(path) if matches!(model.get(path), Some((None, _))) => {
                remove_below(model, path);
                model.insert(path.clone(), (None, number));
            }
            _ => {}
        }
    }
    for act in layer {
        let (Act::File(path, _) | Act::Directory(path)) = act else { continue };
        for (slash, _) in path.match_indices('/') {
            let above = &path[..slash];
            if !matches!(model.get(above), Some((None, _))) {
                model.insert(above.to_owned(), (None, number));
            }
        }
        match act {
            Act::File(_, size) => {
                remove_below(model, path);
                model.insert(path.clone(), (Some(*size), number));
            }
            _ if matches!(model.get(path), Some((None, _))) => {}
            _ => {
                model.insert(path.clone(), (None, number));
            }
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    let path = prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..4).prop_map(|names| names.join("/"));
    (path, 0..4u8, 0..100u64).prop_map(|(path, kind, size)| match kind {
        0 => Act::File(path, size),
        1 => Act::Directory(path),
        2 => Act::Delete(path),
        _ => Act::Empty(path),
    })
}

proptest! {
    #[test]
    fn the_stack_is_what_the_model_says(layers in prop::collection::vec(prop::collection::vec(act(), 0..12), 0..6)) {
        let indexes = finish(layers.iter().map(|acts| acts.iter().fold(Layer::default(), |layer, act| match act {
            Act::File(path, size) => layer.file(path, *size),
            Act::Directory(path) => layer.directory(path),
            Act::Delete(path) => layer.whiteout(path),
            Act::Empty(path) => layer.opaque(path),
        })).collect());
        let mut stack = Stack::new();
        let mut model = Model::new();
        for (number, index) in indexes.iter().enumerate() {
            stack.push(index).expect("small enough");
            // The index has already dropped all but the last entry of a path.
            let kept: Vec<Act> = index.entries().map(|entry| {
                let path = String::from_utf8(entry.path.to_vec()).expect("plain");
                match entry.kind {
                    EntryKind::File { size } => Act::File(path, size),
                    EntryKind::Directory => Act::Directory(path),
                    EntryKind::Whiteout => Act::Delete(path),
                    _ => Act::Empty(path),
                }
            }).collect();
            lay(&mut model, &kept, number);
            let seen: Model = stack.live().map(|(id, node)| {
                let path = String::from_utf8(stack.path(id)[1..].to_vec()).expect("plain");
                let size = match node.kind { NodeKind::File { size, .. } => Some(size), _ => None };
                (path, (size, node.layer))
            }).collect();
            prop_assert_eq!(&seen, &model);
        }
        // Nothing is lost: every byte of every layer is shown or hidden, once.
        let all: u64 = indexes.iter().map(|index| index.size().0).sum();
        let nodes: u64 = stack.since(0).map(|(_, node)| match node.kind { NodeKind::File { size, .. } => size, _ => 0 }).sum();
        prop_assert_eq!(all, nodes);
        let below: u64 = model.values().filter_map(|(size, _)| *size).sum();
        prop_assert_eq!(stack.totals().of(NodeId::ROOT), below);
        prop_assert_eq!(wasted(&stack).bytes.0, all - below);
    }
}
