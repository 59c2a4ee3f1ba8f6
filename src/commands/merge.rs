//! `imgbudget merge`.

use crate::cli::{MergeArgs, OutputArgs, PublishArgs};
use crate::delivery::publish::{self, Subject};
use crate::delivery::screen;
use crate::delivery::write_files::{Input, WriteFiles};
use crate::domain::{Bytes, CommentWhen, Format};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::output;
use crate::request::report_files;
use crate::session::{Session, Stop};

/// Joins reports, prints the result, writes the files, tells the job, and turns the one verdict into an exit code.
pub(super) fn run(args: &MergeArgs, session: &Session) -> Result<Exit, Error> {
    merge(args, session).map_err(Stop::from).or_else(|stop| {
        publish::not_checked(&stop, args.step, session);
        stop.show(session)
    })
}

fn merge(args: &MergeArgs, session: &Session) -> Result<Exit, Error> {
    refuse_packages(args)?;
    let reports: Vec<Input> = args.reports.iter().map(|path| (path.clone(), "a report that is read")).collect();
    let files = WriteFiles::open(&args.output.write, &reports, session)?;
    let report = report_files::joined(&args.reports, args.expect)?;
    screen::show(&report, &args.output, false, session)?;
    // The files may be a stranger's: in CI the event says which commit links lead to.
    let head = session.ci.commit.clone().or_else(|| report.commit.clone());
    let options = output::Options { links: publish::links(head.as_deref(), session), ..output::Options::default() };
    files.write(&report, &options)?;
    let publish = PublishArgs { step: args.step, ..PublishArgs::default() };
    let subject = Subject {
        report: &report,
        // No comment is written here: that is what `comment` is for.
        when: CommentWhen::Never,
        key: publish::key(&publish, "budgets.toml")?,
        min_change: Bytes::ZERO,
        head,
        files: &args.output.write,
    };
    publish::publish(&subject, &publish, session)?;
    Ok(screen::exit(&report, &args.output, session))
}

/// Refuses the form that is about packages: reports have their counts alone.
fn refuse_packages(args: &MergeArgs) -> Result<(), Error> {
    let OutputArgs { format, write, .. } = &args.output;
    let is_asked = *format == Format::Cyclonedx || write.iter().any(|write| write.format == Format::Cyclonedx);
    if !is_asked {
        return Ok(());
    }
    Err(Error::new(Class::Usage, "`merge` does not write cyclonedx: reports do not keep packages")
        .with_hint("Write it where the images are: imgbudget check --write cyclonedx=FILE"))
}
