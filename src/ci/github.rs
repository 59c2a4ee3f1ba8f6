//! A run that knows its repository on GitHub: addresses, the pull request it is about, and whose code is checked out.

use super::event::{Payload, Repository};
use super::{Change, ChangeKind, Environment, commit, is_commit};

/// What GitHub says about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubRun {
    /// `owner/name`.
    pub repository: String,
    /// `https://github.com`, or the Enterprise server.
    pub server: String,
    /// The REST API.
    pub api: String,
    /// The GraphQL API; on Enterprise it is not below the REST address.
    pub graphql: String,
    /// The run's page, when this is a job.
    pub run_url: Option<String>,
    /// `pull_request`, `push`, …; empty outside a job.
    pub event: String,
    /// Which pull request the run is about.
    pub pull_request: PullRequest,
    /// The head commit of that pull request. On `pull_request` events what is checked out is a merge that nobody can look at later.
    pub head: Option<String>,
    /// The code that the event is about is a stranger's, or it cannot be told whose it is.
    pub foreign: bool,
    /// The change that the run judges, where it is about one that is not merged yet.
    pub change: Option<Change>,
    /// Commits of the repository itself that a job of this event may have checked out.
    base: Vec<String>,
}

/// How a run finds its pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullRequest {
    /// By its number.
    Number(u64),
    /// The open one with this head commit.
    OfCommit(String),
    /// The open one with this head commit on this branch: for forks, whose commits the repository may not know.
    OfBranch {
        /// Who owns the branch's repository.
        owner: String,
        /// The branch. Untrusted.
        branch: String,
        /// Its commit.
        commit: String,
    },
    /// There is none, and why.
    None(&'static str),
}

impl GitHubRun {
    /// Reads the variables and the event; `None` when no repository is named.
    pub(super) fn detect(environment: &Environment, event: Option<&str>) -> Option<Self> {
        let get = |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let address = |name: &str, default: &str| {
            get(name).filter(|value| is_address(value)).unwrap_or(default).trim_end_matches('/').to_owned()
        };
        let repository = get("GITHUB_REPOSITORY").filter(|value| is_repository(value))?.to_owned();
        let server = address("GITHUB_SERVER_URL", "https://github.com");
        let run = get("GITHUB_RUN_ID").filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
        let run_url = run.map(|id| format!("{server}/{repository}/actions/runs/{id}"));
        let name = get("GITHUB_EVENT_NAME").unwrap_or_default();
        let payload = event.and_then(Payload::parse).unwrap_or_default();
        let sha = commit(environment, "GITHUB_SHA");
        let (pull_request, head) = pull_request(name, &payload, sha.as_ref());
        let change = change(name, &payload, sha.as_ref());
        // `GITHUB_SHA` of these events is a commit of the repository's own branch, whatever the pull request holds.
        let base = sha.into_iter().chain(payload.pull_request.as_ref().map(|pull| pull.base.sha.clone())).collect();
        Some(Self {
            api: address("GITHUB_API_URL", "https://api.github.com"),
            graphql: address("GITHUB_GRAPHQL_URL", "https://api.github.com/graphql"),
            event: name.to_owned(),
            foreign: is_foreign(&payload, &repository),
            repository,
            server,
            run_url,
            pull_request,
            head,
            change,
            base,
        })
    }

    /// The repository's page.
    #[must_use]
    pub fn repository_url(&self) -> String {
        format!("{}/{}", self.server, self.repository)
    }

    /// Whether building what is checked out would run a stranger's code beside the repository's secrets: the event hands out secrets,
    /// a stranger's code is what it is about, and `checked_out` is not known to be the repository's own commit.
    #[must_use]
    pub fn is_unsafe_to_build(&self, checked_out: Option<&str>) -> bool {
        let privileged = matches!(self.event.as_str(), "pull_request_target" | "workflow_run");
        let ours = checked_out.is_some_and(|commit| self.base.iter().any(|base| base == commit));
        privileged && self.foreign && !ours
    }
}

