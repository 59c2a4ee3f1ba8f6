//! The end of a log, in bounded memory: lines out of chunks that break anywhere.

use std::collections::VecDeque;

/// How many lines are kept.
const LINES: usize = 20;
/// The longest line, in bytes. What is longer comes in pieces.
const LONGEST: usize = 2000;

/// The last lines of a log that a stranger writes.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    lines: VecDeque<String>,
    partial: Vec<u8>,
}

impl Tail {
    /// Takes the next piece of the log and tells `each` about every line that is complete now.
    pub(crate) fn push(&mut self, chunk: &[u8], mut each: impl FnMut(&str)) {
        for &byte in chunk {
            if byte == b'\n' {
                self.end_line(&mut each);
            } else {
                self.partial.push(byte);
                if self.partial.len() >= LONGEST {
                    self.end_line(&mut each);
                }
            }
        }
    }

    /// The log ended, perhaps in the middle of a line.
    pub(crate) fn finish(&mut self, mut each: impl FnMut(&str)) {
        if !self.partial.is_empty() {
            self.end_line(&mut each);
        }
    }

    /// The lines that are kept, oldest first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    fn end_line(&mut self, each: &mut impl FnMut(&str)) {
        let bytes = std::mem::take(&mut self.partial);
        let line = String::from_utf8_lossy(&bytes);
        // A progress bar writes over itself with carriage returns: what a terminal would show in the end is the line.
        let line = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default().trim_end();
        each(line);
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(chunks: &[&[u8]]) -> Vec<String> {
        let (mut tail, mut lines) = (Tail::default(), Vec::new());
        for chunk in chunks {
            tail.push(chunk, |line| lines.push(line.to_owned()));
        }
        tail.finish(|line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn chunks_break_anywhere() {
        assert_eq!(told(&[b"a\nb", b"c\n", b"d"]), ["a", "bc", "d"]);
        assert_eq!(told(&[b"10%\r50%\r100%\r\n"]), ["100%"]);
        assert_eq!(told(&[&vec![b'x'; 5000]]).len(), 3);
    }

    proptest! {
        #[test]
        fn the_end_is_kept_and_no_more(text in "[a-z\n]{0,300}", cut in 0usize..300) {
            let cut = cut.min(text.len());
            let mut tail = Tail::default();
            tail.push(&text.as_bytes()[..cut], |_| ());
            tail.push(&text.as_bytes()[cut..], |_| ());
            tail.finish(|_| ());
            let all: Vec<&str> = text.lines().collect();
            let kept: Vec<&str> = tail.lines().collect();
            prop_assert_eq!(kept, &all[all.len().saturating_sub(LINES)..]);
        }
    }
}
