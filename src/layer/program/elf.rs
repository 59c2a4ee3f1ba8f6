//! Headers and sections of ELF files (System V ABI, "Object Files"), as far as they were kept.

use std::io::Read as _;
use std::ops::Range;

use flate2::bufread::ZlibDecoder;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader, ProgramHeader as _, SectionHeader as _, SectionTable};
use object::{Endianness, FileKind};

use super::pieces::Pieces;
use super::{Program, go};

/// The largest table of sections that is read: 4,096 of them.
const LONGEST_TABLE: u64 = 256 << 10;

/// The largest table of what a file asks of the loader.
const LONGEST_DYNAMIC: u64 = 16 << 10;

/// Bytes behind all that is loaded, where linkers put what `cargo auditable` leaves.
const TAIL: u64 = 128 << 10;

/// What `cargo auditable` leaves has no more than that, inflated.
const LONGEST_LIST: u64 = 4 << 20;

/// A section of this size that is neither loaded nor for debuggers is what the program reads of itself.
const CARGO: u64 = 64 << 10;

/// What follows the last byte that headers tell of is no accident from so many bytes on.
const APPENDED: u64 = 16;

/// The ranges to keep, told by the head of a file.
pub(super) fn wanted(pieces: &Pieces) -> Vec<Range<u64>> {
    match FileKind::parse(pieces) {
        Ok(FileKind::Elf64) => wanted_by::<FileHeader64<Endianness>>(pieces),
        Ok(FileKind::Elf32) => wanted_by::<FileHeader32<Endianness>>(pieces),
        _ => None,
    }
    .unwrap_or_default()
}

fn wanted_by<Elf: FileHeader<Endian = Endianness>>(pieces: &Pieces) -> Option<Vec<Range<u64>>> {
    let header = Elf::parse(pieces).ok()?;
    let endian = header.endian().ok()?;
    let sections: u64 = header.e_shoff(endian).into();
    let table = u64::from(header.e_shnum(endian)).saturating_mul(u64::from(header.e_shentsize(endian)));
    let mut ranges = Vec::new();
    let mut end = 0;
    for segment in header.program_headers(endian, pieces).ok()? {
        let (offset, length) = segment.file_range(endian);
        match segment.p_type(endian) {
            elf::PT_LOAD => end = end.max(offset.saturating_add(length)),
            elf::PT_DYNAMIC => ranges.push(offset..offset.saturating_add(length.min(LONGEST_DYNAMIC))),
            _ => {}
        }
    }
    ranges.push(sections..sections.saturating_add(table.min(LONGEST_TABLE)));
    ranges.push(end..end.saturating_add(TAIL));
    Some(ranges)
}

/// What a file is, out of what was kept of it.
pub(super) fn examine(pieces: &Pieces) -> Program {
    let program = match FileKind::parse(pieces) {
        Ok(FileKind::Elf64) => examine_as::<FileHeader64<Endianness>>(pieces),
        Ok(FileKind::Elf32) => examine_as::<FileHeader32<Endianness>>(pieces),
        _ => Err("is not an ELF file of a known kind"),
    };
    program.unwrap_or_else(|why| Program { unread: Some(why.to_owned()), ..Program::default() })
}

