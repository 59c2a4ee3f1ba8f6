//! What was kept of a layer's files as bytes, beside its index.
//!
//! All numbers are little-endian; *varint* is LEB128 of 64 bits.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 2 | [`LAYOUT`], the version of this table |
//! | 2 | [`KEPT`], the version of what is kept of a layer |
//! | 4 | the evidence: 1 as an engine said, 2 hashed, and then nothing that is to be kept is lacking |
//! | 32 | the diff id |
//! | … | deflated: a text that says why files are lacking, as its length as a varint and its bytes; varints of how many files and sums there are; the files; the sums |
//! | 8 | XXH64 of all that |
//!
//! A file is a varint of how far its position in the index is behind that of the last one, a tag, a varint of a length, and so many bytes:
//! its content, what is kept in its place, a sentence, or a [`Program`] as JSON. A sum is such a varint and eight bytes.
//!
//! Files are named by their position in the index, so whatever the bytes are, each belongs to a file that the layer has, and its content
//! has the size that the index knows.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::{CHECKSUM, DecodeError, checksum, number, varint};
use crate::layer::evidence::Evidence;
use crate::layer::files::{Kept, LayerFiles};
use crate::layer::index::{LayerIndex, NodeKind};
use crate::layer::indexed::IndexedLayer;
use crate::layer::keep::{EACH, Keep, MOST_FILES, MOST_OF_A_LAYER, MOST_SUMS, NO_ROOM, Room};
use crate::layer::program::Program;
use crate::memory::{List, Memory};

/// The version of the form. Raised when the table above changes.
pub const LAYOUT: u16 = 1;

/// The version of what is kept. Raised whenever another file is to be kept, or more is read out of programs: what was learned by then is
/// not asked again.
pub const KEPT: u16 = 1;

/// What the bytes begin with.
pub const MAGIC: [u8; 8] = *b"imgbudF\n";

const HEADER: usize = 48;
const LONGEST_SENTENCE: u64 = 4096;
/// Of a secret no more is kept than that it is one.
const LONGEST_INSTEAD: u64 = 64 << 10;
const LONGEST_PROGRAM: u64 = 32 << 20;

const WHOLE: u8 = 0;
const LEFT: u8 = 1;
const PROGRAM: u8 = 2;
const INSTEAD: u8 = 3;

/// Writes what was kept of a layer's files, and how it is known.
///
/// # Errors
/// Those of `out`.
pub fn encode(layer: &IndexedLayer, evidence: Evidence, out: impl Write) -> io::Result<()> {
    let mut out = super::Summing::new(out);
    out.write_all(&MAGIC)?;
    out.write_all(&LAYOUT.to_le_bytes())?;
    out.write_all(&KEPT.to_le_bytes())?;
    out.write_all(&u32::from(number(evidence)).to_le_bytes())?;
    out.write_all(layer.diff_id().0.as_bytes())?;
    let mut body = DeflateEncoder::new(&mut out, Compression::fast());
    write_text(&mut body, layer.files.overflow().unwrap_or_default().as_bytes())?;
    let (files, sums) = placed(layer);
    body.write_all(&varint(files.len() as u64))?;
    body.write_all(&varint(sums.len() as u64))?;
    let mut last = 0;
    for (position, kept) in files {
        body.write_all(&varint((position - std::mem::replace(&mut last, position)) as u64))?;
        match kept {
            Kept::Whole(bytes) => {
                let size = bytes.len() as u64;
                let is_whole = matches!(layer.index.node(position).kind, NodeKind::File { size: of } if of == size);
                body.write_all(&[if is_whole { WHOLE } else { INSTEAD }])?;
                write_text(&mut body, bytes)?;
            }
            Kept::Left(why) => {
                body.write_all(&[LEFT])?;
                write_text(&mut body, why.as_bytes())?;
            }
            Kept::Program(program) => {
                body.write_all(&[PROGRAM])?;
                write_text(&mut body, &serde_json::to_vec(program.as_ref())?)?;
            }
        }
    }
    last = 0;
    for (position, sum) in sums {
        body.write_all(&varint((position - std::mem::replace(&mut last, position)) as u64))?;
        body.write_all(&sum.to_le_bytes())?;
    }
    body.finish()?;
    out.end()
}

