//! What a classic engine keeps of a layer, written of a tar: tar-split, gzip of one JSON object a line.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imgbudget::layer::tar::{MemberKind, Members};
use serde_json::json;

/// A line.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// Bytes of the tar.
    Segment(Vec<u8>),
    /// Content of a file that lies elsewhere.
    File {
        /// Its name.
        name: Vec<u8>,
        /// Its bytes.
        size: u64,
    },
}

/// A tar in pieces, as an engine takes it apart.
pub(crate) fn parts(tar: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut end = 0;
    for entry in tar::Archive::new(tar).entries().expect("a tar") {
        let entry = entry.expect("a sound tar");
        let start = usize::try_from(entry.raw_file_position()).expect("in memory");
        parts.push(Part::Segment(tar[end..start].to_vec()));
        parts.push(Part::File { name: entry.path_bytes().into_owned(), size: entry.size() });
        end = start + usize::try_from(entry.size()).expect("in memory");
    }
    parts.push(Part::Segment(tar[end..].to_vec()));
    parts
}

/// The same of any tar that our own reader reads, by what it sees; `None` of a file with holes.
pub(crate) fn any_parts(tar: &[u8]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut members = Members::leaping(Cursor::new(tar));
    let mut end = 0;
    while let Some(member) = members.advance().ok()? {
        let start = usize::try_from(members.position().ok()??).ok()?;
        let size = if member.kind == MemberKind::File { member.size } else { 0 };
        parts.push(Part::Segment(tar.get(end..start)?.to_vec()));
        parts.push(Part::File { name: members.path().to_vec(), size });
        end = start.checked_add(usize::try_from(size).ok()?)?;
    }
    parts.push(Part::Segment(tar.get(end..)?.to_vec()));
    Some(parts)
}

/// The lines of `parts`.
pub(crate) fn lines(parts: &[Part]) -> Vec<String> {
    let line = |(position, part): (usize, &Part)| match part {
        Part::Segment(bytes) => json!({"type": 2, "payload": STANDARD.encode(bytes), "position": position}),
        Part::File { name, size } => {
            let mut line = json!({"type": 1, "payload": null, "position": position});
            match std::str::from_utf8(name) {
                Ok(name) => line["name"] = name.into(),
                Err(_) => line["name_raw"] = STANDARD.encode(name).into(),
            }
            if *size > 0 {
                line["size"] = (*size).into();
                line["payload"] = "nXX5qSyDDkQ=".into();
            }
            line
        }
    };
    parts.iter().enumerate().map(line).map(|line| format!("{line}\n")).collect()
}

/// Lines as they are stored.
pub(crate) fn stored(lines: &[String]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.concat().as_bytes()).expect("in memory");
    gzip.finish().expect("in memory")
}

/// A tar as a classic engine keeps it.
pub(crate) fn of(tar: &[u8]) -> Vec<u8> {
    stored(&lines(&parts(tar)))
}
