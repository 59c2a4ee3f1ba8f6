//! One layer's tar: what an index says of itself, and that neither the pace of the stream nor what follows the end changes it.
#![no_main]

use std::io::BufReader;

use imgbudget::domain::Bytes;
use imgbudget::layer::index::NodeKind;
use imgbudget::layer::{Allowance, Head, Keep, Kept, LayerFiles, LayerIndex, read_layer};
use imgbudget::memory::Memory;
use imgbudget_fuzz::{Trickle, with_checksums};
use libfuzzer_sys::fuzz_target;

/// Every file that is small.
fn keep() -> Keep {
    Keep::new(|_| Some(1000), &Memory::default())
}

fn index(bytes: &[u8]) -> Result<(std::sync::Arc<LayerIndex>, std::sync::Arc<LayerFiles>), String> {
    let mut reader = bytes;
    let head = Head::read(&mut reader).expect("in memory");
    if !head.bytes().is_empty() && !head.begins_tar() {
        return Err("no tar".to_owned());
    }
    read_layer(head, reader, &Memory::default(), &Allowance::new(Bytes(u64::MAX)), &keep())
        .map(|blob| (blob.index, blob.files))
        .map_err(|error| error.to_string())
}

fn slowly(bytes: &[u8]) -> Result<(std::sync::Arc<LayerIndex>, std::sync::Arc<LayerFiles>), String> {
    let mut reader = BufReader::with_capacity(16, Trickle(bytes));
    let head = Head::read(&mut reader).expect("in memory");
    read_layer(head, reader, &Memory::default(), &Allowance::new(Bytes(u64::MAX)), &keep())
        .map(|blob| (blob.index, blob.files))
        .map_err(|error| error.to_string())
}

/// Paths and kinds; the text of an index may lie in memory in any way.
fn entries(index: &LayerIndex) -> Vec<String> {
    (1..=index.len()).map(|position| format!("{:?}", index.node(position))).collect()
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("tar"), |data: &[u8]| {
    let Some((mode, bytes)) = data.split_first() else { return };
    let mut tar = bytes.to_vec();
    if mode & 1 == 1 {
        with_checksums(&mut tar);
    }
    let Ok((index, files)) = index(&tar) else { return };

    let (mut size, mut held) = (0_u64, 0);
    for position in 1..=index.len() {
        let (path, node) = (index.path(position), index.node(position));
        let clean = path.split(|byte| *byte == b'/').all(|name| !matches!(name, b"" | b"." | b".."));
        assert!(clean, "{:?} is not below the root", String::from_utf8_lossy(&path));
        assert!(node.parent < position && node.mode & !0o7777 == 0);
        size = size.saturating_add(match node.kind {
            NodeKind::File { size } => {
                match files.get(&path) {
                    Some(Kept::Whole(bytes)) => assert_eq!(bytes.len() as u64, size, "the bytes of another file"),
                    Some(Kept::Left(_) | Kept::Program(_)) => {}
                    None => panic!("a file that nobody looked at"),
                }
                held += 1;
                size
            }
            NodeKind::Symlink { target } => target.len() as u64,
            _ => 0,
        });
    }
    assert!(index.size().0 >= size, "content counts less than the entries that show it");

    assert_eq!(files.len(), held, "bytes of what is not there");
    let (again, files_again) = slowly(&tar).expect("the same bytes, slower");
    assert_eq!(files, files_again);
    assert_eq!(entries(&index), entries(&again));
    assert_eq!(index.size(), again.size());

    tar.resize(tar.len().next_multiple_of(512) + 2048, 0);
    let padded = self::index(&tar);
    assert_eq!(padded.map(|(padded, _)| (padded.size(), entries(&padded))), Ok((index.size(), entries(&index))));

    let mut stack = imgbudget::image::Stack::default();
    if stack.push(&index).is_ok() {
        assert!(stack.totals().expect("room").of(imgbudget::image::node::NodeId::ROOT) <= index.size().0, "more is shown than ships");
    }
});
