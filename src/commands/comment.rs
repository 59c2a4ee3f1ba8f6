//! `imgbudget comment`.

use super::publish::{self, Subject};
use super::stop::Stop;
use super::{Context, report_files};
use crate::cli::CommentArgs;
use crate::domain::CommentWhen;
use crate::error::Error;
use crate::exit::Exit;

/// Tells a pull request what report files say. The files may be a stranger's: which pull request it is and at which commit comes from
/// the event and the API alone.
pub(super) fn run(args: &CommentArgs, context: &Context) -> Result<Exit, Error> {
    // The key that `check` has for a budget file at the root, so that both ways of posting share a comment.
    let key = publish::key(&args.publish, "budgets.toml")?;
    let mut report = match report_files::joined(&args.report, args.expect) {
        Ok(report) => report,
        Err(error) => {
            let stop = Stop::from(error);
            publish::not_checked(&stop, args.publish.step, context);
            return stop.show(context);
        }
    };
    report.commit.clone_from(&context.ci.commit);
    let subject = Subject {
        report: &report,
        key,
        when: args.publish.comment.unwrap_or(CommentWhen::Auto),
        min_change: args.min_change,
        head: context.ci.commit.clone(),
        files: &[],
    };
    publish::publish(&subject, &args.publish, context)?;
    Ok(Exit::Within)
}
