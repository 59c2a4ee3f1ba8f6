//! npm's packages: each copy below a `node_modules`, whatever put it there.
//!
//! A copy is a directory directly in a `node_modules` or in a scope there, with a `package.json` that has a name or a version. pnpm
//! keeps copies below `node_modules/.pnpm/NAME@VERSION/node_modules` and links to them; a link is not a copy.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Found;
use super::listed::at;
use super::loose::{Flag, Keys, Text, Texts, unmarked};
use super::nearest::Nearest;
use crate::contents::view::View;
use crate::domain::{Ecosystem, Package};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// A copy of a package.
#[derive(Debug, Clone, Copy)]
struct Copy {
    directory: NodeId,
    /// Its `package.json`.
    manifest: NodeId,
    is_dev: Option<bool>,
}

/// What matters of a `package.json`.
#[derive(Debug, Default, serde::Deserialize)]
struct Manifest {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    version: Text,
    #[serde(default)]
    license: Texts,
    #[serde(default)]
    licenses: Texts,
    #[serde(default)]
    dependencies: Keys,
    #[serde(default, rename = "optionalDependencies")]
    optional: Keys,
    #[serde(default, rename = "peerDependencies")]
    peers: Keys,
}

/// Finds npm's packages.
///
/// # Errors
/// There is no memory for it.
pub(super) fn find(view: &View<'_>, found: &mut Found) -> Result<(), OutOfMemory> {
    let mut copies = copies(view)?;
    if copies.is_empty() {
        return Ok(());
    }
    tell_dev(view, found, &mut copies);
    let files = Nearest::new(view, copies.iter().map(|copy| copy.directory))?;
    for (position, copy) in copies.iter().enumerate() {
        let name = name(view, copy.directory);
        let mut package = Package::new(Ecosystem::Npm, name);
        package.is_dev = copy.is_dev;
        package.path = Some(String::from_utf8_lossy(&view.stack.path(copy.directory)).into_owned());
        if let Some(bytes) = found.bytes(view, copy.manifest) {
            match serde_json::from_slice::<Manifest>(unmarked(bytes)) {
                Ok(manifest) => tell(&mut package, manifest),
                Err(error) => found.unread(view, copy.manifest, not_json(&error)),
            }
        }
        found.add(view, package, files.of(position))?;
    }
    Ok(())
}

fn tell(package: &mut Package, manifest: Manifest) {
    package.version = manifest.version.0;
    package.licences = if manifest.license.0.is_empty() { manifest.licenses.0 } else { manifest.license.0 };
    let mut needs = manifest.dependencies.0;
    needs.extend(manifest.optional.0);
    package.needs = each_once(needs);
    package.wants = each_once(manifest.peers.0);
}

fn each_once(mut names: Vec<String>) -> Vec<Vec<String>> {
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| vec![name]).collect()
}

/// What is wrong with a document, without what it holds.
fn not_json(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => format!("is cut short in line {}", error.line()),
        _ => format!("is not valid JSON in line {}", error.line()),
    }
}

/// All copies, in the order of their directories.
fn copies(view: &View<'_>) -> Result<List<Copy>, OutOfMemory> {
    let stack = view.stack;
    let mut copies = List::new(stack.memory());
    let shown = |id: NodeId| stack.children(id).filter(|child| is_directory(view, *child));
    let homes = stack.live().filter(|(_, node)| node.kind == NodeKind::Directory && node.name == b"node_modules");
    for (home, _) in homes {
        for entry in shown(home) {
            match stack.node(entry).name {
                [b'.', ..] => {}
                [b'@', ..] => {
                    for scoped in shown(entry) {
                        copies.extend(copy(view, scoped).as_slice())?;
                    }
                }
                _ => copies.extend(copy(view, entry).as_slice())?,
            }
        }
    }
    copies.sort_unstable_by_key(|copy| copy.directory);
    Ok(copies)
}

fn copy(view: &View<'_>, directory: NodeId) -> Option<Copy> {
    let manifest = view.stack.child(directory, b"package.json")?;
    let is_file = matches!(view.stack.node(manifest).kind, NodeKind::File { .. });
    (is_file && !is_marker(view, manifest)).then_some(Copy { directory, manifest, is_dev: None })
}

/// Whether a `package.json` only says how the modules beside it are to be read: it is about no package.
fn is_marker(view: &View<'_>, manifest: NodeId) -> bool {
    let read = view.bytes_of(manifest).ok().map(|bytes| serde_json::from_slice::<Manifest>(unmarked(bytes)));
    matches!(read, Some(Ok(manifest)) if manifest.name.0.is_none() && manifest.version.0.is_none())
}

fn is_directory(view: &View<'_>, id: NodeId) -> bool {
    view.stack.node(id).kind == NodeKind::Directory
}

