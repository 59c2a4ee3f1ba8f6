//! Sizes as people write them into budgets.toml: round, and never below what was measured.

use super::Bytes;

/// By how much rounding may raise a size, as one part in so many: 5 %.
const FINEST_PART: u128 = 20;

impl Bytes {
    /// The next size that a person would write, never below this one and at most 5 % above it: 64.2 MB is 65 MB, 162 MB is 165 MB.
    ///
    /// Its grain is a 1 or a 5 with zeros after it. Rounding twice changes nothing more.
    #[must_use]
    pub fn rounded_up(self) -> Self {
        let wanted = u128::from(self.0);
        let most = (wanted / FINEST_PART).max(1);
        let tens = 10u128.pow(most.ilog10());
        let grain = if most / tens >= 5 { 5 * tens } else { tens };
        // What no u64 can hold above it stays as it is.
        u64::try_from(wanted.next_multiple_of(grain)).map_or(self, Self)
    }

    /// This size and so many hundredths of a percent of it, rounded as a person would.
    #[must_use]
    pub fn with_headroom(self, percent_hundredths: u64) -> Self {
        let more = (u128::from(self.0) * u128::from(percent_hundredths)).div_ceil(10_000);
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(more)).rounded_up()
    }

    /// As budgets.toml has it: `65 MB`, `1.25 GB`. It reads back as exactly this size.
    #[must_use]
    pub fn written(self) -> String {
        const UNITS: [(u64, &str); 4] =
            [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
        let fits = |unit: u64| (1..1000).contains(&(self.0 / unit)) && self.0.is_multiple_of(unit / 1000);
        let unit = UNITS.into_iter().find(|(unit, _)| fits(*unit));
        let Some((unit, name)) = unit else { return format!("{} B", self.0) };
        let (whole, part) = (self.0 / unit, self.0 % unit / (unit / 1000));
        match format!("{part:03}").trim_end_matches('0') {
            "" => format!("{whole} {name}"),
            part => format!("{whole}.{part} {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_rounded_as_people_would() {
        for (size, text) in [
            (0, "0 B"),
            (7, "7 B"),
            (999, "1 kB"),
            (64_200_000, "65 MB"),
            (65_000_000, "65 MB"),
            (96_500_001, "97 MB"),
            (100_000_001, "105 MB"),
            (162_000_000, "165 MB"),
            (840_800_000, "850 MB"),
            (1_210_000_000, "1.25 GB"),
            (9_410_000, "9.5 MB"),
            (u64::MAX, "18446744073709551615 B"),
        ] {
            assert_eq!(Bytes(size).rounded_up().written(), text, "{size}");
        }
        assert_eq!(Bytes(162_000_000).with_headroom(500).written(), "175 MB");
        assert_eq!(Bytes(1_234_567).written(), "1234567 B");
        assert_eq!(Bytes(1_234_000).written(), "1.234 MB");
    }

    proptest! {
        #[test]
        fn rounding_is_never_below_and_never_far(size in any::<u64>()) {
            let rounded = Bytes(size).rounded_up();
            prop_assert!(rounded.0 >= size && u128::from(rounded.0) <= u128::from(size) * 21 / 20 + 1);
            prop_assert_eq!(rounded.rounded_up(), rounded);
            prop_assert_eq!(rounded.written().parse(), Ok(rounded));
            prop_assert_eq!(Bytes(size).written().parse(), Ok(Bytes(size)));
        }
    }
}
