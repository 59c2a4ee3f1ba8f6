//! How targets are to be measured.

use std::path::{Path, PathBuf};

use super::{budgets, git, layer_cache};
use crate::catalogue;
use crate::ci::Environment;
use crate::cli::{BuildArgs, LimitArgs, PermitArgs, ReachArgs};
use crate::contents::Wish;
use crate::domain::{Budgets, Format, ReadWay};
use crate::error::{Class, Error};
use crate::layer::Keep;
use crate::memory::Memory;
use crate::pipeline;
use crate::session::{Session, repository};
use crate::source::Limits;
use crate::{files, text};

/// The variable that stands in for `--read`, for a job whose command line somebody else writes.
const READ: &str = "IMGBUDGET_READ";

/// More than all authorities that a system trusts take in PEM.
const LARGEST_CA_FILE: u64 = 1 << 20;

/// What the command line and the session say of it; the baseline is left open.
///
/// # Errors
/// `IMGBUDGET_READ` holds another word than `--read` takes, a file of `--ca-file` holds no certificate, or the layer cache is not one.
pub(crate) fn options(
    args: &BuildArgs,
    permits: &PermitArgs,
    limits: &LimitArgs,
    reach: &ReachArgs,
    of: &Budgets,
    session: &Session,
) -> Result<pipeline::Options, Error> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(pipeline::Options {
        wants_sizes: false,
        contents: Wish::default(),
        without: Vec::new(),
        jobs: args.jobs.map_or(cores.min(4), usize::from),
        no_build: args.no_build,
        no_cache: args.no_cache,
        pull: args.pull,
        read: reach.read.map_or_else(|| read_way(&session.environment), Ok)?,
        layer_cache: layer_cache::open(reach.layer_cache.as_ref(), session)?,
        offline: reach.offline,
        plain_http: reach.plain_http.clone(),
        ca_files: ca_files(reach, session)?,
        shelf: None,
        timeout: args.timeout,
        limits: what_reading_may_take(limits),
        project: repository::project(of.file.as_deref(), session),
        environment: session.environment.clone(),
        working_directory: session.working_directory.clone(),
        boundary: budgets::boundary(of.file.as_deref(), permits, session),
        today: time::OffsetDateTime::now_utc().date(),
        baseline: None,
        only_new: false,
        left_out: None,
        commit: session.ci.commit.clone().or_else(|| git::commit(&session.working_directory, "HEAD")),
    })
}

/// Asks for what the forms show beside a verdict: a page the whole map, a bill the packages. Every layer is read for them.
pub(crate) fn for_forms(options: &mut pipeline::Options, forms: impl IntoIterator<Item = Format>) {
    for form in forms {
        options.contents = match form {
            Format::Html => Wish { map: true, packages: true, can_go: true, ..options.contents },
            Format::Cyclonedx => Wish { packages: true, ..options.contents },
            _ => continue,
        };
        options.wants_sizes = true;
    }
}

/// What is to be known of an image where somebody asks about some of it.
pub(crate) fn packages_alone() -> Wish {
    Wish { packages: true, ..Wish::default() }
}

/// All that is to be known of an image that somebody looks into on a screen.
pub(crate) fn all_but_the_map(more: bool, own: bool) -> Wish {
    Wish { map: false, more, own, ..Wish::ALL }
}

fn what_reading_may_take(limits: &LimitArgs) -> Limits {
    let memory = Memory::new(limits.memory_limit);
    let keep = Keep::new(catalogue::kept, &memory);
    Limits { memory, keep, read: limits.read_limit, ..Limits::default() }
}

/// The word of `IMGBUDGET_READ`.
fn read_way(environment: &Environment) -> Result<ReadWay, Error> {
    let Some(word) = environment.get(READ).filter(|word| !word.is_empty()) else { return Ok(ReadWay::default()) };
    ReadWay::ALL.into_iter().find(|way| way.as_str() == word).ok_or_else(|| {
        let words = ReadWay::ALL.map(ReadWay::as_str).join(", ");
        Error::new(Class::Usage, format!("{READ} is `{}`, which is not a way to read", text::line(word)))
            .with_hint(format!("Set it to one of {words}, or unset it."))
    })
}

/// The files of `--ca-file`, and the one that a GitLab runner gives its jobs: whoever runs a server behind a CA of their own runs its
/// registry there, too.
///
/// # Errors
/// One of `--ca-file` that cannot be read or holds no certificate.
fn ca_files(reach: &ReachArgs, session: &Session) -> Result<Vec<PathBuf>, Error> {
    let of_runner = session.ci.gitlab.as_ref().and_then(|run| run.ca_file.as_ref());
    let mut all = Vec::new();
    for named in &reach.ca_file {
        let path = session.working_directory.join(named);
        refuse_no_certificate(named, &path)?;
        all.push(path);
    }
    all.extend(of_runner.map(PathBuf::from));
    Ok(all)
}

/// A mistake is told before anybody is asked. Whether a certificate is sound is told by who uses it.
fn refuse_no_certificate(named: &Path, path: &Path) -> Result<(), Error> {
    let wrong = |why: &str| {
        Error::new(Class::Io, format!("--ca-file: {why} `{}`", text::line(&named.display().to_string())))
            .with_hint("Name the file of your certificate authority, in PEM: it has lines BEGIN CERTIFICATE.")
    };
    let pem = files::read(path, LARGEST_CA_FILE).map_err(|error| wrong("cannot read").caused_by(error))?;
    let begins = b"-----BEGIN CERTIFICATE-----";
    let holds_one = pem.windows(begins.len()).any(|window| window == begins);
    if holds_one { Ok(()) } else { Err(wrong("there is no certificate in")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_takes_the_words_of_the_flag() {
        let way = |word: &str| read_way(&Environment::from([(READ.to_owned(), word.to_owned())]));
        assert_eq!(read_way(&Environment::new()).ok(), Some(ReadWay::Auto));
        assert_eq!(way("").ok(), Some(ReadWay::Auto), "set and empty is not set");
        assert_eq!(way("save").ok(), Some(ReadWay::Save));
        assert_eq!(way("metadata").ok(), Some(ReadWay::Metadata));
        for wrong in ["Save", "yes", "export", "save "] {
            assert!(way(wrong).is_err_and(|error| error.class() == Class::Usage), "{wrong}");
        }
    }
}
