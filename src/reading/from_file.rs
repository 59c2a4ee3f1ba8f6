//! An image of a file or a directory, which holds all of it.

use std::sync::Arc;

use super::cost::Cost;
use super::{Content, Read, Reader, Watcher};
use crate::domain::Rung;
use crate::error::{Class, Error};
use crate::layer::Evidence;
use crate::progress::Event;
use crate::source::{ImageContent, Limits};

impl Reader {
    /// Reads an image with `read`, on a thread where that may take its time.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn file_image(
        &self,
        watcher: &Watcher,
        read: impl FnOnce(&Limits, &mut dyn FnMut(u64)) -> Result<ImageContent, Error> + Send + 'static,
    ) -> Result<Read, Error> {
        let mut cost = Cost::begin();
        let (limits, watcher) = (self.limits.clone(), watcher.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let mut most = 0;
            let mut progress = |bytes| {
                most = bytes;
                watcher.event(Event::Reading { bytes });
            };
            read(&limits, &mut progress).map(|content| (content, most))
        });
        let gone = |error| Error::new(Class::Io, "a worker thread ended unexpectedly").caused_by(error);
        let (content, bytes) = reading.await.map_err(gone)??;
        cost.took(Rung::File, bytes);
        Ok(self.whole(content, cost))
    }

    /// An image every byte of whose layers was read just now.
    pub(super) fn whole(&self, content: ImageContent, mut cost: Cost) -> Read {
        let ImageContent { config, layers, compressed, beside, .. } = content;
        for layer in &layers {
            cost.layer(layer.diff_id());
            self.shelf.put(layer, Evidence::Hashed);
        }
        self.remember(layers.iter().map(|layer| (Arc::clone(layer), Evidence::Hashed)).collect());
        let facts = cost.of(&config.diff_ids);
        Read { config, content: Content::Layers(layers), compressed, beside, facts }
    }
}
