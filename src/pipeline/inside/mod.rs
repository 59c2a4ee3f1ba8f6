//! The content of files that says what is in an image, where reading its layers did not bring it: an engine's own metadata has none, and a
//! layer that an earlier run read may have been of an engine, too. What is lacking is fetched from the engine that holds the image.

mod lacking;
mod plan;

use std::sync::Arc;

use super::found::Found;
use super::{Shared, blocking, opened};
use crate::contents::Wish;
use crate::domain::{Bytes, PathPattern, Target};
use crate::error::Error;
use crate::image::{Stack, TooLarge};
use crate::layer::{LayerFiles, LayerIndex};
use crate::memory::Waiting;
use crate::reading::fetch::Errand;
use crate::reading::{Content, Watcher};

/// Whether somebody wants to know what only the content of files says: large directories and dive's figures follow from sizes alone.
pub(super) fn is_asked(wish: Wish, target: &Target) -> bool {
    let mut patterns = target.rules.forbid_paths.iter().map(|entry| &entry.what);
    wish.packages || wish.can_go || wish.map || patterns.any(|pattern| matches!(pattern, PathPattern::Group(_)))
}

/// Fills in what is known of the files of an image, and fetches what is lacking where that `may_cost`. What cannot be had is said where it is
/// missing.
///
/// # Errors
/// The image takes more memory than there is.
pub(super) async fn fill(
    shared: &Arc<Shared>,
    found: &mut Found,
    watcher: &Watcher,
    may_cost: bool,
) -> Result<(), Error> {
    let Content::Layers(layers) = &found.read.content else { return Ok(()) };
    let layers = layers.clone();
    let mut files = shared.reader.files(&layers, &found.read.files).await;
    let is_lacking = may_cost && files.iter().any(|files| !files.is_complete());
    if let Some(image) = found.held.as_ref().filter(|_| is_lacking) {
        let began = std::time::Instant::now();
        let errand = errand(shared, &layers, &files).await?;
        if !errand.wanted.is_empty() {
            let engine = shared.engine.get().await?;
            let inside = shared.reader.fetch_files(engine, image, watcher, &layers, files, errand).await;
            let facts = &mut found.read.facts;
            facts.bytes = Bytes(facts.bytes.0.saturating_add(inside.bytes));
            let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            facts.milliseconds = facts.milliseconds.saturating_add(took);
            files = inside.files;
        }
    }
    found.read.files = files;
    Ok(())
}

/// What is to be fetched of the image of these layers.
async fn errand(shared: &Arc<Shared>, layers: &[Arc<LayerIndex>], files: &[Arc<LayerFiles>]) -> Result<Errand, Error> {
    // As when it is measured: one stack at a time. Nobody closes the semaphore.
    let turn = Arc::clone(&shared.measuring).acquire_owned().await.ok();
    let waiting = Waiting::default();
    let memory = shared.options.limits.memory.until(&waiting.0);
    let keep = shared.options.limits.keep.clone();
    let (layers, files) = (layers.to_vec(), files.to_vec());
    blocking::off_reactor(move || {
        let _turn = turn;
        let planned = || -> Result<Errand, TooLarge> {
            let mut stack = Stack::new(&memory);
            for layer in &layers {
                stack.push(layer)?;
            }
            let lacking = lacking::find(&stack, &files, &keep)?;
            Ok(plan::plan(&stack, lacking)?)
        };
        planned().map_err(opened::not_looked_into)
    })
    .await
}
