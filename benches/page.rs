//! How long the page of an image of a million files takes: its map, and the page of it. Decides nothing.
//!
//! `cargo bench --bench page`
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and fails loudly")]

use std::time::Instant;

use imgbudget::contents::{Told, View, map};
use imgbudget::domain::{Bytes, Contents, DiffId, Digest, Report, TargetReport, Verdict};
use imgbudget::image::Stack;
use imgbudget::layer::{Entry, EntryKind, LayerIndexBuilder};
use imgbudget::output::html;

const FILES: u64 = 1_000_000;

fn main() {
    let mut draft = LayerIndexBuilder::default();
    for number in 0..FILES {
        // Directories of all depths, and sizes that are far apart.
        let path = format!("srv/{}/{}/{}/file-{number}.js", number % 7, number % 97, number % 1009);
        let size = if number % 5000 == 0 { 900_000 } else { number % 4000 };
        let kind = EntryKind::File { size };
        draft.push(Entry { path: path.as_bytes(), kind, mode: 0o644 }).expect("an engine could unpack it");
    }
    let layer = draft.finish(DiffId(Digest::from_sha256([1; 32]))).expect("can be counted");
    let mut stack = Stack::default();
    stack.push(&layer).expect("small enough");
    let begun = Instant::now();
    let view = View { stack: &stack, layers: &[], files: &[], told: Told::default() };
    let map = map::draw(&view, None, None).expect("enough memory");
    let drawn = begun.elapsed();
    let nodes = map.nodes.len();
    let target = TargetReport {
        size: Some(Bytes(stack.size().0)),
        contents: Some(Contents { map: Some(map), ..Contents::default() }),
        ..TargetReport::new("api".parse().expect("a name"), None, Verdict::Pass)
    };
    let report = Report::new(vec![target], None, Vec::new());
    let begun = Instant::now();
    let page = html::render(&report, &html::Options::default());
    println!("files   {FILES}, {nodes} nodes");
    println!("map     {:.2} s", drawn.as_secs_f64());
    println!("page    {:.2} s, {} kB", begun.elapsed().as_secs_f64(), page.len() / 1000);
}
