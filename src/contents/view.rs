//! An image to look at: its final file system, what is known of its layers, and the bytes of some of its files.

use std::sync::Arc;

use super::told::Told;
use crate::image::node::{NodeId, NodeKind};
use crate::image::{MeasuredLayer, Stack};
use crate::layer::program::may_be_program;
use crate::layer::{Kept, LayerFiles, Program};

/// An image, stacked, with what was kept of its files.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Its layers, one on the other. It is open: paths can be looked up in it.
    pub stack: &'a Stack<'a>,
    /// What each layer is, from the bottom. Empty where the final file system alone was read.
    pub layers: &'a [MeasuredLayer],
    /// Of each layer the files that were kept, from the bottom.
    pub files: &'a [Arc<LayerFiles>],
    /// What else is known of it.
    pub told: Told<'a>,
}

/// Why a file's bytes are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Nobody has read them yet.
    NotYet,
    /// They were not taken: why, as a fragment.
    Left(String),
    /// It is not a regular file.
    NoFile,
}

impl<'a> View<'a> {
    /// The bytes of a file that the stack has, links not followed.
    ///
    /// # Errors
    /// Why they are not known.
    pub fn bytes_of(&self, id: NodeId) -> Result<&'a [u8], Unread> {
        let NodeKind::File { content, size } = self.stack.node(id).kind else { return Err(Unread::NoFile) };
        if size == 0 {
            return Ok(&[]);
        }
        match self.kept(content)? {
            Kept::Whole(bytes) => Ok(bytes),
            Kept::Left(why) => Err(Unread::Left(why.to_string())),
            Kept::Program(_) => Err(Unread::NotYet),
        }
    }

    /// What an executable file says of itself, links not followed; `None` for what was looked at and is not ELF, and for what is too small to
    /// be looked at.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn program_of(&self, id: NodeId) -> Result<Option<&'a Program>, Unread> {
        let node = self.stack.node(id);
        let NodeKind::File { content, size } = node.kind else { return Err(Unread::NoFile) };
        if !may_be_program(node.mode.into(), size) {
            return Ok(None);
        }
        match self.kept(content) {
            Ok(Kept::Program(program)) => Ok(Some(program)),
            Ok(Kept::Left(why)) => Err(Unread::Left(why.to_string())),
            Ok(Kept::Whole(_)) => Ok(None),
            Err(why) => {
                let files = self.files.get(self.stack.node(content).layer);
                if files.is_some_and(|files| files.is_complete()) { Ok(None) } else { Err(why) }
            }
        }
    }

    fn kept(&self, content: NodeId) -> Result<&'a Kept, Unread> {
        let path = self.stack.path(content);
        let files = self.files.get(self.stack.node(content).layer).ok_or(Unread::NotYet)?;
        files.get(path.strip_prefix(b"/").unwrap_or(&path)).ok_or(Unread::NotYet)
    }

    /// What the final file system shows at an absolute path, every link followed.
    pub fn at(&self, path: &[u8]) -> Option<NodeId> {
        self.stack.resolve(NodeId::ROOT, path)
    }
}
