//! Tar entries as the Docker CLI sends them: user and group 0, mode and time kept, names as bytes (GNU format).

use std::io::{self, Read, Write};

use tar::{EntryType, Header};

/// Bytes of a tar block.
const BLOCK: usize = 512;

/// What a tar entry says beside its content.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) kind: EntryType,
    /// Relative to the context; any bytes and length.
    pub(super) path: &'a [u8],
    /// Target of a symbolic or hard link.
    pub(super) link: &'a [u8],
    /// Permission bits.
    pub(super) mode: u32,
    /// Seconds since 1970.
    pub(super) modified: u64,
    /// Bytes of content that follow.
    pub(super) size: u64,
}

/// Writes a tar.
pub(super) struct TarWriter<W> {
    out: W,
}

impl<W: Write> TarWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }

    /// Writes the header of an entry; [`Self::content`] must follow for an entry that has any.
    pub(super) fn header(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let mut header = Header::new_gnu();
        let names = header.as_old().name.len();
        for (kind, name) in [(EntryType::GNULongLink, entry.link), (EntryType::GNULongName, entry.path)] {
            if name.len() > names {
                self.long_name(kind, name)?;
            }
        }
        let fill = |field: &mut [u8], name: &[u8]| field.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        fill(&mut header.as_old_mut().name, entry.path);
        fill(&mut header.as_old_mut().linkname, entry.link);
        header.set_entry_type(entry.kind);
        header.set_mode(entry.mode);
        header.set_mtime(entry.modified);
        header.set_size(entry.size);
        self.finished(header)
    }

    /// The name that the next header has no room for.
    fn long_name(&mut self, kind: EntryType, name: &[u8]) -> io::Result<()> {
        let mut header = Header::new_gnu();
        let fixed = b"././@LongLink";
        header.as_old_mut().name[..fixed.len()].copy_from_slice(fixed);
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_mtime(0);
        let size = name.len() as u64 + 1;
        header.set_size(size);
        self.finished(header)?;
        self.content(&mut name.chain(&b"\0"[..]), size)?;
        Ok(())
    }

    fn finished(&mut self, mut header: Header) -> io::Result<()> {
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        self.out.write_all(header.as_bytes())
    }

    /// Copies the content of the last header, `size` bytes. Gives how many there were: fewer leave the tar broken.
    pub(super) fn content(&mut self, from: &mut dyn Read, size: u64) -> io::Result<u64> {
        let copied = io::copy(&mut from.take(size), &mut self.out)?;
        let beyond = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        if copied == size && beyond != 0 {
            self.out.write_all(&[0; BLOCK][beyond..])?;
        }
        Ok(copied)
    }

    /// Ends the tar.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.flush()
    }
}
