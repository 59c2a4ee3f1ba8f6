//! The comment: which pull request, whether one is called for, and what became of it.

use std::time::Duration;

use super::merge_request;
use super::notice::{Notice, Silence};
use super::subject::Subject;
use crate::ci::{GitHubRun, PullRequest};
use crate::cli::PublishArgs;
use crate::domain::Links;
use crate::forge::{self, Body, GitHub, Outcome, Posted, Server, Token, body};
use crate::output::markdown;
use crate::session::Session;

/// The variables that may hold a token, the first that is set wins.
const TOKENS: [&str; 3] = ["IMGBUDGET_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"];
/// GitHub takes 65,536 characters; some room is left for how it counts.
const LONGEST: usize = 65_000;
/// A job waits no longer for a comment.
const PATIENCE: Duration = Duration::from_secs(300);

/// Puts the comment in place, and says what was done.
pub(super) async fn post(
    subject: &Subject<'_>,
    links: &Links,
    args: &PublishArgs,
    session: &Session,
) -> Result<Option<Posted>, Silence> {
    let posting = attempt(subject, links, args, session);
    let outcome = tokio::time::timeout(PATIENCE, posting).await.unwrap_or_else(|_| {
        Err(Notice::new(format!("no comment was posted: the API took longer than {} minutes", PATIENCE.as_secs() / 60))
            .into())
    })?;
    let (said, posted) = match outcome {
        Outcome::Created(posted) => (format!("comment: created {}", posted.url), Some(posted)),
        Outcome::Updated(posted) => (format!("comment: updated {}", posted.url), Some(posted)),
        Outcome::Unchanged(posted) => (format!("comment: says the same already {}", posted.url), Some(posted)),
        Outcome::Nothing => ("comment: none, nothing calls for one".to_owned(), None),
        Outcome::TooLong => {
            let notice =
                Notice::new("no comment was posted: the conversation is too long to tell whether there is one");
            return Err(notice.into());
        }
    };
    session.terminal.say(&crate::text::line_within(&said, 300));
    Ok(posted)
}

async fn attempt(
    subject: &Subject<'_>,
    links: &Links,
    args: &PublishArgs,
    session: &Session,
) -> Result<Outcome, Silence> {
    let Some(wish) = forge::wish(subject.report, subject.when, subject.min_change) else { return Ok(Outcome::Nothing) };
    if let Some(run) = &session.ci.gitlab {
        return merge_request::post(subject, links, args, run, wish, session).await;
    }
    let run = session.ci.github.as_ref().ok_or_else(|| {
        Notice::new("no comment was posted: GITHUB_REPOSITORY does not name a repository")
            .with_hint("A job of GitHub Actions sets it; elsewhere set it to owner/name and give --pr N.")
    })?;
    if let (None, PullRequest::None(why)) = (args.pr, &run.pull_request) {
        return Err(Silence::Expected(format!("comment: none, {why}")));
    }
    let token = Token::from_environment(&session.environment, &TOKENS)
        .map_err(|error| Notice::new(format!("no comment was posted: {error}")))?
        .ok_or_else(|| {
            Notice::new("no comment was posted: there is no token")
                .with_hint("Give the step the environment variable GITHUB_TOKEN, from `${{ github.token }}`.")
        })?;
    let server = Server { api: run.api.clone(), graphql: run.graphql.clone(), repository: run.repository.clone() };
    let github = GitHub::new(server, &token)?;
    let number = number(&github, run, args).await?;
    let room = body::room(LONGEST);
    let markdown = markdown::render(subject.report, links, room);
    let body = Body::new(&subject.key, &markdown, &markdown::stable(subject.report, room));
    Ok(forge::post(&github.pull_request(number).await?, &body, wish).await?)
}

/// The number of the pull request: as typed, as the event says, or as GitHub knows by the commit.
async fn number(github: &GitHub, run: &GitHubRun, args: &PublishArgs) -> Result<u64, Silence> {
    let none = |commit: &str| format!("no open pull request has the head {}", commit.get(..12).unwrap_or(commit));
    match (args.pr, &run.pull_request) {
        (Some(number), _) => Ok(number),
        (None, PullRequest::Number(number)) => Ok(*number),
        (None, PullRequest::OfCommit(commit)) => github
            .pull_request_of(commit)
            .await?
            .ok_or_else(|| Silence::Expected(format!("comment: none, {}", none(commit)))),
        (None, PullRequest::OfBranch { owner, branch, commit }) => {
            github.pull_request_from(owner, branch, commit).await?.ok_or_else(|| {
                Notice::new(format!("no comment was posted: {}", none(commit)))
                    .with_hint("It was closed, or has newer commits whose own run will comment.")
                    .into()
            })
        }
        (None, PullRequest::None(why)) => Err(Silence::Expected(format!("comment: none, {why}"))),
    }
}
