//! Which packages tools come with, and what goes with each of these.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bytes, Ecosystem};

/// The packages behind some contents of an image. Packages go by numbers that mean something only here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolPackages {
    /// By the absolute path of a content: the package that it belongs to, as a position in `removals`.
    pub owners: BTreeMap<Vec<u8>, usize>,
    /// Each such package once.
    pub removals: Vec<ToolRemoval>,
    /// What each package that goes brought in which layer; where the layers were not read, nothing.
    pub brought: BTreeMap<usize, Vec<(usize, Bytes)>>,
}

/// A package, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolRemoval {
    /// The package.
    pub package: FoundPackage,
    /// The numbers of all that go; empty where it cannot be removed.
    pub goes: BTreeSet<usize>,
}

/// A package that a tool comes with, as a finding names it. Untrusted and not escaped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundPackage {
    /// Whose package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its version; `None` where it is not known.
    pub version: Option<String>,
    /// What removing it frees; `None` where it cannot be removed.
    pub frees: Option<Bytes>,
    /// How many packages go with it, it included; 0 where it cannot be removed.
    pub goes: u64,
}

impl ToolPackages {
    /// The package behind a content.
    #[must_use]
    pub fn of(&self, content: &[u8]) -> Option<&ToolRemoval> {
        self.owners.get(content).and_then(|removal| self.removals.get(*removal))
    }

    /// What some packages brought in a layer.
    #[must_use]
    pub fn in_layer<'a>(&self, packages: impl IntoIterator<Item = &'a usize>, layer: usize) -> Bytes {
        let of = |package: &usize| {
            let parts = self.brought.get(package).map(Vec::as_slice).unwrap_or_default();
            parts.iter().find(|(index, _)| *index == layer).map(|(_, bytes)| *bytes)
        };
        packages.into_iter().filter_map(of).sum()
    }
}
