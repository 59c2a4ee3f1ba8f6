//! Why something is in an image. A word is a path, a glob, a tool, a package or the name of a file; what it means is what is there.

mod fix;
mod package;
mod thing;
mod words;

use super::packages::{self, Found};
use super::removal::Needs;
use super::view::View;
use crate::domain::{UnreadFile, Why};
use crate::image::stack::Totals;
use crate::memory::OutOfMemory;

/// An image, with what every answer asks of it.
#[derive(Debug)]
struct Look<'a> {
    view: &'a View<'a>,
    /// Its packages, and who owns what.
    found: &'a Found,
    /// Which of them need which.
    needs: Needs<'a>,
    /// What the final file system shows at and below each node.
    totals: Totals,
}

/// The answer to each of some words, and the files that had to be read for it and were not.
///
/// # Errors
/// There is no memory for it.
pub fn answers(view: &View<'_>, asked: &[String]) -> Result<(Vec<Why>, Vec<UnreadFile>), OutOfMemory> {
    let found = packages::find(view)?;
    let needs = Needs::new(&found.packages.list, view.stack.memory())?;
    let look = Look { view, found: &found, needs, totals: view.stack.totals()? };
    let answers = asked.iter().map(|word| words::answer(&look, word)).collect::<Result<_, _>>()?;
    Ok((answers, found.unread))
}

impl Look<'_> {
    /// The absolute path of a node, as text.
    fn path(&self, id: crate::image::node::NodeId) -> String {
        String::from_utf8_lossy(&self.view.stack.path(id)).into_owned()
    }
}
