//! What fuzz targets share: tars out of any bytes, and readers that are slow on purpose.

pub mod seeds;

use std::io::{self, Read};

use imgbudget::domain::Bytes;
use imgbudget::layer::{Allowance, Evidence, Head, Keep, codec, read_layer};
use imgbudget::memory::Memory;

const BLOCK: usize = 512;

/// Makes headers of the blocks where a walk over a tar expects them, by putting their checksums right: otherwise nearly every mutation
/// would end at the first one.
pub fn with_checksums(tar: &mut [u8]) {
    let mut at = 0;
    while let Some(block) = tar.get_mut(at..at + BLOCK) {
        if block.iter().all(|byte| *byte == 0) {
            at += BLOCK;
            continue;
        }
        seal(block);
        let digits = block[124..136].iter().skip_while(|byte| **byte == b' ').take_while(|byte| byte.is_ascii_digit());
        let size = digits.fold(0_usize, |size, digit| (size * 8 + usize::from(digit - b'0')).min(1 << 30));
        let has_content = !matches!(block[156], b'1'..=b'6');
        at += BLOCK + if has_content { size.next_multiple_of(BLOCK) } else { 0 };
    }
}

fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Appends a member; names that are too long are cut.
pub fn member(tar: &mut Vec<u8>, path: &[u8], kind: u8, link: &[u8], content: &[u8]) {
    let mut block = [0; BLOCK];
    block[..path.len().min(100)].copy_from_slice(&path[..path.len().min(100)]);
    block[100..108].copy_from_slice(b"0000755\0");
    block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    block[156] = kind;
    block[157..157 + link.len().min(100)].copy_from_slice(&link[..link.len().min(100)]);
    block[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut block);
    tar.extend_from_slice(&block);
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(BLOCK), 0);
}

/// Hands out a few bytes at a time, as a network does.
#[derive(Debug)]
pub struct Trickle<'a>(pub &'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(7).min(self.0.len());
        buffer[..most].copy_from_slice(&self.0[..most]);
        self.0 = &self.0[most..];
        Ok(most)
    }
}

/// What the layer cache would keep of a layer's tar, as the target `index` takes it: without what every entry has.
pub fn entry(tar: &[u8]) -> Option<Vec<u8>> {
    let mut reader = tar;
    let head = Head::read(&mut reader).ok()?;
    let blob = read_layer(head, reader, &Memory::default(), &Allowance::new(Bytes(u64::MAX)), &Keep::nothing()).ok()?;
    let mut entry = Vec::new();
    codec::encode(&blob.index, Evidence::Hashed, &mut entry).ok()?;
    entry.truncate(entry.len() - size_of::<u64>());
    Some(entry.split_off(codec::OWN))
}

/// What separates the parts of an input that has several.
pub const BETWEEN: &[u8] = b"\xff\xff\n";

/// The parts of an input.
pub fn parts(mut data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some(end) = data.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&data[..end]);
        data = &data[end + BETWEEN.len()..];
    }
    parts.push(data);
    parts
}

/// An archive out of an input: parts are name and content by turns. `@N` in either becomes the sha256 of the content of member N, `#N` its
/// length, so that mutations keep what names each other. A name that begins with `>` is a link to its content; a content that begins
/// with `%` is a layer, the rest of it a tar whose checksums are put right.
pub fn archive(data: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    let mut known: Vec<(String, usize)> = Vec::new();
    for pair in parts(data).chunks(2).take(12) {
        let [name, content] = pair else { break };
        let name = filled(name, &known);
        if let Some(name) = name.strip_prefix(b">") {
            member(&mut tar, name, b'2', &filled(content, &known), b"");
            continue;
        }
        let content = match content.strip_prefix(b"%") {
            Some(layer) => {
                let mut layer = layer.to_vec();
                with_checksums(&mut layer);
                layer
            }
            None => filled(content, &known),
        };
        member(&mut tar, &name, b'0', b"", &content);
        known.push((imgbudget::domain::Digest::of(&content).hex(), content.len()));
    }
    tar.resize(tar.len() + 2 * BLOCK, 0);
    tar
}

fn filled(text: &[u8], known: &[(String, usize)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let number = bytes.peek().filter(|digit| digit.is_ascii_digit()).map(|digit| usize::from(digit - b'0'));
        match (byte, number.and_then(|number| known.get(number))) {
            (b'@', Some((hex, _))) => out.extend_from_slice(hex.as_bytes()),
            (b'#', Some((_, size))) => out.extend_from_slice(size.to_string().as_bytes()),
            _ => {
                out.push(byte);
                continue;
            }
        }
        bytes.next();
    }
    out
}
