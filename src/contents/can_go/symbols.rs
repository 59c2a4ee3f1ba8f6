//! Symbols and debugging information of programs: what `strip` frees, measured on the bytes of each.
//!
//! Programs of one's own alone. What a package manager put there came as it is, and its checksums say so; of a library nobody knows who
//! looks into its symbols.

use std::collections::BTreeMap;

use super::names::named;
use super::{Candidate, Frees, Ground, Piece};
use crate::domain::CanGoKind;
use crate::image::node::NodeId;
use crate::layer::Program;
use crate::memory::OutOfMemory;

/// Less than that of one program is not worth a change of how it is built.
const LEAST: u64 = 1_000_000;

/// How many programs are named.
const NAMED: usize = 3;

/// How a program gets rid of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fix {
    Go,
    Rust,
    Strip,
}

/// A candidate for each layer and way to build.
pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    let mut groups = BTreeMap::<(usize, Fix), Vec<(u64, NodeId)>>::new();
    for (id, node) in stack.live() {
        if !ground.may_go(id)
            || node.content != id
            || ground.found.owners.of(id).is_some_and(|owner| is_packaged(ground, owner))
        {
            continue;
        }
        if let Ok(Some(program)) = ground.view.program_of(id)
            && program.is_program
            && program.symbols >= LEAST
        {
            groups.entry((stack.brought_by(id), fix(program))).or_default().push((program.symbols, id));
        }
    }
    let mut candidates = Vec::new();
    for ((_, fix), mut programs) in groups {
        programs.sort_unstable_by(|a, b| b.cmp(a));
        let what = format!("symbols of {}", names(ground, &programs));
        let mut candidate = Candidate::new(CanGoKind::Symbols, what, text(ground, fix, &programs), stack.memory());
        for (bytes, top) in programs {
            candidate.pieces.push(Piece { top, frees: Frees::Part(bytes) })?;
        }
        candidates.push(candidate);
    }
    Ok(candidates)
}

/// Whether a file came in a package that somebody else built: all but the main module or crate of a program.
fn is_packaged(ground: &Ground<'_>, owner: usize) -> bool {
    use crate::domain::Ecosystem::{Cargo, Go};
    ground.found.packages.list.get(owner).is_some_and(|package| !matches!(package.ecosystem, Go | Cargo))
}

fn fix(program: &Program) -> Fix {
    match (&program.go, program.is_rust || program.cargo.is_some()) {
        (Some(_), _) => Fix::Go,
        (None, true) => Fix::Rust,
        (None, false) => Fix::Strip,
    }
}

fn text(ground: &Ground<'_>, fix: Fix, programs: &[(u64, NodeId)]) -> String {
    match (fix, programs) {
        (Fix::Go, _) => "go build -ldflags=\"-s -w\"".to_owned(),
        (Fix::Rust, _) => "strip = true in [profile.release]".to_owned(),
        (Fix::Strip, [(_, only)]) => format!("strip {} where it is built", ground.path(*only)),
        (Fix::Strip, _) => "strip them where they are built".to_owned(),
    }
}

/// The largest by name, and how many more.
fn names(ground: &Ground<'_>, programs: &[(u64, NodeId)]) -> String {
    let name = |(_, id): &(u64, NodeId)| String::from_utf8_lossy(ground.view.stack.node(*id).name).into_owned();
    let largest: Vec<String> = programs.iter().take(NAMED).map(name).collect();
    named(&largest, programs.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::packages;
    use crate::contents::planted::Planted;
    use crate::layer::GoBuild;

    fn advice(image: Planted) -> Vec<String> {
        image.look(|view| {
            let found = packages::find(view).expect("memory");
            let (can_go, _) = super::super::find(view, &found).expect("memory");
            let line = |it: &crate::domain::CanGo| format!("{:?} {} → {}", it.bytes.map(|it| it.0), it.what, it.fix);
            can_go.iter().filter(|it| it.kind == CanGoKind::Symbols).map(line).collect()
        })
    }

    fn program(symbols: u64) -> Program {
        Program { is_program: true, symbols, ..Program::default() }
    }

    #[test]
    fn programs_of_ones_own_with_what_strip_frees() {
        let go = GoBuild { version: "go1.22.1".to_owned(), modules: "mod\texample.com/app\t(devel)\t\n".to_owned() };
        let image = Planted::new()
            .program("app/server", 20_000_000, Program { go: Some(go.clone()), ..program(6_000_000) })
            .program("app/worker", 10_000_000, Program { go: Some(go), ..program(3_000_000) })
            .layer()
            .program("usr/local/bin/agent", 9_000_000, Program { is_rust: true, ..program(4_000_000) })
            .program("usr/local/bin/tool", 9_000_000, program(2_000_000));
        assert_eq!(
            advice(image),
            [
                "Some(9000000) symbols of server, worker → go build -ldflags=\"-s -w\"",
                "Some(4000000) symbols of agent → strip = true in [profile.release]",
                "Some(2000000) symbols of tool → strip /usr/local/bin/tool where it is built",
            ]
        );
    }

    #[test]
    fn near_misses_are_silent() {
        let stripped = Planted::new().program("app/server", 20_000_000, program(0));
        let small = Planted::new().program("app/server", 20_000_000, program(999_999));
        let library =
            Planted::new().program("app/libx.so", 9_000_000, Program { is_program: false, ..program(5_000_000) });
        let unread = Program { unread: Some("has damaged headers".to_owned()), ..Program::default() };
        let unread = Planted::new().program("app/server", 9_000_000, unread);
        let unknown = Planted::new().sized("app/server", 9_000_000);
        let of_npm = Planted::new()
            .file("app/node_modules/esbuild/package.json", r#"{"name":"esbuild","version":"0.20.0"}"#)
            .program("app/node_modules/esbuild/bin/esbuild", 9_000_000, program(3_000_000));
        let of_pip = Planted::new()
            .file("v/lib/python3.12/site-packages/ruff-0.5.0.dist-info/METADATA", "Name: ruff\nVersion: 0.5.0\n")
            .file("v/lib/python3.12/site-packages/ruff-0.5.0.dist-info/RECORD", "../../../bin/ruff,,\n")
            .program("v/bin/ruff", 30_000_000, Program { is_rust: true, ..program(5_000_000) });
        let gone = Planted::new().program("app/server", 9_000_000, program(5_000_000)).layer().program(
            "app/server",
            4_000_000,
            program(0),
        );
        for image in [stripped, small, library, unread, unknown, of_npm, of_pip, gone] {
            let shown = format!("{image:?}");
            assert!(advice(image).is_empty(), "{shown}");
        }
    }
}
