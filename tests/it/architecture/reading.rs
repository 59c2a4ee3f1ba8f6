//! The reader sees what it has to see: each of these is a way to name a room.

use super::*;
use crate::architecture::reader::Reader;

const PAGE: &str = "\n## The rooms\n
| room | holds | kind | may name |
|---|---|---|---|
| `domain/` | words | pure | – |
| leaves: `error.rs`, `text.rs` | leaves | pure | domain |
| `engine/` | engine | async | domain, leaves |
| `layer/` | layer | sync | domain, leaves |
| `main.rs` | all | async | engine, layer |
\n### Crates from outside\n
| crate | rooms |
|---|---|
| `bollard`, `tokio-util` | engine |
| `serde` | layer, main |
\n## Next";

/// What is wrong with a file of this name and source.
fn wrong_in(path: &str, source: &str) -> Result<Vec<String>, String> {
    let roots = BTreeMap::from([("Error".to_owned(), "error".to_owned()), ("Engine".to_owned(), "engine".to_owned())]);
    let files = Files::read(&[(path.into(), source.to_owned())])?;
    let file = files.iter().next().ok_or("no file")?;
    violations(&table(PAGE)?, &crates(PAGE)?, &roots, file)
}

/// What is wrong with `source` in the module `layer::read`.
fn wrong(source: &str) -> Vec<String> {
    wrong_in("layer/read.rs", source).unwrap()
}

/// The circles of files, each a name and a source.
fn circles(sources: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<_> = sources.iter().map(|(path, source)| (path.into(), (*source).to_owned())).collect();
    Files::read(&sources).unwrap().circles()
}

#[test]
fn forbidden_rooms_are_seen_wherever_they_are_named() {
    for source in [
        "use crate::engine;",
        "use crate::engine as e;",
        "use crate::engine::*;",
        "use crate::{domain::Bytes, engine::Engine};",
        "use crate::{domain::{self, Bytes}, text, engine::{a::B, C}};",
        "pub(crate) use crate::engine::Engine;",
        "use super::super::engine::Engine;",
        "use super::{index::X, super::engine::Engine};",
        "use self::super::super::engine::Engine;",
        "use crate::Engine;",
        "use imgbudget::engine::Engine;",
        "use ::imgbudget::engine::Engine;",
        "fn f() -> crate::engine::Engine { todo() }",
        "fn f(x: Option<&'static crate::engine::Engine>) {}",
        "fn f() { let x = 1; crate::engine::connect(x); }",
        "fn f() { println!(\"{}\", crate::engine::name()); }",
        "fn f() { select! { a = crate::engine::name() => a } }",
        "macro_rules! m { () => { $crate::engine::name() } }",
        "#[derive(crate::engine::Derive)] struct X;",
        "#[serde(with = \"crate::engine::wire\")] struct X;",
        "mod inner { use super::super::super::engine::Engine; }",
        "pub(in crate::engine) fn f() {}",
        "impl crate::engine::Trait for X {}",
        "#[cfg(not(test))] use crate::engine::Engine;",
        "#[cfg(test)] mod tests { use crate::engine::A; } use crate::engine::Engine;",
        "#[cfg(test)] use crate::engine::A; use crate::engine::Engine;",
    ] {
        assert_eq!(wrong(source), ["1: `layer` may not name `engine`"], "{source}");
    }
}

#[test]
fn the_whole_crate_cannot_be_named() {
    for source in ["use crate::*;", "use crate as all;", "use crate::{self as all};", "use super::super::*;"] {
        assert_eq!(wrong(source), ["1: names the whole crate, which hides the room that is meant"], "{source}");
    }
}

