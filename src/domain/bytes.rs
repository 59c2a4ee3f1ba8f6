//! A count of bytes: exact inside, decimal units when shown.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An exact number of bytes.
///
/// Shown in decimal units (`1.5 MB` is 1,500,000 bytes) because registries and `docker image ls` speak decimal;
/// written to JSON as the plain integer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// Why a text is not a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// There is no text at all.
    #[error("a size is missing")]
    Empty,
    /// The number in front of the unit is not one.
    #[error("`{0}` is not a size")]
    Number(String),
    /// `150M` or `150Mi`: could mean either of two units.
    #[error("`{unit}` is not a unit: {decimal} or {binary}?")]
    Ambiguous {
        /// What was written.
        unit: String,
        /// The unit of powers of ten that was perhaps meant.
        decimal: &'static str,
        /// The unit of powers of two that was perhaps meant.
        binary: &'static str,
    },
    /// A unit that nobody knows.
    #[error("`{0}` is not a unit")]
    Unit(String),
    /// Below zero.
    #[error("a size cannot be negative")]
    Negative,
    /// More than 2⁶⁴ − 1 bytes.
    #[error("`{0}` is more bytes than can be counted")]
    Overflow(String),
    /// `1.0005 kB` is half a byte too precise.
    #[error("`{0}` is not a whole number of bytes")]
    Fraction(String),
}

impl SizeError {
    /// What to write instead, as a sentence for the user.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Ambiguous { .. } => "Write MB for powers of ten or MiB for powers of two.",
            Self::Overflow(_) => "The largest size is 18446744073709551615 bytes (about 18 EB).",
            _ => "Write a size as \"150 MB\", \"1.35 GB\", \"150 MiB\", or as an integer of bytes.",
        }
    }
}

const KILO: u64 = 1000;
const KIBI: u64 = 1024;

/// Unit in lower case, and how many bytes it is.
const UNITS: [(&str, u64); 10] = [
    ("b", 1),
    ("kb", KILO),
    ("mb", KILO.pow(2)),
    ("gb", KILO.pow(3)),
    ("tb", KILO.pow(4)),
    ("kib", KIBI),
    ("mib", KIBI.pow(2)),
    ("gib", KIBI.pow(3)),
    ("tib", KIBI.pow(4)),
    ("bytes", 1),
];

impl Bytes {
    /// No bytes.
    pub const ZERO: Self = Self(0);

    /// `self − other`, zero when `other` is larger.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `self + other`, `None` past 2⁶⁴ − 1: sizes in tar headers come from strangers.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    fn unit(text: &str) -> Result<u64, SizeError> {
        let lower = text.to_ascii_lowercase();
        if let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == lower) {
            return Ok(*factor);
        }
        let pair = match lower.as_str() {
            "k" | "ki" => ("kB", "KiB"),
            "m" | "mi" => ("MB", "MiB"),
            "g" | "gi" => ("GB", "GiB"),
            "t" | "ti" => ("TB", "TiB"),
            _ => return Err(SizeError::Unit(text.to_owned())),
        };
        Err(SizeError::Ambiguous { unit: text.to_owned(), decimal: pair.0, binary: pair.1 })
    }
}

impl FromStr for Bytes {
    type Err = SizeError;

