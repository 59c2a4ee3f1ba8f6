//! Text in a page: what stands in a script element as data.

use super::json;

/// JSON for a `<script type="application/json">`: nothing in it ends the element or begins a comment, and it means the same.
#[must_use]
pub fn script_json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in json(text).chars() {
        match c {
            '<' => shown.push_str("\\u003c"),
            '>' => shown.push_str("\\u003e"),
            '&' => shown.push_str("\\u0026"),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::is_hidden;

    proptest! {
        #[test]
        fn data_never_ends_its_element_and_reads_the_same(text in any::<String>()) {
            let shown = script_json(&serde_json::to_string(&text).expect("a string"));
            let acts = |c: char| "<>&".contains(c) || is_hidden(c);
            prop_assert!(!shown.chars().any(acts));
            prop_assert_eq!(serde_json::from_str::<String>(&shown).expect("JSON"), text);
        }
    }
}