/// The change that an event is about ("Events that trigger workflows"; "Webhook events and payloads").
fn change(event: &str, payload: &Payload, sha: Option<&String>) -> Option<Change> {
    let id = |text: &str| Some(text.to_owned()).filter(|text| is_commit(text));
    let branch = |name: Option<&String>| name.map(|name| name.trim_start_matches("refs/heads/").to_owned());
    match (&payload.merge_group, &payload.pull_request) {
        (Some(group), _) => Some(Change {
            kind: ChangeKind::MergeGroup,
            head: id(&group.head_sha),
            merge: None,
            base: id(&group.base_sha),
            branch: branch(group.base_ref.as_ref()),
            tip: None,
        }),
        (None, Some(pull)) => Some(Change {
            kind: ChangeKind::PullRequest,
            head: id(&pull.head.sha),
            // `GITHUB_SHA` of this event is a commit of the base branch.
            merge: sha.filter(|_| event != "pull_request_target").cloned(),
            base: None,
            branch: branch(pull.base.branch.as_ref()),
            tip: id(&pull.base.sha),
        }),
        (None, None) => None,
    }
}

fn pull_request(event: &str, payload: &Payload, sha: Option<&String>) -> (PullRequest, Option<String>) {
    if let Some(pull) = &payload.pull_request {
        return (PullRequest::Number(pull.number), Some(pull.head.sha.clone()).filter(|sha| is_commit(sha)));
    }
    if let Some(issue) = payload.issue.as_ref().filter(|issue| issue.pull_request.is_some()) {
        return (PullRequest::Number(issue.number), None);
    }
    match (event, &payload.workflow_run, sha) {
        ("merge_group", ..) => (PullRequest::None("a merge queue has no pull request of its own"), None),
        ("workflow_run", Some(run), _) if is_commit(&run.sha) => {
            let commit = run.sha.clone();
            // A push to main has no pull request, and need not have one.
            let expected = run.event.as_deref() != Some("push");
            let owner = run.repository.as_ref().and_then(Repository::owner).filter(|_| expected);
            let found = match (owner, run.branch.clone()) {
                (Some(owner), Some(branch)) => PullRequest::OfBranch { owner, branch, commit: commit.clone() },
                _ => PullRequest::OfCommit(commit.clone()),
            };
            (found, Some(commit))
        }
        ("push", _, Some(sha)) => (PullRequest::OfCommit(sha.clone()), None),
        ("", ..) => (PullRequest::None("this is not a job of GitHub Actions"), None),
        _ => (PullRequest::None("the event that started this job is not about a pull request"), None),
    }
}

/// Whether the event is about another repository's code. What cannot be told is foreign.
fn is_foreign(payload: &Payload, repository: &str) -> bool {
    let from = match (&payload.pull_request, &payload.workflow_run) {
        (Some(pull), _) => pull.head.repo.as_ref(),
        (None, Some(run)) => run.repository.as_ref(),
        (None, None) => None,
    };
    from.is_none_or(|from| !from.full_name.eq_ignore_ascii_case(repository))
}

impl Repository {
    fn owner(&self) -> Option<String> {
        is_repository(&self.full_name).then(|| self.full_name.split('/').next().unwrap_or_default().to_owned())
    }
}

/// `owner/name`, of the characters that GitHub allows in them.
#[must_use]
pub fn is_repository(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    text.split_once('/').is_some_and(|(owner, name)| plain(owner) && plain(name))
}

