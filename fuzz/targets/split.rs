//! What a classic engine keeps of a layer: of a tar that is taken apart as an engine does it, the same index comes out or none; of any
//! other lines at most an index that says its own size.
#![no_main]

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imgbudget::domain::{Bytes, DiffId, Digest};
use imgbudget::layer::read::read_whole;
use imgbudget::layer::tar::{MemberKind, Members};
use imgbudget::layer::{Allowance, Keep, LayerIndex, read_split};
use imgbudget::memory::Memory;
use imgbudget_fuzz::with_checksums;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fn allowance() -> Allowance {
    Allowance::new(Bytes(64 << 20))
}

/// The index of a tar that has an end: lists are good of no other.
fn of_tar(tar: &[u8]) -> Option<LayerIndex> {
    let draft = read_whole(tar, &Memory::default(), &Keep::nothing(), |_| true).ok()?;
    draft.finish(id()).ok().map(|(index, _)| index)
}

fn of_lines(lines: &[u8]) -> Option<LayerIndex> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(lines).expect("in memory");
    let stored = gzip.finish().expect("in memory");
    let split = read_split(&stored[..], &Memory::default(), &allowance()).ok()?;
    split.draft.finish(id()).ok().map(|(index, _)| index)
}

fn id() -> DiffId {
    DiffId(Digest::from_sha256([0; 32]))
}

/// The lines of a tar; `None` where our own reader sees none, or a file with holes.
fn apart(tar: &[u8]) -> Option<Vec<u8>> {
    let mut lines = Vec::new();
    let mut position = 0;
    let mut line = |mut line: serde_json::Value| {
        line["position"] = position.into();
        position += 1;
        lines.extend(line.to_string().into_bytes());
        lines.push(b'\n');
    };
    let mut members = Members::leaping(Cursor::new(tar));
    let mut end = 0;
    while let Some(member) = members.advance().ok()? {
        let start = usize::try_from(members.position().ok()??).ok()?;
        let size = if member.kind == MemberKind::File { member.size } else { 0 };
        line(json!({"type": 2, "payload": STANDARD.encode(tar.get(end..start)?)}));
        line(match std::str::from_utf8(members.path()) {
            Ok(name) => json!({"type": 1, "name": name, "size": size, "payload": null}),
            Err(_) => json!({"type": 1, "name_raw": STANDARD.encode(members.path()), "size": size, "payload": null}),
        });
        end = start.checked_add(usize::try_from(size).ok()?)?;
    }
    line(json!({"type": 2, "payload": STANDARD.encode(tar.get(end..)?)}));
    Some(lines)
}

/// Paths and kinds.
fn entries(index: &LayerIndex) -> Vec<String> {
    (1..=index.len()).map(|position| format!("{:?}", index.node(position))).collect()
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("split"), |data: &[u8]| {
    let Some((mode, bytes)) = data.split_first() else { return };
    if mode & 2 == 2 {
        of_lines(bytes);
        return;
    }
    let mut tar = bytes.to_vec();
    if mode & 1 == 1 {
        with_checksums(&mut tar);
    }
    tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
    let (Some(expected), Some(lines)) = (of_tar(&tar), apart(&tar)) else { return };
    let index = of_lines(&lines).expect("a tar that can be read can be read in parts");
    assert_eq!((index.size(), entries(&index)), (expected.size(), entries(&expected)));
});
