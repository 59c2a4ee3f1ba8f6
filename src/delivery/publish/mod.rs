//! A result told where reviewers look: the job's summary, its annotations, one comment on the pull request, and values for later steps.
//!
//! Whatever of it fails is a notice. The verdict was reached before any of it began.

mod conversation;
mod merge_request;
mod notice;
mod step_files;
mod subject;

use crate::cli::{PublishArgs, StepArgs};
use crate::domain::{CommentWhen, LinkStyle, Links, Verdict};
use crate::error::{Class, Error};
use crate::forge::{CommentKey, Posted};
use crate::output::annotations;
use crate::session::{Session, Stop, block_on, repository};
use notice::{Notice, Silence};

pub(crate) use subject::Subject;

/// The key that was typed, else the one of the budget file's path in its repository.
///
/// # Errors
/// What was typed cannot be a key.
pub(crate) fn key(args: &PublishArgs, path: &str) -> Result<CommentKey, Error> {
    let Some(typed) = &args.comment_key else { return Ok(CommentKey::of_path(path)) };
    typed.parse().map_err(|error: crate::forge::key::CommentKeyError| {
        Error::new(Class::Usage, "--comment-key cannot be used")
            .with_hint("Write a short name: api, or services-api.")
            .caused_by(error)
    })
}

/// Does what the flags ask for.
///
/// # Errors
/// The async runtime cannot be started.
pub(crate) fn publish(subject: &Subject<'_>, args: &PublishArgs, session: &Session) -> Result<(), Error> {
    let links = links(subject.head.as_deref(), session);
    let tell = |notice: Notice| session.terminal.notice(&notice.what, notice.hint.as_deref(), args.step.annotations);
    if args.step.annotations {
        session.terminal.workflow_commands(&annotations::render(subject.report, &links).join("\n"));
    }
    if args.step.summary
        && let Err(notice) = step_files::append_summary(subject.report, &links, &session.environment)
    {
        tell(notice);
    }
    let posted = match subject.when {
        CommentWhen::Never => None,
        _ => block_on(async |cancel| {
            tokio::select! {
                posted = conversation::post(subject, &links, args, session) => posted,
                () = cancel.cancelled() => Err(Notice::new("no comment was posted: interrupted").into()),
            }
        })?
        .unwrap_or_else(|silence| {
            match silence {
                Silence::Expected(why) => session.terminal.say(&why),
                Silence::Failed(notice) => tell(notice),
            }
            None
        }),
    };
    if args.step.github_output
        && let Err(notice) =
            step_files::append_outputs(&outputs(subject, posted.as_ref(), session), &session.environment)
    {
        tell(notice);
    }
    Ok(())
}

/// Tells the job why there is no result, and later steps that there is none.
pub(crate) fn not_checked(stop: &Stop, args: StepArgs, session: &Session) {
    let (causes, links) = (stop.causes(), links(None, session));
    let tell = |notice: Notice| session.terminal.notice(&notice.what, notice.hint.as_deref(), args.annotations);
    if args.annotations {
        session.terminal.workflow_commands(&annotations::stopped(&causes, &links).join("\n"));
    }
    if args.summary
        && !causes.is_empty()
        && let Err(notice) = step_files::append_causes(&causes, &session.environment)
    {
        tell(notice);
    }
    let outputs = [("verdict", Verdict::Error.to_string()), ("exceeded", "0".to_owned())];
    if args.github_output
        && let Err(notice) = step_files::append_outputs(&outputs, &session.environment)
    {
        tell(notice);
    }
}

/// What places are linked with in this run: nothing outside CI.
pub(crate) fn links(head: Option<&str>, session: &Session) -> Links {
    let directory = repository::directory(session);
    let head = head.map(str::to_owned);
    if let Some(run) = &session.ci.gitlab {
        let (repository_url, run) = (run.repository_url.clone(), run.job_url.clone());
        return Links { repository_url, head, run, directory, style: LinkStyle::GitLab };
    }
    let run = session.ci.github.as_ref();
    Links {
        repository_url: run.map(crate::ci::GitHubRun::repository_url),
        head,
        run: run.and_then(|run| run.run_url.clone()),
        directory,
        style: LinkStyle::GitHub,
    }
}

fn outputs(subject: &Subject<'_>, posted: Option<&Posted>, session: &Session) -> Vec<(&'static str, String)> {
    let over = subject.report.targets.iter().filter(|target| target.verdict == Verdict::Fail).count();
    let written = |format: &str| {
        let file = subject.files.iter().find(|file| file.format.as_str() == format)?;
        // The next step may stand elsewhere.
        Some(session.working_directory.join(&file.path).display().to_string())
    };
    let all = [
        ("verdict", Some(subject.report.verdict.to_string())),
        ("exceeded", Some(over.to_string())),
        ("report", written("json")),
        ("markdown-file", written("markdown")),
        ("comment-id", posted.map(|posted| posted.id.to_string())),
        ("comment-url", posted.map(|posted| posted.url.clone())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