/// The name that a program asks for it by: of its directory, after that of its scope.
fn name(view: &View<'_>, directory: NodeId) -> String {
    let node = view.stack.node(directory);
    let scope = view.stack.node(node.parent).name;
    let name = String::from_utf8_lossy(node.name);
    if scope.starts_with(b"@") { format!("{}/{name}", String::from_utf8_lossy(scope)) } else { name.into_owned() }
}

/// Says which copies are there for development only: npm writes it into `node_modules/.package-lock.json` (npm ≥ 7, "hidden
/// lockfiles").
fn tell_dev(view: &View<'_>, found: &mut Found, copies: &mut [Copy]) {
    let stack = view.stack;
    let locks = stack.live().filter(|(_, node)| {
        node.name == b".package-lock.json"
            && matches!(node.kind, NodeKind::File { .. })
            && stack.node(node.parent).name == b"node_modules"
    });
    let locks: Vec<(NodeId, NodeId)> = locks.map(|(id, node)| (id, stack.node(node.parent).parent)).collect();
    for (lock, top) in locks {
        let Some(bytes) = found.bytes(view, lock) else { continue };
        let mut document = serde_json::Deserializer::from_slice(unmarked(bytes));
        let read = Lock { view, top, copies }.deserialize(&mut document).and_then(|()| document.end());
        if let Err(error) = read {
            found.unread(view, lock, not_json(&error));
            // Half of an answer is none.
            for copy in copies.iter_mut() {
                copy.is_dev = None;
            }
        }
    }
}

/// A lock file, read package by package into the copies that it is about.
struct Lock<'a, 'v> {
    view: &'a View<'v>,
    /// The directory that its paths begin at.
    top: NodeId,
    copies: &'a mut [Copy],
}

/// Its member `packages`.
struct Entries<'a, 'b, 'v>(&'a mut Lock<'b, 'v>);

#[derive(serde::Deserialize)]
struct Entry {
    #[serde(default)]
    dev: Flag,
    #[serde(default)]
    link: Flag,
}

