//! What ships and is never seen: named cases. That nothing is lost, for any layers, is checked beside the stack's model.

use imgbudget::domain::Bytes;
use imgbudget::image::stack::Stack;
use imgbudget::image::waste::wasted;
use imgbudget::image::{HiddenHow, Wasted};

use crate::support::layers::{Layer, finish};

fn of(layers: Vec<Layer>) -> Wasted {
    let layers = finish(layers);
    let mut stack = Stack::default();
    for layer in &layers {
        stack.push(layer).expect("small enough");
    }
    wasted(&stack).expect("room")
}

/// `path size @layer by layer`, in the order of the answer.
fn paths(wasted: &Wasted) -> Vec<String> {
    let shown = |path: &imgbudget::image::WastedPath| {
        format!("{} {} @{} by {}", String::from_utf8_lossy(&path.path), path.size.0, path.layer, path.by)
    };
    wasted.paths.iter().map(shown).collect()
}

/// Who brought the bytes, who hides them, and how.
fn parts(wasted: &Wasted) -> Vec<(usize, usize, HiddenHow, u64)> {
    wasted.parts.iter().map(|part| (part.brought, part.by, part.how, part.bytes.0)).collect()
}

#[test]
fn an_image_that_hides_nothing_wastes_nothing() {
    let clean =
        of(vec![Layer::default().file("a", 7), Layer::default().directory("d").file("d/b", 9).whiteout("none")]);
    assert_eq!((clean.bytes, clean.paths.len()), (Bytes(0), 0));
    assert_eq!(of(Vec::new()), Wasted::default());
}

#[test]
fn a_chown_ships_a_file_again_and_a_deleted_directory_is_one_path() {
    let wasted = of(vec![
        Layer::default().file("srv/model", 60).file("cache/a/1", 3).file("cache/a/2", 4).file("cache/b", 5),
        Layer::default().file("srv/model", 60),
        Layer::default().whiteout("cache"),
    ]);
    assert_eq!(wasted.bytes, Bytes(72));
    assert_eq!(paths(&wasted), ["/srv/model 60 @0 by 1", "/cache 12 @0 by 2"]);
    assert_eq!(parts(&wasted), [(0, 1, HiddenHow::Again, 60), (0, 2, HiddenHow::Deleted, 12)]);
}

#[test]
fn what_was_hidden_already_is_not_hidden_again() {
    let wasted = of(vec![
        Layer::default().file("d/a", 1).file("d/b", 2),
        Layer::default().whiteout("d/a"),
        Layer::default().opaque("d"),
        Layer::default().file("d", 5),
    ]);
    assert_eq!(paths(&wasted), ["/d/b 2 @0 by 2", "/d/a 1 @0 by 1"]);
    assert_eq!(parts(&wasted), [(0, 1, HiddenHow::Deleted, 1), (0, 2, HiddenHow::Deleted, 2)]);
}

#[test]
fn the_bytes_of_a_hard_link_are_seen_as_long_as_one_name_is() {
    let layer = || Layer::default().file("a", 8).hard_link("b", "a").hard_link("c", "a");
    assert_eq!(of(vec![layer(), Layer::default().whiteout("a").whiteout("b")]).bytes, Bytes(0));
    let all = of(vec![layer(), Layer::default().whiteout("a").whiteout("b").whiteout("c")]);
    assert_eq!((all.bytes, paths(&all)), (Bytes(8), vec!["/a 8 @0 by 1".to_owned()]));
}

#[test]
fn link_targets_count_as_in_the_size() {
    assert_eq!(of(vec![Layer::default().link("l", "twelve bytes"), Layer::default().whiteout("l")]).bytes, Bytes(12));
}

#[test]
fn many_files_of_one_directory_are_that_directory() {
    let files = |names: &[&str]| names.iter().fold(Layer::default(), |layer, name| layer.file(name, 10));
    let names = ["app/a/1", "app/a/2", "app/a/3", "app/a/4", "app/b", "srv/lib/x", "srv/lib/y", "etc/one"];
    let wasted = of(vec![files(&names), files(&names)]);
    assert_eq!(paths(&wasted), ["/app 50 @0 by 1", "/srv/lib 20 @0 by 1", "/etc/one 10 @0 by 1"]);
    let similar = ["usr/lib/a1", "usr/lib/a2", "usr/lib/a3", "usr/lib/a4", "usr/lib/a5", "usr/lib/a6"];
    assert_eq!(paths(&of(vec![files(&similar), files(&similar)])), ["/usr/lib 60 @0 by 1"]);
    assert_eq!(paths(&of(vec![files(&similar[..5]), files(&similar[..5])])).len(), 5, "few are named one by one");
}

#[test]
fn the_largest_are_named_and_the_rest_counted() {
    let many = (0..30).fold(Layer::default(), |layer, n| layer.file(format!("f{n}"), n + 1));
    let gone = (0..30).fold(Layer::default(), |layer, n| layer.whiteout(format!("f{n}")));
    let wasted = of(vec![many, gone]);
    assert_eq!((wasted.paths.len(), wasted.more_paths), (20, 10));
    assert_eq!(paths(&wasted)[0], "/f29 30 @0 by 1");
}

#[test]
fn files_that_are_there_again_are_put_down_to_who_brought_them_first() {
    let wasted = of(vec![
        Layer::default().file("app/a", 60).file("app/b", 30),
        Layer::default().file("app/a", 60).file("app/b", 31),
        Layer::default().file("app/a", 60),
        Layer::default().whiteout("app"),
    ]);
    assert_eq!(
        parts(&wasted),
        [
            (0, 1, HiddenHow::Replaced, 30),
            (0, 1, HiddenHow::Again, 60),
            (0, 2, HiddenHow::Again, 60),
            (0, 3, HiddenHow::Deleted, 60),
            (1, 3, HiddenHow::Deleted, 31),
        ]
    );
}
