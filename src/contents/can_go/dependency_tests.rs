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

/// How many directories above one are looked at.
const MOST_ABOVE: usize = 64;

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
    // Packages are not as deep, and a stranger's directories may be.
    for _ in 0..MOST_ABOVE {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::packages;
    use crate::contents::planted::Planted;

    const SITE: &str = "usr/local/lib/python3.12/site-packages";

    fn advice(image: Planted) -> Vec<String> {
        image.look(|view| {
            let found = packages::find(view).expect("memory");
            let (can_go, _) = super::super::find(view, &found).expect("memory");
            let line = |it: &crate::domain::CanGo| format!("{:?} {} → {}", it.bytes.map(|it| it.0), it.what, it.fix);
            can_go.iter().filter(|it| it.kind == CanGoKind::DependencyTests).map(line).collect()
        })
    }

    #[test]
    fn tests_of_one_package_together() {
        let image = Planted::new()
            .sized(&format!("{SITE}/pandas/tests/io/test_a.py"), 4_000_000)
            .sized(&format!("{SITE}/pandas/tests/tests/test_c.py"), 1_000_000)
            .sized(&format!("{SITE}/pandas/core/tests/__pycache__/test_b.cpython-312.pyc"), 2_000_000)
            .sized("app/node_modules/@s/a/test/fixture.bin", 6_000_000)
            .file("app/node_modules/@s/a/package.json", r#"{"name":"@s/a","version":"1.0.0"}"#)
            .sized("usr/local/bundle/gems/x-1.0/spec/a.bin", 8_000_000)
            .file("usr/local/bundle/specifications/x-1.0.gemspec", "# stub: x 1.0 ruby lib\n");
        assert_eq!(
            advice(image),
            [
                "Some(8000000) tests of x-1.0 → rm -r /usr/local/bundle/gems/x-1.0/spec in the RUN that installs it",
                "Some(7000000) tests of pandas → find /usr/local/lib/python3.12/site-packages/pandas -name tests -exec rm -r {} + in the RUN that installs it",
                "Some(6000000) tests of a → rm -r /app/node_modules/@s/a/test in the RUN that installs it",
            ]
        );
    }

    #[test]
    fn near_misses_are_silent() {
        let manifest = r#"{"name":"a","version":"1.0.0"}"#;
        let cases = [
            // One's own tests, and those of what is not installed.
            "app/tests/a.bin",
            "app/test/a.bin",
            "srv/vendor/tests/a.bin",
            // Modules that programs use, or that others import.
            &format!("{SITE}/django/test/a.bin"),
            &format!("{SITE}/numpy/testing/a.bin"),
            &format!("{SITE}/numpy/core/tests/a.bin"),
            &format!("{SITE}/pytest/a.bin"),
            // A package of this name, and a module.
            &format!("{SITE}/tests/a.bin"),
            &format!("{SITE}/a/tests.py"),
            "app/node_modules/test/a.bin",
            "app/node_modules/a/lib/test/a.bin",
            "app/node_modules/a/testing/a.bin",
            "app/node_modules/b/test/a.bin",
            // Byte code beside its sources, and words of other languages.
            &format!("{SITE}/a/__pycache__/a.bin"),
            &format!("{SITE}/a/locale/a.bin"),
            "usr/local/bundle/gems/x-1.0/lib/spec/a.bin",
            "usr/lib/python3.12/test/a.bin",
        ];
        for path in cases {
            let image = Planted::new().file("app/node_modules/a/package.json", manifest);
            let image = image.file("usr/local/bundle/specifications/x-1.0.gemspec", "# stub: x 1.0 ruby lib\n");
            assert!(advice(image.sized(path, 50_000_000)).is_empty(), "{path}");
        }
        let small = Planted::new().sized(&format!("{SITE}/pandas/tests/a.py"), 4_999_999);
        assert!(advice(small).is_empty());
    }
}
