//! Which packages a name means: one's own ecosystem's, and of npm the nearest copy.

use super::narrow;
use crate::domain::{Ecosystem, Package};
use crate::memory::{List, Memory, OutOfMemory};

/// How many packages of one name may fill a need: there is one for each architecture.
const MOST_ALIKE: usize = 16;

/// The path of a copy; empty where it has none.
pub(super) fn path_of(packages: &[Package], position: u32) -> &str {
    packages.get(position as usize).and_then(|package| package.path.as_deref()).unwrap_or("")
}

/// Packages by their names.
pub(super) struct Names<'p> {
    packages: &'p [Package],
    /// By ecosystem and name, but for copies of npm.
    named: List<u32>,
    /// Copies of npm by path.
    pub(super) copies: List<u32>,
}

impl<'p> Names<'p> {
    pub(super) fn new(packages: &'p [Package], memory: &Memory) -> Result<Self, OutOfMemory> {
        let (mut named, mut copies) = (List::new(memory), List::new(memory));
        for (position, package) in packages.iter().enumerate() {
            let list = if package.ecosystem == Ecosystem::Npm { &mut copies } else { &mut named };
            list.push(narrow(position))?;
        }
        named.sort_unstable_by_key(|position: &u32| (key(&packages[*position as usize]), *position));
        copies.sort_unstable_by_key(|position: &u32| (path_of(packages, *position), *position));
        Ok(Self { packages, named, copies })
    }

    /// Adds the packages that `of` means by a name: one's own ecosystem, and of npm the nearest copy, as Node.js looks for it.
    pub(super) fn find(&self, of: &Package, name: &str, found: &mut Vec<u32>) {
        if of.ecosystem == Ecosystem::Npm {
            found.extend(of.path.as_deref().and_then(|path| self.nearest(path, name)));
            return;
        }
        let wanted = (of.ecosystem, name);
        let at = |position: &u32| key(&self.packages[*position as usize]);
        let first = self.named.partition_point(|position| at(position) < wanted);
        found.extend(self.named[first..].iter().take_while(|position| at(position) == wanted).take(MOST_ALIKE));
    }

    /// The copy that `require(name)` leads to in a copy at `path`: in its own `node_modules`, else in one further up.
    fn nearest(&self, path: &str, name: &str) -> Option<u32> {
        let mut above = Some(path);
        while let Some(directory) = above {
            let wanted = format!("{directory}/node_modules/{name}");
            let found = self.copies.binary_search_by(|copy| path_of(self.packages, *copy).cmp(&wanted));
            if let Some(found) = found.ok().and_then(|found| self.copies.get(found)) {
                return Some(*found);
            }
            above = directory.rfind("/node_modules/").map(|end| &directory[..end]);
        }
        None
    }
}

fn key(package: &Package) -> (Ecosystem, &str) {
    (package.ecosystem, &package.name)
}
