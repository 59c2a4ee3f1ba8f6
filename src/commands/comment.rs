//! `imgbudget comment`.

use crate::cli::CommentArgs;
use crate::delivery::publish::{self, Subject};
use crate::domain::CommentWhen;
use crate::error::Error;
use crate::exit::Exit;
use crate::request::report_files;
use crate::session::{Session, Stop};

/// Tells a pull request what report files say. The files may be a stranger's: which pull request it is and at which commit comes from
/// the event and the API alone.
pub(super) fn run(args: &CommentArgs, session: &Session) -> Result<Exit, Error> {
    // The key that `check` has for a budget file at the root, so that both ways of posting share a comment.
    let key = publish::key(&args.publish, "budgets.toml")?;
    let mut report = match report_files::joined(&args.report, args.expect) {
        Ok(report) => report,
        Err(error) => {
            let stop = Stop::from(error);
            publish::not_checked(&stop, args.publish.step, session);
            return stop.show(session);
        }
    };
    report.commit.clone_from(&session.ci.commit);
    let subject = Subject {
        report: &report,
        key,
        when: args.publish.comment.unwrap_or(CommentWhen::Auto),
        min_change: args.min_change,
        head: session.ci.commit.clone(),
        files: &[],
    };
    publish::publish(&subject, &args.publish, session)?;
    Ok(Exit::Within)
}
