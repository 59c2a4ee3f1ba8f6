//! Keeps text from being obeyed by a GitHub runner.
//!
//! A runner reads both streams of a step: a line that begins with `::` is a workflow command, and `##[` is one **anywhere** in a
//! line (actions/runner, `ActionCommandManager`). A Dockerfile, a daemon or a file name in an image can hold either.

use std::borrow::Cow;

/// Text with every workflow command broken: a zero-width space after the first character of `##[`, and before a leading `::`.
#[derive(Debug, Clone, Copy)]
pub struct CommandGuard;

const BREAK: &str = "\u{200b}";

/// See [`CommandGuard`]. Bytes that hold no command come back as they are.
pub(super) fn defuse(bytes: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains("##[") && !text.contains("::") {
        return Cow::Borrowed(bytes);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive(['\n', '\r']) {
        let start = line.trim_start();
        if start.starts_with("::") {
            shown.push_str(&line[..line.len() - start.len()]);
            shown.push_str(BREAK);
        }
        let rest = if start.starts_with("::") { start } else { line };
        shown.push_str(&inside_command(rest));
    }
    Cow::Owned(shown.into_bytes())
}

/// A command of ours with none of the other kind in its text.
pub(super) fn inside_command(command: &str) -> String {
    command.replace("##[", &format!("#{BREAK}#["))
}

impl CommandGuard {
    /// The text as it may be printed in a job's log.
    #[must_use]
    pub fn defuse(text: &str) -> String {
        String::from_utf8_lossy(&defuse(text.as_bytes())).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_command(log: &str) -> bool {
        log.contains("##[") || log.split(['\n', '\r']).any(|line| line.trim_start().starts_with("::"))
    }

    #[test]
    fn commands_are_broken_and_the_rest_is_kept() {
        for hostile in ["::set-output name=a::b", "x\n  ::add-mask::y\n", "a ##[error]b", "##[##[group]", "a\r::b"] {
            assert!(!is_command(&CommandGuard::defuse(hostile)), "{hostile:?}");
        }
        assert_eq!(CommandGuard::defuse("std::io [x] # y"), "std::io [x] # y");
    }

    proptest! {
        #[test]
        fn nothing_gets_through(log in "[:#\\[ \n\ra]{0,40}") {
            prop_assert!(!is_command(&CommandGuard::defuse(&log)));
        }
    }
}
