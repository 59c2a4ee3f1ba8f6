//! The one way to read a file whole: regular, opened without waiting, and no larger than its reader allows.

use std::fs::{File, FileType, Metadata};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::domain::Bytes;

/// Opens a regular file. A pipe, a socket or a device is not opened: it could be waited for, it might never end, and to open a
/// device may already do something.
///
/// # Errors
/// Those of the system; [`ErrorKind::IsADirectory`]; [`ErrorKind::InvalidInput`] for what is neither file nor directory.
pub fn open(path: &Path) -> Result<File> {
    regular(&std::fs::metadata(path)?)?;
    // It may be something else by now, and a pipe without a writer would be waited for.
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// [`open`] for a file that has to lie where it is named: a link is not followed.
///
/// # Errors
/// As [`open`], and for a link.
pub fn open_unlinked(path: &Path) -> Result<File> {
    regular(&std::fs::symlink_metadata(path)?)?;
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_NOFOLLOW;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// The whole of a regular file of at most `most` bytes.
///
/// # Errors
/// As [`open`]; [`ErrorKind::FileTooLarge`] for a file of more bytes, which is not read to its end.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    bounded(open(path)?, most)
}

/// [`read`] for a path of the command line, which may also be a pipe that the shell has opened, as in `<(…)`.
///
/// # Errors
/// As [`read`].
pub fn read_named(path: &Path, most: u64) -> Result<Vec<u8>> {
    if is_descriptor(path) { bounded(File::open(path)?, most) } else { read(path, most) }
}

/// Whether a path is one of the descriptors that this process was started with.
fn is_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.starts_with(folder))
}

fn bounded(file: File, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it is larger than {}", Bytes(most))));
    }
    Ok(bytes)
}

fn regular(about: &Metadata) -> Result<()> {
    let kind = about.file_type();
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(Error::from(ErrorKind::IsADirectory));
    }
    Err(Error::new(ErrorKind::InvalidInput, format!("it is a {}, not a file", name(kind))))
}

fn name(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "named pipe"
    } else if kind.is_socket() {
        "socket"
    } else if kind.is_symlink() {
        "symbolic link"
    } else {
        "device"
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, "1234").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"1234");
        let error = read(&path, 3).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::FileTooLarge, "it is larger than 3 B"));
        assert_eq!(read(&folder.path().join("none"), 4).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_link_is_followed_unless_it_must_not_be() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "1").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        assert!(open(&link).is_ok() && open_unlinked(&file).is_ok());
        assert_eq!(open_unlinked(&link).unwrap_err().to_string(), "it is a symbolic link, not a file");
    }

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket) = (folder.path().join("pipe"), folder.path().join("socket"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let _listener = UnixListener::bind(&socket).unwrap();
        let refused = |path: &Path| read(path, 9).unwrap_err().to_string();
        assert_eq!(refused(&pipe), "it is a named pipe, not a file");
        assert_eq!(refused(&socket), "it is a socket, not a file");
        assert_eq!(refused(Path::new("/dev/zero")), "it is a device, not a file");
        assert_eq!(read(folder.path(), 9).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(read_named(&pipe, 9).unwrap_err().to_string(), "it is a named pipe, not a file");
    }
}
