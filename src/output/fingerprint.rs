//! What a finding is known by from run to run, so that a forge can tell an old one from a new one.

use std::collections::BTreeMap;

use crate::domain::{Digest, Sha256, TargetReport};

/// Makes fingerprints that are unique within one report.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    made: BTreeMap<Digest, u64>,
}

impl Fingerprints {
    /// The sha256 of rule, target, platform and subject in hexadecimal digits. No number that changes takes part, so the finding
    /// keeps it when the image grows. Where all four are the same again, the second and later ones are counted.
    pub(super) fn of(&mut self, rule: &str, target: &TargetReport, subject: &str) -> String {
        let platform = target.platform.as_ref().map(ToString::to_string).unwrap_or_default();
        let parts = [rule, target.name.as_str(), &platform, subject];
        let first = hash(&parts);
        let before = self.made.entry(first.clone()).or_default();
        *before += 1;
        match *before {
            1 => first.hex(),
            number => hash(&[parts.as_slice(), &[&number.to_string()]].concat()).hex(),
        }
    }
}

/// Each part goes in behind its length: no text of one part can look like the start of the next.
fn hash(parts: &[&str]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{fixture, two_platforms};
    use super::*;

    #[test]
    fn stable_and_unique() {
        let report = two_platforms();
        let mut fingerprints = Fingerprints::default();
        let first = fingerprints.of("size", &report.targets[0], "image");
        // Forges remember it: it may never change.
        assert_eq!(first, "631c6cee26a3f15361c314565c4982232e89da9dd76663bde94957062638aac1");
        let others = [
            fingerprints.of("size", &report.targets[1], "image"),
            fingerprints.of("size", &report.targets[0], "image"),
            fingerprints.of("size", &report.targets[0], "image"),
            fingerprints.of("siz", &report.targets[0], "eimage"),
            fingerprints.of("size", &fixture().targets[4], "image"),
        ];
        for (number, other) in others.iter().enumerate() {
            assert!(*other != first && !others[..number].contains(other), "{number}");
        }
        assert_eq!(Fingerprints::default().of("size", &report.targets[0], "image"), first);
    }
}
