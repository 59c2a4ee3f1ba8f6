//! What programs say of themselves: what they were linked from, and how much of them is there for debuggers alone.
//!
//! A program is looked at while its bytes go by, and nothing of it is kept but this. Few ranges of a file matter: its headers, the table of
//! its sections with their names, and what Go and `cargo auditable` leave for those who ask. Where the last three are is known only at
//! the end of a file, so they are recognised as they come.

mod elf;
mod find;
mod go;
mod pieces;

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::fill::read_up_to;
use crate::domain::Bytes;
use pieces::Pieces;

/// What an executable file is. Text in it is a stranger's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Whether it is started by its name: not a library, an object file, or the debugging information of another file.
    pub is_program: bool,
    /// Bytes of symbols and debugging information, which `strip` takes out and nothing that runs reads. 0 also where a file carries more
    /// than its headers tell of, which `strip` would throw away.
    pub symbols: u64,
    /// Whether a linker of Go made it.
    pub go: Option<GoBuild>,
    /// Whether rustc compiled a part of it, as it says in `.comment`.
    #[serde(default)]
    pub is_rust: bool,
    /// What `cargo auditable` linked into it: JSON (`.dep-v0` of rust-secure-code/cargo-auditable).
    pub cargo: Option<String>,
    /// What could not be found out, as a fragment.
    pub unread: Option<String>,
}

impl Program {
    /// Bytes of its text.
    pub fn text(&self) -> usize {
        let go = self.go.as_ref().map_or(0, |go| go.version.len().saturating_add(go.modules.len()));
        let unread = self.unread.as_ref().map_or(0, String::len);
        self.cargo.as_ref().map_or(0, String::len).saturating_add(go).saturating_add(unread)
    }
}

/// What a linker of Go left: what `go version -m` shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoBuild {
    /// The version of Go: `go1.22.1`.
    pub version: String,
    /// The modules: lines of fields apart by tabs (`runtime/debug.BuildInfo`). Empty where it was built without modules.
    pub modules: String,
}

/// Smaller files are not looked at: no linker of Go makes such, and what is to be said about symbols begins with a megabyte.
pub const LEAST: u64 = 128 << 10;

/// Larger ones are not looked at either.
pub const MOST: u64 = 1_000_000_000;

/// Whether a file may be a program that is worth a look, by its mode and size.
pub fn may_be_program(mode: u32, size: u64) -> bool {
    mode & 0o111 != 0 && size >= LEAST
}

/// Looks at a file of `size` bytes. `None` where it is not ELF; then no more than its head was read.
///
/// # Errors
/// Those of `content`.
pub fn look(content: &mut impl Read, size: u64) -> io::Result<Option<Program>> {
    let mut head = vec![0; find::HEAD];
    let filled = read_up_to(content, &mut head)?;
    head.truncate(filled);
    if !head.starts_with(b"\x7fELF") {
        return Ok(None);
    }
    if size > MOST {
        let unread = format!("has {}, more than the {} that are looked at", Bytes(size), Bytes(MOST));
        return Ok(Some(Program { unread: Some(unread), ..Program::default() }));
    }
    let mut pieces = Pieces::new(size);
    pieces.want(0..head.len() as u64);
    pieces.absorb(0, &head);
    for range in elf::wanted(&pieces) {
        pieces.want(range);
    }
    find::find(head, content, &mut pieces)?;
    Ok(Some(elf::examine(&pieces)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This very test: a program with symbols, for as long as its profile keeps them.
    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().expect("it runs")).expect("a file")
    }

    fn looked(bytes: &[u8]) -> Program {
        look(&mut &bytes[..], bytes.len() as u64).expect("memory does not fail").expect("it is ELF")
    }

    #[test]
    fn a_program_with_symbols() {
        let bytes = own();
        let program = looked(&bytes);
        assert!(
            program.is_program && program.is_rust && program.unread.is_none() && program.go.is_none(),
            "{program:?}"
        );
        assert!((1_000_000..bytes.len() as u64).contains(&program.symbols), "{program:?}");
    }

    #[test]
    fn what_is_behind_the_last_section_is_read_by_the_program_itself() {
        let mut bytes = own();
        bytes.extend_from_slice(&[7; 1000]);
        let program = looked(&bytes);
        assert!(program.is_program && program.symbols == 0, "{program:?}");
    }

    #[test]
    fn what_is_cut_short_or_lies_is_not_read() {
        let bytes = own();
        let told = |bytes: &[u8]| looked(bytes).unread.unwrap_or_default();
        assert_eq!(told(&bytes[..bytes.len() / 2]), "has sections that cannot be read");
        assert_eq!(told(&bytes[..100]), "has its segments elsewhere than its beginning");
        assert_eq!(told(&bytes[..10]), "is not an ELF file of a known kind");
        let mut many = bytes.clone();
        // e_shnum of ELF64 with its lower half first.
        many[60..62].copy_from_slice(&u16::MAX.to_le_bytes());
        assert!(!told(&many).is_empty());
        // sh_size of all sections, which then overlap or end behind the file: nothing promises more than the file has.
        let table = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().expect("eight"))).expect("small");
        let mut lying = bytes.clone();
        for section in 0..usize::from(u16::from_le_bytes([bytes[60], bytes[61]])) {
            lying[table + section * 64 + 32..][..8].copy_from_slice(&(bytes.len() as u64 / 2).to_le_bytes());
        }
        assert!(looked(&lying).symbols <= bytes.len() as u64);
    }

    #[test]
    fn a_file_of_five_gigabytes_is_named_and_not_read() {
        let mut head = &[b"\x7fELF", &[0; 60][..]].concat()[..];
        let program = look(&mut head, 5_000_000_000).expect("memory does not fail").expect("it is ELF");
        assert_eq!(program.unread.as_deref(), Some("has 5.00 GB, more than the 1.00 GB that are looked at"));
        assert_eq!(look(&mut &b"#!/bin/sh"[..], 9).expect("memory does not fail"), None);
    }
}