/// An address that can stand in a link as it is. Whether a token may be sent there is judged by who sends it.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        rest.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/' | b'~' | b'[' | b']'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BASE: &str = "00000000000000000000000000000000000000ba";
    const HEAD: &str = "00000000000000000000000000000000000000ad";

    fn detect(event: &str, payload: &serde_json::Value) -> GitHubRun {
        let environment = [
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_EVENT_NAME", event),
            ("GITHUB_SHA", BASE),
            ("GITHUB_RUN_ID", "7"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        GitHubRun::detect(&environment, Some(&payload.to_string())).expect("a repository is named")
    }

    fn pull(from: &serde_json::Value) -> serde_json::Value {
        json!({ "pull_request": {
            "number": 5,
            "head": { "sha": HEAD, "repo": from },
            "base": { "sha": "00000000000000000000000000000000000000bb", "repo": { "full_name": "acme/shop" } },
        } })
    }

    #[test]
    fn the_pull_request_by_event() {
        let run = detect("pull_request", &pull(&json!({ "full_name": "acme/shop" })));
        assert_eq!((run.pull_request, run.head.as_deref(), run.foreign), (PullRequest::Number(5), Some(HEAD), false));
        assert_eq!(run.run_url.as_deref(), Some("https://github.com/acme/shop/actions/runs/7"));

        let comment = |issue| detect("issue_comment", &json!({ "issue": issue })).pull_request;
        assert_eq!(comment(json!({ "number": 6, "pull_request": {} })), PullRequest::Number(6));
        assert!(matches!(comment(json!({ "number": 6 })), PullRequest::None(_)));

        assert_eq!(detect("push", &json!({})).pull_request, PullRequest::OfCommit(BASE.to_owned()));
        assert!(matches!(detect("merge_group", &json!({})).pull_request, PullRequest::None(_)));
        assert!(matches!(detect("schedule", &json!([])).pull_request, PullRequest::None(_)));
    }

    #[test]
    fn a_workflow_run_is_found_by_branch_and_head_and_never_by_its_list() {
        let from = json!({ "workflow_run": {
            "head_sha": HEAD, "head_branch": "a&b", "head_repository": { "full_name": "mallory/shop" },
            "pull_requests": [{ "number": 99 }],
        } });
        let run = detect("workflow_run", &from);
        let branch = PullRequest::OfBranch { owner: "mallory".into(), branch: "a&b".into(), commit: HEAD.into() };
        assert_eq!((run.pull_request, run.head.as_deref(), run.foreign), (branch, Some(HEAD), true));
        let pushed = json!({ "workflow_run": {
            "event": "push", "head_sha": HEAD, "head_branch": "main", "head_repository": { "full_name": "acme/shop" },
        } });
        assert_eq!(detect("workflow_run", &pushed).pull_request, PullRequest::OfCommit(HEAD.to_owned()));
        let gone = json!({ "workflow_run": { "head_sha": HEAD, "head_branch": null, "head_repository": null } });
        assert_eq!(detect("workflow_run", &gone).pull_request, PullRequest::OfCommit(HEAD.to_owned()));
        let forged = json!({ "workflow_run": { "head_sha": "../../x" } });
        assert!(matches!(detect("workflow_run", &forged).pull_request, PullRequest::None(_)));
    }

    #[test]
    fn a_strangers_code_is_built_only_where_there_are_no_secrets() {
        let fork = pull(&json!({ "full_name": "mallory/shop" }));
        assert!(detect("pull_request_target", &fork).is_unsafe_to_build(Some(HEAD)));
        assert!(detect("pull_request_target", &fork).is_unsafe_to_build(None));
        assert!(detect("pull_request_target", &pull(&json!(null))).is_unsafe_to_build(Some(HEAD)));
        assert!(detect("pull_request_target", &json!("not an event")).is_unsafe_to_build(None));
        assert!(!detect("pull_request_target", &fork).is_unsafe_to_build(Some(BASE)));
        assert!(!detect("pull_request_target", &pull(&json!({ "full_name": "Acme/Shop" }))).is_unsafe_to_build(None));
        assert!(!detect("pull_request", &fork).is_unsafe_to_build(Some(HEAD)));
    }

    #[test]
    fn addresses_are_plain_or_the_usual_ones() {
        let detect = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let environment = pairs.chain([("GITHUB_REPOSITORY".to_owned(), "acme/shop".to_owned())]).collect();
            GitHubRun::detect(&environment, None).expect("named")
        };
        let run = detect(&[
            ("GITHUB_SERVER_URL", "https://ghe.example.com/"),
            ("GITHUB_API_URL", "https://ghe.example.com/api/v3"),
            ("GITHUB_GRAPHQL_URL", "https://ghe.example.com/api/graphql"),
        ]);
        assert_eq!(run.repository_url(), "https://ghe.example.com/acme/shop");
        assert_eq!(
            (run.api.as_str(), run.graphql.as_str()),
            ("https://ghe.example.com/api/v3", "https://ghe.example.com/api/graphql")
        );
        let odd = detect(&[("GITHUB_SERVER_URL", "https://x/)[evil]( "), ("GITHUB_RUN_ID", "7)")]);
        assert_eq!((odd.server.as_str(), odd.run_url), ("https://github.com", None));
        assert!(
            GitHubRun::detect(&Environment::from([("GITHUB_REPOSITORY".into(), "a/b/../c".into())]), None).is_none()
        );
    }
}
