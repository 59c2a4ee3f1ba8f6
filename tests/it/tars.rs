//! Our tar reader against Go's own, which is what every engine reads with: for thousands of tars the same members, names, sizes
//! and contents, or "could not measure". `IMGBUDGET_TARS` says how many tars.

pub(crate) mod dice;
mod pieces;
mod sound;
mod wild;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use imgbudget::domain::{Bytes, DiffId, Digest};
use imgbudget::layer::read::read_whole;
use imgbudget::layer::tar::{MemberKind, Members};
use imgbudget::layer::{Allowance, Keep, LayerIndex, read_split};
use imgbudget::memory::Memory;
use serde::Deserialize;

use crate::support::go::Program;
use crate::support::tar_split;
use dice::Dice;
use pieces::{Piece, joined};

/// The content of larger files is not read: with holes it may be exabytes.
const READABLE: u64 = 4 << 20;

/// A member as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    kind: MemberKind,
    path: Vec<u8>,
    link: Vec<u8>,
    size: u64,
    mode: u32,
    /// Of a file's content.
    hash: u64,
}

/// The members up to the end, or up to an error.
type Reading = (Vec<Seen>, Option<String>);

/// What `tests/go/tar.go` says of one tar.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    entries: Option<Vec<Entry>>,
    error: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    kind: u8,
    name: String,
    link: String,
    size: i64,
    mode: i64,
    hash: u64,
}

impl Answer {
    /// The members, as we would call them; an error where Go has one, or the engine behind it.
    fn seen(self) -> Reading {
        let decoded = |text: &str| BASE64.decode(text).expect("base64");
        let seen = |entry: Entry| {
            let kind = match entry.kind {
                b'0' | b'7' | b'S' => MemberKind::File,
                b'1' => MemberKind::HardLink,
                b'2' => MemberKind::Symlink,
                b'5' => MemberKind::Directory,
                b'3' | b'4' | b'6' => MemberKind::Other,
                other => return Err(format!("no engine unpacks the type {}", char::from(other))),
            };
            let file = kind == MemberKind::File;
            Ok(Seen {
                kind,
                path: decoded(&entry.name),
                link: decoded(&entry.link),
                size: if file { entry.size.try_into().expect("not below zero") } else { 0 },
                mode: (entry.mode.cast_unsigned() & 0o7777) as u32,
                hash: if file { entry.hash } else { 0 },
            })
        };
        let mut members = Vec::new();
        for entry in self.entries.unwrap_or_default() {
            match seen(entry) {
                Ok(member) => members.push(member),
                Err(error) => return (members, Some(error)),
            }
        }
        (members, (!self.error.is_empty()).then_some(self.error))
    }
}

fn ours(tar: &[u8]) -> Reading {
    let mut members = Members::new(tar);
    let mut all = Vec::new();
    loop {
        let member = match members.advance() {
            Ok(Some(member)) => member,
            Ok(None) => return (all, None),
            Err(error) => return (all, Some(error.to_string())),
        };
        let (path, link) = (members.path().to_vec(), members.link().to_vec());
        let hash = if member.kind == MemberKind::File && member.size <= READABLE { fnv(members.content()) } else { 0 };
        all.push(Seen { kind: member.kind, path, link, size: member.size, mode: member.mode, hash });
    }
}

/// FNV-1a, as Go has it.
fn fnv(mut content: impl std::io::Read) -> u64 {
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).expect("memory does not fail");
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// How two readings of one tar compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Equal,
    BothRefuse,
    /// "Could not measure", and Go reads it.
    OursRefuses(String),
    Differ(String),
}

fn compare(tar: &[u8], go: Answer) -> Verdict {
    let (ours, go) = (ours(tar), go.seen());
    let same = ours.0.iter().zip(&go.0).all(|(ours, go)| ours == go);
    match (&ours.1, &go.1) {
        (None, None) if same && ours.0.len() == go.0.len() => Verdict::Equal,
        (Some(_), Some(_)) if same => Verdict::BothRefuse,
        (Some(reason), None) if same => Verdict::OursRefuses(reason.clone()),
        _ => Verdict::Differ(format!("ours: {ours:#?}\nGo: {go:#?}")),
    }
}

fn verdicts(go: &Program, cases: &[Vec<Piece>]) -> (String, Vec<Verdict>) {
    let tars: Vec<Vec<u8>> = cases.iter().map(|pieces| joined(pieces)).collect();
    let (version, answers) = go.answers::<Answer>(&tars);
    (version, tars.iter().zip(answers).map(|(tar, answer)| compare(tar, answer)).collect())
}

