//! What advice may be about: own layers, and files that no package of the operating system owns.

use crate::contents::packages::Found;
use crate::contents::view::View;
use crate::domain::{Bytes, Origin};
use crate::image::MeasuredLayer;
use crate::image::node::{NodeId, NodeKind};
use crate::image::stack::Totals;
use crate::memory::{List, OutOfMemory};

/// Advice is about as much and more.
const LEAST: u64 = 1_000_000;
/// And about as large a part of the own layers: one in so many bytes.
const LEAST_PART: u64 = 100;

/// An image, and what of it advice may be about.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The image.
    pub view: &'a View<'a>,
    /// Its packages, and who owns what.
    pub found: &'a Found,
    /// What advice is worth a line for: at least a megabyte, and at least a hundredth of the own layers.
    pub least: Bytes,
    /// What the final file system shows at and below each node.
    pub totals: Totals,
    /// Of each content how many names the final file system shows.
    names: List<u32>,
    /// Whether it is not known of any layer who brought it: then the image as a whole is what was asked about.
    is_all_asked_about: bool,
}

impl<'a> Ground<'a> {
    /// The ground of an image.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(view: &'a View<'a>, found: &'a Found) -> Result<Self, OutOfMemory> {
        let is_all_asked_about = view.layers.iter().all(|layer| layer.origin == Origin::Unknown);
        let own = view.layers.iter().filter(|layer| layer.origin == Origin::Own);
        let own: Bytes = if is_all_asked_about { view.stack.size() } else { own.filter_map(|layer| layer.size).sum() };
        let mut names = List::new(view.stack.memory());
        names.resize(view.stack.len(), 0_u32)?;
        for (_, node) in view.stack.live() {
            if let Some(count) = names.get_mut(node.content.index()) {
                *count = count.saturating_add(1);
            }
        }
        let least = Bytes((own.0 / LEAST_PART).max(LEAST));
        Ok(Self { view, found, least, totals: view.stack.totals()?, names, is_all_asked_about })
    }

    /// Whether advice may be about a layer: one's own, or any where nothing is known of the base image.
    pub fn is_own(&self, layer: usize) -> bool {
        self.is_all_asked_about || self.view.layers.get(layer).is_some_and(|layer| layer.origin == Origin::Own)
    }

    /// Whether a file or link that the final file system shows may be advised away: own layers hold it and its bytes, and no package of the
    /// operating system owns it.
    pub fn may_go(&self, id: NodeId) -> bool {
        let node = self.view.stack.node(id);
        let is_content = matches!(node.kind, NodeKind::File { .. } | NodeKind::Symlink { .. });
        is_content
            && node.hidden.is_none()
            && self.is_own(node.layer)
            && self.is_own(self.view.stack.node(node.content).layer)
            && !self.is_of_os(id)
    }

    /// Whether a package of the operating system owns a file.
    pub fn is_of_os(&self, id: NodeId) -> bool {
        self.found.is_of_os(id)
    }

    /// How many names of a content the final file system shows.
    pub fn names_of(&self, content: NodeId) -> u32 {
        self.names.get(content.index()).copied().unwrap_or_default()
    }

    /// The layer that brought a file or link.
    pub fn brought_by(&self, id: NodeId) -> Option<&'a MeasuredLayer> {
        self.view.layers.get(self.view.stack.brought_by(id))
    }

    /// The absolute path of a node, as text.
    pub fn path(&self, id: NodeId) -> String {
        String::from_utf8_lossy(&self.view.stack.path(id)).into_owned()
    }
}
