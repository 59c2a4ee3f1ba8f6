//! What programs were linked from: modules of Go and crates of Rust, as their linkers wrote it down.
//!
//! The file belongs to Go's main module or to the root crate. What else was linked into it is there without a file, and so without bytes of
//! its own.

use super::Found;
use crate::contents::view::{Unread, View};
use crate::domain::{Ecosystem, Package};
use crate::image::node::{NodeId, NodeKind};
use crate::layer::{GoBuild, Program};
use crate::memory::OutOfMemory;

/// Finds the modules and crates of programs.
///
/// # Errors
/// There is no memory for it.
pub(super) fn find(view: &View<'_>, found: &mut Found) -> Result<(), OutOfMemory> {
    let stack = view.stack;
    // Of an image that is read through its engine's metadata few programs are looked at. Which those are is named once, not one by one.
    let mut missing: Option<(u64, NodeId)> = None;
    for (id, node) in stack.live() {
        if !matches!(node.kind, NodeKind::File { content, .. } if content == id) {
            continue;
        }
        match view.program_of(id) {
            Ok(Some(program)) => add(view, found, id, program)?,
            Ok(None) | Err(Unread::NoFile) => {}
            Err(Unread::Left(why)) => found.unread(view, id, why),
            Err(Unread::NotYet) if found.is_of_os(id) => {}
            Err(Unread::NotYet) => {
                let (count, largest) = missing.get_or_insert((0, id));
                *count = count.saturating_add(1);
                if node.bytes() > stack.node(*largest).bytes() {
                    *largest = id;
                }
            }
        }
    }
    match missing {
        None => {}
        Some((1, largest)) => found.unread(view, largest, "was not read: what it was linked from is unknown"),
        Some((count, largest)) => {
            let others = count - 1;
            found.unread(
                view,
                largest,
                format!("was not read, and {others} smaller programs: what they were linked from is unknown"),
            );
        }
    }
    Ok(())
}

fn add(view: &View<'_>, found: &mut Found, id: NodeId, program: &Program) -> Result<(), OutOfMemory> {
    let mut linked = Vec::new();
    if let Some(build) = &program.go {
        linked.extend(modules(build));
    }
    if let Some(list) = &program.cargo {
        match crates(list) {
            Some(crates) => linked.extend(crates),
            None => found.unread(view, id, "has a list of crates that cannot be read"),
        }
    }
    if let Some(why) = &program.unread {
        found.unread(view, id, why.as_str());
    }
    let path = String::from_utf8_lossy(&view.stack.path(id)).into_owned();
    for mut package in linked {
        package.path = Some(path.clone());
        // The first one takes the file.
        found.add(view, package, [id])?;
    }
    Ok(())
}