/// Leaves out pieces as long as what is left is still read in two ways, and tells what remains.
fn smallest(go: &Program, mut case: Vec<Piece>) -> String {
    loop {
        let without = |number| {
            let mut smaller = case.clone();
            smaller.remove(number);
            smaller
        };
        let smaller: Vec<Vec<Piece>> = (0..case.len()).map(without).collect();
        let (_, verdicts) = verdicts(go, &smaller);
        match smaller.into_iter().zip(verdicts).find(|(_, verdict)| matches!(verdict, Verdict::Differ(_))) {
            Some((smaller, _)) => case = smaller,
            None => break,
        }
    }
    let (_, verdicts) = verdicts(go, std::slice::from_ref(&case));
    let pieces: Vec<&str> = case.iter().map(|piece| piece.what.as_str()).collect();
    format!("{}\n{verdicts:?}", pieces.join("\n"))
}

/// How many tars; a longer run is a matter of patience.
fn count(usual: usize) -> usize {
    std::env::var("IMGBUDGET_TARS").ok().map_or(usual, |count| count.parse().expect("a number"))
}

fn differential(test: &str, usual: usize, make: impl Fn(&mut Dice) -> Vec<Piece>) -> Option<BTreeMap<Verdict, usize>> {
    const BATCH: usize = 2000;
    let go = Program::build("tar", test)?;
    let all = count(usual);
    let mut tally = BTreeMap::new();
    let mut version = String::new();
    for first in (0..all).step_by(BATCH) {
        let cases: Vec<_> = (first..all.min(first + BATCH)).map(|number| make(&mut Dice::new(number as u64))).collect();
        let verdicts;
        (version, verdicts) = self::verdicts(&go, &cases);
        for (number, (case, verdict)) in (first..).zip(cases.into_iter().zip(verdicts)) {
            if let Verdict::Differ(_) = verdict {
                panic!("{test}, case {number}:\n{}", smallest(&go, case));
            }
            *tally.entry(verdict).or_insert(0) += 1;
        }
    }
    println!("{test}: {all} tars against {version}");
    for (verdict, count) in &tally {
        println!("{count:>8} {verdict:?}");
    }
    Some(tally)
}

#[test]
fn what_writers_make_is_read_as_go_reads_it() {
    let Some(tally) = differential("what writers make", 2000, sound::tar) else { return };
    assert_eq!(tally.keys().collect::<Vec<_>>(), [&Verdict::Equal], "nothing is refused");
}

/// What we alone refuse: an extension with nothing behind it, and a sparse file that an engine fails at when it reads the content, which
/// the test does only where it is small.
const ALLOWED: [&str; 2] =
    ["it ends in the middle of an entry", "it is damaged: a sparse file with another content than its map says"];

#[test]
fn what_nobody_makes_is_read_as_go_reads_it_or_not_at_all() {
    let Some(tally) = differential("what nobody makes", 8000, wild::tar) else { return };
    let of = |wanted: &Verdict| tally.get(wanted).copied().unwrap_or_default();
    let refused = ALLOWED.map(|reason| of(&Verdict::OursRefuses(reason.to_owned()))).iter().sum::<usize>();
    let (equal, all) = (of(&Verdict::Equal), tally.values().sum::<usize>());
    assert_eq!(equal + of(&Verdict::BothRefuse) + refused, all, "nothing else is refused: {tally:?}");
    assert!(equal > all / 4, "enough of these tars are read: {tally:?}");
}

#[test]
fn what_an_engine_keeps_of_a_tar_says_what_the_tar_says() {
    let (memory, allowance) = (Memory::default(), Allowance::new(Bytes(u64::MAX)));
    let id = || DiffId(Digest::from_sha256([0; 32]));
    let mut read = 0;
    for number in 0..count(2000) {
        for make in [sound::tar, wild::tar] {
            let tar = joined(&make(&mut Dice::new(number as u64)));
            let Ok(expected) = read_whole(&tar[..], &memory, &Keep::nothing(), |_| true) else { continue };
            let Some(parts) = tar_split::any_parts(&tar) else { continue };
            let stored = tar_split::stored(&tar_split::lines(&parts));
            let split = read_split(&stored[..], &memory, &allowance);
            let split = split.unwrap_or_else(|error| panic!("tar {number}: {error}"));
            assert_eq!(split.bytes, tar.len() as u64, "tar {number}");
            let (Ok((expected, _)), Ok((index, _))) = (expected.finish(id()), split.draft.finish(id())) else {
                continue;
            };
            let nodes =
                |index: &LayerIndex| (0..=index.len()).map(|at| format!("{:?}", index.node(at))).collect::<Vec<_>>();
            assert_eq!((index.size(), nodes(&index)), (expected.size(), nodes(&expected)), "tar {number}");
            read += 1;
        }
    }
    assert!(read > count(2000) / 4, "enough of them are read: {read}");
}
