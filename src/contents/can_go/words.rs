//! How several things are put into one line.

use super::names::named;

/// How many are named.
const MOST: usize = 3;

/// `secrets: /app/.env, /app/.npmrc and 2 more`.
pub(super) fn labelled(label: &str, names: impl IntoIterator<Item = String>) -> String {
    let mut shown = Vec::new();
    let mut all = 0_usize;
    for name in names {
        all = all.saturating_add(1);
        if shown.len() < MOST {
            shown.push(name);
        }
    }
    format!("{label}: {}", named(&shown, all))
}
