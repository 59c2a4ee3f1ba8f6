//! An image of an engine, down the ladder: what is known of its layers already, and else one `save`.

use super::compare::compare;
use super::saving::Wish;
use super::{Joining, Reader, Watcher};
use crate::domain::Platform;
use crate::engine::{Engine, EngineImage};
use crate::error::Error;
use crate::layer::Evidence;
use crate::source::ImageContent;

/// An image that an engine has, and who wants it.
pub struct Asked<'a> {
    /// Where it is.
    pub engine: &'a Engine,
    /// What the engine says of it.
    pub image: &'a EngineImage,
    /// The platform that was asked for.
    pub platform: Option<&'a Platform>,
    /// What errors call it.
    pub name: &'a str,
    /// Who watches.
    pub watcher: &'a Watcher,
}

impl Reader {
    /// Reads an image of an engine. `joining` is given back as soon as it waits for a `save`.
    ///
    /// # Errors
    /// The engine does not hand it out whole, or says something else of it than was read.
    pub async fn from_engine(&self, asked: &Asked<'_>, joining: Option<Joining>) -> Result<ImageContent, Error> {
        let Asked { engine, image, platform, name, watcher } = *asked;
        drop(joining);
        let content = self.saver.save(&Wish { engine, image, platform, name, watcher }).await?;
        for layer in &content.layers {
            self.shelf.put(layer, Evidence::Hashed);
        }
        compare(name, &content, image)?;
        Ok(content)
    }
}
