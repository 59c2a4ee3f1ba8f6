//! Whether a folder may be used as a cache: it is nobody else's, and nothing else is in it.

use std::fs::{DirBuilder, Metadata};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::place::{DRAFT, is_draft};
use crate::error::{Class, Error};
use crate::files;

/// The file that marks a cache, for programs that make backups, too (<https://bford.info/cachedir/>).
const TAG: &str = "CACHEDIR.TAG";
const TAG_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
                        # This is the layer cache of imgbudget; `imgbudget cache clear` empties it.\n";

/// What a file system puts into its root by itself.
const LOST_AND_FOUND: &str = "lost+found";

/// The folder at `path`, or the one that will be made there.
///
/// # Errors
/// It is no directory, everybody can write to it, it belongs to somebody else, or something else is in it.
pub(super) fn checked(path: &Path) -> Result<PathBuf, Error> {
    // The folder itself may be a link, nothing below it.
    let folder = path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
    let refused = |why: &str, hint: &str| {
        let what = format!("`{}` cannot be the layer cache: {why}", path.display());
        Err(Error::new(Class::Usage, what).with_hint(hint))
    };
    match std::fs::metadata(&folder) {
        // It is not there yet; whatever else it is, the first read says it.
        Err(_) => return Ok(folder),
        Ok(there) if !there.is_dir() => return refused("it is not a directory", HINT_ANOTHER),
        Ok(there) if there.mode() & 0o002 != 0 => {
            return refused(
                "everybody can write to it, and so lie about images",
                "`chmod o-w` it, or name another one.",
            );
        }
        Ok(there) if is_anothers(&there) => {
            return refused("it belongs to another user, who can lie about images", HINT_ANOTHER);
        }
        Ok(_) => {}
    }
    if !is_tagged(&folder) && holds_anything(&folder) {
        return refused("it holds other files", "Name a directory that is empty, or one that is not there yet.");
    }
    Ok(folder)
}

const HINT_ANOTHER: &str = "Name another one, or turn it off with --layer-cache off.";

/// Makes the folder, for the user alone, with its mark.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if !is_tagged(folder) {
        let mut draft = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)?;
        draft.write_all(TAG_TEXT.as_bytes())?;
        draft.persist(folder.join(TAG))?;
    }
    Ok(())
}

/// Whether the mark of a cache is in `folder`.
pub(super) fn is_tagged(folder: &Path) -> bool {
    let mut text = String::new();
    let file = files::open_unlinked(&folder.join(TAG));
    file.and_then(|file| file.take(TAG_TEXT.len() as u64).read_to_string(&mut text)).is_ok_and(|_| text == TAG_TEXT)
}

/// Whether something is in `folder` that is not a cache in the making. What cannot be listed holds nothing that is used.
fn holds_anything(folder: &Path) -> bool {
    let is_other = |entry: std::fs::DirEntry| !is_draft(&entry.file_name()) && entry.file_name() != LOST_AND_FOUND;
    std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(is_other))
}

/// Whether a folder is neither this user's nor root's.
fn is_anothers(there: &Metadata) -> bool {
    // Who this is, is seen by what belongs to it: the process, or a file that it makes.
    let own = std::fs::metadata("/proc/self").or_else(|_| tempfile::tempfile()?.metadata());
    there.uid() != 0 && own.is_ok_and(|own| own.uid() != there.uid())
}
