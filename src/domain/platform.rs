//! Operating system and architecture of an image (OCI image-index.md, `platform`).

use std::fmt;
use std::str::FromStr;

/// `linux/amd64`, `linux/arm/v7`: what an image was made for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// `linux`, `windows`, in lower case.
    pub os: String,
    /// Go's name of the architecture: `amd64`, `arm64`, `arm`.
    pub architecture: String,
    /// `v7` of `linux/arm/v7`.
    pub variant: Option<String>,
}

/// The text is not `os/architecture` or `os/architecture/variant`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform")]
pub struct PlatformError(String);

impl Platform {
    /// A platform from the parts of an image config, in the normal form that comparing needs:
    /// lower case, `x86_64` and `aarch64` by Go's names, no variant where it is the architecture's only one.
    #[must_use]
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        let os = os.to_ascii_lowercase();
        let architecture = match architecture.to_ascii_lowercase().as_str() {
            "x86_64" | "x86-64" => "amd64".to_owned(),
            "aarch64" => "arm64".to_owned(),
            other => other.to_owned(),
        };
        let variant = variant.map(str::to_ascii_lowercase).filter(|variant| {
            !(variant.is_empty()
                || architecture == "arm64" && variant == "v8"
                || architecture == "amd64" && variant == "v1")
        });
        Self { os, architecture, variant }
    }

    /// Whether an image of `self` is what somebody who asked for `wanted` wants: a variant counts only when it was asked for.
    #[must_use]
    pub fn satisfies(&self, wanted: &Self) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || self.variant == wanted.variant)
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let wrong = || PlatformError(text.to_owned());
        let parts: Vec<&str> = text.split('/').collect();
        let plain = |part: &&str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        };
        if !(2..=3).contains(&parts.len()) || !parts.iter().all(plain) {
            return Err(wrong());
        }
        Ok(Self::new(parts[0], parts[1], parts.get(2).copied()))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_form_and_match() {
        let parse = |text: &str| text.parse::<Platform>();
        assert_eq!(parse("linux/x86_64"), parse("Linux/amd64"));
        assert_eq!(parse("linux/arm64/v8"), parse("linux/aarch64"));
        assert_eq!(parse("linux/arm/v7").map(|p| p.to_string()), Ok("linux/arm/v7".to_owned()));
        for wrong in ["", "linux", "linux/", "a/b/c/d", "linux/am d64"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let v7 = Platform::new("linux", "arm", Some("v7"));
        assert!(v7.satisfies(&Platform::new("linux", "arm", None)));
        assert!(!v7.satisfies(&Platform::new("linux", "arm", Some("v6"))));
    }
}
