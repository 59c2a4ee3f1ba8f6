//! A number that must not be passed, with a soft and a hard side.

use std::fmt;

use super::{Bytes, Place};

/// A limit: a finding above `warn` warns, one above `fail` fails. At least one side is set, and `warn` is never above `fail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit<T> {
    /// The soft side.
    pub warn: Option<T>,
    /// The hard side.
    pub fail: Option<T>,
    /// Where it was written; `None` when it came from the command line.
    pub place: Option<Place>,
}

impl<T> Limit<T> {
    /// A hard limit from the command line.
    #[must_use]
    pub fn hard(fail: T) -> Self {
        Self { warn: None, fail: Some(fail), place: None }
    }
}

/// How much an image may grow against its baseline. Percentages are kept in hundredths of a percent, so that judging needs no floating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Growth in bytes that is allowed.
    pub bytes: Option<Bytes>,
    /// Growth in hundredths of a percent of the baseline that is allowed: `2%` is 200.
    pub percent_hundredths: Option<u64>,
}

impl Growth {
    /// How many bytes of growth this allows over `baseline`: the larger of its two sides, percentages rounded down.
    #[must_use]
    pub fn allowed(self, baseline: Bytes) -> Bytes {
        let share = self.percent_hundredths.map(|hundredths| {
            let bytes = u128::from(baseline.0) * u128::from(hundredths) / 10_000;
            Bytes(u64::try_from(bytes).unwrap_or(u64::MAX))
        });
        self.bytes.into_iter().chain(share).max().unwrap_or(Bytes::ZERO)
    }
}

impl fmt::Display for Growth {
    /// `5.0 MB`, `2.5%`, `5.0 MB or 2%, the larger`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.percent_hundredths.map(|hundredths| {
            let part = format!(".{:02}", hundredths % 100);
            format!("{}{}%", hundredths / 100, part.trim_end_matches('0').trim_end_matches('.'))
        });
        match (self.bytes, percent) {
            (Some(bytes), Some(percent)) => write!(f, "{bytes} or {percent}, the larger"),
            (None, Some(percent)) => f.pad(&percent),
            (bytes, None) => bytes.unwrap_or(Bytes::ZERO).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growths_are_shown_as_people_write_them() {
        let shown =
            |bytes: Option<u64>, percent_hundredths| Growth { bytes: bytes.map(Bytes), percent_hundredths }.to_string();
        assert_eq!(shown(Some(5_000_000), None), "5.0 MB");
        assert_eq!(shown(None, Some(200)), "2%");
        assert_eq!(shown(None, Some(5)), "0.05%");
        assert_eq!(shown(Some(5_000_000), Some(250)), "5.0 MB or 2.5%, the larger");
    }
}
