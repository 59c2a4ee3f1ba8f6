//! Whose change it is: that of the base image, which others made, or that of the target's own layers.

use std::cmp::Ordering;
use std::fmt;

use crate::domain::{Bytes, Shares, TargetReport};

/// The two parts of a target's change in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split(Shares);

impl Split {
    /// `None` when nothing changed, when there is no base image, or when one of the sizes cannot be told for certain.
    pub(super) fn of(target: &TargetReport) -> Option<Self> {
        Shares::of(target).map(Self)
    }

    /// `base grew 28.4 MB, yours ±0`, `base grew 2.0 MB, yours shrank 2.5 MB`.
    pub(super) fn short(&self) -> String {
        let part = |name, (before, after): (Bytes, Bytes)| {
            let Part { verb, amount, .. } = Part::new(name, (before, after));
            verb.map_or_else(|| format!("{name} ±0"), |verb| format!("{name} {verb} {amount}"))
        };
        format!("{}, {}", part("base", self.0.base), part("yours", self.0.own))
    }

    /// Whether the base image has any part in it.
    pub(super) fn is_of_base(&self) -> bool {
        self.0.base.0 != self.0.base.1
    }
}

impl fmt::Display for Split {
    /// `the base image grew by 28.0 MB, its own layers by 200.0 kB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, own) = (Part::new("the base image", self.0.base), Part::new("its own layers", self.0.own));
        let (first, second) = if base.verb.is_some() { (base, own) } else { (own, base) };
        write!(f, "{}", first.name)?;
        if let Some(verb) = first.verb {
            write!(f, " {verb}")?;
        }
        write!(f, " by {}, {}", first.amount, second.name)?;
        match second.verb {
            Some(verb) if Some(verb) != first.verb => write!(f, " {verb} by {}", second.amount),
            Some(_) => write!(f, " by {}", second.amount),
            None => write!(f, " by nothing"),
        }
    }
}

struct Part {
    name: &'static str,
    verb: Option<&'static str>,
    amount: Bytes,
}

impl Part {
    fn new(name: &'static str, (before, after): (Bytes, Bytes)) -> Self {
        let verb = match after.cmp(&before) {
            Ordering::Greater => Some("grew"),
            Ordering::Less => Some("shrank"),
            Ordering::Equal => None,
        };
        Self { name, verb, amount: Bytes(after.0.abs_diff(before.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Change, ChangeState, Verdict};

    /// Size and the base image's part of it, before and after.
    fn said(before: (u64, Option<u64>), after: (u64, Option<u64>)) -> Option<String> {
        let change = Change {
            state: ChangeState::Changed,
            size_before: Some(Bytes(before.0)),
            base_size_before: before.1.map(Bytes),
            compressed_size_before: None,
            layers: Vec::new(),
        };
        let target = TargetReport {
            size: Some(Bytes(after.0)),
            base_size: after.1.map(Bytes),
            change: Some(change),
            ..TargetReport::new("api".parse().expect("a name"), None, Verdict::Pass)
        };
        Split::of(&target).map(|split| split.to_string())
    }

    #[test]
    fn each_part_has_its_share() {
        for ((before, after), words) in [
            (((100, 60), (130, 85)), "the base image grew by 25 B, its own layers by 5 B"),
            (((130, 85), (100, 60)), "the base image shrank by 25 B, its own layers by 5 B"),
            (((100, 60), (115, 85)), "the base image grew by 25 B, its own layers shrank by 10 B"),
            (((100, 60), (125, 85)), "the base image grew by 25 B, its own layers by nothing"),
            (((100, 60), (107, 60)), "its own layers grew by 7 B, the base image by nothing"),
            (((100, 0), (100, 60)), "the base image grew by 60 B, its own layers shrank by 60 B"),
        ] {
            let some = |(size, base)| (size, Some(base));
            assert_eq!(said(some(before), some(after)).as_deref(), Some(words));
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_not_known() {
        assert_eq!(said((100, Some(60)), (100, Some(60))), None, "nothing changed");
        assert_eq!(said((100, Some(0)), (120, Some(0))), None, "there is no base image");
        assert_eq!(said((100, None), (120, Some(60))), None);
        assert_eq!(said((100, Some(60)), (120, None)), None);
        assert_eq!(said((100, Some(101)), (120, Some(60))), None, "a report that contradicts itself");
    }
}
