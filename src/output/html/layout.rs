//! Where the parts of a directory are drawn: squarified, so that areas can be compared (Bruls, Huizing, van Wijk, 2000).

use streemap::{Rect, squarify};

/// A rectangle, in the units of its picture.
pub(super) type Area = Rect<f64>;

/// A rectangle at a place.
pub(super) fn area(x: f64, y: f64, w: f64, h: f64) -> Area {
    Area { x, y, w, h }
}

/// Divides `within` between parts of these sizes, the largest first: of each its position in `sizes`, and where it is. Parts of nothing are
/// nowhere.
pub(super) fn divided(sizes: &[u64], within: Area) -> Vec<(usize, Area)> {
    let mut parts: Vec<(usize, f64, Area)> = sizes
        .iter()
        .enumerate()
        .filter(|(_, size)| **size > 0)
        .map(|(position, size)| (position, float(*size), area(0.0, 0.0, 0.0, 0.0)))
        .collect();
    if within.w <= 0.0 || within.h <= 0.0 {
        return Vec::new();
    }
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    squarify(within, &mut parts, |part| part.1, |part, place| part.2 = place);
    parts.into_iter().map(|(position, _, place)| (position, place)).collect()
}

/// A size as a length. Beyond 2⁵³ the last digits are lost, which no screen shows.
#[expect(clippy::cast_precision_loss, reason = "lengths on a screen")]
pub(super) fn float(size: u64) -> f64 {
    size as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_in_proportion_and_fill_the_whole() {
        let sizes = [6, 0, 2, 6, 1, 4, 3, 2];
        let placed = divided(&sizes, area(10.0, 20.0, 60.0, 40.0));
        assert_eq!(placed.len(), 7);
        for (position, place) in &placed {
            let wanted = float(sizes[*position]) * 100.0;
            assert!((place.w * place.h - wanted).abs() < 0.001, "{position} has {}", place.w * place.h);
            assert!(
                place.x >= 9.999 && place.x + place.w <= 70.001 && place.y >= 19.999 && place.y + place.h <= 60.001
            );
        }
        assert!(divided(&[], area(0.0, 0.0, 1.0, 1.0)).is_empty());
        assert!(divided(&[1], area(0.0, 0.0, 0.0, 1.0)).is_empty());
        assert_eq!(divided(&[u64::MAX, u64::MAX], area(0.0, 0.0, 2.0, 1.0)).len(), 2);
    }
}
