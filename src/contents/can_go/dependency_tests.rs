//! Tests that come with dependencies and that nobody runs where the image runs.
//!
//! Only where they are by convention: `test`, `tests` and `__tests__` at the top of npm's packages, `tests` in Python's, `test`, `tests` and
//! `spec` at the top of gems. Python has packages called `test` that programs use (`django.test`), and so has Ruby deeper down.

use std::collections::BTreeMap;

use super::{Candidate, Ground};
use crate::domain::CanGoKind;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::OutOfMemory;

/// Fewer bytes of tests in one package are not worth a line.
const LEAST: u64 = 5_000_000;

/// Packages that import their own tests when they are used: `numpy.testing` does, and others import that.
const USED: [&[u8]; 1] = [b"numpy"];

/// A candidate for each package.
pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    let mut packages = BTreeMap::<NodeId, Vec<NodeId>>::new();
    for (id, node) in stack.live() {
        if node.kind == NodeKind::Directory
            && is_called_tests(node.name)
            && let Some(package) = package(ground, id)
        {
            packages.entry(package).or_default().push(id);
        }
    }
    let mut candidates = Vec::new();
    for (package, tests) in packages {
        let bytes = tests.iter().fold(0_u64, |sum, tests| sum.saturating_add(ground.size_of(*tests)));
        if bytes < LEAST {
            continue;
        }
        let name = String::from_utf8_lossy(stack.node(package).name).into_owned();
        let fix = match tests.as_slice() {
            [only] => format!("rm -r {} in the RUN that installs it", ground.path(*only)),
            _ => format!("find {} -name tests -exec rm -r {{}} + in the RUN that installs it", ground.path(package)),
        };
        let what = format!("tests of {name}");
        candidates.push(Candidate::of(CanGoKind::DependencyTests, what, fix, stack.memory(), tests)?);
    }
    Ok(candidates)
}

fn is_called_tests(name: &[u8]) -> bool {
    matches!(name, b"test" | b"tests" | b"__tests__" | b"spec")
}

/// The directory of the package that a directory holds the tests of. What is in other tests counts with those.
fn package(ground: &Ground<'_>, tests: NodeId) -> Option<NodeId> {
    let stack = ground.view.stack;
    let name = stack.node(tests).name;
    let parent = stack.node(tests).parent;
    let above = stack.node(stack.node(parent).parent);
    let is_npm = above.name == b"node_modules"
        || above.name.starts_with(b"@") && stack.node(above.parent).name == b"node_modules";
    if is_npm && stack.child(parent, b"package.json").is_some() {
        return matches!(name, b"test" | b"tests" | b"__tests__").then_some(parent);
    }
    let is_gem = above.name == b"gems" && stack.child(above.parent, b"specifications").is_some();
    if is_gem {
        return matches!(name, b"test" | b"tests" | b"spec").then_some(parent);
    }
    let mut at = parent;
    while at != NodeId::ROOT {
        let node = stack.node(at);
        if node.name == b"tests" {
            return None;
        }
        if matches!(stack.node(node.parent).name, b"site-packages" | b"dist-packages") {
            return (name == b"tests" && !USED.contains(&node.name)).then_some(at);
        }
        at = node.parent;
    }
    None
}
