//! Archives on disk: beside the sum of their bytes, and how the time of an entry grows with their number.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::images::{self, ENTRIES, Image, Recipe};
use super::side::{Make, asked, check, in_turn, told};
use super::table::{Row, megabytes};

/// An uncompressed archive of several layers, beside the fastest program for sha256 at hand.
pub(crate) fn archive(folder: &Path, image: &Image, rounds: usize) -> io::Result<Row> {
    let file = images::archive_file(folder, image)?.display().to_string();
    let named = format!("a={file}");
    let ours = || check(&["--archive", &named]);
    let program = |name: &str, args: &[&str]| {
        let mut command = Command::new(name);
        command.args(args).arg(&file);
        command
    };
    let (openssl, coreutils) = (|| program("openssl", &["dgst", "-sha256"]), || program("sha256sum", &[]));
    let hashers: [(&str, &str, Make<'_>); 2] =
        [("openssl dgst -sha256", "openssl", &openssl), ("sha256sum", "sha256sum", &coreutils)];
    let at_hand: Vec<_> = hashers.into_iter().filter(|(_, program, _)| is_there(program)).collect();
    let peak = told(ours(), "file").peak;
    let sides: Vec<Make<'_>> = [&ours as Make<'_>].into_iter().chain(at_hand.iter().map(|(.., side)| *side)).collect();
    let times = in_turn(rounds, &sides);
    let what = format!("{}: archive, plain, {} layers", image.name, image.layers.len());
    let fastest = at_hand.iter().map(|(name, ..)| *name).zip(times[1..].iter().copied()).min_by_key(|(_, took)| *took);
    Ok(match fastest {
        Some(fastest) => Row::ratio(what, times[0], fastest, 1.2).peak(peak),
        None => Row::not_run(&what, "neither openssl nor sha256sum"),
    })
}

fn is_there(program: &str) -> bool {
    asked("sh", &["-c", &format!("command -v {program}")]).is_some()
}

/// What an entry takes, where there are a thousand and where there are a million.
pub(crate) fn entries(folder: &Path, rounds: usize) -> io::Result<Vec<Row>> {
    let mut named = Vec::new();
    for recipe in ENTRIES {
        let image = images::make(folder, recipe)?;
        named.push(format!("a={}", images::archive_file(folder, &image)?.display()));
    }
    let ours: Vec<_> = named.iter().map(|named| move || check(&["--archive", named])).collect();
    let sides: Vec<Make<'_>> = ours.iter().map(|side| side as Make<'_>).collect();
    let times = in_turn(rounds, &sides);
    // Between two sizes, so that starting the program counts nowhere.
    let each = |less: usize, more: usize| {
        let entries = ENTRIES[more].entries - ENTRIES[less].entries;
        nanoseconds(times[more].saturating_sub(times[less])) / entries
    };
    let (first, last) = (each(0, 2), each(2, 3));
    let ratio = last as f64 / first.max(1) as f64;
    let all: Vec<String> = ENTRIES
        .iter()
        .zip(&times)
        .map(|(Recipe { name, .. }, took)| format!("{name} {}", super::table::seconds(*took)))
        .collect();
    let what = format!("time an entry ({})", all.join(", "));
    let flat = Row::figure(
        what,
        format!("{last} ns from 100 k to 1 M"),
        format!("{first} ns from 1 k to 100 k"),
        Some(ratio),
        "≤ 1.2".to_owned(),
        ratio <= 1.2,
    );
    let peak = told(check(&["--archive", &named[3]]), "file").peak;
    let most = 64_000_000;
    let memory = Row::figure(
        "memory with the stack at 1 M entries".to_owned(),
        megabytes(peak),
        "–".to_owned(),
        None,
        "≤ 64 MB".to_owned(),
        peak <= most,
    );
    Ok(vec![flat, memory.peak(peak)])
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
