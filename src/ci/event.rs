//! The file at `GITHUB_EVENT_PATH`: the few fields of webhook payloads that say which pull request a run is about.

use serde::Deserialize;

/// A payload ("Webhook events and payloads"). Fields that an event does not have are absent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Payload {
    pub(super) pull_request: Option<Pull>,
    pub(super) issue: Option<Issue>,
    pub(super) workflow_run: Option<WorkflowRun>,
    pub(super) merge_group: Option<MergeGroup>,
}

/// `pull_request`.
#[derive(Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) head: End,
    pub(super) base: End,
}

/// One end of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct End {
    pub(super) sha: String,
    #[serde(rename = "ref")]
    pub(super) branch: Option<String>,
    /// Null when the fork was deleted.
    pub(super) repo: Option<Repository>,
}

/// A repository.
#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) full_name: String,
}

/// `issue` of a comment event.
#[derive(Debug, Deserialize)]
pub(super) struct Issue {
    pub(super) number: u64,
    /// There when the issue is a pull request.
    pub(super) pull_request: Option<serde::de::IgnoredAny>,
}

/// `workflow_run`: the head of the run before. Its own list of pull requests is empty for forks, so it is not read.
#[derive(Debug, Deserialize)]
pub(super) struct WorkflowRun {
    #[serde(rename = "head_sha")]
    pub(super) sha: String,
    #[serde(rename = "head_branch")]
    pub(super) branch: Option<String>,
    #[serde(rename = "head_repository")]
    pub(super) repository: Option<Repository>,
    /// What started that run.
    pub(super) event: Option<String>,
}

/// `merge_group`: what a merge queue tries.
#[derive(Debug, Deserialize)]
pub(super) struct MergeGroup {
    pub(super) head_sha: String,
    pub(super) base_sha: String,
    pub(super) base_ref: Option<String>,
}

impl Payload {
    /// Reads a payload; `None` when it is not one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
