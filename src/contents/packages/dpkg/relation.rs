//! What a package says of others: `Depends: a (>= 1) | b:any [amd64], c`.

/// The parts of a list that hold together: of the alternatives in each, one is enough.
pub(super) fn needs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').filter(|need| !need.trim_ascii().is_empty())
}

/// The names in a need, without versions and architectures.
pub(super) fn names(need: &[u8]) -> impl Iterator<Item = &[u8]> {
    need.split(|byte| *byte == b'|').map(name).filter(|name| !name.is_empty())
}

/// The first word, as far as it is a name.
pub(super) fn name(relation: &[u8]) -> &[u8] {
    let relation = relation.trim_ascii();
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'[' | b'<' | b':');
    relation.split(ends).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_is_names_without_versions_and_architectures() {
        let said: Vec<Vec<&str>> = needs(b"libc6 (>= 2.36), python3:any|python3(<<4) ,\n mawk [amd64] <!x>, ,")
            .map(|need| names(need).map(|name| std::str::from_utf8(name).expect("ASCII")).collect())
            .collect();
        assert_eq!(said, [vec!["libc6"], vec!["python3", "python3"], vec!["mawk"]]);
    }
}
