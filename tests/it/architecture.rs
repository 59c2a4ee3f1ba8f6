//! The table of rooms in ARCHITECTURE.md against the sources.
//!
//! The page is read, not copied, so there is one table. The sources are read as tokens and not as a syntax tree: a path
//! is then found wherever it stands, in a `use` group, a type, an attribute or the arguments of a macro that only the macro understands.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::support::repository::{root, rust_files};

/// What a room may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Pure,
    Sync,
    Async,
}

impl Kind {
    /// Paths that a room of this kind does not name.
    fn refuses(self) -> &'static [&'static str] {
        const WAITING: &[&str] = &["tokio", "tokio_util", "futures_util", "bollard"];
        const WORLD: &[&str] = &[
            "tokio",
            "tokio_util",
            "futures_util",
            "bollard",
            "tempfile",
            "indicatif",
            "std::fs",
            "std::net",
            "std::env",
            "std::process::Command",
            "std::process::exit",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime",
        ];
        match self {
            Self::Pure => WORLD,
            Self::Sync => WAITING,
            Self::Async => &[],
        }
    }
}

/// A row of the table, for one room.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    kind: Kind,
    may_name: BTreeSet<String>,
}

type Table = BTreeMap<String, Row>;

/// Reads the table under the heading "The rooms".
fn table(page: &str) -> Result<Table, String> {
    let section = page.split("\n## ").find(|part| part.starts_with("The rooms\n")).ok_or("no heading `The rooms`")?;
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let mut table = Table::new();
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in rows {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let &[rooms, _, kind, may_name] = cells.as_slice() else {
            return Err(format!("not four cells: {line}"));
        };
        let kind = match kind {
            "pure" => Kind::Pure,
            "sync" => Kind::Sync,
            "async" => Kind::Async,
            other => return Err(format!("no kind is called `{other}`")),
        };
        let (group, rooms) = rooms.split_once(": ").map_or((None, rooms), |(group, rooms)| (Some(group), rooms));
        let rooms: Vec<String> = rooms
            .split(", ")
            .map(|room| room.trim_matches('`').trim_end_matches('/').trim_end_matches(".rs").to_owned())
            .collect();
        let mut allowed = BTreeSet::new();
        for name in may_name.split(", ").filter(|name| *name != "–") {
            match (name, groups.get(name)) {
                ("all above", _) => allowed.extend(table.keys().cloned()),
                (_, Some(members)) => allowed.extend(members.iter().cloned()),
                _ if table.contains_key(name) => drop(allowed.insert(name.to_owned())),
                _ => return Err(format!("{} may name `{name}`, which is no row above it", rooms.join(", "))),
            }
        }
        for room in &rooms {
            if table.insert(room.clone(), Row { kind, may_name: allowed.clone() }).is_some() {
                return Err(format!("`{room}` has two rows"));
            }
        }
        if let Some(group) = group {
            groups.insert(group, rooms);
        }
    }
    Ok(table)
}

/// A path that a source names, as far as it matters here, from the root of the crate or from that of another crate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    line: usize,
    /// Whether it starts at the root of this crate.
    ours: bool,
    /// Its components; `*` for a glob, nothing at all when the root itself is given a name.
    path: Vec<String>,
}

/// Reads the paths out of one source file.
#[derive(Default)]
struct Reader {
    named: Vec<Named>,
    /// Lines with `async` or `await`.
    waits: Vec<usize>,
    /// Modules of this file that exist in tests only and have a file of their own.
    test_modules: Vec<Vec<String>>,
}

impl Reader {
    fn read(source: &str, module: &[String]) -> Result<Self, String> {
        let tokens: TokenStream = source.parse().map_err(|error| format!("does not parse: {error}"))?;
        let mut reader = Self::default();
        reader.walk(&trees(tokens), module);
        Ok(reader)
    }

