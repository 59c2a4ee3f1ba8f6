//! A change that is not merged yet: what a job says of the pull request, merge request or merge group that it runs for.

/// What a job says of the change that it runs for. Whether it is so is for git to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub kind: ChangeKind,
    /// The last commit of the branch itself.
    pub head: Option<String>,
    /// The merge that CI made of the head and the base branch, where the job is about one.
    pub merge: Option<String>,
    /// What the change was made on, where the job says so: the base of a merge group, and where a merge request left its branch.
    pub base: Option<String>,
    /// The branch that it goes to. Untrusted.
    pub branch: Option<String>,
    /// The last commit of that branch, as the job knows it.
    pub tip: Option<String>,
}

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A pull request on GitHub.
    PullRequest,
    /// Pull requests that a merge queue of GitHub tries together.
    MergeGroup,
    /// A merge request on GitLab, whose job runs on the branch itself.
    MergeRequest,
    /// A merge request on GitLab, whose job runs on its merge with the target branch.
    MergedResult,
}
