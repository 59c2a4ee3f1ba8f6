//! What is taken of a file's content while it goes by: all of it, its sum, or nothing and why.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use crc::{CRC_64_GO_ISO, Crc, Digest, Table};

use super::files::{Kept, LayerFiles};
use super::keep::{EACH, Keep, MOST_FILES, MOST_OF_A_LAYER, MOST_SUMS, NO_ROOM, Room, SUMMED};
use super::program;
use super::tar::Members;
use crate::domain::Bytes;
use crate::memory::Memory;

/// As Go has it (`hash/crc64`, `ISO`).
static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_GO_ISO);

/// What looking at a program takes while it is under way.
const WHILE_LOOKING: usize = 8 << 20;

/// Why a file is not kept of a layer that has no end of them.
const TOO_MANY: &str = "is beyond the 200,000 files that are read of one layer";

/// What was taken of one file.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    pub(super) kept: Option<Kept>,
    pub(super) sum: Option<u64>,
}

impl Taken {
    pub(super) fn is_some(&self) -> bool {
        self.kept.is_some() || self.sum.is_some()
    }
}

/// Takes what is to be kept of the files of one layer, as far as there is room.
#[derive(Debug)]
pub(super) struct Taking<'a> {
    keep: &'a Keep,
    memory: Memory,
    left: u64,
    files: usize,
    sums: usize,
    room: Room,
    has_overflow: bool,
    is_short: bool,
}

impl<'a> Taking<'a> {
    pub(super) fn new(keep: &'a Keep, memory: &Memory) -> Self {
        Self {
            keep,
            memory: memory.clone(),
            left: MOST_OF_A_LAYER,
            files: 0,
            sums: 0,
            room: Room::new(keep, memory),
            has_overflow: false,
            is_short: false,
        }
    }

    /// What is known at the end, but for the files: the memory that they have, and whether there were too many.
    pub(super) fn finish(self) -> LayerFiles {
        let mut files = LayerFiles::default();
        if !self.keep.is_nothing() {
            files.set_complete();
        }
        if self.has_overflow {
            files.set_overflow(TOO_MANY);
        }
        if self.is_short {
            files.set_short();
        }
        files.hold(self.room);
        files
    }

    /// Takes what is wanted of the current member, a file that the layer's tree has at `path`. A stream that breaks here is noticed when
    /// the walk goes on.
    pub(super) fn file<R: BufRead>(&mut self, members: &mut Members<R>, path: &[u8], mode: u32, size: u64) -> Taken {
        let bound = self.keep.bound(path);
        let may_be_program = bound.is_none() && program::may_be_program(mode, size) && !members.is_sparse();
        let is_summed = size >= SUMMED && !members.is_sparse() && self.sums < MOST_SUMS;
        if self.keep.is_nothing() || bound.is_none() && !may_be_program && !is_summed {
            return Taken::default();
        }
        let mut content = Summing { members, sum: is_summed.then(|| CRC.digest()) };
        let kept = match bound {
            Some(bound) => self.counted(|it| it.whole(&mut content, path, size, bound)),
            None if may_be_program => self.program(&mut content, path, size),
            None => None,
        };
        let sum = content.finish().filter(|_| self.room.draw(path.len().saturating_add(EACH)).is_ok());
        self.sums += usize::from(sum.is_some());
        Taken { kept, sum }
    }

    /// Says of a further name of a file that it is to be kept and the file was not.
    pub(super) fn name(&mut self, path: &[u8]) -> Option<Kept> {
        self.keep.bound(path)?;
        self.counted(|_| Some(Kept::Left("is a hard link to a file of another name".into())))
    }

    /// `take`, unless there are too many files by now.
    fn counted(&mut self, take: impl FnOnce(&mut Self) -> Option<Kept>) -> Option<Kept> {
        if self.files >= MOST_FILES {
            self.has_overflow = true;
            return None;
        }
        self.files += 1;
        take(self)
    }

    /// All bytes of a file, or why not.
    fn whole<R: BufRead>(&mut self, content: &mut Summing<'_, R>, path: &[u8], size: u64, bound: u64) -> Option<Kept> {
        let place = path.len().saturating_add(EACH);
        if self.room.draw(place).is_err() {
            (self.has_overflow, self.is_short) = (true, true);
            return None;
        }
        if size > bound {
            let why = format!("has {}, more than the {} that are read", Bytes(size), Bytes(bound));
            return Some(Kept::Left(why.into()));
        }
        if content.members.is_sparse() {
            return Some(Kept::Left("is stored with holes".into()));
        }
        let Some(left) = self.left.checked_sub(size) else {
            return Some(Kept::Left(
                format!("is beyond the {} that are read of one layer", Bytes(MOST_OF_A_LAYER)).into(),
            ));
        };
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        // When it is put in its place it is there twice.
        let mut twice = self.memory.reserve();
        if twice.grow(length).is_err() || self.room.draw(length).is_err() {
            return Some(self.no_room());
        }
        let mut bytes = Vec::with_capacity(length.min(1 << 20));
        // What is cut short ends the layer, too.
        content.take(size).read_to_end(&mut bytes).ok()?;
        self.left = left;
        Some(Kept::Whole(Arc::from(bytes)))
    }

    fn no_room(&mut self) -> Kept {
        self.is_short = true;
        Kept::Left(NO_ROOM.into())
    }

    /// What a file says of itself that may be a program; `None` where it is none.
    fn program<R: BufRead>(&mut self, content: &mut Summing<'_, R>, path: &[u8], size: u64) -> Option<Kept> {
        let mut transient = self.memory.reserve();
        let program = match transient.grow(WHILE_LOOKING) {
            Ok(()) => program::look(content, size).ok()??,
            Err(_) => return self.counted(|it| Some(it.no_room())),
        };
        let length = path.len().saturating_add(EACH).saturating_add(program.text());
        self.counted(|it| match it.room.draw(length) {
            Ok(()) => Some(Kept::Program(Arc::new(program))),
            Err(_) => Some(it.no_room()),
        })
    }
}

/// The content of a file, whose sum is known when it was read.
struct Summing<'m, R> {
    members: &'m mut Members<R>,
    sum: Option<Digest<'static, u64, Table<16>>>,
}

impl<R: BufRead> Summing<'_, R> {
    /// The sum, with what nobody has read yet. Nothing where the stream fails.
    fn finish(self) -> Option<u64> {
        let mut sum = self.sum?;
        self.members.show(|bytes| sum.update(bytes)).ok()?;
        Some(sum.finalize())
    }
}

impl<R: BufRead> Read for Summing<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.members.content().read(buffer)?;
        if let Some(sum) = &mut self.sum {
            sum.update(&buffer[..read]);
        }
        Ok(read)
    }
}
