//! The tools that imgbudget knows: one list a group, and a quick answer to "which tool is a file of this name?".
//!
//! The names are those under which Debian, Alpine, Red Hat, Conda and the language projects install these commands. What every one of
//! them may have around its name, a version and a target triplet, is in [`super::names`].

pub(super) mod build_systems;
pub(super) mod compilers;
pub(super) mod debuggers;
pub(super) mod downloaders;
pub(super) mod language_package_managers;
pub(super) mod node_dev;
pub(super) mod os_package_managers;
pub(super) mod shells;
pub(super) mod vcs;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::groups::{Group, groups};
use super::names::command_forms;
use super::tool::{Ecosystem, Tool};

static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
    let leaves = groups().iter().filter(|group| !group.is_composed());
    leaves.flat_map(Group::members).copied().collect()
});

static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Tool>> = LazyLock::new(|| {
    let tools = TOOLS.iter();
    tools.flat_map(|tool| exact_names(tool).map(move |name| (name.as_bytes(), tool))).collect()
});

static BY_PACKAGE: LazyLock<HashMap<(Ecosystem, &'static [u8]), &'static Tool>> = LazyLock::new(|| {
    let tools = TOOLS.iter();
    tools.flat_map(|tool| tool.packages.iter().map(move |(home, name)| ((*home, name.as_bytes()), tool))).collect()
});

/// By the names of Python's distributions, in lower case.
static BY_WHEEL: LazyLock<HashMap<Vec<u8>, &'static Tool>> = LazyLock::new(|| {
    let of_python = |tool: &&Tool| tool.packages.iter().any(|(home, _)| *home == Ecosystem::Python);
    TOOLS.iter().filter(of_python).map(|tool| (tool.name.as_bytes().to_vec(), tool)).collect()
});

/// Every tool, group by group.
pub fn tools() -> &'static [Tool] {
    &TOOLS
}

/// Every name that a person may write for a tool: plain names, then other names of the same command. For hints.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().flat_map(exact_names)
}

fn exact_names(tool: &Tool) -> impl Iterator<Item = &'static str> + use<> {
    std::iter::once(tool.name).chain(tool.aliases.iter().copied())
}

/// The tool that a command of this file name is. Case counts, as it does in the image.
///
/// It is asked for every executable of an image, so it is a few look-ups and no pattern.
pub fn identify(file_name: &[u8]) -> Option<&'static Tool> {
    let known = |name: &[u8]| BY_NAME.get(name).copied();
    command_forms(file_name, known)
}

/// The tool that a file of this name holds, whatever its mode: `composer.phar`, or a wheel of pip, which Python runs as it is.
pub fn identify_archive(file_name: &[u8]) -> Option<&'static Tool> {
    let archive = || TOOLS.iter().find(|tool| tool.archives.iter().any(|name| name.as_bytes() == file_name));
    match file_name.strip_suffix(b".whl") {
        Some(wheel) => {
            let name = wheel.split(|byte| *byte == b'-').next()?.to_ascii_lowercase();
            BY_WHEEL.get(name.as_slice()).copied()
        }
        // Few files are called so, and all of them are asked.
        None if ARCHIVES.iter().any(|ending| file_name.ends_with(ending)) => archive(),
        None => None,
    }
}

/// How names of [`Tool::archives`] end.
const ARCHIVES: [&[u8]; 3] = [b".phar", b".pyz", b".py"];