impl<'de> DeserializeSeed<'de> for Lock<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, document: D) -> Result<(), D::Error> {
        document.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Lock<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a lock file")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key::<String>()? {
            if key == "packages" {
                object.next_value_seed(Entries(&mut self))?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, document: D) -> Result<(), D::Error> {
        document.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("packages by path")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Lock { view, top, copies } = self.0;
        while let Some((path, entry)) = object.next_entry::<String, Entry>()? {
            let directory = at(view, *top, path.as_bytes()).filter(|_| !path.starts_with('/'));
            let Some(directory) = directory.filter(|_| !entry.link.0) else { continue };
            if let Ok(position) = copies.binary_search_by_key(&directory, |copy| copy.directory)
                && let Some(copy) = copies.get_mut(position)
            {
                copy.is_dev = Some(entry.dev.0);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::planted::Planted;
    use crate::domain::Bytes;

    fn found(image: Planted) -> Found {
        image.look(|view| {
            let mut found = Found::new(view).expect("memory");
            find(view, &mut found).expect("memory");
            found.packages.list.sort_by(|a, b| a.path.cmp(&b.path));
            found
        })
    }

    fn lines(found: &Found) -> Vec<String> {
        let line = |it: &Package| {
            let dev = it.is_dev.map_or("?", |is_dev| if is_dev { "dev" } else { "prod" });
            let version = it.version.as_deref().unwrap_or("?");
            let path = it.path.as_deref().unwrap_or_default();
            format!("{} {version} {} in {} {dev} {path}", it.name, it.bytes.0, it.files)
        };
        let unread = found.unread.iter().map(|file| format!("{}: {}", file.path, file.why));
        found.packages.list.iter().map(line).chain(unread).collect()
    }

    #[test]
    fn each_copy_has_its_own_bytes_and_no_others() {
        let image = Planted::new()
            .file("app/package.json", r#"{"name":"app","version":"1.0.0"}"#)
            .file(
                "app/node_modules/a/package.json",
                r#"{"name":"a","version":"1.0.0","license":"MIT","dependencies":{"b":"^1"}}"#,
            )
            .sized("app/node_modules/a/index.js", 100)
            .file("app/node_modules/a/esm/package.json", r#"{"type":"module"}"#)
            .file("app/node_modules/a/node_modules/b/package.json", r#"{"version":"2.0.0"}"#)
            .sized("app/node_modules/a/node_modules/b/b.js", 7)
            .file(
                "app/node_modules/@s/c/package.json",
                r#"{"name":"@s/c","version":"3.0.0","licenses":[{"type":"ISC"},{"type":"MIT"}]}"#,
            )
            .sized("app/node_modules/.bin/tool", 9)
            .file("app/node_modules/marker/package.json", r#"{"type":"commonjs"}"#)
            .sized("app/node_modules/empty/readme", 3);
        let found = found(image);
        assert_eq!(
            lines(&found),
            [
                "@s/c 3.0.0 76 in 1 ? /app/node_modules/@s/c",
                "a 1.0.0 189 in 3 ? /app/node_modules/a",
                "b 2.0.0 26 in 2 ? /app/node_modules/a/node_modules/b",
            ]
        );
        assert_eq!(found.packages.list[0].licences, ["ISC", "MIT"]);
        assert_eq!(found.packages.list[1].needs, [["b"]]);
    }

    #[test]
    fn what_pnpm_links_to_is_one_copy() {
        let home = "app/node_modules/.pnpm/a@1.0.0/node_modules";
        let image = Planted::new()
            .file(&format!("{home}/a/package.json"), r#"{"name":"a","version":"1.0.0"}"#)
            .link(&format!("{home}/b"), "../../b@2.0.0/node_modules/b")
            .file("app/node_modules/.pnpm/b@2.0.0/node_modules/b/package.json", r#"{"name":"b","version":"2.0.0"}"#)
            .link("app/node_modules/a", ".pnpm/a@1.0.0/node_modules/a");
        assert_eq!(
            lines(&found(image)),
            [
                "a 1.0.0 30 in 1 ? /app/node_modules/.pnpm/a@1.0.0/node_modules/a",
                "b 2.0.0 30 in 1 ? /app/node_modules/.pnpm/b@2.0.0/node_modules/b",
            ]
        );
    }

    #[test]
    fn npm_says_what_is_there_for_development() {
        let lock = r#"{"lockfileVersion":3,"packages":{
            "node_modules/a":{"version":"1","dev":true}, "node_modules/a/node_modules/b":{"dev":true}, "node_modules/b":{"devOptional":true},
            "node_modules/gone":{"dev":true}, "../../etc":{"dev":true}, "/app/node_modules/c":{"dev":true}}}"#;
        let plain = |image: Planted| {
            let home = "app/node_modules";
            let image = image.file(&format!("{home}/a/package.json"), r#"{"version":"1"}"#);
            let image = image.file(&format!("{home}/a/node_modules/b/package.json"), r#"{"version":"1"}"#);
            let image = image.file(&format!("{home}/b/package.json"), r#"{"version":"1"}"#);
            image.file(&format!("{home}/c/package.json"), r#"{"version":"1"}"#)
        };
        let dev = |found: &Found| found.packages.list.iter().map(|it| it.is_dev).collect::<Vec<_>>();
        let whole = found(plain(Planted::new().file("app/node_modules/.package-lock.json", lock)));
        assert_eq!(dev(&whole), [Some(true), Some(true), Some(false), None]);
        let short = found(plain(Planted::new().file("app/node_modules/.package-lock.json", &lock[..lock.len() - 40])));
        assert_eq!(dev(&short), [None; 4]);
        assert_eq!(lines(&short)[4..], ["/app/node_modules/.package-lock.json: is cut short in line 3"]);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_counts_all_the_same() {
        let deep = format!(r#"{{"name":"deep","version":"1","x":{}"#, "[".repeat(100_000));
        let image = Planted::new()
            .left("n/node_modules/big/package.json", 1_000_000_000, "has 1.00 GB, more than the 1.0 MB that are read")
            .sized("n/node_modules/late/package.json", 10)
            .file("n/node_modules/short/package.json", r#"{"name":"short","ver"#)
            .file(
                "n/node_modules/odd/package.json",
                "\u{feff}{\"name\":7,\"version\":\"1\",\"license\":{\"type\":[]},\"dependencies\":[]}",
            )
            .file("n/node_modules/deep/package.json", deep)
            .file("n/node_modules/\u{202e}<b>\n/package.json", r#"{"version":"<script>"}"#);
        let found = found(image);
        insta::assert_snapshot!(lines(&found).join("\n").replace("n/node_modules", "N").replace('\u{202e}', "RTL"), @r"
        big ? 1000000000 in 1 ? /N/big
        deep ? 100033 in 1 ? /N/deep
        late ? 10 in 1 ? /N/late
        odd 1 67 in 1 ? /N/odd
        short ? 20 in 1 ? /N/short
        RTL<b>
         <script> 22 in 1 ? /N/RTL<b>

        /N/big/package.json: has 1.00 GB, more than the 1.0 MB that are read
        /N/late/package.json: was not read
        /N/short/package.json: is cut short in line 1
        /N/deep/package.json: is cut short in line 1
        ");
        assert!(found.packages.list.iter().all(|package| package.bytes > Bytes::ZERO));
    }
}
