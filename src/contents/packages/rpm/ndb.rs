//! `Packages.db`, as rpm's ndb keeps headers: slots that say where, and blobs.
//!
//! A file begins with pages of slots of 16 bytes, of which the first two are its head. A slot names a package and the run of blocks of
//! 16 bytes that has its header, between a head and a tail that say the same once more, with an Adler-32 of what is before it. rpm does
//! not take a file whose runs overlap, nor is one taken here.
//!
//! <https://github.com/rpm-software-management/rpm/blob/master/lib/backend/ndb/rpmpkg.c>

use super::Refused;
use super::bytes::le32;
use crate::memory::{List, Memory};

const PAGE: usize = 4096;
const BLOCK: usize = 16;
const HEAD: usize = 16;
const TAIL: usize = 12;
/// Slots that the head of the file takes.
const FIRST_SLOT: usize = 2;

const DAMAGED: Refused = Refused::Why("has a slot that is damaged");

/// Calls `each` with the header of every package.
pub(super) fn blobs(
    bytes: &[u8],
    memory: &Memory,
    mut each: impl FnMut(&[u8]) -> Result<(), Refused>,
) -> Result<(), Refused> {
    if !bytes.starts_with(b"RpmP") {
        return Err(Refused::Why(if bytes.len() < 4 { "is cut short" } else { "is not a database of rpm's ndb" }));
    }
    if le32(bytes, 4) != Some(0) {
        return Err(Refused::Why("has a version that is not known"));
    }
    let pages = le32(bytes, 12).ok_or(Refused::Why("is cut short"))? as usize;
    let slots = pages.saturating_mul(PAGE);
    let slots = bytes.get(..slots).filter(|_| pages > 0).ok_or(Refused::Why("is cut short"))?;
    let mut used = List::new(memory);
    for slot in slots.chunks_exact(BLOCK).skip(FIRST_SLOT) {
        if !slot.starts_with(b"Slot") {
            return Err(DAMAGED);
        }
        let (Some(package), Some(first), Some(count)) = (le32(slot, 4), le32(slot, 8), le32(slot, 12)) else {
            return Err(DAMAGED);
        };
        if first != 0 {
            used.push((first, count, package))?;
        }
    }
    used.sort_unstable();
    let mut end = slots.len() / BLOCK;
    for (first, count, package) in used.iter().copied() {
        let (first, count) = (first as usize, count as usize);
        if first < end {
            return Err(Refused::Why("has blobs that overlap"));
        }
        end = first.checked_add(count).ok_or(DAMAGED)?;
        let run = first.checked_mul(BLOCK).zip(end.checked_mul(BLOCK));
        let run = run.and_then(|(start, end)| bytes.get(start..end)).ok_or(Refused::Why("is cut short"))?;
        each(blob(run, package).ok_or(Refused::Why("has a blob that is damaged"))?)?;
    }
    let mut packages: List<u32> = List::new(memory);
    for (_, _, package) in used.iter() {
        packages.push(*package)?;
    }
    packages.sort_unstable();
    let is_twice = packages.windows(2).any(|pair| pair[0] == pair[1]);
    if is_twice { Err(Refused::Why("has a package in two slots")) } else { Ok(()) }
}

/// What is in a run of blocks.
fn blob(run: &[u8], package: u32) -> Option<&[u8]> {
    let length = le32(run, 12)? as usize;
    let tail = run.len().checked_sub(TAIL)?;
    let end = HEAD.checked_add(length)?;
    let is_whole = run.starts_with(b"BlbS")
        && le32(run, 4)? == package
        && end <= tail
        && run.len() == end.checked_add(TAIL)?.next_multiple_of(BLOCK)
        && run.ends_with(b"BlbE")
        && le32(run, tail + 4)? as usize == length
        && le32(run, tail)? == adler32(&run[..tail]);
    if is_whole { run.get(HEAD..end) } else { None }
}

/// The checksum of zlib: RFC 1950, 8.2.
pub(super) fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65521;
    /// As many bytes as can be summed before the sums have to be brought back.
    const RUN: usize = 5552;
    let (mut a, mut b) = (1_u32, 0_u32);
    for run in bytes.chunks(RUN) {
        for byte in run {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % MODULUS, b % MODULUS);
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zlib() {
        assert_eq!((adler32(b""), adler32(b"Wikipedia")), (1, 0x11e6_0398));
        assert_eq!(adler32(&vec![255; 1_000_000]), 0x3843_e1be);
    }
}
