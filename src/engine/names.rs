//! What the images that imgbudget builds are called, so that a person can find them and prune them:
//! `docker image prune --all --filter label=org.imgbudget.target`.

use sha2::{Digest as _, Sha256};

use crate::domain::{Digest, Platform, TargetName};

/// The label of every image that imgbudget built; its value is the target's name.
pub const LABEL: &str = "org.imgbudget.target";

/// The tag of a target's newest image: `imgbudget/web:latest`, or `imgbudget/web:linux-arm64` for a platform that was asked for.
///
/// A repository's name allows less than a target's does. A name that does not fit is made to, and gets a piece of its digest, so
/// that two targets never share a tag. The tag is for people: measuring goes by the image id.
#[must_use]
pub fn tag(target: &TargetName, platform: Option<&Platform>) -> String {
    let name = target.as_str();
    let words: Vec<String> =
        name.split(['.', '_', '-']).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    let mut fitted = words.join("-");
    if fitted != name {
        let mut digest = Digest::from_sha256(Sha256::digest(name.as_bytes()).into()).short();
        digest.truncate(8);
        fitted = if fitted.is_empty() { digest } else { format!("{fitted}-{digest}") };
    }
    let tag = platform.map_or_else(|| "latest".to_owned(), |platform| platform.to_string().replace('/', "-"));
    format!("imgbudget/{fitted}:{tag}")
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
        assert_eq!(tag(&name("web-1"), None), "imgbudget/web-1:latest");
        let arm = Platform::new("linux", "arm", Some("v7"));
        assert_eq!(tag(&name("web"), Some(&arm)), "imgbudget/web:linux-arm-v7");
        assert_eq!(tag(&name("_"), None), "imgbudget/d2e2adf7:latest");
        assert_ne!(tag(&name("Web"), None), tag(&name("web"), None));
        assert_ne!(tag(&name("a.b"), None), tag(&name("a_b"), None));
    }

    proptest! {
        #[test]
        fn every_target_has_a_tag_that_engines_take(text in "[A-Za-z0-9._-]{1,64}") {
            prop_assert!(tag(&name(&text), None).parse::<ImageRef>().is_ok());
        }
    }
}
