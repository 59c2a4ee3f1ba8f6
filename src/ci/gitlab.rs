//! What a job on GitLab says about itself ("Predefined CI/CD variables").

use super::{Change, ChangeKind, Environment, commit};

/// A pipeline's job on GitLab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitLabRun {
    /// Where the API is, `CI_API_V4_URL`.
    pub api: String,
    /// The project that the merge request goes to; the job's own may be a fork.
    pub project: String,
    /// That project on the web; empty when not known.
    pub project_url: String,
    /// The merge request's number; `None` in pipelines of branches and tags.
    pub merge_request: Option<u64>,
    /// The project that the job runs in, on the web.
    pub repository_url: Option<String>,
    /// The job on the web.
    pub job_url: Option<String>,
    /// A file of certificates that sign the server's own, `CI_SERVER_TLS_CA_FILE`.
    pub ca_file: Option<String>,
    /// The head of the merge request where the pipeline runs on its merge with the target.
    pub head: Option<String>,
    /// The change that the pipeline judges, where it runs for a merge request.
    pub change: Option<Change>,
}

impl GitLabRun {
    /// `None` outside of GitLab.
    pub(super) fn detect(environment: &Environment) -> Option<Self> {
        let set = |name: &str| environment.get(name).filter(|value| !value.is_empty()).cloned();
        if set("GITLAB_CI").as_deref() != Some("true") {
            return None;
        }
        let head = commit(environment, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA");
        Some(Self {
            change: change(environment, head.clone()),
            api: set("CI_API_V4_URL").unwrap_or_default(),
            project: set("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| set("CI_PROJECT_ID")).unwrap_or_default(),
            project_url: set("CI_MERGE_REQUEST_PROJECT_URL").or_else(|| set("CI_PROJECT_URL")).unwrap_or_default(),
            merge_request: set("CI_MERGE_REQUEST_IID").and_then(|number| number.parse().ok()),
            repository_url: set("CI_PROJECT_URL"),
            job_url: set("CI_JOB_URL"),
            ca_file: set("CI_SERVER_TLS_CA_FILE"),
            head,
        })
    }
}

/// The merge request of a pipeline. Only pipelines for merged results and merge trains say what is at the end of the target branch, and of
/// the source branch.
fn change(environment: &Environment, head: Option<String>) -> Option<Change> {
    let branch = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").filter(|name| !name.is_empty()).cloned();
    environment.get("CI_MERGE_REQUEST_IID").filter(|number| !number.is_empty())?;
    let tip = commit(environment, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA");
    let is_merged = tip.is_some();
    let sha = commit(environment, "CI_COMMIT_SHA");
    Some(Change {
        kind: if is_merged { ChangeKind::MergedResult } else { ChangeKind::MergeRequest },
        head: if is_merged { head } else { sha.clone() },
        merge: sha.filter(|_| is_merged),
        base: commit(environment, "CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        branch,
        tip,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_goes_to_the_target_and_never_to_the_fork() {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_ID", "99"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
            ("CI_MERGE_REQUEST_IID", "3"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
        ];
        let environment = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let run = GitLabRun::detect(&environment).expect("a job on GitLab");
        assert_eq!((run.project.as_str(), run.merge_request, run.head), ("7", Some(3), None));
        assert_eq!(GitLabRun::detect(&Environment::new()), None);
    }
}
