//! The one step between a request and its delivery.

use std::sync::Arc;

use crate::domain::{Budgets, Report, Target, TargetReport};
use crate::error::{Class, Error};
use crate::pipeline::{self, Choice, EarlierImages, Opened};
use crate::progress::Observer;
use crate::session::{Session, Stop, block_on};

/// Carries the targets through the pipeline, showing how far they are. The flag says whether that was interrupted.
pub(super) fn measure(
    budgets: &Budgets,
    targets: Vec<Target>,
    options: &pipeline::Options,
    session: &Session,
) -> Result<(Report, bool), Error> {
    let progress = Arc::new(session.terminal.progress());
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let (report, interrupted) = block_on(async |cancel| {
        let report = pipeline::run(budgets, targets, options, observer, &cancel).await;
        (report, cancel.is_cancelled())
    })?;
    progress.clear();
    if let Some(cache) = &options.layer_cache {
        cache.trim();
        for note in cache.notes() {
            session.terminal.notice(
                &note,
                Some("The result is the same without it; --layer-cache off turns it off."),
                false,
            );
        }
    }
    Ok((report, interrupted))
}

/// Opens the images of targets to be looked into, showing how far they are.
pub(super) fn open(
    budgets: &Budgets,
    targets: Vec<Target>,
    options: &pipeline::Options,
    session: &Session,
) -> Result<Vec<Result<Opened, Box<TargetReport>>>, Stop> {
    let progress = Arc::new(session.terminal.progress());
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let (opened, interrupted) = block_on(async |cancel| {
        let opened = pipeline::open(budgets, targets, options, observer, &cancel).await;
        (opened, cancel.is_cancelled())
    })?;
    progress.clear();
    if let Some(cache) = &options.layer_cache {
        cache.trim();
    }
    if interrupted { Err(Stop::Interrupted) } else { Ok(opened) }
}

/// Finds and measures the images that stand for a baseline, showing how far they are.
pub(super) fn earlier_images(
    budgets: &Budgets,
    choices: Vec<Choice>,
    options: &pipeline::Options,
    session: &Session,
) -> Result<EarlierImages, Error> {
    let progress = Arc::new(session.terminal.progress());
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let images = block_on(async |cancel| pipeline::earlier_images(budgets, choices, options, observer, &cancel).await)?;
    progress.clear();
    images
}

/// Says of every target why it could not be measured; how many there are.
pub(super) fn tell_unmeasured(report: &Report, session: &Session) -> usize {
    let mut failed = 0;
    for target in &report.targets {
        let Some(why) = &target.error else { continue };
        failed += 1;
        let mut error =
            Error::new(Class::Image, format!("{}: {}", target.name, why.message)).with_detail(why.detail.clone());
        if let Some(hint) = &why.hint {
            error = error.with_hint(hint);
        }
        if let Some(place) = &why.place {
            error = error.at(place.clone());
        }
        session.terminal.error(&error);
    }
    failed
}
