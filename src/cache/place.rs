//! Which file holds what, and which files are a cache's own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::domain::Digest;
use crate::layer::{Evidence, codec};

/// How the names of files begin that are being written.
pub(super) const DRAFT: &str = ".draft-";

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An index by diff id. What an engine said lies apart: so it never takes the place of what was hashed, whichever process is the last.
    Layer(Evidence),
    /// What was kept of a layer's files, by diff id. What an engine handed over lies apart here, too.
    Files(Evidence),
    /// A config by its digest.
    Config,
    /// A compressed size by diff id.
    Compressed,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Layer(Evidence::Hashed),
        Self::Layer(Evidence::EngineSaid),
        Self::Files(Evidence::Hashed),
        Self::Files(Evidence::EngineSaid),
        Self::Config,
        Self::Compressed,
    ];

    /// What its folder is called but for the version.
    fn name(self) -> &'static str {
        match self {
            Self::Layer(Evidence::Hashed) => "layers",
            Self::Layer(Evidence::EngineSaid) => "said",
            Self::Files(Evidence::Hashed) => "files",
            Self::Files(Evidence::EngineSaid) => "files_said",
            Self::Config => "configs",
            Self::Compressed => "compressed",
        }
    }

    /// Another version has another folder: programs of different age use one cache, and what none of them asks for goes in time.
    fn folder(self) -> String {
        match self {
            Self::Layer(_) => format!("{}-{}.{}", self.name(), codec::LAYOUT, codec::READER),
            // A reader that has another tree has other positions in it.
            Self::Files(_) => format!(
                "{}-{}.{}.{}.{}",
                self.name(),
                codec::files::LAYOUT,
                codec::files::KEPT,
                codec::LAYOUT,
                codec::READER
            ),
            Self::Config | Self::Compressed => format!("{}-1", self.name()),
        }
    }

    /// The folder of a file, and the file's name: the first two digits, and the others, so that no folder gets too long.
    pub(super) fn file(self, cache: &Path, digest: &Digest) -> (PathBuf, String) {
        let hex = digest.hex();
        let (first, rest) = hex.split_at(2);
        (cache.join(self.folder()).join(first), rest.to_owned())
    }

    /// The kind whose folder is called so, and whether it is of this version.
    pub(super) fn of_folder(name: &OsStr) -> Option<(Self, bool)> {
        let name = name.to_str()?;
        let (word, version) = name.split_once('-')?;
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let kind = Self::ALL.into_iter().find(|known| is_version && known.name() == word)?;
        Some((kind, kind.folder() == name))
    }
}

/// Whether files lie in a folder of this name, below that of a kind.
pub(super) fn is_shelf(name: &OsStr) -> bool {
    is_hex(name, 2)
}

/// Whether a file on a shelf is called so when it is whole.
pub(super) fn is_entry(name: &OsStr) -> bool {
    is_hex(name, 62)
}

/// Whether a file is called so while it is written.
pub(super) fn is_draft(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(DRAFT))
}

fn is_hex(name: &OsStr, digits: usize) -> bool {
    let name = name.as_encoded_bytes();
    name.len() == digits && name.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_known_of_every_version() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_folder(OsStr::new(&kind.folder())), Some((kind, true)));
        }
        assert_eq!(Kind::of_folder(OsStr::new("configs-17")), Some((Kind::Config, false)));
        assert_eq!(Kind::of_folder(OsStr::new("layers-0.9")), Some((Kind::Layer(Evidence::Hashed), false)));
        for other in ["layers", "layers-", "layers-x", "mine-1", "configs-1~", ""] {
            assert_eq!(Kind::of_folder(OsStr::new(other)), None, "{other}");
        }
    }

    #[test]
    fn what_a_stranger_would_call_a_file_is_none_of_them() {
        let (folder, name) = Kind::Config.file(Path::new("/c"), &Digest::of(""));
        assert_eq!(folder, Path::new("/c/configs-1/e3"));
        assert!(is_entry(OsStr::new(&name)) && is_shelf(OsStr::new("e3")));
        for other in ["..", ".", "E3", "e", "e3x"] {
            assert!(!is_shelf(OsStr::new(other)) && !is_entry(OsStr::new(other)), "{other}");
        }
    }
}
