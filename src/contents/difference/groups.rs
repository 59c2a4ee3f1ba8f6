//! Packages of both images, by ecosystem and name.

use std::collections::{BTreeMap, BTreeSet};

use super::slots::Slots;
use super::walk::Leaf;
use super::{Found, Pair, state};
use crate::domain::{DifferenceRow, DifferentThing, Ecosystem, Package, PackageCounts, UnreadFile};
use crate::image::node::NodeId;

/// Packages that changed, and what became of their files.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    found: Option<Pair<&'a Found>>,
    list: Vec<Group<'a>>,
    /// Of each package its group, where that changed.
    of: Pair<Vec<Option<u32>>>,
    counts: Option<PackageCounts>,
    unknown: Option<String>,
}

/// All copies of a package.
#[derive(Debug)]
struct Group<'a> {
    ecosystem: Ecosystem,
    name: &'a str,
    copies: Pair<Vec<&'a Package>>,
    bytes: Pair<u64>,
}

impl<'a> Groups<'a> {
    /// The packages of both images; none where they are not known of both, so that what was not read is not told as new or gone.
    pub(super) fn of(old: Option<&'a Found>, new: Option<&'a Found>) -> Self {
        let Some((old, new)) = old.zip(new) else {
            let unknown = Some("packages: what their databases hold was not read of both images".to_owned());
            return Self { unknown, ..Self::default() };
        };
        let unread = Unread::of(old, new);
        let mut by_name: BTreeMap<(Ecosystem, &str), Pair<Vec<usize>>> = BTreeMap::new();
        for (at, package) in old.packages.list.iter().enumerate() {
            by_name.entry((package.ecosystem, package.name.as_str())).or_default().old.push(at);
        }
        for (at, package) in new.packages.list.iter().enumerate() {
            by_name.entry((package.ecosystem, package.name.as_str())).or_default().new.push(at);
        }
        by_name.retain(|(ecosystem, _), _| !unread.once.contains(ecosystem));
        let number = |found: &Found| {
            let counted = |package: &&Package| !unread.any.contains(&package.ecosystem);
            found.packages.list.iter().filter(counted).count() as u64
        };
        let mut counts = PackageCounts { before: number(old), after: number(new), ..PackageCounts::default() };
        let mut groups = Self {
            found: Some(Pair { old, new }),
            of: Pair { old: vec![None; old.packages.list.len()], new: vec![None; new.packages.list.len()] },
            ..Self::default()
        };
        for ((ecosystem, name), at) in by_name {
            let copies = Pair {
                old: at.old.iter().filter_map(|at| old.packages.list.get(*at)).collect::<Vec<_>>(),
                new: at.new.iter().filter_map(|at| new.packages.list.get(*at)).collect::<Vec<_>>(),
            };
            let versions = Pair { old: versions(&copies.old), new: versions(&copies.new) };
            if versions.old == versions.new {
                continue;
            }
            let (before, after) = (copies.old.len() as u64, copies.new.len() as u64);
            if !unread.any.contains(&ecosystem) {
                counts.added += after.saturating_sub(before);
                counts.removed += before.saturating_sub(after);
                counts.changed += before.min(after).saturating_sub(in_both(&versions.old, &versions.new));
            }
            let group = u32::try_from(groups.list.len()).ok();
            for (of, at) in [(&mut groups.of.old, &at.old), (&mut groups.of.new, &at.new)] {
                for at in at {
                    of[*at] = group;
                }
            }
            groups.list.push(Group { ecosystem, name, copies, bytes: Pair::default() });
        }
        // Where nothing could be counted, nothing is not a number.
        groups.counts = Some(counts).filter(|counts| unread.why.is_none() || counts.before > 0 || counts.after > 0);
        groups.unknown = unread.why;
        groups
    }

    /// Tells of a file that belongs to a package that changed.
    pub(super) fn take(&mut self, leaf: Leaf, bytes: Pair<u64>) -> bool {
        let Some(found) = self.found else { return false };
        let group = |found: &Found, of: &[Option<u32>], id: Option<NodeId>| {
            id.and_then(|id| found.owners.of(id)).and_then(|package| of.get(package).copied().flatten())
        };
        let old = group(found.old, &self.of.old, leaf.old);
        let new = group(found.new, &self.of.new, leaf.new);
        match (old, new) {
            (None, None) => return false,
            (Some(old), Some(new)) if old != new => {
                self.count(old, Pair { old: bytes.old, new: 0 });
                self.count(new, Pair { old: 0, new: bytes.new });
            }
            (Some(group), _) | (None, Some(group)) => self.count(group, bytes),
        }
        true
    }

