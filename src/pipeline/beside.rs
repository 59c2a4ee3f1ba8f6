//! Two images beside one another: what they differ by, as far as their layers are known.

use std::sync::Arc;

use super::Opened;
use crate::baseline;
use crate::cache::LayerCache;
use crate::contents::{Side, Told, View, difference, map, of_layers, packages};
use crate::domain::{DiffId, Difference, LayerChange, LayerReport, Map, TargetReport};
use crate::error::{Class, Error};
use crate::image::tools::{self, ToolSearch};
use crate::image::{MeasuredLayer, Stack, TooLarge};
use crate::layer::{Evidence, IndexedLayer, Keep, LayerFiles};
use crate::memory::{Memory, OutOfMemory};
use crate::reading::Shelf;

/// What a path takes while two images are compared, at most and for most images.
const BYTES_OF_ENTRY: usize = 128;
/// The most rows that a report has; what is smaller is told together.
const MOST_ROWS: usize = 1000;

/// An image by its layers.
#[derive(Debug, Clone, Default)]
pub struct Layered {
    /// What each layer is, from the bottom.
    pub layers: Vec<MeasuredLayer>,
    /// What each holds, with the files that were kept of it; `None` where one of them is not known any more.
    known: Option<Vec<IndexedLayer>>,
}

/// Where layers of earlier images may be known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// What this run read.
    pub(super) shelf: Option<&'a Shelf>,
    /// What earlier runs read.
    pub(super) cache: Option<&'a LayerCache>,
}

impl Layered {
    /// An image that was opened; `None` where its layers were not read.
    #[must_use]
    pub fn of(opened: &Opened) -> Option<Self> {
        let measurement = &opened.measured.measurement;
        measurement.stored.as_ref()?;
        let files = opened.files.iter().cloned().chain(std::iter::repeat(Arc::default()));
        let layers = opened.layers.iter().cloned().zip(files);
        let known = layers.map(|(index, files)| IndexedLayer { index, files }).collect();
        Some(Self { layers: measurement.layers.clone(), known: Some(known) })
    }

    /// An image that a report tells of, its layers as this run or an earlier one read them.
    #[must_use]
    pub fn reported(report: &TargetReport, cache: Option<&LayerCache>, memory: &Memory) -> Self {
        Self::earlier(report, Known { shelf: None, cache }, &[], memory)
    }

    /// The same, where `others` may have some of its layers.
    pub(super) fn earlier(report: &TargetReport, known: Known<'_>, others: &[Self], memory: &Memory) -> Self {
        let layers = report.layers.iter().map(measured).collect();
        let of_others = |layer: &LayerReport| {
            let mut all = others.iter().filter_map(|other| other.known.as_ref()).flatten();
            all.find(|known| *known.index.diff_id() == layer.diff_id).cloned()
        };
        let find = |layer: &LayerReport| {
            let found = of_others(layer).or_else(|| known.find(&layer.diff_id, memory))?;
            // A report that says otherwise is about something else.
            (Some(found.index.size()) == layer.size).then_some(found)
        };
        Self { layers, known: report.layers.iter().map(find).collect() }
    }

    /// Whether it is known what all of its layers hold.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Whether both are the same layers.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let ids = |of: &Self| of.layers.iter().map(|layer| layer.diff_id.clone()).collect::<Vec<DiffId>>();
        ids(self) == ids(other)
    }

    fn look<T>(
        &self,
        known: &[IndexedLayer],
        memory: &Memory,
        look: impl FnOnce(&Side<'_>) -> Result<T, TooLarge>,
    ) -> Result<T, TooLarge> {
        let mut stack = Stack::new(memory);
        stack.tell_origins(self.layers.iter().map(|layer| layer.origin).collect());
        let mut search = ToolSearch::new([], memory);
        for layer in known {
            stack.push(&layer.index)?;
            search.look(&stack)?;
        }
        let found = search.finish(&stack, &mut memory.reserve())?.present;
        let files: Vec<Arc<LayerFiles>> = known.iter().map(|layer| Arc::clone(&layer.files)).collect();
        let told = Told { tools: &found, ..Told::default() };
        let view = View { stack: &stack, layers: &self.layers, files: &files, told };
        let packages = packages::find(&view)?;
        look(&Side { view: &view, packages: Some(&packages), tools: Some(&tools::names(&found)) })
    }
}

impl Known<'_> {
    fn find(&self, diff_id: &DiffId, memory: &Memory) -> Option<IndexedLayer> {
        let read = self.shelf.and_then(|shelf| shelf.get(diff_id, Evidence::EngineSaid));
        let of_cache = || self.cache?.layer(diff_id, Evidence::EngineSaid, memory).map(|(layer, _)| layer);
        let layer = read.or_else(of_cache)?;
        if layer.files.is_complete() {
            return Some(layer);
        }
        let files = self.cache.and_then(|cache| cache.files(&layer.index, &Keep::nothing(), memory));
        Some(IndexedLayer { files: files.map_or(layer.files, Arc::new), index: layer.index })
    }
}

