//! A list that asks before it grows.

use std::ops::{Deref, DerefMut};

use super::{Memory, OutOfMemory, Reserved};

/// A `Vec` whose capacity is taken from a budget.
#[derive(Debug)]
pub struct List<T> {
    items: Vec<T>,
    reserved: Reserved,
}

impl<T> List<T> {
    /// An empty one.
    pub fn new(memory: &Memory) -> Self {
        Self { items: Vec::new(), reserved: memory.reserve() }
    }

    /// The budget that it draws from.
    pub fn memory(&self) -> Memory {
        self.reserved.memory.clone()
    }

    /// Appends `item`.
    ///
    /// # Errors
    /// When the budget does not allow the list to grow.
    pub fn push(&mut self, item: T) -> Result<(), OutOfMemory> {
        self.make_room(1)?;
        self.items.push(item);
        Ok(())
    }

    /// Takes the last one.
    pub fn pop(&mut self) -> Option<T> {
        self.items.pop()
    }

    /// Gives back what is not used.
    pub fn fit(&mut self) {
        self.items.shrink_to_fit();
        self.reserved.shrink_to(self.items.capacity().saturating_mul(size_of::<T>()));
    }

    /// Keeps the first `length` items.
    pub fn truncate(&mut self, length: usize) {
        self.items.truncate(length);
    }

    /// Makes room for `more` items. By half, not by twice: what is taken in advance counts, too.
    ///
    /// # Errors
    /// When the budget does not allow the list to grow.
    pub fn make_room(&mut self, more: usize) -> Result<(), OutOfMemory> {
        const LEAST: usize = 16;
        let (length, capacity) = (self.items.len(), self.items.capacity());
        let needed = length.saturating_add(more);
        if needed > capacity {
            let target = needed.max(capacity.saturating_add(capacity / 2)).max(LEAST);
            self.reserved.grow(target.saturating_sub(capacity).saturating_mul(size_of::<T>()))?;
            self.items.reserve_exact(target.saturating_sub(length));
        }
        Ok(())
    }
}

impl<T: Copy> List<T> {
    /// Appends all of `items`.
    ///
    /// # Errors
    /// When the budget does not allow the list to grow.
    pub fn extend(&mut self, items: &[T]) -> Result<(), OutOfMemory> {
        self.make_room(items.len())?;
        self.items.extend_from_slice(items);
        Ok(())
    }

    /// Makes it `length` items long, with `item` where it is too short.
    ///
    /// # Errors
    /// When the budget does not allow the list to grow.
    pub fn resize(&mut self, length: usize, item: T) -> Result<(), OutOfMemory> {
        self.make_room(length.saturating_sub(self.items.len()))?;
        self.items.resize(length, item);
        Ok(())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Bytes;

    #[test]
    fn what_it_holds_is_taken_and_no_more() {
        let memory = Memory::new(Bytes(1000));
        let mut list = List::new(&memory);
        while list.push(7_u64).is_ok() {}
        assert!((66..=125).contains(&list.len()), "{}", list.len());
        assert!(memory.taken() <= Bytes(1000) && memory.taken().0 >= list.len() as u64 * 8);
        list.truncate(3);
        list.fit();
        assert_eq!((&list[..], memory.taken()), (&[7, 7, 7][..], Bytes(24)));
        assert!(list.extend(&[1; 200]).is_err() && list.resize(5, 1).is_ok());
        assert_eq!(list[..], [7, 7, 7, 1, 1]);
        drop(list);
        assert_eq!(memory.taken(), Bytes::ZERO);
    }
}