/// What is at positions of an index.
type Placed<T> = Vec<(usize, T)>;

/// Files and sums by their positions. Only paths whose last part may be one of them are looked at whole.
fn placed(layer: &IndexedLayer) -> (Placed<&Kept>, Placed<u64>) {
    fn name(path: &[u8]) -> &[u8] {
        path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }
    let IndexedLayer { index, files } = layer;
    let all = files.iter().map(|(path, _)| path).chain(files.sums().map(|(path, _)| path));
    let names: HashSet<&[u8]> = all.map(name).collect();
    let (mut kept, mut sums) = (Vec::new(), Vec::new());
    for position in 1..=index.len() {
        let node = index.node(position);
        if !matches!(node.kind, NodeKind::File { .. }) || !names.contains(node.name) {
            continue;
        }
        let path = index.path(position);
        kept.extend(files.known(&path).map(|kept| (position, kept)));
        sums.extend(files.sum(&path).map(|sum| (position, sum)));
    }
    (kept, sums)
}

fn write_text(out: &mut impl Write, text: &[u8]) -> io::Result<()> {
    out.write_all(&varint(text.len() as u64))?;
    out.write_all(text)
}

/// The files of the layer with this index, out of the bytes that [`encode`] wrote of it with this evidence. What finds no room in memory is
/// left.
///
/// # Errors
/// Whatever else the bytes are.
pub fn decode(
    bytes: &List<u8>,
    index: &LayerIndex,
    evidence: Evidence,
    keep: &Keep,
    memory: &Memory,
) -> Result<LayerFiles, DecodeError> {
    use DecodeError::Damaged;
    let (body, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(Damaged)?;
    let (header, deflated) = body.split_at_checked(HEADER).ok_or(Damaged)?;
    let expected = [
        &MAGIC[..],
        &LAYOUT.to_le_bytes(),
        &KEPT.to_le_bytes(),
        &u32::from(number(evidence)).to_le_bytes(),
        index.diff_id().0.as_bytes(),
    ];
    if header != expected.concat() || checksum(body) != u64::from_le_bytes(*sum) {
        return Err(Damaged);
    }
    let mut reading = Reading {
        input: BufReader::new(DeflateDecoder::new(deflated)),
        index,
        position: 0,
        left: MOST_OF_A_LAYER,
        room: Room::new(keep, memory),
        files: LayerFiles::default(),
    };
    reading.all().ok_or(Damaged)?;
    let Reading { mut files, room, .. } = reading;
    if evidence == Evidence::Hashed {
        files.set_complete();
    }
    files.hold(room);
    Ok(files)
}

struct Reading<'a, R> {
    input: BufReader<R>,
    index: &'a LayerIndex,
    /// Of the last file.
    position: usize,
    /// Bytes that contents may still have.
    left: u64,
    room: Room,
    files: LayerFiles,
}

