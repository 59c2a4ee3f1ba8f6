//! The stack: named cases and hostile cases. A comparison with a model is in `model`.

use std::time::{Duration, Instant};

use imgbudget::image::node::{Hiding, NodeId, NodeKind};
use imgbudget::image::stack::Stack;
use imgbudget::layer::{EntryKind, LayerIndex};

use crate::support::layers::{Layer, finish};

fn stacked(layers: &[LayerIndex]) -> Stack<'_> {
    let mut stack = Stack::default();
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
    assert_eq!(
        shown_of(vec![lower(), upper]),
        ["/a directory @0", "/a/d file 4 @1", "/nothing directory @1", "/nothing/at directory @1"],
        "an engine makes the directories above a marker"
    );
    assert_eq!(shown_of(vec![lower(), Layer::default().whiteout("")]).len(), 5, "the root cannot be deleted");
}

#[test]
fn an_opaque_directory_keeps_what_its_own_layer_put_there_in_any_order() {
    let lower = || Layer::default().file("d/old", 1).file("d/both", 2).file("d/sub/old", 3).file("else", 4);
    let want = ["/d directory @1", "/d/both file 6 @1", "/d/new file 5 @1", "/else file 4 @0"];
    assert_eq!(shown_of(vec![lower(), Layer::default().file("d/new", 5).file("d/both", 6).opaque("d")]), want);
    assert_eq!(shown_of(vec![lower(), Layer::default().opaque("d").file("d/new", 5).file("d/both", 6)]), want);
    assert_eq!(
        shown_of(vec![Layer::default().file("gcc", 1), Layer::default().opaque("").file("new", 2)]),
        ["/gcc file 1 @0", "/new file 2 @1"],
        "overlayfs knows no opaque root"
    );
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
        shown_of(vec![Layer::default().link("lib", "usr/lib").file("lib/x", 1)]),
        ["/lib -> usr/lib @0", "/usr directory @0", "/usr/lib directory @0", "/usr/lib/x file 1 @0"],
        "where a link leads is made"
    );
}

#[test]
fn a_marker_below_a_file_or_a_link_makes_a_directory_of_it() {
    let lower = || Layer::default().file("e/x", 7).file("file", 1).link("link", "e");
    let rest = ["/e directory @0", "/e/x file 7 @0"];
    for upper in
        [Layer::default().whiteout("file/x").whiteout("link/x"), Layer::default().opaque("file").opaque("link")]
    {
        let shown = shown_of(vec![lower(), upper]);
        assert_eq!(shown, [&rest[..], &["/file directory @1", "/link directory @1"]].concat());
    }
}

#[test]
fn a_whiteout_that_a_directory_of_its_layer_replaces_deletes_nothing() {
    let lower = || Layer::default().program("x/gcc", 7);
    let shown = |upper: Layer| shown_of(vec![lower(), upper]);
    let both = ["/x directory @0", "/x/gcc file 7 @0", "/x/n file 1 @1"];
    assert_eq!(shown(Layer::default().whiteout("x").directory("x").file("x/n", 1)), both);
    assert_eq!(shown(Layer::default().opaque("x").file("x", 1).directory("x").file("x/n", 1)), both);
    assert_eq!(shown(Layer::default().whiteout("x").file("x", 1)), ["/x file 1 @1"]);
    assert_eq!(shown(Layer::default().whiteout("x").hard_link("b", "x")), Vec::<String>::new());
}

#[test]
fn what_any_name_of_a_file_lets_run_can_run() {
    let layers = finish(vec![Layer::default().file("a", 5).entry("gcc", EntryKind::HardLink { target: b"a" }, 0o755)]);
    let stack = stacked(&layers);
    let mode = |path: &[u8]| stack.node(stack.resolve(NodeId::ROOT, path).expect("there")).mode;
    assert_eq!((mode(b"a"), mode(b"gcc")), (0o755, 0o755));
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
    assert_eq!(stack.totals().expect("room").of(NodeId::ROOT), 10, "one content, however many names");
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
    let deepest = format!("e/{}", vec!["d"; 8000].join("/"));
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
        Layer::default().whiteout("d").whiteout("e").whiteout(&beyond),
    ]);
    let stack = stacked(&layers);
    let paths: Vec<_> = stack.live().map(|(id, _)| stack.path(id)).collect();
    assert!(paths.contains(&format!("/{long}").into_bytes()));
    assert!(paths.contains(&b"/\xff\x1b[31m\n".to_vec()));
    assert!(paths.contains(&b"/absolute/twice".to_vec()));
    assert!(!paths.iter().any(|path| path.starts_with(b"/d") || path.starts_with(b"/e")));
    assert_eq!(stack.totals().expect("room").of(NodeId::ROOT), 2 + 8 + 16 + 32);
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