    /// Reads `150 MB`, `1.35GB`, `150 MiB`, `1500`: any case, integers only inside.
    fn from_str(text: &str) -> Result<Self, SizeError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(SizeError::Empty);
        }
        if trimmed.starts_with('-') {
            return Err(SizeError::Negative);
        }
        let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(end);
        let unit = unit.trim_start();
        let not_a_number = || SizeError::Number(trimmed.to_owned());
        let (whole, fraction) = match number.split_once('.') {
            Some((_, "")) => return Err(not_a_number()),
            Some((whole, fraction)) => (whole, fraction),
            None => (number, ""),
        };
        if whole.is_empty() || fraction.contains('.') {
            return Err(not_a_number());
        }
        let factor = if unit.is_empty() { 1 } else { Self::unit(unit)? };
        let overflow = || SizeError::Overflow(trimmed.to_owned());
        let whole: u64 = whole.parse().map_err(|_| overflow())?;
        let mut total = whole.checked_mul(factor).ok_or_else(overflow)?;
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            let places = u32::try_from(fraction.len()).map_err(|_| not_a_number())?;
            let scale = 10u128.checked_pow(places).ok_or_else(not_a_number)?;
            let digits: u128 = fraction.parse().map_err(|_| not_a_number())?;
            let scaled = digits.checked_mul(u128::from(factor)).ok_or_else(not_a_number)?;
            // Binary units make fractions that are no whole byte (0.1 MiB): those round down; a fraction of a byte is refused.
            if factor == 1 {
                return Err(SizeError::Fraction(trimmed.to_owned()));
            }
            let part = u64::try_from(scaled / scale).map_err(|_| overflow())?;
            total = total.checked_add(part).ok_or_else(overflow)?;
        }
        Ok(Self(total))
    }
}

impl fmt::Display for Bytes {
    /// `999 B`, `12.4 kB`, `87.0 MB`, `1.35 GB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const STEPS: [(u64, &str, usize); 3] = [(KILO, "kB", 1), (KILO.pow(2), "MB", 1), (KILO.pow(3), "GB", 2)];
        if self.0 < KILO {
            return f.pad(&format!("{} B", self.0));
        }
        let mut shown = String::new();
        for (factor, unit, places) in STEPS {
            let scale = 10u64.pow(u32::try_from(places).unwrap_or(1));
            let units = (u128::from(self.0) * u128::from(scale) + u128::from(factor) / 2) / u128::from(factor);
            let scale = u128::from(scale);
            shown = format!("{}.{:0places$} {unit}", units / scale, units % scale);
            if units < 1000 * scale {
                break;
            }
        }
        f.pad(&shown)
    }
}

impl Add for Bytes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<u64, SizeError> {
        text.parse::<Bytes>().map(|b| b.0)
    }

    #[test]
    fn sizes_people_write() {
        for (text, bytes) in [
            ("150 MB", 150_000_000),
            ("150MB", 150_000_000),
            ("150mb", 150_000_000),
            ("1.35 GB", 1_350_000_000),
            ("150 MiB", 157_286_400),
            ("0.1 MiB", 104_857),
            ("1500", 1500),
            ("0", 0),
            (" 12 kB ", 12_000),
            ("1.50 KB", 1_500),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn sizes_that_are_refused() {
        assert!(matches!(parse(""), Err(SizeError::Empty)));
        assert!(matches!(parse("-1 MB"), Err(SizeError::Negative)));
        assert!(matches!(parse("150M"), Err(SizeError::Ambiguous { decimal: "MB", binary: "MiB", .. })));
        assert!(matches!(parse("150Mi"), Err(SizeError::Ambiguous { .. })));
        assert!(matches!(parse("3 bananas"), Err(SizeError::Unit(_))));
        assert!(matches!(parse("MB"), Err(SizeError::Number(_))));
        assert!(matches!(parse("1.2.3 MB"), Err(SizeError::Number(_))));
        assert!(matches!(parse("1. MB"), Err(SizeError::Number(_))));
        assert!(matches!(parse("1e3"), Err(SizeError::Unit(_))));
        assert!(matches!(parse("99999999 TB"), Err(SizeError::Overflow(_))));
        assert!(matches!(parse("99999999999999999999"), Err(SizeError::Overflow(_))));
        assert!(matches!(parse("1.5"), Err(SizeError::Fraction(_))));
    }

    #[test]
    fn shown_in_decimal_units() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (87_000_000, "87.0 MB"),
            (1_350_000_000, "1.35 GB"),
            (u64::MAX, "18446744073.71 GB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
