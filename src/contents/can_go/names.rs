//! Names in a sentence.

/// The names, and how many more there are of `all`.
pub(super) fn named(names: &[String], all: usize) -> String {
    let more = all.saturating_sub(names.len());
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_and_the_rest() {
        let names = ["a".to_owned(), "b".to_owned()];
        assert_eq!((named(&names, 2), named(&names, 9)), ("a, b".to_owned(), "a, b and 7 more".to_owned()));
    }
}
