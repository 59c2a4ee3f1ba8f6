//! What a container of the image would see, as an engine exports it: one tree. What lies in which layer, and what was deleted, it does
//! not show.

use std::io::{self, BufReader, Read};

use super::Fallback;
use crate::domain::DiffId;
use crate::engine::{ContainerRequest, Engine, EngineImage};
use crate::error::{Class, Error};
use crate::layer::read::read_whole;
use crate::layer::{Allowance, Entry, EntryKind, IndexedLayer, LayerError};
use crate::source::{Limits, stream};

const BUFFER: usize = 256 << 10;

/// Reads the final file system of `image`, without what engines put into every container. It is no layer: its diff id is the image's
/// own id. `progress` hears how many bytes came so far.
///
/// Dropping the future ends it; the container is removed all the same (see [`Engine::settle`]).
///
/// # Errors
/// Why it cannot be read this way either.
pub async fn read(
    engine: &Engine,
    image: &EngineImage,
    limits: &Limits,
    progress: impl FnMut(u64) + Send + 'static,
) -> Result<IndexedLayer, Fallback> {
    let EngineImage { id, handle, platform, volumes, .. } = image;
    let container = engine.create(&ContainerRequest { image: handle, platform, volumes, binds: &[] }).await?;
    let (limits, name) = (limits.clone(), DiffId(id.clone()));
    let unreadable =
        |error: LayerError| Error::new(Class::Image, "the engine's export cannot be read").caused_by(error);
    let tree = stream::read_by(container.export(), move |tar| {
        let allowance = Allowance::new(limits.read);
        let counted = Counting { reader: allowance.bound(tar, limits.memory.stop()), bytes: 0, progress };
        let draft = read_whole(BufReader::with_capacity(BUFFER, counted), &limits.memory, &limits.keep, |entry| {
            !is_added(entry)
        })
        .map_err(unreadable)?;
        let (index, files) = draft.finish(name).map_err(|error| unreadable(error.into()))?;
        Ok(IndexedLayer::new(index, files))
    });
    Ok(tree.await?)
}

/// Says how much was read.
struct Counting<R, P> {
    reader: R,
    bytes: u64,
    progress: P,
}

impl<R: Read, P: FnMut(u64)> Read for Counting<R, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes = self.bytes.saturating_add(read as u64);
        (self.progress)(self.bytes);
        Ok(read)
    }
}

/// Whether it is what an engine makes in every container where the image has something else or nothing (moby's
/// `daemon/initlayer/setup_unix.go`). A file of the same name that has bytes is the image's.
fn is_added(entry: &Entry<'_>) -> bool {
    match entry.kind {
        EntryKind::Directory => matches!(entry.path, b"dev" | b"dev/pts" | b"dev/shm" | b"proc" | b"sys"),
        EntryKind::File { size: 0 } => {
            matches!(entry.path, b".dockerenv" | b"dev/console" | b"etc/hosts" | b"etc/hostname" | b"etc/resolv.conf")
        }
        EntryKind::Symlink { target } => entry.path == b"etc/mtab" && target == b"/proc/mounts",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_engines_add_is_left_out() {
        let is_added = |path: &str, kind| is_added(&Entry { path: path.as_bytes(), kind, mode: 0o755 });
        for path in [".dockerenv", "etc/hosts", "etc/hostname", "etc/resolv.conf", "dev/console"] {
            assert!(is_added(path, EntryKind::File { size: 0 }), "{path}");
            assert!(!is_added(path, EntryKind::File { size: 1 }), "{path} with bytes");
        }
        assert!(is_added("etc/mtab", EntryKind::Symlink { target: b"/proc/mounts" }));
        assert!(!is_added("etc/mtab", EntryKind::Symlink { target: b"/usr/bin/gcc" }));
        for path in ["dev/gcc", "proc/gcc", "sys/gcc", "etc/hosts/gcc", "etc/passwd"] {
            assert!(!is_added(path, EntryKind::File { size: 0 }), "{path}");
        }
        assert!(is_added("dev/pts", EntryKind::Directory) && !is_added("dev/tools", EntryKind::Directory));
    }
}
