//! Image archives as one stream: docker-archive in all its generations, and OCI layouts in a tar.
//!
//! What says which member is what comes last, or anywhere, and names of layers are no diff ids everywhere. So one pass indexes every
//! member that begins like a layer and keeps every small JSON document; the image is put together at the end.

use std::fs::File;
use std::io::{self, BufReader, Cursor, IsTerminal as _, Read, Seek as _};
use std::path::Path;
use std::sync::Arc;

use super::counting::Counting;
use super::members::{Archive, Held, broken};
use super::part::{Layer, Place};
use super::{Described, HINT_FORMAT, ImageContent, Limits, Wanted, saved, unreadable};
use crate::error::{Class, Error};
use crate::layer::blob::BUFFER;
use crate::layer::decompress::Decoder;
use crate::layer::tar::Members;
use crate::layer::{Allowance, Compression, Head, LayerBlob, LayerError, TarError};

/// The most that may follow the end of the outer tar. Writers pad it to some kilobytes; `/dev/zero` never ends.
const MOST_TRAILING: u64 = 64 << 20;
/// What is read at once of a file whose layers are leapt over: a header, and the documents that are small.
const LEAPING: usize = 16 * 1024;

/// Reads the archive file at `path`: only the layers of the wanted image where its tar is not compressed. `progress` hears how many
/// bytes were read so far.
///
/// # Errors
/// When the file cannot be read, and as [`read`].
pub fn open(
    path: &Path,
    wanted: &Wanted,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageContent, Error> {
    match describe(path, wanted, limits)? {
        Some(described) => described.image(&mut |_| None, limits, progress),
        None => read(open_file(path)?, wanted, &path.display().to_string(), limits, progress),
    }
}

/// The wanted image of the archive file at `path`, whose layers are not read yet. `None` where the file has to be read in one pass: it
/// is compressed as a whole, or a pipe, or so written that only reading its layers tells which of them count.
///
/// # Errors
/// As [`open`], but for the content of layers.
pub fn describe(path: &Path, wanted: &Wanted, limits: &Limits) -> Result<Option<Described>, Error> {
    // A pipe that is opened to be looked at loses its writer.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return Ok(None);
    }
    let name = path.display().to_string();
    let file = open_file(path)?;
    let failed = |error: io::Error| broken(&name, &error.into());
    let metadata = file.metadata().map_err(failed)?;
    let head = Head::read(&mut &file).map_err(failed)?;
    if head.compression() != Compression::None || !head.begins_tar() {
        return Ok(None);
    }
    let file = Arc::new(file);
    let mut reader = BufReader::with_capacity(LEAPING, &*file);
    reader.rewind().map_err(failed)?;
    let mut members = Members::leaping(reader);
    let mut held = Held::new(&name, limits);
    let mut has_holes = false;
    while let Some(member) = members.advance().map_err(|error| broken(&name, &error))? {
        held.take_by(member, &mut members, |head, members| {
            let Some(position) = members.position()? else {
                has_holes = true;
                return Ok(Layer::Read(Err(LayerError::NoLayer)));
            };
            let begin = position.saturating_sub(head.bytes().len() as u64);
            Ok(Layer::Unread(Place::within(&file, begin, member.size, head.compression())))
        })?;
    }
    let end = members.into_inner().stream_position().map_err(failed)?;
    if metadata.len().saturating_sub(end) > MOST_TRAILING {
        return Err(trailing(&name));
    }
    if has_holes || held.is_twofold {
        return Ok(None);
    }
    held.check_paths()?;
    saved::image(Archive::new(&held, &name), wanted).map(Some)
}

fn open_file(path: &Path) -> Result<File, Error> {
    let name = path.display().to_string();
    if path.is_dir() {
        return Err(unreadable(format!("{name} is a directory, and an archive is a file"))
            .with_hint("For an OCI image layout use `layout` instead of `archive`."));
    }
    File::open(path).map_err(|error| {
        Error::new(Class::Io, format!("cannot open the archive {name}"))
            .with_hint(
                "In budgets.toml `archive` is relative to that file, on the command line to the current directory.",
            )
            .caused_by(error)
    })
}

fn trailing(name: &str) -> Error {
    let what = format!("more than {} MiB follow the end of its tar", MOST_TRAILING >> 20);
    unreadable(format!("{name} is not an image archive: {what}")).with_hint(HINT_FORMAT)
}

