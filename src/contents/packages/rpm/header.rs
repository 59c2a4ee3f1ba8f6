//! A package's header, as rpm's databases keep it: an index of tags, and the data that they point into.
//!
//! <https://rpm-software-management.github.io/rpm/manual/format_header.html>

use super::bytes::be32;

/// More bytes than a name, a version or an architecture has.
const LONGEST_WORD: usize = 255;

/// Tags of rpmtag.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Tag {
    Name = 1000,
    Version = 1001,
    Release = 1002,
    Epoch = 1003,
    Licence = 1014,
    Architecture = 1022,
    FileStates = 1029,
    SourceRpm = 1044,
    ProvideName = 1047,
    RequireName = 1049,
    DirIndexes = 1116,
    BaseNames = 1117,
    DirNames = 1118,
    RecommendName = 5046,
    SuggestName = 5049,
}

const CHARS: u32 = 1;
const INT32: u32 = 4;
const STRING: u32 = 6;
const STRINGS: u32 = 8;
const I18N: u32 = 9;

/// A header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    index: &'a [u8],
    data: &'a [u8],
}

impl<'a> Header<'a> {
    /// Takes a header apart; `None` where its parts are not as long as it says.
    pub(super) fn new(blob: &'a [u8]) -> Option<Self> {
        const ENTRY: usize = 16;
        let (entries, length) = (be32(blob, 0)? as usize, be32(blob, 4)? as usize);
        let (index, data) = blob.get(8..)?.split_at_checked(entries.checked_mul(ENTRY)?)?;
        (data.len() == length && entries > 0).then_some(Self { index, data })
    }

    /// The type of a tag, how many it has, and its data with all that follows. Of a tag that is there twice the last counts: rpm writes
    /// what it adds on installation behind the rest.
    fn entry(&self, tag: Tag) -> Option<(u32, usize, &'a [u8])> {
        let entry = self.index.rchunks_exact(16).find(|entry| be32(entry, 0) == Some(tag as u32))?;
        let (kind, offset, count) = (be32(entry, 4)?, be32(entry, 8)? as usize, be32(entry, 12)? as usize);
        Some((kind, count, self.data.get(offset..)?))
    }

    /// Whether a tag is there and cannot be read, which is not the same as its absence.
    fn is_broken(&self, tag: Tag, kinds: &[u32]) -> bool {
        let is_there = self.index.chunks_exact(16).any(|entry| be32(entry, 0) == Some(tag as u32));
        let is_whole = self.entry(tag).is_some_and(|(kind, count, data)| {
            kinds.contains(&kind)
                && match kind {
                    INT32 => count.checked_mul(4).is_some_and(|length| length <= data.len()),
                    CHARS => count <= data.len(),
                    _ => count <= data.len() && data.split(|byte| *byte == 0).take(count + 1).count() > count,
                }
        });
        is_there && !is_whole
    }

    /// The first thing that is wrong with what is read of it, as a fragment about its database.
    pub(super) fn trouble(&self) -> Option<&'static str> {
        use Tag::{
            Architecture, BaseNames, DirIndexes, DirNames, Epoch, FileStates, Licence, Name, ProvideName,
            RecommendName, Release, RequireName, SourceRpm, SuggestName, Version,
        };
        let words = [Name, Version, Release, Architecture, Licence, SourceRpm];
        let lists = [BaseNames, DirNames, ProvideName, RequireName, RecommendName, SuggestName];
        let is_broken = words.iter().any(|tag| self.is_broken(*tag, &[STRING, I18N]))
            || lists.iter().any(|tag| self.is_broken(*tag, &[STRINGS]))
            || [Epoch, DirIndexes].iter().any(|tag| self.is_broken(*tag, &[INT32]))
            || self.is_broken(FileStates, &[CHARS]);
        if is_broken {
            return Some("has a header that is damaged");
        }
        if [Name, Version, Release].iter().any(|tag| self.word(*tag).is_none()) {
            return Some("has a header without name, version or release");
        }
        let count = |tag| self.entry(tag).map_or(0, |(_, count, _)| count);
        let directories = count(DirNames);
        let is_odd = count(BaseNames) != count(DirIndexes)
            || self.numbers(DirIndexes).any(|index| index as usize >= directories);
        is_odd.then_some("has a header whose files have no directories")
    }

    /// A word that is not empty.
    pub(super) fn word(&self, tag: Tag) -> Option<&'a [u8]> {
        let (.., data) = self.entry(tag).filter(|(kind, count, _)| matches!(*kind, STRING | I18N) && *count > 0)?;
        let word = data.split(|byte| *byte == 0).next()?;
        (!word.is_empty() && (word.len() <= LONGEST_WORD || tag == Tag::Licence)).then_some(word)
    }

    /// The strings of a list.
    pub(super) fn words(&self, tag: Tag) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let entry = self.entry(tag).filter(|(kind, ..)| *kind == STRINGS);
        let (_, count, data) = entry.unwrap_or((STRINGS, 0, &[]));
        data.split(|byte| *byte == 0).take(count)
    }

    /// The numbers of a list.
    pub(super) fn numbers(&self, tag: Tag) -> impl Iterator<Item = u32> + use<'a> {
        let entry = self.entry(tag).filter(|(kind, ..)| *kind == INT32);
        let (_, count, data) = entry.unwrap_or((INT32, 0, &[]));
        data.chunks_exact(4).take(count).filter_map(|number| be32(number, 0))
    }

    /// What became of each file: `RPMFILE_STATE_…`.
    pub(super) fn states(&self) -> &'a [u8] {
        let entry = self.entry(Tag::FileStates).filter(|(kind, ..)| *kind == CHARS);
        entry.and_then(|(_, count, data)| data.get(..count)).unwrap_or_default()
    }
}
