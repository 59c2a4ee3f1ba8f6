//! The note on a merge request of GitLab.

use std::path::Path;

use super::notice::{Notice, Silence};
use super::subject::Subject;
use crate::ci::GitLabRun;
use crate::cli::PublishArgs;
use crate::domain::Links;
use crate::forge::gitlab::{self, LONGEST_NOTE, Server, TOKEN_VARIABLES};
use crate::forge::{self, Body, ForgeError, GitLab, Outcome, Token, Wish, body};
use crate::output::markdown;
use crate::session::Session;

/// Puts the note in place.
pub(super) async fn post(
    subject: &Subject<'_>,
    links: &Links,
    args: &PublishArgs,
    run: &GitLabRun,
    wish: Wish,
    session: &Session,
) -> Result<Outcome, Silence> {
    let Some(iid) = args.pr.or(run.merge_request) else {
        return Err(Silence::Expected("comment: none, this pipeline is not of a merge request".to_owned()));
    };
    // The job token is not among the variables: it reads notes and cannot write them.
    let token = Token::from_environment(&session.environment, &TOKEN_VARIABLES)
        .map_err(|error| Notice::new(format!("no comment was posted: {error}")))?
        .ok_or_else(|| {
            Notice::new("no comment was posted: there is no token").with_hint(
                "Put a project or group access token (scope api) into the masked CI/CD variable IMGBUDGET_GITLAB_TOKEN.",
            )
        })?;
    let room = body::room(LONGEST_NOTE);
    let markdown = markdown::render(subject.report, links, room);
    let body = Body::new(&subject.key, &markdown, &markdown::stable(subject.report, room));
    send(run, &token, iid, &body, wish).await.map_err(|error| {
        let hint = gitlab::hint(&error).map(str::to_owned);
        Silence::Failed(Notice { what: format!("no comment was posted: {error}"), hint })
    })
}

async fn send(run: &GitLabRun, token: &Token, iid: u64, body: &Body, wish: Wish) -> Result<Outcome, ForgeError> {
    let server = Server { api: run.api.clone(), project: run.project.clone(), web: run.project_url.clone() };
    let gitlab = GitLab::new(server, token, run.ca_file.as_deref().map(Path::new))?;
    forge::post(&gitlab.merge_request(iid).await?, body, wish).await
}
