//! Where a report's places can be looked at: the repository, the commit and the run, as CI names them.

use super::Place;

/// How a forge writes the address of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LinkStyle {
    /// `/blob/SHA/path#L12`
    #[default]
    GitHub,
    /// `/-/blob/SHA/path#L12`
    GitLab,
}

/// What is needed to link a place. What is missing is not linked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// `https://github.com/owner/name`, without a final slash.
    pub repository_url: Option<String>,
    /// The commit that lines are shown at, as a full id: the head of the pull request, not its merge with the base.
    pub head: Option<String>,
    /// The page of the run.
    pub run: Option<String>,
    /// Where the run stands below the root of the repository, `services/api`; empty at the root. Places are relative to it.
    pub directory: String,
    /// How the forge writes addresses.
    pub style: LinkStyle,
}

impl Links {
    /// No links at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The address of a line at the head commit; `None` for a place outside the repository, and outside CI.
    #[must_use]
    pub fn line(&self, place: &Place) -> Option<String> {
        let head = self.head.as_deref().filter(|head| is_commit(head))?;
        let path = self.path(place)?;
        Some(format!("{}/blob/{head}/{}#L{}", self.base()?, percent_encoded(&path), place.line))
    }

    /// The address of a commit; `None` when the text is no commit id.
    #[must_use]
    pub fn commit(&self, commit: &str) -> Option<String> {
        is_commit(commit).then_some(())?;
        Some(format!("{}/commit/{commit}", self.base()?))
    }

    /// The address of the run.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.run.as_deref().filter(|run| is_address(run))
    }

    /// A place's file relative to the root of the repository; `None` when it lies outside, or cannot be told.
    #[must_use]
    pub fn path(&self, place: &Place) -> Option<String> {
        within_repository(&self.directory, &place.file)
    }

    fn base(&self) -> Option<String> {
        let repository = self.repository_url.as_deref().filter(|url| is_address(url))?;
        let infix = match self.style {
            LinkStyle::GitHub => "",
            LinkStyle::GitLab => "/-",
        };
        Some(format!("{}{infix}", repository.trim_end_matches('/')))
    }
}

/// `file`, which is relative to `directory`, relative to the root of the repository that `directory` is relative to; `None` when it
/// lies outside.
#[must_use]
pub fn within_repository(directory: &str, file: &str) -> Option<String> {
    if file.starts_with('/') {
        return None;
    }
    let mut path: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(file.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()?),
            _ => path.push(part),
        }
    }
    (!path.is_empty()).then(|| path.join("/"))
}

/// Whether a text may be a commit id: 7 to 64 lower-case hexadecimal digits.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
}

/// Whether a text is an address that stands as it is in a Markdown link: http, and no character that would end it.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&*+,;=%".contains(&b);
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain))
}

/// A path of an address (RFC 3986): everything but unreserved characters and `/` is written as `%XX`.
#[must_use]
pub fn percent_encoded(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::with_capacity(path.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links() -> Links {
        Links {
            repository_url: Some("https://github.com/acme/shop".to_owned()),
            head: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            ..Links::none()
        }
    }

    fn place(file: &str) -> Place {
        Place { file: file.to_owned(), line: 12, column: 3 }
    }

    #[test]
    fn lines_at_the_head() {
        let blob = "https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567";
        assert_eq!(links().line(&place("./api/Dockerfile")), Some(format!("{blob}/api/Dockerfile#L12")));
        assert_eq!(links().line(&place("a b)/é#")), Some(format!("{blob}/a%20b%29/%C3%A9%23#L12")));
        let below = Links { directory: "services/api".to_owned(), ..links() };
        assert_eq!(below.line(&place("Dockerfile")), Some(format!("{blob}/services/api/Dockerfile#L12")));
        let gitlab = Links { style: LinkStyle::GitLab, ..links() };
        assert!(gitlab.line(&place("x")).is_some_and(|link| link.contains("/shop/-/blob/0123")));
        assert_eq!(links().commit("abcdef0").as_deref(), Some("https://github.com/acme/shop/commit/abcdef0"));
    }

    #[test]
    fn what_is_outside_or_forged_is_not_linked() {
        for file in ["/etc/passwd", "../x", "a/../../x", "", "."] {
            assert_eq!(links().line(&place(file)), None, "{file}");
        }
        assert_eq!(links().commit("main"), None);
        assert_eq!(Links::none().line(&place("x")), None);
        for url in ["javascript:alert(1)", "https://", "https://a b", "https://a)", "https://a>", "https://a\n"] {
            let forged = Links { repository_url: Some(url.to_owned()), run: Some(url.to_owned()), ..links() };
            assert_eq!((forged.line(&place("x")), forged.run()), (None, None), "{url}");
        }
        let forged = Links { head: Some("main\n".to_owned()), ..links() };
        assert_eq!(forged.line(&place("x")), None);
    }

    proptest! {
        #[test]
        fn an_address_holds_nothing_that_ends_it(file in any::<String>()) {
            if let Some(link) = links().line(&place(&file)) {
                prop_assert!(is_address(&link));
                prop_assert!(!link.contains("/../"));
            }
        }
    }
}