impl<R: Read> Reading<'_, R> {
    fn all(&mut self) -> Option<()> {
        let why = self.sentence()?;
        if !why.is_empty() {
            self.files.set_overflow(why);
        }
        let files = self.varint().filter(|files| *files <= MOST_FILES as u64)?;
        let sums = self.varint().filter(|sums| *sums <= MOST_SUMS as u64)?;
        for _ in 0..files {
            let (path, size) = self.place()?;
            let place = self.room.draw(path.len().saturating_add(EACH));
            let kept = self.kept(size)?;
            match place {
                Ok(()) => self.files.insert(path, kept),
                Err(_) => self.files.set_short(),
            }
        }
        self.position = 0;
        for _ in 0..sums {
            let (path, _) = self.place()?;
            let mut sum = [0; 8];
            self.input.read_exact(&mut sum).ok()?;
            if self.room.draw(path.len().saturating_add(EACH)).is_ok() {
                self.files.insert_sum(path, u64::from_le_bytes(sum));
            }
        }
        // Nothing follows.
        self.input.fill_buf().is_ok_and(<[u8]>::is_empty).then_some(())
    }

    /// The path and the size of the next file.
    fn place(&mut self) -> Option<(Vec<u8>, u64)> {
        let further = self.varint().and_then(|further| usize::try_from(further).ok()).filter(|further| *further > 0)?;
        self.position = self.position.checked_add(further).filter(|position| *position <= self.index.len())?;
        match self.index.node(self.position).kind {
            NodeKind::File { size } => Some((self.index.path(self.position), size)),
            _ => None,
        }
    }

    fn kept(&mut self, size: u64) -> Option<Kept> {
        let mut tag = [0];
        self.input.read_exact(&mut tag).ok()?;
        match tag {
            [WHOLE] => {
                let length = self.varint().filter(|length| *length == size)?;
                self.left = self.left.checked_sub(length)?;
                if self.room.draw(usize::try_from(length).ok()?).is_ok() {
                    return Some(Kept::Whole(self.bytes(length)?.into()));
                }
                let passed = io::copy(&mut (&mut self.input).take(length), &mut io::sink()).ok()?;
                (passed == length).then(|| self.no_room())
            }
            [INSTEAD] => {
                let length = self.varint().filter(|length| *length <= LONGEST_INSTEAD)?;
                let bytes = self.bytes(length)?;
                match self.room.draw(bytes.len()) {
                    Ok(()) => Some(Kept::Whole(bytes.into())),
                    Err(_) => Some(self.no_room()),
                }
            }
            [LEFT] => Some(Kept::Left(self.sentence()?.into())),
            [PROGRAM] => {
                let length = self.varint().filter(|length| *length <= LONGEST_PROGRAM)?;
                let program: Program = serde_json::from_slice(&self.bytes(length)?).ok()?;
                match self.room.draw(program.text()) {
                    Ok(()) => Some(Kept::Program(Arc::new(program))),
                    Err(_) => Some(self.no_room()),
                }
            }
            _ => None,
        }
    }

    fn no_room(&mut self) -> Kept {
        self.files.set_short();
        Kept::Left(NO_ROOM.into())
    }

    fn sentence(&mut self) -> Option<String> {
        let length = self.varint().filter(|length| *length <= LONGEST_SENTENCE)?;
        String::from_utf8(self.bytes(length)?).ok()
    }

    fn bytes(&mut self, length: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 == length).then_some(bytes)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let mut byte = [0];
            self.input.read_exact(&mut byte).ok()?;
            let part = u64::from(byte[0] & 0x7f);
            if part << shift >> shift != part {
                return None;
            }
            number |= part << shift;
            if byte[0] & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bytes, DiffId, Digest};
    use crate::layer::{Entry, EntryKind, GoBuild, LayerIndexBuilder};

    fn layer() -> IndexedLayer {
        let mut draft = LayerIndexBuilder::default();
        for (path, size) in [("d/a", 3), ("d/b", 4), ("a", 5_000_000), ("c", 0), ("p", 200_000), ("app/.env", 26)] {
            draft.push(Entry { path: path.as_bytes(), kind: EntryKind::File { size }, mode: 0o644 }).expect("room");
        }
        let mut files = LayerFiles::default();
        files.insert(*b"d/a", Kept::Whole((*b"abc").into()));
        files.insert(*b"a", Kept::Left("is large".into()));
        files.insert(*b"c", Kept::Whole((*b"").into()));
        let go = Some(GoBuild { version: "go1.22".to_owned(), modules: "dep\tx\n".to_owned() });
        files.insert(*b"p", Kept::Program(Arc::new(Program { is_program: true, go, ..Program::default() })));
        files.insert(*b"app/.env", Kept::Whole((*b"A_PASSWORD=hunter2hunter2\n").into()));
        files.insert_sum(*b"a", 0x0123_4567_89ab_cdef);
        files.set_complete();
        IndexedLayer::new(draft.finish(DiffId(Digest::of("a layer"))).expect("room"), files)
    }

    fn encoded(layer: &IndexedLayer, evidence: Evidence) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(layer, evidence, &mut bytes).expect("a vector takes all");
        bytes
    }

    fn decoded(bytes: &[u8], index: &LayerIndex, memory: &Memory) -> Result<LayerFiles, DecodeError> {
        let mut list = List::new(&Memory::default());
        list.extend(bytes).expect("room");
        decode(&list, index, Evidence::Hashed, &Keep::new(|_| Some(100), memory), memory)
    }

    /// Makes the checksum right, as a forger would.
    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let body = bytes.len() - CHECKSUM;
        let sum = checksum(&bytes[..body]);
        bytes[body..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Bytes with this body.
    fn forged(body: &[u8]) -> Vec<u8> {
        let mut bytes = encoded(&layer(), Evidence::Hashed)[..HEADER].to_vec();
        let mut deflate = DeflateEncoder::new(&mut bytes, Compression::fast());
        deflate.write_all(body).and_then(|()| deflate.finish().map(drop)).expect("in memory");
        bytes.extend_from_slice(&[0; CHECKSUM]);
        sealed(bytes)
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let layer = layer();
        let bytes = encoded(&layer, Evidence::Hashed);
        let read = decoded(&bytes, &layer.index, &Memory::default()).expect("whole");
        assert_eq!(read, *layer.files);
        let mut many = LayerFiles::clone(&layer.files);
        many.set_overflow("is one of too many");
        let many = IndexedLayer { files: Arc::new(many), ..layer };
        let read = decoded(&encoded(&many, Evidence::Hashed), &many.index, &Memory::default()).expect("whole");
        assert_eq!(read, *many.files);
    }

    #[test]
    fn a_form_that_changes_is_another_version() {
        // Before it is deflated: another version of that library writes other bytes, which are as good.
        let layer = layer();
        let (files, sums) = placed(&layer);
        let sum = checksum(format!("{files:?}{sums:?}").as_bytes());
        // Where this fails, raise LAYOUT or KEPT: what earlier versions wrote must not be read as something else.
        assert_eq!((LAYOUT, KEPT, format!("{sum:016x}").as_str()), (1, 1, "7003001b382c2d71"));
    }

    #[test]
    fn it_answers_for_its_own_layer_and_evidence_alone() {
        let layer = layer();
        let said = encoded(&layer, Evidence::EngineSaid);
        assert_eq!(decoded(&said, &layer.index, &Memory::default()), Err(DecodeError::Damaged));
        let other = LayerIndexBuilder::default().finish(DiffId(Digest::of("another"))).expect("room");
        let hashed = encoded(&layer, Evidence::Hashed);
        assert_eq!(decoded(&hashed, &other, &Memory::default()), Err(DecodeError::Damaged));
    }

    #[test]
    fn accidents_are_noticed() {
        let layer = layer();
        let bytes = encoded(&layer, Evidence::Hashed);
        for end in 0..bytes.len() {
            assert!(decoded(&bytes[..end], &layer.index, &Memory::default()).is_err(), "cut at {end}");
            let mut changed = bytes.clone();
            changed[end] ^= 1;
            assert!(decoded(&changed, &layer.index, &Memory::default()).is_err(), "changed at {end}");
        }
    }

    #[test]
    fn whatever_a_forger_writes_is_of_a_file_and_has_its_size() {
        let refused = |body: &[u8]| {
            let read = decoded(&forged(body), &layer().index, &Memory::default());
            assert_eq!(read, Err(DecodeError::Damaged), "{body:?}");
        };
        assert_eq!(decoded(&forged(&[0, 0, 0]), &layer().index, &Memory::default()).map(|files| files.len()), Ok(0));
        // Position 1 is the directory.
        refused(&[0, 1, 0, 1, WHOLE, 0]);
        refused(&[0, 1, 0, 0, WHOLE, 0]);
        refused(&[0, 1, 0, 99, WHOLE, 0]);
        refused(&[0, 1, 0, 2, WHOLE, 2, b'a', b'b']);
        refused(&[0, 1, 0, 2, WHOLE, 3, b'a', b'b']);
        refused(&[0, 1, 0, 2, 9, 0]);
        refused(&[0, 1, 0, 2, PROGRAM, 1, b'{']);
        refused(&[0, 1, 0, 2, LEFT, 1, 0xff]);
        refused(&[0, 2, 0, 2, LEFT, 0]);
        refused(&[0, 0, 1, 2, 1, 2, 3]);
        refused(&[0, 0, 0, 0]);
        refused(&[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]);
        refused(&[]);
    }

    #[test]
    fn what_finds_no_room_is_left() {
        let layer = layer();
        let bytes = encoded(&layer, Evidence::Hashed);
        let memory = Memory::new(Bytes(600 * 4));
        let read = decoded(&bytes, &layer.index, &memory).expect("whole");
        assert!(read.is_short() && read.len() < layer.files.len(), "{read:?}");
        drop(read);
        assert_eq!(memory.taken(), Bytes::ZERO);
    }
}
