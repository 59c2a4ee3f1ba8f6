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
