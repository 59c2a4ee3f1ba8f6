//! What a RUN does to files, read from its text.

/// Who a RUN gives files to: `node:node` of `chown -R node:node /app`, where that can stand in a COPY.
#[must_use]
pub fn owner(instruction: &str) -> Option<&str> {
    let mut words = instruction.split_whitespace().skip_while(|word| *word != "chown").skip(1);
    let owner = words.find(|word| !word.starts_with('-'))?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-:".contains(&b);
    (owner.len() <= 64 && owner.bytes().all(is_plain)).then_some(owner)
}

#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn owners_that_can_stand_in_a_copy() {
        for (instruction, wanted) in [
            ("RUN chown -R node:node /app", Some("node:node")),
            ("RUN mkdir /x && chown --recursive 65532 /x", Some("65532")),
            ("RUN chown -R $USER /app", None),
            ("RUN chown", None),
            ("RUN chmod -R a+r /app", None),
        ] {
            assert_eq!(owner(instruction), wanted, "{instruction}");
        }
    }
}
