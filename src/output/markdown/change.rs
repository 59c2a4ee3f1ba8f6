//! Growth in words: bytes, and tenths of a per cent without a float.

use super::super::split::Split;
use super::view::{View, first, unbroken};
use crate::domain::{Bytes, Change, ChangeState, TargetReport};
use crate::text;

/// Targets of which it is said whose change it is; the rest is counted.
const SPLITS: usize = 5;

/// A cell: `+1.2 MB (+8.3 %)`, `same`, `new`.
pub(super) fn cell(change: &Change, now: Option<Bytes>) -> String {
    match (change.state, change.size_before, now) {
        (ChangeState::Extra, ..) => "new".to_owned(),
        (_, Some(before), Some(now)) if before == now => "same".to_owned(),
        (_, Some(before), Some(now)) => delta(before, now),
        _ => "–".to_owned(),
    }
}

/// A line a target whose base image changed: that part of its change is none of this pull request's making.
pub(super) fn of_bases(view: &View<'_>) -> Option<String> {
    let said = |target: &&TargetReport| {
        let split = Split::of(target).filter(Split::is_of_base)?;
        Some(format!("- {}: {}", view.name(target), text::markdown_prose(&split.to_string(), 200)))
    };
    let lines: Vec<String> = view.targets.iter().filter_map(said).collect();
    let (shown, more) = first(&lines, SPLITS);
    let more = (more > 0).then(|| format!("- and {}", text::count(more, "more image", "more images")));
    let block = shown.iter().cloned().chain(more).collect::<Vec<_>>().join("\n");
    (!block.is_empty()).then_some(block)
}

/// `+1.2 MB (+8.3 %)`; no percentage of nothing.
pub(super) fn delta(before: Bytes, now: Bytes) -> String {
    let difference = unbroken(&format!("{}{}", sign(before, now), Bytes(before.0.abs_diff(now.0))));
    match percent(before, now) {
        Some(percent) => format!("{difference} ({percent})"),
        None => difference,
    }
}

/// `+` or a minus as wide as it.
pub(super) fn sign(before: Bytes, now: Bytes) -> &'static str {
    if now >= before { "+" } else { "−" }
}

/// `+8.3 %`, rounded to tenths; `+<0.1 %` when that would say nothing.
fn percent(before: Bytes, now: Bytes) -> Option<String> {
    let difference = u128::from(before.0.abs_diff(now.0));
    let whole = u128::from(before.0);
    let tenths = (difference * 1000 + whole / 2).checked_div(whole)?;
    let below =
        if tenths == 0 && difference > 0 { "<0.1".to_owned() } else { format!("{}.{}", tenths / 10, tenths % 10) };
    Some(unbroken(&format!("{}{below} %", sign(before, now))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_to_a_tenth() {
        let shown = |before, now| delta(Bytes(before), Bytes(now)).replace('\u{a0}', " ");
        assert_eq!(shown(150_000_000, 162_000_000), "+12.0 MB (+8.0 %)");
        assert_eq!(shown(162_000_000, 150_000_000), "−12.0 MB (−7.4 %)");
        assert_eq!(shown(1_000_000_000, 1_000_000_001), "+1 B (+<0.1 %)");
        assert_eq!(shown(0, 5), "+5 B");
        assert_eq!(shown(5, 0), "−5 B (−100.0 %)");
        assert_eq!(shown(1, u64::MAX), "+18446744073.71 GB (+1844674407370955161400.0 %)");
        assert_eq!(shown(2000, 2001), "+1 B (+0.1 %)");
    }
}
