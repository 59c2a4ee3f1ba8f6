//! Which variables of the environment are for imgbudget alone.

/// Environment variables that are for imgbudget alone: a helper has no business with the token that writes comments.
#[must_use]
pub fn is_our_secret(name: &str) -> bool {
    matches!(name, "GITHUB_TOKEN" | "GH_TOKEN") || name.starts_with("IMGBUDGET_") && name.ends_with("TOKEN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_helpers_never_see() {
        for name in ["IMGBUDGET_GITHUB_TOKEN", "IMGBUDGET_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"] {
            assert!(is_our_secret(name), "{name}");
        }
        for name in ["PATH", "AWS_SESSION_TOKEN", "IMGBUDGET_LIVE", "TOKEN"] {
            assert!(!is_our_secret(name), "{name}");
        }
    }
}