/// The tool whose package has this name: `npm` below `node_modules`, `pip` below `site-packages`.
pub fn identify_package(ecosystem: Ecosystem, package: &[u8]) -> Option<&'static Tool> {
    BY_PACKAGE.get(&(ecosystem, package)).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn name_of(file_name: &str) -> Option<&'static str> {
        identify(file_name.as_bytes()).map(|tool| tool.name)
    }

    #[test]
    fn names_that_images_ship() {
        for (file, tool) in [
            ("x86_64-linux-gnu-gcc-12", "gcc"),
            ("x86_64-linux-gnu-gcc-ar-12", "gcc-ar"),
            ("aarch64-alpine-linux-musl-g++", "g++"),
            ("c++", "c++"),
            ("clang++-15", "clang++"),
            ("wasm-ld-14", "lld"),
            ("opt-14", "opt"),
            ("x86_64-linux-gnu-valac-0.56", "valac"),
            ("x86_64-linux-gnu-go-12", "go"),
            ("go1.22rc1", "go"),
            ("perf_5.10", "perf"),
            ("pip3", "pip"),
            ("pip3.13t", "pip"),
            ("gem3.1", "gem"),
            ("dnf-3", "dnf"),
            ("dnf5", "dnf"),
            ("apt-get", "apt-get"),
            ("automake-1.16", "automake"),
            ("luarocks-admin-5.4", "luarocks"),
            ("cpan5.36-x86_64-linux-gnu", "cpan"),
            ("guild-3.0", "guild"),
            ("bash-5.2", "bash"),
            ("npx", "npx"),
        ] {
            assert_eq!(name_of(file), Some(tool), "{file}");
        }
    }

    #[test]
    fn names_that_only_look_like_it() {
        for file in [
            "",
            "-",
            "12",
            "gcc-",
            "gcc-12-base",
            "gcc-notes.txt",
            "gcc.1",
            "gccgo-notes.txt",
            "makefile",
            "Makefile",
            "GCC",
            "python3",
            "python3.12",
            "node",
            "dotnet",
            "perl",
            "java",
            "ruby",
            "php",
            "guile",
            "racket",
            "linux-gnu-gcc",
            "x86_64-my-own-gcc",
            "x86_64-linux-gnu-",
            "armadillo-gcc-helper",
            "npm-cli.js",
            "node-gyp-build",
            "curl-config",
            "python3.13t",
            "composer.phar",
            "pip.whl",
            "pip-24.0-py3-none-any.whl",
        ] {
            assert_eq!(name_of(file), None, "{file}");
        }
    }

    #[test]
    fn archives() {
        let name = |file: &str| identify_archive(file.as_bytes()).map(|tool| tool.name);
        for (file, tool) in [
            ("composer.phar", "composer"),
            ("get-pip.py", "pip"),
            ("pip-24.0-py3-none-any.whl", "pip"),
            ("Cython-3.0.9-cp311-cp311-manylinux_2_17_x86_64.whl", "cython"),
        ] {
            assert_eq!(name(file), Some(tool), "{file}");
        }
        for file in
            ["pip", "pip.txt", "my.phar", "setup.py", ".whl", "setuptools-75-py3-none-any.whl", "pip_tools-7.whl"]
        {
            assert_eq!(name(file), None, "{file}");
        }
    }

    #[test]
    fn packages() {
        let name = |home, package: &str| identify_package(home, package.as_bytes()).map(|tool| tool.name);
        assert_eq!(name(Ecosystem::Node, "npm"), Some("npm"));
        assert_eq!(name(Ecosystem::Node, "@angular/cli"), Some("ng"));
        assert_eq!(name(Ecosystem::Python, "pip"), Some("pip"));
        assert_eq!(name(Ecosystem::Python, "npm"), None);
        assert_eq!(name(Ecosystem::Node, "express"), None);
    }

    #[test]
    fn every_name_is_its_own() {
        let all: Vec<_> = names().collect();
        let unique: BTreeSet<_> = all.iter().collect();
        let twice: Vec<_> =
            unique.iter().filter(|name| all.iter().filter(|other| other == *name).count() > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        for tool in tools() {
            for name in exact_names(tool) {
                assert_eq!(identify(name.as_bytes()), Some(tool), "{name}");
            }
            for (home, package) in tool.packages {
                assert_eq!(identify_package(*home, package.as_bytes()), Some(tool), "{package}");
            }
            assert!(!tool.about.is_empty() && !tool.about.ends_with('.'), "{}", tool.name);
        }
        let families: BTreeSet<_> = tools().iter().map(|tool| tool.family).collect();
        let names: BTreeSet<_> = all.into_iter().collect();
        let strangers: Vec<_> = families.difference(&names).collect();
        let known = [
            "autotools",
            "binutils",
            "dotnet",
            "intel",
            "jdk",
            "littler",
            "mono",
            "mpi",
            "musl",
            "nvidia",
            "oils",
            "pip-tools",
            "rust",
            "wasm",
        ];
        assert!(strangers.iter().all(|family| known.contains(family)), "{strangers:?}");
    }
}
