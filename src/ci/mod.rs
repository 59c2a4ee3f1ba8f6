//! The CI environment, as a pure function of a map of variables and the text of the event that started the run.

mod change;
mod event;
mod github;
mod gitlab;

use std::collections::BTreeMap;

pub use change::{Change, ChangeKind};
pub use github::{GitHubRun, PullRequest, is_repository};
pub use gitlab::GitLabRun;

/// Environment variables by name.
pub type Environment = BTreeMap<String, String>;

/// Where the run takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// A GitHub Actions job.
    GitHub,
    /// A GitLab CI job.
    GitLab,
    /// A desk, or a CI that imgbudget has no words for.
    Other,
}

/// What CI says about this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ci {
    /// Who runs the job.
    pub provider: Provider,
    /// Whether this is a job of any CI system: nearly all of them set `CI`.
    pub is_job: bool,
    /// The commit that people see: the head of the pull request where there is one, else what is checked out, as CI names it.
    pub commit: Option<String>,
    /// The change that the job judges: a pull request, a merge request or a merge group. `None` on branches, schedules and at a desk.
    pub change: Option<Change>,
    /// The repository on GitHub, and what the run is about there. Also set on other CI systems that set `GITHUB_REPOSITORY`.
    pub github: Option<GitHubRun>,
    /// The job on GitLab.
    pub gitlab: Option<GitLabRun>,
}

impl Ci {
    /// Reads the variables that GitHub ("Default environment variables") and GitLab ("Predefined CI/CD variables") document.
    /// `event` is the text of the file at `GITHUB_EVENT_PATH`.
    #[must_use]
    pub fn detect(environment: &Environment, event: Option<&str>) -> Self {
        let is_true = |name: &str| environment.get(name).is_some_and(|value| value == "true");
        let github = GitHubRun::detect(environment, event);
        let gitlab = GitLabRun::detect(environment);
        let (provider, commit, change) = if is_true("GITHUB_ACTIONS") {
            let head = github.as_ref().and_then(|run| run.head.clone());
            let change = github.as_ref().and_then(|run| run.change.clone());
            (Provider::GitHub, head.or_else(|| commit(environment, "GITHUB_SHA")), change)
        } else if let Some(run) = &gitlab {
            (Provider::GitLab, run.head.clone().or_else(|| commit(environment, "CI_COMMIT_SHA")), run.change.clone())
        } else {
            (Provider::Other, None, None)
        };
        let says_so = environment.get("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        Self { provider, is_job: provider != Provider::Other || says_so, commit, change, github, gitlab }
    }
}

/// The variable, when it holds a commit id.
fn commit(environment: &Environment, name: &str) -> Option<String> {
    environment.get(name).filter(|value| is_commit(value)).cloned()
}

/// Whether a text is a full commit id, sha1 or sha256.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers() {
        let detect = |pairs: &[(&str, &str)]| {
            let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Ci::detect(&environment, None)
        };
        let sha = "0123456789012345678901234567890123456789";
        assert_eq!(detect(&[]).provider, Provider::Other);
        assert_eq!(detect(&[("GITHUB_ACTIONS", "true"), ("GITHUB_SHA", sha)]).commit.as_deref(), Some(sha));
        assert_eq!(detect(&[("GITLAB_CI", "true"), ("CI_COMMIT_SHA", "$(evil)")]).commit, None);
        for (pairs, is_job) in [
            (&[][..], false),
            (&[("CI", "true")], true),
            (&[("CI", "1")], true),
            (&[("CI", "false")], false),
            (&[("CI", "")], false),
            (&[("GITHUB_ACTIONS", "true")], true),
            (&[("GITLAB_CI", "true")], true),
        ] {
            assert_eq!(detect(pairs).is_job, is_job, "{pairs:?}");
        }
    }
}
