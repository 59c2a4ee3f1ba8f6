//! The tools that imgbudget knows: one list a group, and a quick answer to "which tool is a file of this name?".
//!
//! The names are those under which Debian, Alpine, Red Hat and the language projects install these commands. A form that is not
//! written in a list is not known: `gcc` stands for `gcc-12` and `x86_64-linux-gnu-gcc-12` because its entry says so.

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
    plain(file_name).or_else(|| {
        let command = without_triplet(file_name)?;
        plain(command).filter(|tool| tool.cross)
    })
}

/// The tool whose package has this name: `npm` below `node_modules`, `pip` below `site-packages`.
pub fn identify_package(ecosystem: Ecosystem, package: &[u8]) -> Option<&'static Tool> {
    BY_PACKAGE.get(&(ecosystem, package)).copied()
}

/// An exact name, or one with a version behind it.
fn plain(name: &[u8]) -> Option<&'static Tool> {
    let exact = BY_NAME.get(name).copied();
    exact.or_else(|| BY_NAME.get(without_version(name)?).copied().filter(|tool| tool.versioned))
}

/// `gcc` of `gcc-12`, `pip` of `pip3.12`: the name before a version of numbers and dots, with or without a hyphen between.
fn without_version(name: &[u8]) -> Option<&[u8]> {
    let end = name.iter().rposition(|byte| !(byte.is_ascii_digit() || *byte == b'.'))? + 1;
    let (stem, version) = name.split_at(end);
    let numbers = !version.is_empty() && version.split(|byte| *byte == b'.').all(|number| !number.is_empty());
    numbers.then(|| stem.strip_suffix(b"-").unwrap_or(stem))
}

/// `gcc-12` of `x86_64-linux-gnu-gcc-12` and of `x86_64-w64-mingw32-gcc-12-posix`. A triplet is an architecture and one to three
/// more words, each of them one that toolchains are named with.
fn without_triplet(name: &[u8]) -> Option<&[u8]> {
    let (architecture, mut rest) = split_word(name)?;
    if !ARCHITECTURES.iter().any(|start| architecture.starts_with(start)) {
        return None;
    }
    let mut words = 0;
    while let Some((word, tail)) = split_word(rest)
        && SYSTEMS.contains(&word)
        && words < 3
    {
        (rest, words) = (tail, words + 1);
    }
    let threads = [&b"-posix"[..], b"-win32"].into_iter().find_map(|suffix| rest.strip_suffix(suffix));
    (words > 0).then(|| threads.unwrap_or(rest))
}

fn split_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let hyphen = text.iter().position(|byte| *byte == b'-')?;
    Some((&text[..hyphen], &text[hyphen + 1..]))
}

/// How architectures of triplets begin: `arm` is also `armv7l`, `mips` also `mips64el`.
const ARCHITECTURES: [&[u8]; 19] = [
    b"x86_64",
    b"i386",
    b"i486",
    b"i586",
    b"i686",
    b"aarch64",
    b"arm",
    b"powerpc",
    b"ppc64",
    b"s390x",
    b"riscv32",
    b"riscv64",
    b"mips",
    b"loongarch64",
    b"sparc",
    b"hppa",
    b"m68k",
    b"alpha",
    b"avr",
];

/// Vendors, systems and interfaces of triplets.
const SYSTEMS: [&[u8]; 31] = [
    b"linux",
    b"gnu",
    b"gnueabi",
    b"gnueabihf",
    b"gnux32",
    b"gnuabi64",
    b"gnuabin32",
    b"musl",
    b"musleabi",
    b"musleabihf",
    b"muslgnueabihf",
    b"uclibc",
    b"android",
    b"alpine",
    b"redhat",
    b"suse",
    b"amazon",
    b"wolfi",
    b"chimera",
    b"openwrt",
    b"poky",
    b"oe",
    b"pc",
    b"unknown",
    b"none",
    b"elf",
    b"eabi",
    b"eabihf",
    b"w64",
    b"mingw32",
    b"freebsd",
];

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
            ("gcc-12", "gcc"),
            ("x86_64-linux-gnu-gcc-12", "gcc"),
            ("x86_64-alpine-linux-musl-gcc", "gcc"),
            ("aarch64-alpine-linux-musl-g++", "g++"),
            ("x86_64-redhat-linux-gcc-11", "gcc"),
            ("arm-none-eabi-gcc-12.2.1", "gcc"),
            ("x86_64-w64-mingw32-g++-12-posix", "g++"),
            ("c++", "c++"),
            ("clang++-15", "clang++"),
            ("pip3", "pip"),
            ("pip3.12", "pip"),
            ("pip-3.9", "pip"),
            ("gem3.1", "gem"),
            ("dnf-3", "dnf"),
            ("dnf5", "dnf"),
            ("apt-get", "apt-get"),
            ("automake-1.16", "automake"),
            ("x86_64-linux-gnu-pkg-config", "pkg-config"),
            ("rustc-1.70", "rustc"),
            ("go", "go"),
            ("javac", "javac"),
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
            "gcc-12.",
            "gcc..1",
            "gccgo-notes.txt",
            "makefile",
            "Makefile",
            "GCC",
            "python3",
            "python3.12",
            "node",
            "perl",
            "java",
            "ruby",
            "php",
            "x86_64-gcc",
            "linux-gnu-gcc",
            "x86_64-linux-gnu-npm",
            "x86_64-my-own-gcc",
            "x86_64-linux-gnu-",
            "x86_64-linux-gnu-gcc-ar",
            "armadillo-gcc-helper",
            "npm-cli.js",
            "npm12",
            "curl-config",
            "bash-5",
        ] {
            assert_eq!(name_of(file), None, "{file}");
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
        assert!(
            strangers.iter().all(|family| ["autotools", "binutils", "jdk", "rust"].contains(family)),
            "{strangers:?}"
        );
    }
}
