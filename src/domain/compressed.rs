//! What a registry stores of an image and a node pulls: exact where blobs were seen, an estimate otherwise.

use std::fmt;

use super::Bytes;

/// How far an estimate may be off, in percent of itself: engines compress one layer to sizes that differ by up to 2.8 %.
const MARGIN_PERCENT: u128 = 3;

/// The compressed layers of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compressed {
    /// The size of each layer's blob, from the bottom up: one for each diff id.
    pub layers: Vec<Bytes>,
    /// Whether one of them comes from compressing the layer here, and not from a blob or a manifest.
    pub is_estimate: bool,
}

impl Compressed {
    /// All layers together.
    #[must_use]
    pub fn total(&self) -> CompressedSize {
        CompressedSize { bytes: self.layers.iter().copied().sum(), is_estimate: self.is_estimate }
    }
}

/// The compressed size of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompressedSize {
    /// All blobs together.
    pub bytes: Bytes,
    /// Whether that is an estimate.
    pub is_estimate: bool,
}

/// How a size that may be an estimate compares with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compared {
    /// Not above it, even if the estimate is too low.
    Within,
    /// The limit is so near that the estimate cannot tell. Never said of an exact size.
    Unclear,
    /// Above it, even if the estimate is too high.
    Over,
}

impl CompressedSize {
    /// A size that blobs or a manifest say.
    #[must_use]
    pub fn exact(bytes: Bytes) -> Self {
        Self { bytes, is_estimate: false }
    }

    /// The bytes, unless they are an estimate: two pushes are compared by what they are and not by what they may be.
    #[must_use]
    pub fn if_exact(self) -> Option<Bytes> {
        (!self.is_estimate).then_some(self.bytes)
    }

    /// The lowest limit that it is clearly within.
    #[must_use]
    pub fn at_most(self) -> Bytes {
        let margin = if self.is_estimate { u128::from(self.bytes.0) * MARGIN_PERCENT / 100 } else { 0 };
        Bytes(u64::try_from(u128::from(self.bytes.0) + margin).unwrap_or(u64::MAX))
    }

    /// How it compares with a limit.
    #[must_use]
    pub fn compare(self, limit: Bytes) -> Compared {
        let margin = if self.is_estimate { u128::from(self.bytes.0) * MARGIN_PERCENT / 100 } else { 0 };
        let (size, limit) = (u128::from(self.bytes.0), u128::from(limit.0));
        if size.saturating_sub(margin) > limit {
            Compared::Over
        } else if size + margin > limit {
            Compared::Unclear
        } else {
            Compared::Within
        }
    }
}

impl fmt::Display for CompressedSize {
    /// `93.0 MB`, or `about 93.0 MB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.is_estimate { "about " } else { "" };
        f.pad(&format!("{about}{}", self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compared(bytes: u64, limit: u64, is_estimate: bool) -> Compared {
        CompressedSize { bytes: Bytes(bytes), is_estimate }.compare(Bytes(limit))
    }

    #[test]
    fn an_estimate_is_clear_only_beyond_its_margin() {
        for (limit, exact, estimate) in [
            (9_699, Compared::Over, Compared::Over),
            (9_700, Compared::Over, Compared::Unclear),
            (9_999, Compared::Over, Compared::Unclear),
            (10_000, Compared::Within, Compared::Unclear),
            (10_299, Compared::Within, Compared::Unclear),
            (10_300, Compared::Within, Compared::Within),
        ] {
            assert_eq!((compared(10_000, limit, false), compared(10_000, limit, true)), (exact, estimate), "{limit}");
        }
    }

    #[test]
    fn an_estimate_is_shown_as_one() {
        let total = |is_estimate| Compressed { layers: vec![Bytes(90_000_000), Bytes(3_000_000)], is_estimate }.total();
        assert_eq!(total(true).to_string(), "about 93.0 MB");
        assert_eq!(total(false).to_string(), "93.0 MB");
        assert_eq!((total(true).if_exact(), total(false).if_exact()), (None, Some(Bytes(93_000_000))));
    }

    proptest! {
        #[test]
        fn a_higher_limit_is_never_worse(bytes in any::<u64>(), low in any::<u64>(), high in any::<u64>(), is_estimate in any::<bool>()) {
            let (low, high) = (low.min(high), low.max(high));
            prop_assert!(compared(bytes, high, is_estimate) <= compared(bytes, low, is_estimate));
            prop_assert!(is_estimate || compared(bytes, low, false) != Compared::Unclear);
            let size = CompressedSize { bytes: Bytes(bytes), is_estimate };
            prop_assert!(size.at_most().0 == u64::MAX || size.compare(size.at_most()) == Compared::Within);
        }
    }
}