/// The path that means standard input on a command line, as for tar and docker.
pub const STANDARD_INPUT: &str = "-";

/// Reads the archive that is piped in; the path only says that it is. `progress` hears how many bytes were read so far.
///
/// # Errors
/// When nothing is piped in, and as [`read`].
pub fn standard_input(
    _: &Path,
    wanted: &Wanted,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageContent, Error> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(Error::new(Class::Usage, "nothing is piped into standard input")
            .with_hint("Pipe an archive in, as in `docker save IMAGE | imgbudget check --archive NAME=-`."));
    }
    read(stdin.lock(), wanted, "standard input", limits, progress)
}

/// Reads an archive for the one image that is wanted, as [`scan`] does. `name` is what errors call it; `progress` hears how many bytes
/// were read so far.
///
/// # Errors
/// As [`scan`] and [`Scan::image`].
pub fn read(
    reader: impl Read,
    wanted: &Wanted,
    name: &str,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageContent, Error> {
    scan(reader, name, limits, progress)?.image(wanted)
}

/// An archive that was read to its end: every layer in it, and the documents that say which image they belong to.
#[derive(Debug)]
pub struct Scan(Held);

impl Scan {
    /// The image that is wanted, as often as one is. It computes, and waits for nothing.
    ///
    /// # Errors
    /// [`Class::Image`] when the archive lacks a part of it, or holds something else than it says, or engines may read another one out of
    /// it.
    pub fn image(&self, wanted: &Wanted) -> Result<ImageContent, Error> {
        self.image_of(wanted, &self.0.name)
    }

    /// The same, with a name of its own in errors: one archive of an engine holds several images.
    ///
    /// # Errors
    /// As [`Scan::image`].
    pub fn image_of(&self, wanted: &Wanted, name: &str) -> Result<ImageContent, Error> {
        // All that it could find is read: no limit is touched.
        let limits = Limits { squeeze: self.0.squeeze, ..Limits::default() };
        saved::image(Archive::new(&self.0, name), wanted)?.image(&mut |_| None, &limits, &mut |_| {})
    }

    /// Every layer that was read whole, in no order. Each has the diff id of the bytes that were read, whether an image lists it or not.
    pub fn layers(&self) -> impl Iterator<Item = &LayerBlob> {
        self.0.layers()
    }
}

/// Reads an archive in one pass, gzip or zstd around it or not. `name` is what errors call it; `progress` hears how many bytes
/// were read so far.
///
/// # Errors
/// [`Class::Image`] when it is no archive, cannot be read to its end, or goes beyond `limits`. A layer that cannot be read is an
/// error only of the images that have it.
pub fn scan(reader: impl Read, name: &str, limits: &Limits, progress: &mut dyn FnMut(u64)) -> Result<Scan, Error> {
    let mut stream = Counting::new(reader, progress);
    let head = Head::read(&mut stream).map_err(|error| broken(name, &TarError::Read(error)))?;
    let compression = head.compression();
    if compression == Compression::None && !head.begins_tar() {
        let what = if head.bytes().is_empty() { "is empty" } else { "is not an image archive" };
        return Err(unreadable(format!("{name} {what}")).with_hint(HINT_FORMAT));
    }
    let (outer, stop) = (Allowance::new(limits.read), limits.memory.stop());
    let stored = Cursor::new(head.bytes().to_vec()).chain(stream);
    let stored = BufReader::with_capacity(BUFFER, outer.bound_stored(stored, stop));
    let unpacked = outer.bound(Decoder::new(compression, stored, &limits.memory), stop);
    let mut members = Members::new(BufReader::with_capacity(BUFFER, unpacked));
    let mut held = Held::new(name, limits);
    while let Some(member) = members.advance().map_err(|error| broken(name, &error))? {
        held.take(member, &mut members)?;
    }
    // An engine that fails late, or a broken checksum, shows only at the very end.
    let left = crate::layer::tar::skip(&mut members.into_inner(), MOST_TRAILING);
    if left.map_err(|error| broken(name, &error.into()))? == 0 {
        return Err(trailing(name));
    }
    held.check_paths()?;
    Ok(Scan(held))
}