fn examine_as<Elf: FileHeader<Endian = Endianness>>(pieces: &Pieces) -> Result<Program, &'static str> {
    let header = Elf::parse(pieces).map_err(|_| "has a damaged header")?;
    let endian = header.endian().map_err(|_| "has a damaged header")?;
    let segments =
        header.program_headers(endian, pieces).map_err(|_| "has its segments elsewhere than its beginning")?;
    let loaded: Vec<Range<u64>> = segments
        .iter()
        .filter(|segment| segment.p_type(endian) == elf::PT_LOAD)
        .map(|segment| {
            let (offset, length) = segment.file_range(endian);
            offset..offset.saturating_add(length)
        })
        .collect();
    let sections = header.sections(endian, pieces).map_err(|_| "has sections that cannot be read")?;
    let sections = Sections { endian, table: sections, pieces };
    let mut program = Program { is_program: is_program::<Elf>(header, endian, segments, pieces), ..Program::default() };
    program.symbols = sections.symbols(&loaded, u64::from(header.e_shentsize(endian)))?;
    let data = segments.iter().find(|segment| {
        let flags = segment.p_flags(endian);
        segment.p_type(endian) == elf::PT_LOAD && flags & elf::PF_W != 0 && flags & elf::PF_X == 0
    });
    let data =
        data.map(|segment| segment.file_range(endian)).map(|(start, length)| start..start.saturating_add(length));
    match sections.go(data) {
        Left::Nothing => {}
        Left::Read(build) => program.go = Some(build),
        Left::Unread => program.unread = Some("has build information of Go that cannot be read".to_owned()),
    }
    match sections.cargo() {
        Left::Nothing => {}
        Left::Read(list) => program.cargo = Some(list),
        Left::Unread => program.unread = Some("has a list of crates that cannot be read".to_owned()),
    }
    program.is_rust = sections.is_rust();
    if sections.is_of_debugger() {
        (program.is_program, program.symbols) = (false, 0);
    }
    Ok(program)
}

/// Whether a file is started by its name. Programs that can lie anywhere in memory look like libraries: they ask for an
/// interpreter, or say what they are. A library that can be started too has a name for the loader.
fn is_program<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    segments: &[Elf::ProgramHeader],
    pieces: &Pieces,
) -> bool {
    match header.e_type(endian) {
        elf::ET_EXEC => return true,
        elf::ET_DYN => {}
        _ => return false,
    }
    let mut asks = segments.iter().any(|segment| segment.p_type(endian) == elf::PT_INTERP);
    let dynamic = segments.iter().find_map(|segment| segment.dynamic(endian, pieces).ok().flatten());
    for entry in dynamic.unwrap_or_default() {
        let value: u64 = entry.d_val(endian).into();
        match entry.d_tag(endian).into() {
            elf::DT_SONAME => return false,
            elf::DT_FLAGS_1 => asks |= value & u64::from(elf::DF_1_PIE) != 0,
            elf::DT_NULL => break,
            _ => {}
        }
    }
    asks
}

/// What a linker left in a file.
enum Left<T> {
    Nothing,
    Read(T),
    /// It did, and it cannot be read.
    Unread,
}

impl<T> From<Option<T>> for Left<T> {
    fn from(read: Option<T>) -> Self {
        read.map_or(Self::Unread, Self::Read)
    }
}

struct Sections<'a, Elf: FileHeader<Endian = Endianness>> {
    endian: Endianness,
    table: SectionTable<'a, Elf, &'a Pieces>,
    pieces: &'a Pieces,
}

