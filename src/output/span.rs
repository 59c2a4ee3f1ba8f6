//! Two amounts side by side, their common unit said once.

use crate::domain::Amount;
use crate::text;

/// `840.8 → 537.0 MB`, `996.0 MB → 1.21 GB`; as exact bytes where they would read alike and are not.
pub(super) fn span(first: Amount, joint: &str, second: Amount) -> String {
    let (before, after) =
        if first == second { (first.to_string(), second.to_string()) } else { text::pair(first, second) };
    match (before.rsplit_once(' '), after.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} {joint} {after}"),
        _ => format!("{before} {joint} {after}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Bytes;

    #[test]
    fn a_common_unit_is_said_once() {
        let bytes = |bytes| Amount::Bytes(Bytes(bytes));
        assert_eq!(span(bytes(840_800_000), "→", bytes(537_000_000)), "840.8 → 537.0 MB");
        assert_eq!(span(bytes(996_000_000), "→", bytes(1_210_000_000)), "996.0 MB → 1.21 GB");
        assert_eq!(span(bytes(150_000_001), "of", bytes(150_000_000)), "150,000,001 of 150,000,000 bytes");
        assert_eq!(span(bytes(150_000_000), "of", bytes(150_000_000)), "150.0 of 150.0 MB");
        assert_eq!(span(Amount::Count(13), "of", Amount::Count(12)), "13 of 12");
    }
}