#[test]
fn allowed_names_and_tests_are_left_alone() {
    for source in [
        "use crate::{domain::Bytes, Error, error::Class, text};",
        "use super::*; use super::index::engine; use self::engine::X; use crate::layer::engine;",
        "pub(crate) fn f(self) { let engine = self.engine; engine::x(); }",
        "/// See [`crate::engine`].\n//! `crate::engine::Engine`\nstruct X;",
        "// crate::engine\nconst X: &str = \"not crate::engine\";",
        "#[cfg(test)] mod tests { use crate::engine::Engine; async fn f() {} }",
        "#[cfg(test)] #[derive(Debug)] struct X { engine: crate::engine::Engine }",
        "#[cfg(test)] use crate::engine::Engine;",
        "use std::fs::File; use std::io::Read;",
    ] {
        assert_eq!(wrong(source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn kinds_are_kept() {
    assert_eq!(wrong("use tokio::sync::mpsc;"), ["1: `layer` is Sync and names `tokio`"]);
    assert_eq!(wrong("\nfn f(x: ::futures_util::X) {}"), ["2: `layer` is Sync and names `futures_util`"]);
    assert_eq!(wrong("async fn f() {}"), ["1: `layer` is Sync and waits"]);
    let domain = |source| wrong_in("domain/x.rs", source);
    assert_eq!(domain("use std::{fmt, fs::{self, File}};").unwrap(), ["1: `domain` is Pure and names `std::fs`"]);
    assert_eq!(domain("fn f() { std::env::var(x); }").unwrap(), ["1: `domain` is Pure and names `std::env`"]);
    assert_eq!(domain("use std::{fmt, path::Path}; fn fs() { std::fsx(); }").unwrap(), Vec::<String>::new());
}

#[test]
fn modules_of_tests_in_files_of_their_own_are_known() {
    let reader = Reader::read("#[cfg(test)]\npub(crate) mod fixture;\nmod real;", &["layer".to_owned()]).unwrap();
    assert_eq!(reader.test_modules, [["layer", "fixture"]]);
}

#[test]
fn the_table_is_read_with_its_groups() {
    let table = table(PAGE).unwrap();
    let allowed = |room: &str| {
        let row = table.row(room).unwrap();
        table.rooms().into_iter().filter(|name| row.allows(name)).collect::<Vec<_>>()
    };
    assert_eq!(allowed("layer"), ["domain", "error", "text"]);
    assert_eq!(allowed("text"), ["domain"]);
    assert_eq!((table.row("domain").unwrap().kind, table.row("layer").unwrap().kind), (Kind::Pure, Kind::Sync));
}

#[test]
fn a_table_that_goes_in_circles_is_refused() {
    let upward = PAGE.replace("| words | pure | – |", "| words | pure | layer |");
    assert_eq!(table(&upward).unwrap_err(), "domain may name `layer`, which is no row above it");
    let twice = PAGE.replace("`layer/`", "`engine/`");
    assert_eq!(table(&twice).unwrap_err(), "`engine` has two rows");
}

#[test]
fn a_room_without_a_row_is_refused() {
    let answer = wrong_in("attic/x.rs", "");
    assert_eq!(answer.unwrap_err(), "the room `attic` has no row in ARCHITECTURE.md");
}

#[test]
fn crates_stay_in_their_rooms() {
    for source in [
        "use bollard::Docker;",
        "use {bollard::Docker};",
        "fn f() -> ::bollard::Docker {}",
        "fn f() { bollard::connect(); }",
        "use crate::text as bollard; fn f() -> Vec<::bollard::X> {}",
        "fn f(x: bollard::Docker) { select! { x = bollard::y() => x } }",
    ] {
        assert!(wrong(source).iter().any(|what| what == "1: `layer` may not name the crate `bollard`"), "{source}");
    }
    let fine = [
        "use serde::Serialize;",
        "use std::fmt;",
        "fn f(bollard: X) { bollard.x(); bollard }",
        "mod bollard; use bollard::X;",
    ];
    for source in fine {
        assert!(!wrong(source).iter().any(|what| what.contains("may not name the crate")), "{source}");
    }
    let engine = wrong_in("engine/x.rs", "use bollard::Docker; use tokio_util::X;").unwrap();
    assert_eq!(engine, Vec::<String>::new());
}

#[test]
fn a_permit_that_nobody_uses_is_told() {
    let used = [("layer", "text"), ("main", "engine"), ("engine", "domain"), ("text", "domain")];
    let used = used.iter().map(|(room, named)| ((*room).to_owned(), (*named).to_owned())).collect();
    assert_eq!(
        unused(&table(PAGE).unwrap(), &used),
        [
            "`engine` may name `leaves` and does not",
            "`layer` may name `domain` and does not",
            "`main` may name `layer` and does not"
        ]
    );
}

#[test]
fn circles_are_seen_through_every_way_to_name_a_file() {
    let b = ("a/b.rs", "use super::c::C; pub struct B;");
    for c in [
        "use super::b::B;",
        "use super::B;",
        "use crate::a::B;",
        "use crate::Short;",
        "fn f() -> super::b::B {}",
        "use super::b; fn f() { b::x(); }",
        "use super::{other as x, b::{self as y}};",
    ] {
        let root = ("lib.rs", "mod a; pub use a::B as Short;");
        let found = circles(&[root, ("a/mod.rs", "mod b; mod c; pub use b::B;"), b, ("a/c.rs", c)]);
        assert_eq!(found, ["a/b.rs → a/c.rs → a/b.rs"], "{c}");
    }
    let below = ("a/b/d.rs", "use crate::a::c::C;");
    let folder = circles(&[
        ("a/mod.rs", "mod b; mod c;"),
        ("a/b/mod.rs", "pub mod d;"),
        below,
        ("a/c.rs", "use super::b::d::D;"),
    ]);
    assert_eq!(folder, ["a/b/d.rs → a/c.rs → a/b/d.rs"]);
}

#[test]
fn what_only_looks_like_a_circle_is_none() {
    let none = circles(&[
        ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C;"),
        ("a/b.rs", "use super::C; #[cfg(test)] mod tests { use super::super::c::D; }"),
        ("a/c.rs", "fn f(b: X) { b.x(); b } #[cfg(test)] use super::B;"),
        ("d/mod.rs", "mod e; pub struct D; fn f() { e::x(); }"),
        ("d/e.rs", "use crate::a::B; use super::D;"),
    ]);
    assert_eq!(none, Vec::<String>::new());
}