impl<Elf: FileHeader<Endian = Endianness>> Sections<'_, Elf> {
    /// What `strip` frees: sections that are not loaded, and their headers.
    fn symbols(&self, loaded: &[Range<u64>], header: u64) -> Result<u64, &'static str> {
        let mut freed = Vec::new();
        let mut end = loaded.iter().map(|range| range.end).max().unwrap_or_default();
        let mut carries = false;
        for section in self.table.iter() {
            let Some((offset, length)) = section.file_range(self.endian) else { continue };
            let range = offset..offset.saturating_add(length);
            if range.end > self.pieces.size() {
                return Err("has sections behind its end");
            }
            end = end.max(range.end);
            let flags: u64 = section.sh_flags(self.endian).into();
            if length == 0 || flags & u64::from(elf::SHF_ALLOC) != 0 {
                continue;
            }
            let name = self.table.section_name(self.endian, section);
            let name = name.map_err(|_| "has sections whose names cannot be read")?;
            if !is_for_debuggers(section.sh_type(self.endian), name) {
                carries |= length >= CARGO && name != b".dep-v0";
            } else if !loaded.iter().any(|loaded| loaded.start < range.end && range.start < loaded.end) {
                freed.push(range);
            }
        }
        let table = (self.table.len() as u64).saturating_mul(header);
        if carries || self.pieces.size().saturating_sub(end) > table.saturating_add(APPENDED) {
            return Ok(0);
        }
        let headers = (freed.len() as u64).saturating_mul(header);
        freed.sort_unstable_by_key(|range| (range.start, range.end));
        let mut reached = 0;
        let mut bytes = 0_u64;
        for range in &freed {
            bytes = bytes.saturating_add(range.end.saturating_sub(range.start.max(reached)));
            reached = reached.max(range.end);
        }
        Ok(if bytes == 0 { 0 } else { bytes.saturating_add(headers).min(self.pieces.size()) })
    }

    /// Whether the code of the file is elsewhere: it is what `objcopy --only-keep-debug` makes.
    fn is_of_debugger(&self) -> bool {
        self.table.iter().any(|section| {
            let flags: u64 = section.sh_flags(self.endian).into();
            flags & u64::from(elf::SHF_EXECINSTR) != 0
                && section.sh_type(self.endian) == elf::SHT_NOBITS
                && section.sh_size(self.endian).into() > 0
        })
    }

    /// Go's build information. Go itself looks in the section of this name, and without one in the segment of data.
    fn go(&self, data: Option<Range<u64>>) -> Left<super::GoBuild> {
        let section = self.named(b".go.buildinfo");
        let has_section = section.is_some();
        let Some(place) = section.or(data.filter(|_| self.table.is_empty())) else { return Left::Nothing };
        let mut found = self.pieces.iter().filter(|(start, bytes)| {
            place.contains(start) && start.wrapping_sub(place.start) % 16 == 0 && bytes.starts_with(super::find::GO)
        });
        match found.next() {
            Some((_, bytes)) => go::parse(bytes).into(),
            None if has_section => Left::Unread,
            None => Left::Nothing,
        }
    }

    /// Whether rustc says that it compiled a part of it.
    fn is_rust(&self) -> bool {
        let comment = self.named(b".comment").and_then(|range| {
            let length = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
            self.pieces.from(range.start)?.get(..length)
        });
        comment.is_some_and(|comment| memchr::memmem::find(comment, b"rustc version").is_some())
    }

    /// What `cargo auditable` left.
    fn cargo(&self) -> Left<String> {
        let Some(range) = self.named(b".dep-v0") else { return Left::Nothing };
        let inflated = || {
            let length = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
            let bytes = self.pieces.from(range.start)?.get(..length)?;
            let mut list = String::new();
            let read = ZlibDecoder::new(bytes).take(LONGEST_LIST).read_to_string(&mut list).ok()?;
            ((read as u64) < LONGEST_LIST).then_some(list)
        };
        inflated().into()
    }

    fn named(&self, name: &[u8]) -> Option<Range<u64>> {
        let (_, section) = self.table.section_by_name(self.endian, name)?;
        let (offset, length) = section.file_range(self.endian)?;
        Some(offset..offset.saturating_add(length))
    }
}

/// Whether `strip` takes a section out that is not loaded. What it leaves are notes, comments, and whatever it does not know.
fn is_for_debuggers(kind: u32, name: &[u8]) -> bool {
    const NAMES: [&[u8]; 5] = [b".debug_", b".zdebug_", b".gnu.debuglto_", b".stab", b".gnu.linkonce.wi."];
    match kind {
        elf::SHT_SYMTAB | elf::SHT_SYMTAB_SHNDX => true,
        elf::SHT_STRTAB => name == b".strtab",
        _ => NAMES.iter().any(|begin| name.starts_with(begin)) || matches!(name, b".gdb_index" | b".line"),
    }
}
