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
    groups: Vec<Group<'a>>,
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
        let why = |unread: &UnreadFile| format!("packages: {} {}", unread.path, unread.why);
        if let Some(unread) = unread_once(old, new) {
            return Self { unknown: Some(why(unread)), ..Self::default() };
        }
        let mut by_name: BTreeMap<(Ecosystem, &str), Pair<Vec<usize>>> = BTreeMap::new();
        for (at, package) in old.packages.list.iter().enumerate() {
            by_name.entry((package.ecosystem, package.name.as_str())).or_default().old.push(at);
        }
        for (at, package) in new.packages.list.iter().enumerate() {
            by_name.entry((package.ecosystem, package.name.as_str())).or_default().new.push(at);
        }
        let number = |found: &Found| found.packages.list.len() as u64;
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
            counts.added += after.saturating_sub(before);
            counts.removed += before.saturating_sub(after);
            counts.changed += before.min(after).saturating_sub(in_both(&versions.old, &versions.new));
            let group = u32::try_from(groups.groups.len()).ok();
            for (of, at) in [(&mut groups.of.old, &at.old), (&mut groups.of.new, &at.new)] {
                for at in at {
                    of[*at] = group;
                }
            }
            groups.groups.push(Group { ecosystem, name, copies, bytes: Pair::default() });
        }
        // What neither was read of is alike, and no number is right.
        groups.unknown = new.unread.first().map(why);
        groups.counts = groups.unknown.is_none().then_some(counts);
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
        if let Some(group) = self.groups.get_mut(group as usize) {
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
        self.groups.iter().map(row).collect()
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

/// A file that was read of one image and not of the other.
fn unread_once<'a>(old: &'a Found, new: &'a Found) -> Option<&'a UnreadFile> {
    let paths = |found: &'a Found| found.unread.iter().map(|file| file.path.as_str()).collect::<BTreeSet<_>>();
    let (before, after) = (paths(old), paths(new));
    let lacks = |paths: &BTreeSet<&str>, file: &&UnreadFile| !paths.contains(file.path.as_str());
    new.unread.iter().find(|file| lacks(&before, file)).or_else(|| old.unread.iter().find(|file| lacks(&after, file)))
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
                (one.next(), other.next());
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