/// The modules of a program of Go: the main one, those it needs, and Go's own library.
fn modules(build: &GoBuild) -> Vec<Package> {
    let mut packages: Vec<Package> = Vec::new();
    for line in build.modules.lines() {
        let mut fields = line.split('\t');
        let (kind, path, version) =
            (fields.next(), fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        match kind {
            Some("mod" | "dep") if !path.is_empty() => packages.push(module(path, version)),
            // What was linked in place of the line before. A directory has no version, and no name that others know.
            Some("=>") if !version.is_empty() => {
                if let Some(replaced) = packages.last_mut() {
                    *replaced = module(path, version);
                }
            }
            Some("=>") => {
                if let Some(replaced) = packages.last_mut() {
                    replaced.version = None;
                }
            }
            _ => {}
        }
    }
    let version = build.version.split(' ').next().and_then(|version| version.strip_prefix("go"));
    let mut library = Package::new(Ecosystem::Go, "stdlib");
    library.version = version.map(str::to_owned);
    packages.push(library);
    packages
}

fn module(path: &str, version: &str) -> Package {
    let mut package = Package::new(Ecosystem::Go, path);
    // What was built from a directory has a version that is none.
    package.version = Some(version.to_owned()).filter(|version| !version.is_empty() && version != "(devel)");
    package
}

/// The list of `cargo auditable` (its `auditable-serde`).
#[derive(serde::Deserialize)]
struct Crates {
    packages: Vec<Crate>,
}

#[derive(serde::Deserialize)]
struct Crate {
    name: String,
    version: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    dependencies: Vec<usize>,
    #[serde(default)]
    root: bool,
}

/// The crates of a program of Rust, the root first. What only built it is not in it.
fn crates(list: &str) -> Option<Vec<Package>> {
    /// No list of a program that runs has as many, or names as long.
    const MOST_NEEDS: usize = 100_000;
    const LONGEST_NAME: usize = 200;
    let Crates { packages } = serde_json::from_str(list).ok()?;
    let needs = packages.iter().fold(0_usize, |sum, it| sum.saturating_add(it.dependencies.len()));
    if needs > MOST_NEEDS || packages.iter().any(|it| it.name.len() > LONGEST_NAME) {
        return None;
    }
    let is_linked = |it: &&Crate| it.kind.as_deref().is_none_or(|kind| kind == "runtime");
    let mut linked: Vec<&Crate> = packages.iter().filter(is_linked).collect();
    linked.sort_by_key(|it| !it.root);
    let needs = |it: &Crate| {
        let needs = it.dependencies.iter().filter_map(|at| packages.get(*at)).filter(is_linked);
        needs.map(|need| vec![need.name.clone()]).collect()
    };
    let package = |it: &&Crate| {
        let version = Some(it.version.clone());
        Package { version, needs: needs(it), ..Package::new(Ecosystem::Cargo, it.name.clone()) }
    };
    Some(linked.iter().map(package).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::planted::Planted;

    fn lines(program: Program) -> Vec<String> {
        Planted::new().program("app/server", 5_000_000, program).look(|view| {
            let mut found = Found::new(view).expect("memory");
            find(view, &mut found).expect("memory");
            let line = |it: &Package| {
                let version = it.version.as_deref().unwrap_or("?");
                format!("{} {} {version} {} {:?}", it.ecosystem, it.name, it.bytes.0, it.needs.concat())
            };
            let unread = found.unread.iter().map(|file| format!("{}: {}", file.path, file.why));
            found.packages.list.iter().map(line).chain(unread).collect()
        })
    }

    #[test]
    fn modules_as_they_were_linked() {
        let modules = "path\texample.com/app/cmd/server\nmod\texample.com/app\t(devel)\t\ndep\ta.example/x\tv1.0.0\th1:abc=\n\
                       dep\ta.example/y\tv1.1.0\n=>\tb.example/y\tv1.1.1\th1:def=\ndep\ta.example/z\tv2.0.0\n=>\t./z\t\nbuild\t-ldflags=\"-s -w\"\n";
        let go = GoBuild { version: "go1.22.1 X:boringcrypto".to_owned(), modules: modules.to_owned() };
        let program = Program { is_program: true, go: Some(go), ..Program::default() };
        assert_eq!(
            lines(program),
            [
                "go example.com/app ? 5000000 []",
                "go a.example/x v1.0.0 0 []",
                "go b.example/y v1.1.1 0 []",
                "go a.example/z ? 0 []",
                "go stdlib 1.22.1 0 []",
            ]
        );
    }

    #[test]
    fn crates_that_run() {
        let list = r#"{"packages":[{"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},{"name":"log","version":"0.4.0","source":"crates.io"},
            {"name":"app","version":"0.1.0","source":"local","dependencies":[0,1,99],"root":true}]}"#;
        let program = |cargo: &str| Program { is_program: true, cargo: Some(cargo.to_owned()), ..Program::default() };
        assert_eq!(lines(program(list)), ["cargo app 0.1.0 5000000 [\"log\"]", "cargo log 0.4.0 0 []"]);
        assert_eq!(lines(program("{\"packages\":[{")), ["/app/server: has a list of crates that cannot be read"]);
    }
}
