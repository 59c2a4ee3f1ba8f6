//! What fills a need: a package of that name, or one that provides it.
//!
//! Versions are not compared: a package manager installed what fits. A need that nothing fills is not a need that removing something
//! could break, so it is left out.

use super::Found;
use crate::memory::{List, Memory, OutOfMemory};

/// The most names that are given for one need. Whoever asks what a removal breaks finds others left.
const MOST_NAMES: usize = 16;

/// What is looked at for those: several packages may have one name.
const MOST_LOOKED_AT: usize = 64;

/// Which packages fill which need.
#[derive(Debug)]
pub(super) struct Fillers<K>(List<(K, u32)>);

impl<K: AsRef<[u8]> + Ord> Fillers<K> {
    pub(super) fn new(memory: &Memory) -> Self {
        Self(List::new(memory))
    }

    /// Says that a package fills a need. `position` is what [`Found::add`] gave.
    pub(super) fn add(&mut self, need: K, position: usize) -> Result<(), OutOfMemory> {
        let Ok(position) = u32::try_from(position) else { return Ok(()) };
        self.0.push((need, position))
    }

    /// Ends the list: from now on it is asked.
    pub(super) fn finish(&mut self) {
        self.0.sort_unstable();
    }

    /// The packages that fill a need, in the order in which they were found.
    pub(super) fn of(&self, need: &[u8]) -> impl Iterator<Item = usize> {
        let first = self.0.partition_point(|(key, _)| key.as_ref() < need);
        let same = self.0[first..].iter().take_while(move |(key, _)| key.as_ref() == need);
        same.map(|(_, position)| *position as usize)
    }
}

/// The needs of one package, gathered.
#[derive(Debug, Default)]
pub(super) struct Needs(Vec<Vec<String>>);

impl Needs {
    /// Adds a need, which any of `fillers` fills. One that the package fills itself is no need of another.
    pub(super) fn add(
        &mut self,
        found: &mut Found,
        package: usize,
        fillers: impl Iterator<Item = usize>,
    ) -> Result<(), OutOfMemory> {
        let mut names: Vec<&str> = Vec::new();
        for filler in fillers.take(MOST_LOOKED_AT) {
            if filler == package {
                return Ok(());
            }
            let Some(filler) = found.packages.list.get(filler) else { continue };
            if names.len() < MOST_NAMES && !names.contains(&filler.name.as_str()) {
                names.push(&filler.name);
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        let bytes = names.iter().map(|name| size_of::<String>().saturating_add(name.len())).sum::<usize>();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        found.hold(bytes.saturating_add(size_of::<Vec<String>>()))?;
        self.0.push(names);
        Ok(())
    }

    /// Each once, in order.
    pub(super) fn finish(mut self) -> Vec<Vec<String>> {
        self.0.sort_unstable();
        self.0.dedup();
        self.0
    }
}
