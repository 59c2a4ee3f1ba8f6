//! What the images that imgbudget builds are called, so that a person can find them and prune them:
//! `docker image prune --all --filter label=org.imgbudget.target`.

use crate::domain::{Digest, Platform, TargetName};

/// The longest part of a name, in characters, before its digest.
const LONGEST: usize = 64;

/// The label of every image that imgbudget built; its value is the target's name.
pub const LABEL: &str = "org.imgbudget.target";

/// The tag of a target's newest image: `imgbudget/shop/web:latest`, or `imgbudget/shop/web:linux-arm64` for a platform that was asked
/// for. The project is there so that the `web` of another one on the same engine keeps its tag.
///
/// The tag is for people: measuring goes by the image id.
#[must_use]
pub fn tag(project: &str, target: &TargetName, platform: Option<&Platform>) -> String {
    let tag = platform.map_or_else(|| "latest".to_owned(), |platform| platform.to_string().replace('/', "-"));
    format!("imgbudget/{}/{}:{tag}", fitted(project), fitted(target.as_str()))
}

/// A part of a repository's name, which allows less than a target's name or a folder's does. One that does not fit is made to, and
/// gets a piece of its digest, so that no two become the same.
fn fitted(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let mut fitted: String = words.join("-").chars().take(LONGEST).collect();
    if fitted != name || name.is_empty() {
        let mut digest = Digest::of(name).short();
        digest.truncate(8);
        fitted = if fitted.is_empty() { digest } else { format!("{}-{digest}", fitted.trim_end_matches('-')) };
    }
    fitted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ImageRef;

    fn name(text: &str) -> TargetName {
        text.parse().expect(text)
    }

    #[test]
    fn tags() {
        let tag = |target, platform| tag("shop", &name(target), platform);
        assert_eq!(tag("web-1", None), "imgbudget/shop/web-1:latest");
        let arm = Platform::new("linux", "arm", Some("v7"));
        assert_eq!(tag("web", Some(&arm)), "imgbudget/shop/web:linux-arm-v7");
        assert_eq!(tag("_", None), "imgbudget/shop/d2e2adf7:latest");
        assert_ne!(tag("Web", None), tag("web", None));
        assert_ne!(tag("a.b", None), tag("a_b", None));
    }

    proptest! {
        #[test]
        fn every_target_has_a_tag_that_engines_take(folder in any::<String>(), text in "[A-Za-z0-9._-]{1,64}") {
            let tag = tag(&folder, &name(&text), None);
            prop_assert!(tag.parse::<ImageRef>().is_ok() && tag.len() < 255, "{}", tag);
        }
    }
}
