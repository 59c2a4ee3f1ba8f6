//! Which layers came, went, or changed their size.

use crate::domain::{LayerChange, LayerKey, LayerPairs, LayerReport};
use crate::text;

/// The most changes that are kept, the largest: an image has at most 127 layers, an archive may claim any number.
const MOST: usize = 1000;

/// What became of the layers, the largest difference first.
#[must_use]
pub fn changes(before: &[LayerReport], after: &[LayerReport]) -> Vec<LayerChange> {
    let pairs = LayerPairs::of(&keys(before), &keys(after));
    let differs = |(old, new): &&(usize, usize)| before[*old].size != after[*new].size;
    let changed = pairs
        .again
        .iter()
        .filter(differs)
        .map(|(old, new)| LayerChange { before: before[*old].size, ..now(*new, &after[*new]) });
    let came = pairs.new.iter().map(|new| now(*new, &after[*new]));
    let went = pairs.gone.iter().map(|old| LayerChange {
        index: None,
        created_by: before[*old].created_by.clone(),
        before: before[*old].size,
        after: None,
    });
    let mut changes: Vec<LayerChange> = changed.chain(came).chain(went).collect();
    changes.sort_by_key(|change| (std::cmp::Reverse(change.difference()), change.index.is_none(), change.index));
    changes.truncate(MOST);
    changes
}

fn keys(layers: &[LayerReport]) -> Vec<LayerKey<'_>> {
    layers.iter().map(key).collect()
}

fn key(layer: &LayerReport) -> LayerKey<'_> {
    LayerKey {
        diff_id: &layer.diff_id,
        instruction: layer.created_by.as_deref().map(text::instruction_again),
        line: layer.dockerfile.as_ref().map(ToString::to_string),
    }
}

fn now(index: usize, layer: &LayerReport) -> LayerChange {
    LayerChange { index: Some(index), created_by: layer.created_by.clone(), before: None, after: layer.size }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Bytes, DiffId, Digest, Origin, Place};

    fn layer(seed: u8, size: u64, created_by: &str, line: u32) -> LayerReport {
        LayerReport {
            diff_id: DiffId(Digest::from_sha256([seed; 32])),
            size: Some(Bytes(size)),
            compressed_size: None,
            created_by: (!created_by.is_empty()).then(|| created_by.to_owned()),
            origin: Origin::Unknown,
            dockerfile: (line > 0).then(|| Place { file: "Dockerfile".to_owned(), line, column: 1 }),
        }
    }

    /// `2: 10 → 12`, `-: 5 → -`.
    fn said(before: &[LayerReport], after: &[LayerReport]) -> Vec<String> {
        let shown = |size: Option<Bytes>| size.map_or("-".to_owned(), |size| size.0.to_string());
        changes(before, after)
            .iter()
            .map(|change| {
                let index = change.index.map_or("-".to_owned(), |index| index.to_string());
                format!("{index}: {} → {}", shown(change.before), shown(change.after))
            })
            .collect()
    }

    #[test]
    fn layers_find_their_earlier_selves() {
        let before = [layer(1, 60, "ADD rootfs /", 0), layer(2, 10, "RUN make", 3), layer(3, 5, "COPY a /", 4)];
        assert_eq!(said(&before, &before), [""; 0]);
        // Run again: the same instruction, other bytes; in the classic builder's spelling, too.
        let again = [before[0].clone(), layer(9, 14, "/bin/sh -c make", 0), before[2].clone()];
        assert_eq!(said(&before, &again), ["1: 10 → 14"]);
        // Rewritten: the same line.
        let rewritten = [before[0].clone(), layer(9, 30, "RUN make all", 3), before[2].clone()];
        assert_eq!(said(&before, &rewritten), ["1: 10 → 30"]);
        // A layer in between moves what is above it and changes nothing of it.
        let more = [before[0].clone(), layer(7, 100, "RUN apt-get", 2), before[1].clone(), before[2].clone()];
        assert_eq!(said(&before, &more), ["1: - → 100"]);
        assert_eq!(said(&more, &before), ["-: 100 → -"]);
        // Other content of the same size is no change of size.
        assert_eq!(said(&before[..1], &[layer(8, 60, "ADD rootfs /", 0)]), [""; 0]);
    }

    #[test]
    fn the_largest_difference_comes_first() {
        let before = [layer(1, 60, "a", 0), layer(2, 10, "b", 0), layer(3, 1, "c", 0)];
        let after = [layer(4, 61, "a", 0), layer(5, 2, "b", 0), layer(6, 50, "d", 0)];
        assert_eq!(said(&before, &after), ["2: - → 50", "1: 10 → 2", "0: 60 → 61", "-: 1 → -"]);
    }

    #[test]
    fn equal_layers_are_told_apart_by_number() {
        let empty = layer(1, 0, "", 0);
        assert_eq!(said(&[empty.clone(), empty.clone()], std::slice::from_ref(&empty)), ["-: 0 → -"]);
        assert_eq!(said(std::slice::from_ref(&empty), &[empty.clone(), empty.clone()]), ["1: - → 0"]);
    }

    fn layers() -> impl Strategy<Value = Vec<LayerReport>> {
        let one = (0u8..6, 0u64..50, "[ab]{0,1}", 0u32..4).prop_map(|(seed, _, by, line)| {
            // A diff id names its content, so it has one size.
            layer(seed, u64::from(seed) * 7, &by, line)
        });
        prop::collection::vec(one, 0..9)
    }

    proptest! {
        #[test]
        fn differences_add_up(before in layers(), after in layers()) {
            let size = |size: Option<Bytes>| size.map_or(0, |size| i128::from(size.0));
            let total = |layers: &[LayerReport]| layers.iter().map(|layer| size(layer.size)).sum::<i128>();
            let changed = changes(&before, &after);
            let sum: i128 = changed.iter().map(|change| size(change.after) - size(change.before)).sum();
            prop_assert_eq!(sum, total(&after) - total(&before));
            prop_assert!(changed.is_sorted_by_key(|change| std::cmp::Reverse(change.difference())));
        }

        #[test]
        fn nothing_changes_against_itself(layers in layers()) {
            prop_assert_eq!(changes(&layers, &layers), []);
        }
    }
}
