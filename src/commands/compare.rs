//! What a run is compared with, before anything is measured: the baseline, what was done since, and what is left out as unchanged.

use std::sync::Arc;

use super::measure::earlier_images;
use crate::cli::{BaselineArgs, PermitArgs};
use crate::domain::{Budgets, Target};
use crate::error::Error;
use crate::pipeline::{self, Choice};
use crate::request;
use crate::request::baseline::{self, Found, Wanted};
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
    if options.offline && !found.images.is_empty() {
        found.leave_images();
    } else if !found.images.is_empty() {
        request::refuse_images(budgets, session)?;
        options.shelf = read_images(&mut found, budgets, targets, options, session)?;
    }
    options.baseline = Some(Arc::new(found.against));
    Ok(())
}

/// Measures the images that stand for the baseline of `targets`; what was read of them.
fn read_images(
    found: &mut Found,
    budgets: &Budgets,
    targets: &[Target],
    options: &pipeline::Options,
    session: &Session,
) -> Result<Option<pipeline::Shelf>, Error> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut choices = Vec::new();
    for target in targets {
        let Some(of_target) = found.images.iter().find(|wanted| wanted.target == target.name) else { continue };
        choices.push(Choice { target: target.clone(), images: of_target.images.clone() });
        wanted.push(of_target.clone());
    }
    if choices.is_empty() {
        return Ok(None);
    }
    let images = earlier_images(budgets, choices, options, session)?;
    baseline::enter(&mut found.against, &wanted, &images.taken, images.report, found.images_at.as_deref());
    Ok(Some(images.shelf))
}
