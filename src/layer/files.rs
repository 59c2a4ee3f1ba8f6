//! Bytes of a layer's files: of the few that say what else is in it, such as the databases of package managers.
//!
//! They are apart from the index, which is about all files and small. Which files are kept says [`catalogue::kept()`](crate::catalogue::kept()); what was
//! not kept is absent, and may be read later by other means.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keep::Room;
use super::program::Program;
use crate::catalogue;

/// The contents of some files of one layer, by their path in its index: below the root, without a leading slash. A file of several names
/// is at the one that [`NodeKind::File`](super::index::NodeKind::File) is at.
#[derive(Debug, Clone, Default)]
pub struct LayerFiles {
    files: BTreeMap<Vec<u8>, Kept>,
    sums: BTreeMap<Vec<u8>, u64>,
    is_complete: bool,
    is_stored: bool,
    is_short: bool,
    overflow: Option<Kept>,
    /// What it takes of a run's memory, given back with the last clone.
    rooms: Vec<Arc<Room>>,
}

/// What is known of a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Whole(Arc<[u8]>),
    /// What [`program::look`](super::program::look) found out about it, and none of its bytes: an executable file.
    Program(Arc<Program>),
    /// Nothing, and it will not be read: why, as a fragment such as `has 3.0 GB, more than the 64.0 MB that are read`.
    Left(Arc<str>),
}

/// They hold the same, whatever memory they have it from.
impl PartialEq for LayerFiles {
    fn eq(&self, other: &Self) -> bool {
        let all = |it: &Self| (it.is_complete, it.overflow.clone());
        self.files == other.files && self.sums == other.sums && all(self) == all(other)
    }
}

impl Eq for LayerFiles {}

impl LayerFiles {
    /// The file at `path`; `None` where nobody looked at it.
    pub fn get(&self, path: &[u8]) -> Option<&Kept> {
        self.files.get(path).or(self.overflow.as_ref())
    }

    /// The CRC-64 of the content of the file at `path`, as Go's `crc64.ISO` has it: what engines keep of every file, too. Known of files of
    /// 1 MiB and more. It tells files apart that differ by accident; who makes them on purpose can give two files one sum.
    pub fn sum(&self, path: &[u8]) -> Option<u64> {
        self.sums.get(path).copied()
    }

    /// Every sum, sorted by path.
    pub fn sums(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.sums.iter().map(|(path, sum)| (path.as_slice(), *sum))
    }

    /// Keeps a file, in place of what was known of it. Of what may be a secret, only whether it is one: its content must not get from here
    /// into a cache.
    pub fn insert(&mut self, path: impl Into<Vec<u8>>, kept: Kept) {
        let path = path.into();
        let kept = match kept {
            Kept::Whole(bytes) => match catalogue::told_instead(&path, &bytes) {
                Some(told) => Kept::Whole(told.into()),
                None => Kept::Whole(bytes),
            },
            other => other,
        };
        self.files.insert(path, kept);
    }

    /// Keeps the sum of a file.
    pub fn insert_sum(&mut self, path: impl Into<Vec<u8>>, sum: u64) {
        self.sums.insert(path.into(), sum);
    }

    /// Every file, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Kept)> {
        self.files.iter().map(|(path, kept)| (path.as_slice(), kept))
    }

    /// How many files it has.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether every file of the layer was looked at: what is absent need not be asked for.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Says that every file of the layer was looked at.
    pub fn set_complete(&mut self) {
        self.is_complete = true;
    }

    /// Says why files are absent that should be kept: there are too many of them.
    pub fn set_overflow(&mut self, why: impl Into<Arc<str>>) {
        self.overflow = Some(Kept::Left(why.into()));
    }

    /// Why files are absent that should be kept, if there were too many.
    pub fn overflow(&self) -> Option<&str> {
        match &self.overflow {
            Some(Kept::Left(why)) => Some(why),
            _ => None,
        }
    }

    /// What is known of the file at `path` itself.
    pub fn known(&self, path: &[u8]) -> Option<&Kept> {
        self.files.get(path)
    }

    /// Whether all of it is in the layer cache, and none of it here.
    pub fn is_stored(&self) -> bool {
        self.is_stored
    }

    /// What is in the layer cache, with all that is to be kept of its layer, and nobody has asked for yet.
    pub fn stored() -> Self {
        Self { is_stored: true, ..Self::default() }
    }

    /// Whether memory is why something is left that another run may have.
    pub fn is_short(&self) -> bool {
        self.is_short
    }

    /// Says that memory is why something is left.
    pub fn set_short(&mut self) {
        self.is_short = true;
    }

    /// Adds what `other` knows.
    pub fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        self.sums.extend(other.sums);
        self.rooms.extend(other.rooms);
        self.is_short |= other.is_short;
        self.is_complete |= other.is_complete;
        self.overflow = self.overflow.take().or(other.overflow);
    }

    /// Holds on to the memory that its files were drawn from.
    pub fn hold(&mut self, room: Room) {
        self.rooms.push(Arc::new(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Bytes;
    use crate::memory::Memory;

    #[test]
    fn where_there_are_too_many_none_is_absent() {
        let mut files = LayerFiles::default();
        files.insert(*b"a", Kept::Whole(Arc::from(*b"1")));
        assert_eq!(files.get(b"b"), None);
        files.set_overflow("is one of too many");
        assert_eq!(files.get(b"b"), Some(&Kept::Left("is one of too many".into())));
        assert_eq!(files.get(b"a"), Some(&Kept::Whole(Arc::from(*b"1"))));
    }

    #[test]
    fn memory_is_given_back_with_the_last_clone() {
        let memory = Memory::new(Bytes(100));
        let mut room = Room::of_run(&memory);
        room.draw(60).expect("room");
        let mut files = LayerFiles::default();
        files.hold(room);
        let clone = files.clone();
        drop(files);
        assert_eq!(memory.taken(), Bytes(60));
        drop(clone);
        assert_eq!(memory.taken(), Bytes::ZERO);
    }

    #[test]
    fn of_a_secret_nothing_is_kept_but_that_it_is_one() {
        let mut files = LayerFiles::default();
        let key = b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIGHhunter2hunter2\n".as_slice();
        files.insert("app/server.key", Kept::Whole(key.into()));
        let kept = |files: &LayerFiles| match files.get(b"app/server.key") {
            Some(Kept::Whole(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            other => panic!("{other:?}"),
        };
        let told = kept(&files);
        assert!(!told.contains("hunter2"), "{told}");
        // What a cache gives back is kept as it is.
        files.insert("app/server.key", Kept::Whole(told.clone().into_bytes().into()));
        assert_eq!(kept(&files), told);
    }
}
