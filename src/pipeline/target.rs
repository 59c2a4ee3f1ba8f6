//! One target on one platform: from its source to its report.

use std::sync::Arc;

use super::base::{self, Standing};
use super::beside::{self, Known};
use super::explain::Provenance;
use super::finding::Search;
use super::measuring::measured;
use super::opened::Opened;
use super::recipe::Recipe;
use super::{Shared, blocking, inside};
use crate::baseline::Before;
use crate::contents::Wish;
use crate::contents::without::without;
use crate::domain::{ImageFrom, Platform, Source, Target, TargetReport, UnreadFile};
use crate::error::Error;
use crate::memory::{Memory, Waiting};
use crate::policy;
use crate::progress::{Event, Observer};
use crate::reading::{Joining, Watcher};

/// Builds or finds the target's image, reads it, measures it, and goes on with `then` where that may take its time.
///
/// # Errors
/// Why it could not be measured, and those of `then`.
pub(super) async fn open<T: Send + 'static>(
    shared: &Arc<Shared>,
    target: &Arc<Target>,
    platform: Option<&Platform>,
    observer: &Arc<dyn Observer>,
    joining: Option<Joining>,
    then: impl FnOnce(&Shared, Opened, &Memory) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let Shared { options, engine, .. } = shared.as_ref();
    let mut recipe = None;
    let mut notes = Vec::new();
    if let Some(build) = &target.build {
        match Recipe::read(build, &options.boundary, &options.working_directory) {
            Ok(read) => recipe = Some(read),
            Err(error) if target.source == Source::Build => {
                let place = target.place.clone().filter(|_| error.place().is_none());
                return Err(place.map_or(error.clone(), |place| error.at(place)));
            }
            // The image is measured all the same; its layers just have no Dockerfile lines.
            Err(error) => notes.push(format!("layers are not matched with Dockerfile lines: {}", error.chain())),
        }
    }
    let mut found = Search { shared, target, platform, observer }.image(recipe.as_ref(), joining).await?;
    found.notes.splice(0..0, notes);
    let is_asked = inside::is_asked(wish(shared, target), target);
    // What is compared is told as far as it is known anyway.
    if is_asked || shared.options.baseline.is_some() {
        let watcher = Watcher::new(target.name.as_str(), Arc::clone(observer));
        inside::fill(shared, &mut found, &watcher, is_asked).await?;
    }
    let provenance = match (&target.source, &recipe) {
        (Source::Build, Some(recipe)) => {
            let platform = &found.read.config.platform;
            Provenance::of_build(engine.get().await?, recipe, platform, &found.steps).await
        }
        (Source::Image(_), Some(recipe)) if found.from == ImageFrom::Engine => {
            Provenance::of_image(engine.get().await?, recipe, &found.read.config.platform).await
        }
        // Files open no socket, and an image of a registry needs no engine.
        _ => Provenance::elsewhere(),
    };
    let mut standing = Standing::default();
    if target.source != Source::Build {
        standing = base::standing(shared, target, recipe.as_ref(), &found).await;
        found.notes.extend(standing.note.take());
    }
    let provenance = match &standing.layers {
        Some(layers) => provenance.or_seen(layers),
        None => provenance,
    };
    // Stacks of several images side by side would take memory that one after the other does not. Nobody closes the semaphore.
    let turn = Arc::clone(&shared.measuring).acquire_owned().await.ok();
    let (shared, target, observer) = (Arc::clone(shared), Arc::clone(target), Arc::clone(observer));
    let waiting = Waiting::default();
    let memory = shared.options.limits.memory.until(&waiting.0);
    blocking::off_reactor(move || {
        let _turn = turn;
        observer.event(target.name.as_str(), Event::Judging);
        let opened = measured(&target, recipe.as_ref().zip(Some(&provenance)), standing, found, &memory)?;
        then(&shared, opened, &memory)
    })
    .await
}

/// What is to be known of what an image holds.
fn wish(shared: &Shared, target: &Target) -> Wish {
    let contents = shared.options.contents;
    Wish { packages: contents.packages || target.rules.max_os_packages.is_some(), ..contents }
}

/// Judges an image.
pub(super) fn judge(shared: &Shared, mut opened: Opened, memory: &Memory) -> Result<TargetReport, Error> {
    let wish = wish(shared, &opened.target);
    if wish.is_some() && opened.measured.measurement.shown.is_some() {
        let mut contents = opened.survey(wish, memory)?;
        // The rule about packages says so itself.
        if shared.options.contents.packages {
            opened.measured.notes.extend(packages_unknown(&contents.unread));
        }
        let globs = &shared.options.without;
        if !globs.is_empty() {
            contents.without = Some(opened.look(memory, |view| Ok(without(view, globs)?))?);
        }
        opened.measured.contents = Some(contents);
    }
    opened.look_for_groups(memory)?;
    opened.look_for_tool_packages(memory);
    if let Some(against) = &shared.options.baseline {
        let platform = &opened.measured.measurement.platform;
        if let Before::Sizes { report: Some(report), .. } = against.earlier.before(&opened.target.name, platform) {
            let known = Known { shelf: Some(shared.reader.shelf()), cache: shared.options.layer_cache.as_deref() };
            opened.measured.difference = beside::since(report, &opened, known, memory);
            let compared = if wish.map { beside::map_since(report, &opened, known, memory) } else { None };
            if let (Some(map), Some(contents)) = (compared, &mut opened.measured.contents) {
                contents.map = Some(map);
            }
        }
    }
    let Opened { target, measured, .. } = opened;
    Ok(policy::judge(&target, measured, &shared.rulebook()))
}

/// What was not read, and so may have packages that nobody knows of: the first few, and how many more.
fn packages_unknown(unread: &[UnreadFile]) -> Vec<String> {
    const MOST: usize = 3;
    let told = unread.iter().take(MOST).map(|file| format!("packages may be missing: {} {}", file.path, file.why));
    let more = unread.len().saturating_sub(MOST);
    let rest = (more > 0).then(|| format!("packages may be missing: {more} more files were not read"));
    told.chain(rest).collect()
}