/// What two images differ by. Where it is not known what the layers of one hold, their sizes tell it; `None` where these are not known either.
///
/// # Errors
/// There is no memory for both.
pub fn beside(old: &Layered, new: &Layered, memory: &Memory) -> Result<Option<Difference>, Error> {
    let Some((before, after)) = old.known.as_ref().zip(new.known.as_ref()) else {
        return Ok(of_layers(&old.layers, &new.layers));
    };
    let compared = old.look(before, memory, |old| new.look(after, memory, |new| Ok(difference(old, new)?)));
    compared.map(Some).map_err(too_large)
}

/// Where the bytes of the later image are, and what of them the earlier one does not have; with its layers. `None` where the layers of one
/// are not known.
///
/// # Errors
/// There is no memory for both.
pub fn drawn(old: &Layered, new: &Layered, memory: &Memory) -> Result<Option<(Vec<LayerReport>, Map)>, Error> {
    let Some((before, after)) = old.known.as_ref().zip(new.known.as_ref()) else { return Ok(None) };
    let draw = |old: &Side<'_>, new: &Side<'_>| {
        let since = map::Since::of(new.view, old.view)?;
        let owners = new.packages.map(|found| &found.owners);
        Ok(map::draw(new.view, owners, Some(&|id| since.of_node(id)))?)
    };
    let map = old.look(before, memory, |old| new.look(after, memory, |new| draw(old, new))).map_err(too_large)?;
    Ok(Some((new.layers.iter().map(reported).collect(), map)))
}

fn too_large(error: TooLarge) -> Error {
    let failed = Error::new(Class::Image, "the two images could not be compared").caused_by(error);
    if matches!(error, TooLarge::Memory(_)) { failed.with_hint(OutOfMemory::HINT) } else { failed }
}

/// What became of an image since the baseline; `None` where its layers are the same, where it is not known any more what those of the baseline
/// hold, and where the run has no memory to spare for both: a comparison makes no measurement fail.
pub(super) fn since(report: &TargetReport, opened: &Opened, known: Known<'_>, memory: &Memory) -> Option<Difference> {
    let new = Layered::of(opened)?;
    let old = Layered { layers: report.layers.iter().map(measured).collect(), known: None };
    if old.is_same(&new) {
        return None;
    }
    let (old, new) = both(report, new, known, memory)?;
    beside(&old, &new, memory).ok().flatten().map(|difference| difference.shortened(MOST_ROWS))
}

/// The map of an image with what grew since the baseline; `None` where [`since`] could not tell either.
pub(super) fn map_since(report: &TargetReport, opened: &Opened, known: Known<'_>, memory: &Memory) -> Option<Map> {
    let (old, new) = both(report, Layered::of(opened)?, known, memory)?;
    drawn(&old, &new, memory).ok().flatten().map(|(_, map)| map)
}

/// The image of a report beside a later one, where there is memory to spare for both.
fn both(report: &TargetReport, new: Layered, known: Known<'_>, memory: &Memory) -> Option<(Layered, Layered)> {
    let old = Layered::earlier(report, known, std::slice::from_ref(&new), memory);
    let entries = |of: &Layered| of.known.iter().flatten().map(|layer| layer.index.len()).sum::<usize>();
    old.known.as_ref()?;
    let needed = entries(&old).saturating_add(entries(&new)).saturating_mul(BYTES_OF_ENTRY);
    memory.reserve().grow(needed.saturating_mul(2)).ok()?;
    Some((old, new))
}

/// Layers that came, went or changed their size, the largest difference first.
#[must_use]
pub fn layer_changes(old: &Layered, new: &Layered) -> Vec<LayerChange> {
    let reported = |of: &Layered| of.layers.iter().map(reported).collect::<Vec<_>>();
    baseline::layer_changes(&reported(old), &reported(new))
}

fn reported(layer: &MeasuredLayer) -> LayerReport {
    LayerReport {
        diff_id: layer.diff_id.clone(),
        size: layer.size,
        compressed_size: layer.compressed_size,
        created_by: layer.created_by.clone(),
        origin: layer.origin,
        dockerfile: layer.dockerfile.clone(),
    }
}

fn measured(layer: &LayerReport) -> MeasuredLayer {
    MeasuredLayer {
        diff_id: layer.diff_id.clone(),
        size: layer.size,
        compressed_size: layer.compressed_size,
        created_by: layer.created_by.clone(),
        origin: layer.origin,
        dockerfile: layer.dockerfile.clone(),
        copied_from: None,
    }
}
