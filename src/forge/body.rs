//! The text of our comment: a marker that finds it again, a fingerprint that tells whether it says anything new, and the Markdown.

use super::CommentKey;
use crate::domain::Digest;

/// A comment's text, ready to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    marker: String,
    fingerprint: String,
    text: String,
}

impl Body {
    /// A body of `markdown`. `stable` is the same text without what changes on every run (the run's address, commits, links that
    /// hold them): when it is the same as last time, nothing needs to be said again.
    #[must_use]
    pub fn new(key: &CommentKey, markdown: &str, stable: &str) -> Self {
        let marker = marker(key);
        let digest = Digest::of(stable);
        let fingerprint = format!("<!-- sha256={} -->", digest.hex());
        let text = format!("{marker}\n{fingerprint}\n{markdown}");
        Self { marker, fingerprint, text }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `text` begins with our marker on a line of its own.
    #[must_use]
    pub fn is_marked(&self, text: &str) -> bool {
        text.strip_prefix(&self.marker).is_some_and(|rest| rest.starts_with('\n') || rest.starts_with("\r\n"))
    }

    /// Whether `text`, which is ours, says the same already.
    #[must_use]
    pub fn says_the_same(&self, text: &str) -> bool {
        text.lines().nth(1) == Some(self.fingerprint.as_str())
    }
}

/// The first line of every comment with this key.
fn marker(key: &CommentKey) -> String {
    format!("<!-- imgbudget:comment:v1 key={key} -->")
}

/// How many characters of Markdown fit beside marker and fingerprint into a comment of `limit` characters.
#[must_use]
pub fn room(limit: usize) -> usize {
    const HEAD: usize = "<!-- imgbudget:comment:v1 key= -->".len() + 64 + "<!-- sha256= -->".len() + 64 + 2;
    limit.saturating_sub(HEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_again_and_compared() {
        let key: CommentKey = "budgets.toml".parse().expect("valid");
        let body = Body::new(&key, "hello [run](https://x/1)\n", "hello\n");
        let again = Body::new(&key, "hello [run](https://x/2)\n", "hello\n");
        let other = Body::new(&key, "bye\n", "bye\n");
        assert!(body.is_marked(again.text()) && body.says_the_same(again.text()));
        assert!(body.is_marked(other.text()) && !body.says_the_same(other.text()));
        // Forges store what was sent with CRLF now and then.
        assert!(
            body.is_marked(&again.text().replace('\n', "\r\n"))
                && body.says_the_same(&again.text().replace('\n', "\r\n"))
        );
        let longer: CommentKey = "budgets.toml2".parse().expect("valid");
        assert!(!body.is_marked(Body::new(&longer, "", "").text()));
        assert!(!body.is_marked(&format!("> {}", again.text())));
    }
}
