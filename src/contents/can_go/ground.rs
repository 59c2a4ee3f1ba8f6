//! What advice may be about: own layers, and files that no package of the operating system owns.

use crate::catalogue::paths::fix::Step;
use crate::catalogue::paths::{caches, vcs};
use crate::contents::packages::Found;
use crate::contents::view::View;
use crate::domain::{Bytes, Origin};
use crate::image::CopiedFrom;
use crate::image::node::{NodeId, NodeKind};
use crate::image::stack::Totals;
use crate::memory::{List, OutOfMemory};
use crate::text;

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
    /// What the layers have that advice may be about.
    pub own: Bytes,
    /// What each node that is shown has at and below it.
    totals: Totals,
    /// The same of what is hidden, of a directory what was hidden with it.
    hidden: List<u64>,
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
        let mut hidden = List::new(view.stack.memory());
        hidden.resize(view.stack.len(), 0_u64)?;
        for (id, node) in view.stack.since(0) {
            if node.hidden.is_some() && node.content == id {
                hidden[id.index()] = node.bytes();
            }
        }
        for index in (1..view.stack.len()).rev() {
            let Some(id) = NodeId::at(index) else { continue };
            let node = view.stack.node(id);
            if node.hidden.is_some() && view.stack.node(node.parent).hidden == node.hidden {
                let sum = hidden[index];
                let above = &mut hidden[node.parent.index()];
                *above = above.saturating_add(sum);
            }
        }
        let least = Bytes((own.0 / LEAST_PART).max(LEAST));
        Ok(Self { view, found, least, own, totals: view.stack.totals()?, hidden, names, is_all_asked_about })
    }

    /// What is at and below a node: of one that is shown what is shown, of a hidden one what was hidden with it.
    pub fn size_of(&self, id: NodeId) -> u64 {
        match self.view.stack.node(id).hidden {
            None => self.totals.of(id),
            Some(_) => self.hidden.get(id.index()).copied().unwrap_or_default(),
        }
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

    /// The instruction that made a layer, as people read it; empty where it is not known.
    pub fn instruction(&self, layer: usize) -> String {
        let created_by = self.view.layers.get(layer).and_then(|layer| layer.created_by.as_deref());
        created_by.map(text::instruction).unwrap_or_default()
    }

    /// What the instruction is that made a layer.
    pub fn step(&self, layer: Option<usize>) -> Step {
        let Some((layer, position)) = layer.and_then(|at| Some((self.view.layers.get(at)?, at))) else {
            return Step::Other;
        };
        let instruction = self.instruction(position);
        match layer.copied_from {
            Some(CopiedFrom::Context) => Step::FromContext,
            Some(CopiedFrom::Stage) => Step::FromStage,
            None if instruction.starts_with("COPY ") || instruction.starts_with("ADD ") => Step::Copied,
            None if instruction.starts_with("RUN ") => Step::Run,
            None => Step::Other,
        }
    }

    /// Whether the instruction of a layer copies the whole build context, so that it is for .dockerignore to leave things out.
    pub fn copies_all(&self, layer: usize) -> bool {
        let line = self.view.layers.get(layer).and_then(|layer| layer.dockerfile.as_ref()).map(|place| place.line);
        let step = self.view.told.steps.iter().find(|step| Some(step.line) == line && step.keyword == "COPY");
        step.is_some_and(|step| {
            let mut words: Vec<&str> = step.arguments.split_whitespace().collect();
            words.pop();
            words.iter().any(|source| matches!(*source, "." | "./" | "./." | "/" | "*" | "./*"))
        })
    }

    /// Whether a directory is a cache or a repository, of which another line tells.
    pub fn is_told_elsewhere(&self, id: NodeId) -> bool {
        let name = self.view.stack.node(id).name;
        vcs::is_repository(name) || caches::at(&self.view.stack.path(id)).next().is_some()
    }

    /// Where a layer comes from, as people say it: `on line 3`, `in layer 3`.
    pub fn where_is(&self, layer: usize) -> String {
        match self.view.layers.get(layer).and_then(|layer| layer.dockerfile.as_ref()) {
            Some(place) => format!("on line {}", place.line),
            None => format!("in layer {}", layer.saturating_add(1)),
        }
    }

    /// The absolute path of a node, as text.
    pub fn path(&self, id: NodeId) -> String {
        String::from_utf8_lossy(&self.view.stack.path(id)).into_owned()
    }
}
