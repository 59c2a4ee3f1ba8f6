//! What is taken of a file's content while it goes by: all of it, its sum, or nothing and why.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use crc::{CRC_64_GO_ISO, Crc, Digest, Table};

use super::files::{Kept, LayerFiles};
use super::keep::{Keep, MOST_FILES, MOST_OF_A_LAYER, MOST_SUMS, SUMMED};
use super::program;
use super::tar::Members;
use crate::domain::Bytes;
use crate::memory::{Memory, OutOfMemory, Reserved};

/// As Go has it (`hash/crc64`, `ISO`).
static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_GO_ISO);

const NO_ROOM: &str = "finds no room in memory (see --memory-limit)";

/// What looking at a program takes while it is under way.
const WHILE_LOOKING: usize = 8 << 20;

/// What a file takes beside its bytes: its path, and its place in tables.
pub(super) const EACH: usize = 256;

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
    /// Of the run, and of all kept files.
    reserved: [Reserved; 2],
    has_overflow: bool,
}

impl<'a> Taking<'a> {
    pub(super) fn new(keep: &'a Keep, memory: &Memory) -> Self {
        let reserved = [memory.reserve(), keep.room().reserve()];
        Self { keep, memory: memory.clone(), left: MOST_OF_A_LAYER, files: 0, sums: 0, reserved, has_overflow: false }
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
        self.reserved.into_iter().for_each(|reserved| files.hold(reserved));
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
        let sum = content.finish().filter(|_| self.draw(path.len().saturating_add(EACH)).is_ok());
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
        if self.draw(place).is_err() {
            self.has_overflow = true;
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
        if twice.grow(length).is_err() || self.draw(length).is_err() {
            return Some(Kept::Left(NO_ROOM.into()));
        }
        let mut bytes = Vec::with_capacity(length.min(1 << 20));
        // What is cut short ends the layer, too.
        content.take(size).read_to_end(&mut bytes).ok()?;
        self.left = left;
        Some(Kept::Whole(Arc::from(bytes)))
    }

    /// What a file says of itself that may be a program; `None` where it is none.
    fn program<R: BufRead>(&mut self, content: &mut Summing<'_, R>, path: &[u8], size: u64) -> Option<Kept> {
        let mut transient = self.memory.reserve();
        let program = match transient.grow(WHILE_LOOKING) {
            Ok(()) => program::look(content, size).ok()??,
            Err(_) => return self.counted(|_| Some(Kept::Left(NO_ROOM.into()))),
        };
        let text = program.go.as_ref().map_or(0, |go| go.version.len().saturating_add(go.modules.len()));
        let length = program.cargo.as_ref().map_or(0, String::len).saturating_add(text);
        self.counted(|it| match it.draw(path.len().saturating_add(EACH).saturating_add(length)) {
            Ok(()) => Some(Kept::Program(Arc::new(program))),
            Err(_) => Some(Kept::Left(NO_ROOM.into())),
        })
    }

    /// Draws from both budgets, or from neither.
    fn draw(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        let [of_run, of_files] = &mut self.reserved;
        of_files.grow(bytes)?;
        of_run.grow(bytes).inspect_err(|_| {
            let before = usize::try_from(of_files.bytes().0).unwrap_or(usize::MAX).saturating_sub(bytes);
            of_files.shrink_to(before);
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
