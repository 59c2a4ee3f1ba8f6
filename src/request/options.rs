//! How targets are to be measured.

use super::{budgets, git};
use crate::cli::{BuildArgs, LimitArgs, PermitArgs, ReachArgs};
use crate::domain::Budgets;
use crate::memory::Memory;
use crate::pipeline;
use crate::session::{Session, repository};
use crate::source::Limits;

/// What the command line and the session say of it; the baseline is left open.
pub(crate) fn options(
    args: &BuildArgs,
    permits: &PermitArgs,
    limits: &LimitArgs,
    reach: &ReachArgs,
    of: &Budgets,
    session: &Session,
) -> pipeline::Options {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    pipeline::Options {
        jobs: args.jobs.map_or(cores.min(4), usize::from),
        no_build: args.no_build,
        no_cache: args.no_cache,
        pull: args.pull,
        read: reach.read.unwrap_or_default(),
        offline: reach.offline,
        plain_http: reach.plain_http.clone(),
        ca_files: reach.ca_file.clone(),
        timeout: args.timeout,
        limits: Limits { memory: Memory::new(limits.memory_limit), read: limits.read_limit },
        project: repository::project(of.file.as_deref(), session),
        environment: session.environment.clone(),
        working_directory: session.working_directory.clone(),
        boundary: budgets::boundary(of.file.as_deref(), permits, session),
        today: time::OffsetDateTime::now_utc().date(),
        baseline: None,
        commit: session.ci.commit.clone().or_else(|| git::commit(&session.working_directory, "HEAD")),
    }
}
