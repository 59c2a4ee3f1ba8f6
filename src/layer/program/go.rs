//! The build information in programs of Go, from 1.18 on (`debug/buildinfo`).

use super::GoBuild;
use super::find::GO;

/// Bytes before the first string.
const HEADER: usize = 32;

/// What the bytes of the build information say; `None` where they are cut short, and an older form that points elsewhere.
pub(super) fn parse(bytes: &[u8]) -> Option<GoBuild> {
    const IS_INLINE: u8 = 2;
    /// What goes before and after the modules, so that a linker finds them.
    const MARK: usize = 16;
    if !bytes.starts_with(GO) || bytes.get(15)? & IS_INLINE == 0 {
        return None;
    }
    let (version, rest) = text(bytes.get(HEADER..)?)?;
    let (modules, _) = text(rest)?;
    let has_marks = modules.len() > 2 * MARK && modules.get(modules.len() - MARK - 1) == Some(&b'\n');
    let modules = if has_marks { &modules[MARK..modules.len() - MARK] } else { &[] };
    let version = String::from_utf8_lossy(version).into_owned();
    (!version.is_empty()).then(|| GoBuild { version, modules: String::from_utf8_lossy(modules).into_owned() })
}

/// A string after its length as a varint, and what follows it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_u64;
    for (position, byte) in bytes.iter().take(10).enumerate() {
        length |= u64::from(byte & 0x7f).checked_shl(u32::try_from(position * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return bytes.get(position + 1..)?.split_at_checked(usize::try_from(length).ok()?);
        }
    }
    None
}