    fn count(&mut self, group: u32, bytes: Pair<u64>) {
        if let Some(group) = self.list.get_mut(group as usize) {
            group.bytes = group.bytes.plus(bytes);
        }
    }

    /// A row for each package that changed.
    pub(super) fn rows(&self, slots: &Slots<'_>) -> Vec<DifferenceRow> {
        let row = |group: &Group<'_>| {
            let Pair { old, new } = &group.copies;
            let what = DifferentThing::Package {
                ecosystem: group.ecosystem,
                name: group.name.to_owned(),
                old_versions: said(old),
                new_versions: said(new),
            };
            let layer = Pair { old: layer(old), new: layer(new) };
            slots.row(what, state(!old.is_empty(), !new.is_empty()), group.bytes, layer)
        };
        self.list.iter().map(row).collect()
    }

    /// How many came, went and are another version.
    pub(super) fn counts(&self) -> Option<PackageCounts> {
        self.counts
    }

    /// Why nothing is said of packages.
    pub(super) fn unknown(&self) -> Option<String> {
        self.unknown.clone()
    }
}

/// What is not known because files were not read.
#[derive(Debug, Default)]
struct Unread {
    /// Whose packages are not known to be all.
    any: BTreeSet<Ecosystem>,
    /// Of these, whose are not known alike of both images: what was not read is neither new nor gone.
    once: BTreeSet<Ecosystem>,
    /// One of the files, and why.
    why: Option<String>,
}

impl Unread {
    fn of(old: &Found, new: &Found) -> Self {
        let files = |found: &Found| found.unread.iter().cloned().collect::<BTreeSet<UnreadFile>>();
        let (before, after) = (files(old), files(new));
        let mut unread = Self::default();
        for file in before.union(&after) {
            let of = ecosystems(&file.path);
            unread.any.extend(of);
            if !(before.contains(file) && after.contains(file)) {
                unread.once.extend(of);
            }
        }
        let first = after.symmetric_difference(&before).next().or_else(|| after.first());
        unread.why = first.map(|file| format!("{}: {} {}", packages_of(&file.path), file.path, file.why));
        unread
    }
}

/// Whose packages a file tells of, by where it lies: a program tells of what it was linked from.
fn ecosystems(path: &str) -> &'static [Ecosystem] {
    let is_of_os = ["/dpkg/", "/apk/db/", "/rpm/", "/apt/"].iter().any(|part| path.contains(part));
    if is_of_os {
        &[Ecosystem::Deb, Ecosystem::Apk, Ecosystem::Rpm]
    } else if path.contains("/node_modules/") || path.ends_with("package.json") {
        &[Ecosystem::Npm]
    } else if path.contains(".dist-info/") || path.contains(".egg-info") {
        &[Ecosystem::Python]
    } else if path.ends_with(".gemspec") {
        &[Ecosystem::Gem]
    } else {
        &[Ecosystem::Go, Ecosystem::Cargo]
    }
}

fn packages_of(path: &str) -> &'static str {
    match ecosystems(path) {
        [Ecosystem::Deb, ..] => "packages of the system",
        [Ecosystem::Npm] => "packages of Node",
        [Ecosystem::Python] => "packages of Python",
        [Ecosystem::Gem] => "gems",
        _ => "modules in programs",
    }
}

/// The versions of all copies, sorted.
fn versions<'a>(copies: &[&'a Package]) -> Vec<Option<&'a str>> {
    let mut versions: Vec<_> = copies.iter().map(|copy| copy.version.as_deref()).collect();
    versions.sort_unstable();
    versions
}

/// The versions that were told, each once.
fn said(copies: &[&Package]) -> Vec<String> {
    let mut said: Vec<String> = versions(copies).into_iter().flatten().map(str::to_owned).collect();
    said.dedup();
    said
}

/// How many two sorted lists have in common.
fn in_both<T: Ord>(one: &[T], other: &[T]) -> u64 {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut common = 0;
    while let (Some(left), Some(right)) = (one.peek(), other.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => drop(one.next()),
            std::cmp::Ordering::Greater => drop(other.next()),
            std::cmp::Ordering::Equal => {
                one.next();
                other.next();
                common += 1;
            }
        }
    }
    common
}

/// The layer of all copies, where it is one.
fn layer(copies: &[&Package]) -> Option<usize> {
    let first = copies.first()?.layer?;
    copies.iter().all(|copy| copy.layer == Some(first)).then_some(first)
}
