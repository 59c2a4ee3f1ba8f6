//! What somebody probably meant.

/// Words whose lengths differ by more have nothing to do with each other; so the length of either costs nothing.
const FARTHEST: usize = 3;

/// The candidate nearest to `word`, when it is near enough to be what was meant: one or two edits. Of equals, one as long as the word.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bound = if word.chars().count() <= 4 { 1 } else { 2 };
    candidates
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, candidate)| (*distance, candidate.chars().count().abs_diff(word.chars().count())))
        .map(|(_, candidate)| candidate)
}

/// The edits between two words, a swap of neighbours being one; [`usize::MAX`] for those of very different length.
#[must_use]
pub fn edits(a: &str, b: &str) -> usize {
    let is_near = a.chars().count().abs_diff(b.chars().count()) <= FARTHEST;
    if is_near { strsim::osa_distance(a, b) } else { usize::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words() {
        assert_eq!(nearest("nmp", ["npm", "npx"]), Some("npm"));
        assert_eq!(nearest("nmp", ["nm", "npm"]), Some("npm"), "a swap before a letter too many");
        assert_eq!(nearest("terraform", ["npm", "npx"]), None);
        assert_eq!(edits("max-sise", "max-size"), 1);
    }
}
