//! Growth in words, and whose it is.

use std::fmt;

use super::super::delta::Delta;
use super::super::split::Split;
use super::pick;
use super::view::{View, first, unbroken};
use crate::domain::{Bytes, Change, ChangeState, TargetReport};
use crate::text;

/// Targets of which it is said whose change it is; the rest is counted.
const SPLITS: usize = 5;

/// A cell: `+1.2 MB (+8.3 %)`, `±0`, `new`.
pub(super) fn cell(change: &Change, now: Option<Bytes>) -> String {
    match (change.state, change.size_before, now) {
        (ChangeState::Extra, ..) => "new".to_owned(),
        (_, Some(before), Some(now)) if before == now => Signed::between(before, now).to_string(),
        (_, Some(before), Some(now)) => delta(before, now),
        _ => "–".to_owned(),
    }
}

/// A line for each listed target whose base image changed with its own layers: that part of its change was not made here.
pub(super) fn of_bases(view: &View<'_>) -> Option<String> {
    let said = |target: &TargetReport| {
        let split = Split::of(target).filter(Split::is_of_base)?;
        Some(format!("- {}: {}", view.name(target), text::markdown_prose(&split.to_string(), 200)))
    };
    let lines: Vec<String> = view.listed().filter(|target| !pick::is_base_alone(target)).filter_map(said).collect();
    let (shown, more) = first(&lines, SPLITS);
    let more = (more > 0).then(|| format!("- and {}", text::count(more, "more image", "more images")));
    let block = shown.iter().cloned().chain(more).collect::<Vec<_>>().join("\n");
    (!block.is_empty()).then_some(block)
}

/// `+1.2 MB (+8.3 %)`; may be broken only before the percentage.
pub(super) fn delta(before: Bytes, now: Bytes) -> String {
    unbroken(&Delta { before, after: now }.to_string()).replace("\u{a0}(", " (")
}

/// `+` or a minus as wide as it.
pub(super) fn sign(before: Bytes, now: Bytes) -> &'static str {
    if now >= before { "+" } else { "−" }
}

/// By how much something grew or shrank: `+1.2 MB`, `−3 B`, `±0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Signed(i128);

impl Signed {
    pub(super) fn between(before: Bytes, after: Bytes) -> Self {
        Self(i128::from(after.0) - i128::from(before.0))
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = Bytes(u64::try_from(self.0.unsigned_abs()).unwrap_or(u64::MAX));
        match self.0.signum() {
            0 => f.write_str("±0"),
            sign => write!(f, "{}{}", if sign > 0 { "+" } else { "−" }, unbroken(&bytes.to_string())),
        }
    }
}
