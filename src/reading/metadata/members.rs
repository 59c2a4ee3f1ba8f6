//! The tar in which an engine hands over files through a container: only regular files below the container's own directory count.

use std::io::{self, BufReader, Read};

use super::{Fallback, Progress};
use crate::layer::tar::{self, Content, MemberKind};

const BUFFER: usize = 64 << 10;

/// Walks over the files.
pub(super) struct Members<'a, R> {
    tar: tar::Members<BufReader<Counting<'a, R>>>,
    directory: &'a str,
}

/// A file below the directory.
pub(super) struct Member<'m, 'a, R> {
    /// The number of the bind that it is in.
    pub(super) bind: usize,
    /// Its path below that; empty where a file was bound.
    pub(super) name: String,
    /// Its size in bytes.
    pub(super) size: u64,
    /// Its bytes.
    pub(super) content: Content<'m, BufReader<Counting<'a, R>>>,
}

impl<'a, R: Read> Members<'a, R> {
    /// The files of `tar`, which an engine wrote of `directory`. `progress` hears how many bytes came.
    pub(super) fn new(tar: R, directory: &'a str, progress: &'a Progress) -> Self {
        let counted = Counting { reader: tar, progress };
        let directory = directory.trim_start_matches('/');
        Self { tar: tar::Members::new(BufReader::with_capacity(BUFFER, counted)), directory }
    }

    /// The next file; `None` at the end. What is no file, or does not lie there, was not asked for.
    pub(super) fn advance(&mut self) -> Result<Option<Member<'_, 'a, R>>, Fallback> {
        loop {
            let member = self.tar.advance().map_err(unreadable)?;
            let Some(member) = member else { return Ok(None) };
            if member.kind != MemberKind::File {
                continue;
            }
            let path = std::str::from_utf8(self.tar.path()).ok();
            let below = path.and_then(|path| path.strip_prefix(self.directory)?.strip_prefix('/'));
            let Some(below) = below else { continue };
            let (bind, name) = below.split_once('/').unwrap_or((below, ""));
            let (Ok(bind), name) = (bind.parse(), name.to_owned()) else { continue };
            return Ok(Some(Member { bind, name, size: member.size, content: self.tar.content() }));
        }
    }
}

/// Opens the tar of a single file, which an engine wrote of `path`, and lets `read` have the file.
pub(super) fn only<R: Read, T>(
    tar: R,
    path: &str,
    progress: &Progress,
    read: impl FnOnce(Content<'_, BufReader<Counting<'_, R>>>) -> Result<T, Fallback>,
) -> Result<T, Fallback> {
    let mut tar = tar::Members::new(BufReader::with_capacity(BUFFER, Counting { reader: tar, progress }));
    let member = tar.advance().map_err(unreadable)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    match member.filter(|member| member.kind == MemberKind::File && tar.path() == name.as_bytes()) {
        Some(_) => read(tar.content()),
        None => Err(Fallback("the engine keeps something else where its layers should be".to_owned())),
    }
}

/// A small file.
pub(super) fn text(content: impl Read, most: u64) -> Result<Vec<u8>, Fallback> {
    let mut text = Vec::new();
    content.take(most + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > most {
        return Err(Fallback("the engine keeps something else where its layers should be".to_owned()));
    }
    Ok(text)
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> Fallback {
    Fallback(format!("the engine's answer cannot be read: {error}"))
}

/// Counts what is read.
pub(super) struct Counting<'a, R> {
    reader: R,
    progress: &'a Progress,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.progress.came(read as u64);
        Ok(read)
    }
}
