//! Which layers of two images are the same, which are the same instruction run again, and which came or went.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::DiffId;

/// What a layer is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerKey<'a> {
    /// Its diff id.
    pub diff_id: &'a DiffId,
    /// The instruction that made it, in the spelling that all builders share.
    pub instruction: Option<String>,
    /// Its line of the Dockerfile.
    pub line: Option<String>,
}

/// Positions of layers, from the bottom: before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerPairs {
    /// The same layer.
    pub same: Vec<(usize, usize)>,
    /// The same instruction with another result, or another instruction on the same line.
    pub again: Vec<(usize, usize)>,
    /// Only before.
    pub gone: Vec<usize>,
    /// Only after.
    pub new: Vec<usize>,
}

impl LayerPairs {
    /// A layer with the same diff id is the same layer wherever it stands. What is left over is matched by its instruction, and then by its
    /// line, so that an instruction that was run again, or rewritten, is one layer before and after. Of equals the lower belong together.
    #[must_use]
    pub fn of(before: &[LayerKey<'_>], after: &[LayerKey<'_>]) -> Self {
        let mut pairs = Self { gone: (0..before.len()).collect(), new: (0..after.len()).collect(), ..Self::default() };
        pairs.same = pairs.join(before, after, |layer| Some(layer.diff_id.to_string()));
        pairs.again = pairs.join(before, after, |layer| layer.instruction.clone());
        let rewritten = pairs.join(before, after, |layer| layer.line.clone());
        pairs.again.extend(rewritten);
        pairs
    }

    /// Matches what has the same key, in order from the bottom where several have.
    fn join(
        &mut self,
        before: &[LayerKey<'_>],
        after: &[LayerKey<'_>],
        key: impl Fn(&LayerKey<'_>) -> Option<String>,
    ) -> Vec<(usize, usize)> {
        let mut by_key: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for old in &self.gone {
            if let Some(key) = key(&before[*old]) {
                by_key.entry(key).or_default().push_back(*old);
            }
        }
        let mut matched = Vec::new();
        self.new.retain(|new| {
            let found = key(&after[*new]).and_then(|key| by_key.get_mut(&key)?.pop_front());
            matched.extend(found.map(|old| (old, *new)));
            found.is_none()
        });
        let gone: BTreeSet<usize> = matched.iter().map(|(old, _)| *old).collect();
        self.gone.retain(|old| !gone.contains(old));
        matched
    }
}
