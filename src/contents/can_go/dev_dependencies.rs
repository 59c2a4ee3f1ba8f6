//! Packages of Node.js that only developers need.
//!
//! npm says of each package whether it is there for development alone. pnpm and yarn do not; with them it is a package that nothing reaches
//! from what the project's `package.json` needs when it runs, by name, so that of two packages of one name neither is taken for spare.

use std::collections::{BTreeMap, BTreeSet};

use super::names::named;
use super::{Candidate, Ground};
use crate::contents::packages::project::Project;
use crate::domain::{CanGoKind, Ecosystem, Package};
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

/// How many packages are named.
const NAMED: usize = 3;

/// A candidate for each project.
pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    let mut projects = BTreeMap::<NodeId, List<(&Package, NodeId)>>::new();
    for package in ground.found.packages.list.iter().filter(|package| package.ecosystem == Ecosystem::Npm) {
        // A path that is not UTF-8 does not lead back to where it came from.
        let directory = package.path.as_deref().and_then(|path| ground.view.at(path.as_bytes()));
        let Some(directory) = directory else { continue };
        let home = project_of(ground, directory);
        projects.entry(home).or_insert_with(|| List::new(stack.memory())).push((package, directory))?;
    }
    let mut candidates = Vec::new();
    for (home, packages) in projects {
        let mut spare = List::new(stack.memory());
        if packages.iter().any(|(package, _)| package.is_dev.is_some()) {
            for (package, directory) in packages.iter().filter(|(package, _)| package.is_dev == Some(true)) {
                spare.push((package.bytes, package.name.as_str(), *directory))?;
            }
        } else if let Some(reached) = reached(ground, home, &packages) {
            for (package, directory) in packages.iter().filter(|(package, _)| !reached.contains(package.name.as_str()))
            {
                spare.push((package.bytes, package.name.as_str(), *directory))?;
            }
        }
        if spare.is_empty() {
            continue;
        }
        spare.sort_unstable_by(|a, b| (b.0, a.1, a.2).cmp(&(a.0, b.1, b.2)));
        let mut names: Vec<String> = Vec::new();
        let mut all = BTreeSet::new();
        for (_, name, _) in spare.iter() {
            if all.insert(*name) && names.len() < NAMED {
                names.push((*name).to_owned());
            }
        }
        let what = format!("dev dependencies: {}", named(&names, all.len()));
        let tops = spare.iter().map(|(_, _, directory)| *directory);
        candidates.push(Candidate::of(CanGoKind::DevDependencies, what, fix(ground, home), stack.memory(), tops)?);
    }
    Ok(candidates)
}

/// The directory above the outermost `node_modules` that a directory is in.
fn project_of(ground: &Ground<'_>, directory: NodeId) -> NodeId {
    let stack = ground.view.stack;
    let above = std::iter::successors(Some(directory), |at| (*at != NodeId::ROOT).then(|| stack.node(*at).parent));
    above.filter(|at| stack.node(*at).name == b"node_modules").last().map_or(directory, |home| stack.node(home).parent)
}

