//! Which variables hold a credential, told by their names: a build that takes one needs a word on the command line.

/// The last word of a name, between underscores.
const LAST_WORDS: [&str; 4] = ["TOKEN", "SECRET", "PASSWORD", "CREDENTIALS"];
/// The end of a name.
const ENDS: [&str; 4] = ["API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "SIGNING_KEY"];
/// The beginning of names that CI systems and clouds give their own.
const BEGINNINGS: [&str; 8] =
    ["ACTIONS_", "CI_JOB_", "AWS_", "AZURE_", "ARM_CLIENT_", "GOOGLE_GHA_CREDS_", "CLOUDSDK_AUTH_", "CIRCLE_OIDC_"];
/// Whole names: logins of registries, an address with a token in it, the token of Azure Pipelines.
const NAMES: [&str; 3] = ["DOCKER_AUTH_CONFIG", "CI_REPOSITORY_URL", "SYSTEM_ACCESSTOKEN"];

/// Whether the variable `name` is a credential's.
pub(super) fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let last = name.rsplit('_').next().unwrap_or_default();
    LAST_WORDS.contains(&last)
        || ENDS.iter().any(|end| name.ends_with(end))
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_by_their_names() {
        for name in [
            "TOKEN",
            "NPM_TOKEN",
            "npm_token",
            "GITHUB_TOKEN",
            "IMGBUDGET_GITLAB_TOKEN",
            "CLIENT_SECRET",
            "DB_PASSWORD",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "API_KEY",
            "STRIPE_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "SSH_PRIVATE_KEY",
            "COSIGN_SIGNING_KEY",
            "ACTIONS_RUNTIME_URL",
            "CI_JOB_JWT_V2",
            "AWS_ACCESS_KEY_ID",
            "AZURE_CLIENT_ID",
            "ARM_CLIENT_ID",
            "CI_REPOSITORY_URL",
            "DOCKER_AUTH_CONFIG",
            "SYSTEM_ACCESSTOKEN",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in [
            "GIT_SHA",
            "NODE_ENV",
            "TOKENIZER",
            "TOKEN_URL",
            "SECRETARY",
            "KEY",
            "CACHE_KEY",
            "MONKEY",
            "CI_COMMIT_SHA",
            "",
            "_",
        ] {
            assert!(!is_credential(name), "{name}");
        }
    }
}
