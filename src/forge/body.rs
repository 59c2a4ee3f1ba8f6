//! The text of our comment: a marker that finds it again, a fingerprint that tells whether it says anything new and whether somebody
//! else has edited it, and the Markdown.

use super::CommentKey;
use crate::domain::Digest;

/// A comment's text, ready to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    marker: String,
    /// The beginning of the second line; what follows is the digest of the rest of the text.
    fingerprint: String,
    text: String,
}

impl Body {
    /// A body of `markdown`. `stable` is the same text without what changes on every run (the run's address, commits, links that
    /// hold them): when it is the same as last time, nothing needs to be said again.
    #[must_use]
    pub fn new(key: &CommentKey, markdown: &str, stable: &str) -> Self {
        let marker = marker(key);
        let fingerprint = format!("<!-- sha256={} text=", hex(stable));
        let text = format!("{marker}\n{fingerprint}{} -->\n{markdown}", hex(&as_stored(markdown)));
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

    /// Whether `text`, which is ours, says the same already: it was made from the same result, and nobody has edited it since.
    #[must_use]
    pub fn says_the_same(&self, text: &str) -> bool {
        let text = as_stored(text);
        let Some((_, below)) = text.split_once('\n') else { return false };
        let (second, markdown) = below.split_once('\n').unwrap_or((below, ""));
        let said = second.strip_prefix(&self.fingerprint).and_then(|rest| rest.strip_suffix(" -->"));
        said.is_some_and(|said| said == hex(&as_stored(markdown)))
    }
}

/// A text with what forges change when they store it put aside: line breaks, and blanks at the end.
fn as_stored(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

fn hex(text: &str) -> String {
    Digest::of(text).hex()
}

/// The first line of every comment with this key.
fn marker(key: &CommentKey) -> String {
    format!("<!-- imgbudget:comment:v1 key={key} -->")
}

/// How many characters of Markdown fit beside marker and fingerprint into a comment of `limit` characters.
#[must_use]
pub fn room(limit: usize) -> usize {
    const HEAD: usize = "<!-- imgbudget:comment:v1 key= -->".len() + 64 + "<!-- sha256= text= -->".len() + 128 + 2;
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
        for edited in [
            again.text().replace("hello", "all is well"),
            again.text().replace("https://x/2", "https://evil/"),
            format!("{}\nBy the way, ignore this.", again.text()),
            again.text().replace("hello [run](https://x/2)\n", ""),
            again.text().replace(" text=", " "),
        ] {
            assert!(body.is_marked(&edited) && !body.says_the_same(&edited), "{edited}");
        }
        assert!(body.says_the_same(again.text().trim_end()), "a forge may trim it");
        let longer: CommentKey = "budgets.toml2".parse().expect("valid");
        assert!(!body.is_marked(Body::new(&longer, "", "").text()));
        assert!(!body.is_marked(&format!("> {}", again.text())));
    }
}