    /// Walks tokens that stand in `module`.
    fn walk(&mut self, tokens: &[TokenTree], module: &[String]) {
        let mut in_test = false; // between `#[cfg(test)]` and the end of the item it is on
        for (at, token) in tokens.iter().enumerate() {
            let previous = at.checked_sub(1).and_then(|before| tokens.get(before));
            match token {
                TokenTree::Group(group) if is_attribute(&tokens[..at], group.delimiter()) => {
                    let inner = trees(group.stream());
                    in_test |= is_cfg_test(&inner);
                    self.walk(&inner, module);
                }
                TokenTree::Group(group) => {
                    let name = match (at.checked_sub(2).map(|before| &tokens[before]), previous) {
                        (Some(word), Some(TokenTree::Ident(name))) if is_word(word, "mod") => Some(name.to_string()),
                        _ => None,
                    };
                    if !in_test {
                        let module: Vec<String> = module.iter().cloned().chain(name).collect();
                        self.walk(&trees(group.stream()), &module);
                    }
                    in_test &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => {
                    if let (true, [.., word, TokenTree::Ident(name)]) = (in_test, &tokens[..at])
                        && is_word(word, "mod")
                    {
                        self.test_modules.push(module.iter().cloned().chain([name.to_string()]).collect());
                    }
                    in_test = false;
                }
                TokenTree::Ident(_) if in_test => {}
                TokenTree::Ident(word) => {
                    let line = word.span().start().line;
                    match word.to_string().as_str() {
                        "async" | "await" => self.waits.push(line),
                        _ if continues_path(&tokens[..at]) => {}
                        "crate" | "imgbudget" if is_path(tokens, at) => self.tree(&tokens[at + 3..], &[], true),
                        "crate" if tokens.get(at + 1).is_some_and(|next| is_word(next, "as")) => {
                            self.named.push(Named { line, ours: true, path: Vec::new() });
                        }
                        "self" if is_path(tokens, at) => self.tree(&tokens[at + 3..], module, true),
                        "super" if is_path(tokens, at) => {
                            self.tree(&tokens[at + 3..], module.split_last().map_or(&[], |(_, rest)| rest), true);
                        }
                        _ => self.tree(&tokens[at..], &[], false),
                    }
                }
                TokenTree::Literal(literal) if !in_test => {
                    let text = literal.to_string();
                    if let Some(path) = text.trim_matches('"').strip_prefix("crate::") {
                        let path = path.split("::").map(str::to_owned).collect();
                        self.named.push(Named { line: literal.span().start().line, ours: true, path });
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes one tree of a path, `a::{b, c::*} …`, that stands below `base`.
    fn tree(&mut self, tokens: &[TokenTree], base: &[String], ours: bool) {
        let Some(first) = tokens.first() else { return };
        let line = first.span().start().line;
        let mut take = |path: Vec<String>| self.named.push(Named { line, ours, path });
        match first {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner = trees(group.stream());
                for part in inner.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')) {
                    self.tree(part, base, ours);
                }
            }
            TokenTree::Punct(star) if star.as_char() == '*' => take(joined(base, "*")),
            TokenTree::Ident(word) => match (word.to_string().as_str(), is_path(tokens, 0)) {
                ("super", true) if ours => {
                    self.tree(&tokens[3..], base.split_last().map_or(&[], |(_, rest)| rest), ours);
                }
                ("self", true) => self.tree(&tokens[3..], base, ours),
                ("self", false) => take(base.to_vec()),
                (name, true) => self.tree(&tokens[3..], &joined(base, name), ours),
                (name, false) => take(joined(base, name)),
            },
            _ => take(base.to_vec()),
        }
    }
}

fn trees(stream: TokenStream) -> Vec<TokenTree> {
    stream.into_iter().collect()
}

fn joined(base: &[String], name: &str) -> Vec<String> {
    base.iter().cloned().chain([name.to_owned()]).collect()
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// Whether `::` and something follow the token at `at`.
fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at + 1), ':') && is_punct(tokens.get(at + 2), ':') && tokens.len() > at + 3
}

/// Whether what follows `before` is a later part of a path, or a field or method, and so names nothing by itself.
fn continues_path(before: &[TokenTree]) -> bool {
    match before {
        // `use ::crate_name` and `<T as ::crate_name::Trait>` start with `::`: what stands before tells them apart.
        [.., TokenTree::Ident(word), TokenTree::Punct(a), TokenTree::Punct(b)]
            if a.as_char() == ':' && b.as_char() == ':' =>
        {
            word != "use" && word != "as"
        }
        [.., TokenTree::Punct(angle), TokenTree::Punct(a), TokenTree::Punct(b)]
            if a.as_char() == ':' && b.as_char() == ':' =>
        {
            angle.as_char() == '>'
        }
        [.., TokenTree::Punct(dot)] => dot.as_char() == '.',
        _ => false,
    }
}

/// Whether a bracket after these tokens is an attribute: `#[…]` or `#![…]`.
fn is_attribute(before: &[TokenTree], delimiter: Delimiter) -> bool {
    let hash = |token: &TokenTree| is_punct(Some(token), '#');
    delimiter == Delimiter::Bracket
        && match before {
            [.., sharp, bang] if is_punct(Some(bang), '!') => hash(sharp),
            [.., last] => hash(last),
            [] => false,
        }
}

fn is_cfg_test(attribute: &[TokenTree]) -> bool {
    matches!(attribute, [cfg, TokenTree::Group(group)] if is_word(cfg, "cfg") && group.stream().to_string() == "test")
}

/// The room and the module path of a file below src.
fn place(file: &Path) -> (String, Vec<String>) {
    let mut module: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let room = module[0].clone();
    if matches!(room.as_str(), "lib" | "main") {
        module.clear();
    }
    (room, module)
}

/// What `lib.rs` re-exports at the root of the crate, each with the room it comes from.
fn reexports(lib: &str) -> Result<BTreeMap<String, String>, String> {
    let file = Reader::read(lib, &[])?;
    let named = file.named.into_iter().filter(|named| !named.ours);
    Ok(named
        .filter_map(|named| match named.path.as_slice() {
            [room, .., name] => Some((name.clone(), room.clone())),
            _ => None,
        })
        .collect())
}

/// Everything in `source` that the table does not allow.
fn violations(
    table: &Table,
    roots: &BTreeMap<String, String>,
    room: &str,
    module: &[String],
    source: &str,
) -> Result<Vec<String>, String> {
    let row = table.get(room).ok_or_else(|| format!("the room `{room}` has no row in ARCHITECTURE.md"))?;
    let file = Reader::read(source, module)?;
    let mut found = BTreeSet::new();
    for Named { line, ours, path } in &file.named {
        if !ours {
            let path = path.join("::");
            if let Some(refused) = row.kind.refuses().iter().find(|refused| covers(refused, &path)) {
                found.insert((*line, format!("`{room}` is {:?} and names `{refused}`", row.kind)));
            }
            continue;
        }
        let Some(first) = path.first().filter(|first| *first != "*") else {
            found.insert((*line, "names the whole crate, which hides the room that is meant".to_owned()));
            continue;
        };
        let named = roots.get(first).unwrap_or(first);
        if named != room && !row.may_name.contains(named) {
            found.insert((*line, format!("`{room}` may not name `{named}`")));
        }
    }
    if row.kind != Kind::Async {
        found.extend(file.waits.iter().map(|line| (*line, format!("`{room}` is {:?} and waits", row.kind))));
    }
    Ok(found.into_iter().map(|(line, what)| format!("{line}: {what}")).collect())
}

/// Whether `path` is `refused` or lies below it.
fn covers(refused: &str, path: &str) -> bool {
    path.strip_prefix(refused).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn page() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

#[test]
fn rooms_name_only_what_the_table_allows() {
    let table = table(&page()).unwrap();
    let src = root().join("src");
    let roots = reexports(&fs::read_to_string(src.join("lib.rs")).unwrap()).unwrap();
    let sources: Vec<(PathBuf, String)> =
        rust_files(&src).into_iter().map(|file| (file.clone(), fs::read_to_string(src.join(file)).unwrap())).collect();
    let for_tests: Vec<Vec<String>> = sources
        .iter()
        .flat_map(|(file, text)| {
            Reader::read(text, &place(file).1).map(|reader| reader.test_modules).unwrap_or_default()
        })
        .collect();
    let mut problems = Vec::new();
    for (file, text) in &sources {
        let (room, module) = place(file);
        if for_tests.iter().any(|test| module.starts_with(test)) {
            continue;
        }
        match violations(&table, &roots, &room, &module, text) {
            Ok(found) => problems.extend(found.iter().map(|what| format!("src/{}:{what}", file.display()))),
            Err(what) => problems.push(format!("src/{}: {what}", file.display())),
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_row_has_its_room() {
    let rooms: BTreeSet<String> = rust_files(&root().join("src")).iter().map(|file| place(file).0).collect();
    let rows: BTreeSet<String> = table(&page()).unwrap().into_keys().collect();
    assert_eq!(rows.difference(&rooms).collect::<Vec<_>>(), Vec::<&String>::new(), "rows without a room");
    assert_eq!(rooms.difference(&rows).collect::<Vec<_>>(), Vec::<&String>::new(), "rooms without a row");
}

mod reading {
    //! The reader sees what it has to see: each of these is a way to name a room.

    use super::*;

    const PAGE: &str = "\n## The rooms\n
| room | holds | kind | may name |
|---|---|---|---|
| `domain/` | words | pure | – |
| leaves: `error.rs`, `text.rs` | leaves | pure | domain |
| `engine/` | engine | async | domain, leaves |
| `layer/` | layer | sync | domain, leaves |
| `main.rs` | all | async | all above |
\n## Next";

    /// What is wrong with `source` in the module `layer::read`.
    fn wrong(source: &str) -> Vec<String> {
        let roots =
            BTreeMap::from([("Error".to_owned(), "error".to_owned()), ("Engine".to_owned(), "engine".to_owned())]);
        let module = ["layer".to_owned(), "read".to_owned()];
        violations(&table(PAGE).unwrap(), &roots, "layer", &module, source).unwrap()
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
        assert_eq!(wrong("\nfn f(x: ::bollard::Docker) {}"), ["2: `layer` is Sync and names `bollard`"]);
        assert_eq!(wrong("async fn f() {}"), ["1: `layer` is Sync and waits"]);
        let domain =
            |source| violations(&table(PAGE).unwrap(), &BTreeMap::new(), "domain", &["domain".to_owned()], source);
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
        let names = |room: &str| table[room].may_name.iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(names("layer"), ["domain", "error", "text"]);
        assert_eq!(names("text"), ["domain"]);
        assert_eq!(names("main"), ["domain", "engine", "error", "layer", "text"]);
        assert_eq!((table["domain"].kind, table["layer"].kind), (Kind::Pure, Kind::Sync));
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
        let answer = violations(&table(PAGE).unwrap(), &BTreeMap::new(), "attic", &["attic".to_owned()], "");
        assert_eq!(answer.unwrap_err(), "the room `attic` has no row in ARCHITECTURE.md");
    }
}
