//! sha256 by `ring`, which hashes layers here, beside the `sha2` crate and the programs of this machine: the same bytes, in turn.
//! Decides nothing.
//!
//! `cargo bench --bench sha256 [MEGABYTES]`
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and fails loudly")]

use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sha2::Digest as _;

const ROUNDS: usize = 5;
/// As the reader of layers hands them over.
const CHUNK: usize = 256 * 1024;

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(256_usize);
    let bytes: Vec<u8> =
        (0..megabytes * 1_000_000).map(|i| u8::try_from((i * 31 + i / 251) % 256).unwrap_or_default()).collect();
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&bytes).expect("room for it");
    let path = file.path().to_owned();

    let ring = || {
        let mut hasher = imgbudget::domain::Sha256::new();
        bytes.chunks(CHUNK).for_each(|chunk| hasher.update(chunk));
        black_box(hasher.finish());
    };
    let sha2 = || {
        let mut hasher = sha2::Sha256::new();
        bytes.chunks(CHUNK).for_each(|chunk| hasher.update(chunk));
        black_box(hasher.finalize());
    };
    let program = |name: &str, args: &[&str]| {
        let mut command = Command::new(name);
        command.args(args).arg(&path).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let mut all: Vec<(&str, Vec<Duration>)> = vec![
        ("ring (imgbudget)", Vec::new()),
        ("sha2 crate", Vec::new()),
        ("openssl dgst", Vec::new()),
        ("sha256sum", Vec::new()),
    ];
    for _ in 0..ROUNDS {
        for (name, times) in &mut all {
            let begun = Instant::now();
            let ran = match *name {
                "ring (imgbudget)" => {
                    ring();
                    true
                }
                "sha2 crate" => {
                    sha2();
                    true
                }
                "openssl dgst" => program("openssl", &["dgst", "-sha256"]),
                _ => program("sha256sum", &[]),
            };
            if ran {
                times.push(begun.elapsed());
            }
        }
    }
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort();
        times.get(times.len() / 2).map(Duration::as_secs_f64)
    };
    let ours = median(&all[0].1).expect("ran");
    println!("{megabytes} MB, medians of {ROUNDS}");
    for (name, times) in &all {
        match median(times) {
            Some(seconds) => println!("{name:<20} {seconds:.3} s   {:.2} × ring", seconds / ours),
            None => println!("{name:<20} not on this machine"),
        }
    }
}
