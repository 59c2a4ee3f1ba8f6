//! Which child of a directory has which name, without keeping the names twice.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use super::{Memory, OutOfMemory, Reserved};

/// A table from directory and name to a number. Who owns it knows directory and name of each number and says so when asked, so an
/// entry takes some five bytes. Names come from strangers: the hash has a key of its own in every process.
#[derive(Debug)]
pub struct Names {
    table: HashTable<u32>,
    hasher: RandomState,
    reserved: Reserved,
}

/// A directory's number, and a name in it.
type Key<'a> = (u32, &'a [u8]);

impl Names {
    /// An empty table.
    pub fn new(memory: &Memory) -> Self {
        Self { table: HashTable::new(), hasher: RandomState::new(), reserved: memory.reserve() }
    }

    /// What has `key`.
    pub fn find<'a>(&self, key: Key<'_>, key_of: impl Fn(u32) -> Key<'a>) -> Option<u32> {
        self.table.find(self.hash(key), |number| key_of(*number) == key).copied()
    }

    /// Adds `number`, whose key nothing else has.
    ///
    /// # Errors
    /// When the budget does not allow the table to grow.
    pub fn insert<'a>(&mut self, number: u32, key_of: impl Fn(u32) -> Key<'a>) -> Result<(), OutOfMemory> {
        let hasher = &self.hasher;
        let hash_of = |number: &u32| hasher.hash_one(key_of(*number));
        if self.table.len() == self.table.capacity() {
            // While it grows the old table is still there, and the new one has twice its size.
            const LEAST: usize = 64;
            self.reserved.grow(self.table.allocation_size().saturating_mul(2).saturating_add(LEAST))?;
            self.table.reserve(1, hash_of);
            self.reserved.shrink_to(self.table.allocation_size().saturating_add(LEAST));
        }
        self.table.insert_unique(hash_of(&number), number, hash_of);
        Ok(())
    }

    /// Makes room for so many entries at once: growing step by step would hold two tables at the last one.
    ///
    /// # Errors
    /// When the budget does not allow it.
    pub fn make_room<'a>(&mut self, more: usize, key_of: impl Fn(u32) -> Key<'a>) -> Result<(), OutOfMemory> {
        let hasher = &self.hasher;
        // Five bytes an entry, where one in eight is free, and their number a power of two.
        let entries = self.table.len().saturating_add(more).saturating_mul(8) / 7;
        let bytes =
            entries.checked_next_power_of_two().and_then(|entries| entries.checked_mul(5)).unwrap_or(usize::MAX);
        self.reserved.grow(bytes)?;
        self.table.reserve(more, |number| hasher.hash_one(key_of(*number)));
        self.reserved.shrink_to(self.table.allocation_size());
        Ok(())
    }

    /// Takes out what has `key`.
    pub fn remove<'a>(&mut self, key: Key<'_>, key_of: impl Fn(u32) -> Key<'a>) {
        if let Ok(entry) = self.table.find_entry(self.hash(key), |number| key_of(*number) == key) {
            entry.remove();
        }
    }

    fn hash(&self, key: Key<'_>) -> u64 {
        self.hasher.hash_one(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Bytes;

    #[test]
    fn found_by_directory_and_name() {
        let memory = Memory::default();
        let names: Vec<Vec<u8>> = (0..10_000).map(|number| format!("{}", number / 2).into_bytes()).collect();
        let key_of = |number: u32| (number % 2, &names[number as usize][..]);
        let mut table = Names::new(&memory);
        for number in 0..10_000 {
            table.insert(number, key_of).expect("room");
        }
        assert_eq!(table.find((1, b"77"), key_of), Some(155));
        table.remove((1, b"77"), key_of);
        assert_eq!((table.find((1, b"77"), key_of), table.find((0, b"77"), key_of)), (None, Some(154)));
        assert!(memory.taken() < Bytes(150_000), "{}", memory.taken());
    }

    #[test]
    fn growth_is_taken_first() {
        let memory = Memory::new(Bytes(2000));
        let name = |number: u32| (number, &b"x"[..]);
        let mut table = Names::new(&memory);
        let held = (0..10_000).take_while(|number| table.insert(*number, name).is_ok()).count();
        assert!((50..400).contains(&held), "{held}");
    }
}
