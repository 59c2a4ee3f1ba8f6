//! How much something grew or shrank, as people read it. Integers only, so that nothing is ever NaN.

use std::fmt;

use crate::domain::Bytes;

/// A size before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delta {
    /// Before.
    pub(super) before: Bytes,
    /// After.
    pub(super) after: Bytes,
}

impl fmt::Display for Delta {
    /// `+1.2 MB (+3.4 %)`, `−400.0 kB (−0.1 %)`, `+12 B (<0.1 %)`, `+12 B` from nothing, `0 B`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = Bytes(self.after.0.abs_diff(self.before.0));
        if bytes == Bytes::ZERO {
            return f.pad("0 B");
        }
        let sign = if self.after > self.before { '+' } else { '−' };
        let share = match tenths_of_a_percent(bytes, self.before) {
            None => String::new(),
            Some(0) => " (<0.1 %)".to_owned(),
            Some(tenths) => format!(" ({sign}{}.{} %)", tenths / 10, tenths % 10),
        };
        f.pad(&format!("{sign}{bytes}{share}"))
    }
}

/// `bytes` of `whole` in tenths of a percent, halves rounded up; nothing is no share of nothing.
fn tenths_of_a_percent(bytes: Bytes, whole: Bytes) -> Option<u128> {
    let whole = u128::from(whole.0);
    (u128::from(bytes.0) * 2000 + whole).checked_div(2 * whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(before: u64, after: u64) -> String {
        Delta { before: Bytes(before), after: Bytes(after) }.to_string()
    }

    #[test]
    fn both_directions_and_the_edges() {
        for (before, after, text) in [
            (35_000_000, 36_200_000, "+1.2 MB (+3.4 %)"),
            (36_200_000, 35_000_000, "−1.2 MB (−3.3 %)"),
            (100, 100, "0 B"),
            (0, 0, "0 B"),
            (0, 12, "+12 B"),
            (12, 0, "−12 B (−100.0 %)"),
            (2000, 2001, "+1 B (+0.1 %)"),
            (2001, 2002, "+1 B (<0.1 %)"),
            (1, u64::MAX, "+18446744073.71 GB (+1844674407370955161400.0 %)"),
        ] {
            assert_eq!(shown(before, after), text, "{before} {after}");
        }
    }

    proptest! {
        #[test]
        fn the_share_is_the_nearest_tenth(before in 1u64.., after in any::<u64>()) {
            let bytes = after.abs_diff(before);
            let tenths = tenths_of_a_percent(Bytes(bytes), Bytes(before)).expect("not of nothing");
            let exact = u128::from(bytes) * 1000;
            prop_assert!((tenths * u128::from(before)).abs_diff(exact) * 2 <= u128::from(before));
        }
    }
}
