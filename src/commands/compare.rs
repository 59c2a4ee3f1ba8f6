//! What a run is compared with, before anything is measured: the baseline, what was done since, and what is left out as unchanged.

use std::sync::Arc;

use crate::cli::{BaselineArgs, PermitArgs};
use crate::domain::{Budgets, Target};
use crate::pipeline;
use crate::request::baseline;
use crate::request::changed::Comparison;
use crate::session::{Session, Stop};

/// Enters into `options` what the run is compared with, and takes out of `targets` what it does not look at.
pub(super) fn compare(
    args: &BaselineArgs,
    permits: &PermitArgs,
    budgets: &Budgets,
    targets: &mut Vec<Target>,
    options: &mut pipeline::Options,
    session: &Session,
) -> Result<(), Stop> {
    let boundary = options.boundary.clone();
    let comparison = Comparison { budgets, permits, boundary: &boundary, session };
    if let Some(reference) = &args.changed_since {
        options.left_out = Some(comparison.leave_out(reference, targets)?);
    }
    let Some(mut found) = baseline::find(args, budgets, options.commit.as_deref(), session)? else { return Ok(()) };
    comparison.enter(&mut found, targets);
    options.baseline = Some(Arc::new(found.against));
    Ok(())
}