/// The names of all that a project needs when it runs, as far as there is nobody else who may need more.
fn reached<'a>(ground: &Ground<'_>, home: NodeId, packages: &[(&'a Package, NodeId)]) -> Option<BTreeSet<&'a str>> {
    let stack = ground.view.stack;
    let project = Project::of(ground.view, home)?;
    let is_alone = !project.is_shared() && stack.child(home, b"pnpm-workspace.yaml").is_none();
    let is_installed_so = [&b"pnpm-lock.yaml"[..], b"yarn.lock"].iter().any(|lock| stack.child(home, lock).is_some());
    // What each of them needs has to be known, and that there is anything to be without.
    let is_known = packages.iter().all(|(package, _)| package.version.is_some());
    if !is_alone || !is_installed_so || !is_known || project.dev().next().is_none() {
        return None;
    }
    let mut by_name = BTreeMap::<&str, Vec<&'a Package>>::new();
    for (package, _) in packages {
        by_name.entry(package.name.as_str()).or_default().push(package);
    }
    let mut reached = BTreeSet::new();
    let mut left: Vec<&'a str> =
        project.needs().filter_map(|name| by_name.get(name)?.first().map(|package| package.name.as_str())).collect();
    // A project all of whose needs are missing was not installed by this file.
    if left.is_empty() {
        return None;
    }
    while let Some(name) = left.pop() {
        if !reached.insert(name) {
            continue;
        }
        for package in by_name.get(name).into_iter().flatten() {
            left.extend(package.needs.iter().chain(&package.wants).flatten().map(String::as_str));
        }
    }
    Some(reached)
}

/// How the project installs without them, by its lock file.
fn fix(ground: &Ground<'_>, home: NodeId) -> &'static str {
    let has = |name: &[u8]| ground.view.stack.child(home, name).is_some();
    if has(b"package-lock.json") || has(b"npm-shrinkwrap.json") {
        "npm ci --omit=dev"
    } else if has(b"pnpm-lock.yaml") {
        "pnpm install --prod"
    } else if has(b"yarn.lock") && has(b".yarnrc.yml") {
        "yarn workspaces focus --production"
    } else if has(b"yarn.lock") {
        "yarn install --production"
    } else {
        "npm install --omit=dev"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::packages;
    use crate::contents::planted::Planted;

    fn advice(image: Planted) -> Vec<String> {
        image.look(|view| {
            let found = packages::find(view).expect("memory");
            let (can_go, _) = super::super::find(view, &found).expect("memory");
            let line = |it: &crate::domain::CanGo| format!("{:?} {} → {}", it.bytes.map(|it| it.0), it.what, it.fix);
            can_go.iter().filter(|it| it.kind == CanGoKind::DevDependencies).map(line).collect()
        })
    }

    /// A package with two megabytes beside its manifest.
    fn package(image: Planted, name: &str, rest: &str) -> Planted {
        let home = format!("app/node_modules/{name}");
        let image =
            image.file(&format!("{home}/package.json"), format!(r#"{{"name":"{name}","version":"1.0.0"{rest}}}"#));
        image.sized(&format!("{home}/index.js"), 2_000_000)
    }

    const PROJECT: &str =
        r#"{"name":"app","dependencies":{"express":"^4"},"devDependencies":{"jest":"^29","debug":"^4"}}"#;

    fn installed(project: &str) -> Planted {
        let image = Planted::new().file("app/package.json", project);
        let image = package(image, "express", r#","dependencies":{"debug":"2.6.9"},"peerDependencies":{"ws":"*"}"#);
        let image = package(image, "debug", "");
        let image = package(image, "ws", "");
        let image = package(image, "jest", r#","dependencies":{"jest-core":"1","debug":"4"}"#);
        package(image, "jest-core", "")
    }

    #[test]
    fn what_npm_says_is_for_development() {
        let lock = r#"{"packages":{"node_modules/express":{},"node_modules/debug":{},"node_modules/ws":{"devOptional":true},
            "node_modules/jest":{"dev":true},"node_modules/jest-core":{"dev":true}}}"#;
        let image = || installed(PROJECT).file("app/node_modules/.package-lock.json", lock);
        let bytes = "Some(4000116) dev dependencies: jest, jest-core";
        assert_eq!(advice(image().file("app/package-lock.json", "{}")), [format!("{bytes} → npm ci --omit=dev")]);
        assert_eq!(advice(image()), [format!("{bytes} → npm install --omit=dev")]);
    }

    #[test]
    fn what_nothing_reaches_from_the_project() {
        let what = "Some(4000116) dev dependencies: jest, jest-core";
        for (locks, fix) in [
            (&["pnpm-lock.yaml"][..], "pnpm install --prod"),
            (&["yarn.lock"], "yarn install --production"),
            (&["yarn.lock", ".yarnrc.yml"], "yarn workspaces focus --production"),
        ] {
            let image = locks.iter().fold(installed(PROJECT), |image, lock| image.file(&format!("app/{lock}"), "x"));
            assert_eq!(advice(image), [format!("{what} → {fix}")]);
        }
    }

    #[test]
    fn near_misses_are_silent() {
        let with_lock = |project: &str| installed(project).file("app/yarn.lock", "x");
        let cases = [
            // Nobody says who installed it, or for whom.
            installed(PROJECT),
            installed(PROJECT).file("app/node_modules/.package-lock.json", r#"{"packages":{"node_modules/jest":{}}}"#),
            with_lock(r#"{"name":"app"}"#),
            with_lock("{"),
            // Other projects need what this one does not.
            with_lock(&PROJECT.replace("\"name\"", "\"workspaces\":[\"a\"],\"name\"")),
            with_lock(PROJECT).file("app/pnpm-workspace.yaml", "packages: []"),
            // The file of another project, or one that has no needs of its own.
            with_lock(r#"{"dependencies":{"fastify":"4"},"devDependencies":{"jest":"29"}}"#),
            with_lock(r#"{"devDependencies":{"jest":"29"}}"#),
            // What a package needs is not known.
            with_lock(PROJECT).sized("app/node_modules/late/package.json", 100),
            // A path that leads out of the project.
            installed(PROJECT)
                .file("app/node_modules/.package-lock.json", r#"{"packages":{"/app/node_modules/jest":{"dev":true}}}"#),
        ];
        for (number, image) in cases.into_iter().enumerate() {
            assert!(advice(image).is_empty(), "{number}");
        }
    }
}
