//! From a target's source to an image that was read.

use std::path::Path;
use std::sync::Arc;

use super::found::Found;
use super::recipe::{Recipe, shown};
use super::{Shared, blocking, building};
use crate::domain::{ImageRef, Platform, Source, Target};
use crate::engine::{Engine, Store};
use crate::error::{Class, Error};
use crate::progress::{Event, Observer};
use crate::reading::{Asked, Joining, Watcher};
use crate::source::{self, ImageContent, Limits, Wanted};

/// Reads an image from a path, saying how far it is.
type Reader = fn(&Path, &Wanted, &Limits, &mut dyn FnMut(u64)) -> Result<ImageContent, Error>;

/// A target that is looked for, and on which platform.
pub(super) struct Search<'a> {
    pub(super) shared: &'a Shared,
    pub(super) target: &'a Target,
    pub(super) platform: Option<&'a Platform>,
    pub(super) observer: &'a Arc<dyn Observer>,
}

impl Search<'_> {
    /// Builds or finds the target's image, and reads it.
    ///
    /// # Errors
    /// Why it could not be measured.
    pub(super) async fn image(&self, recipe: Option<&Recipe>, joining: Option<Joining>) -> Result<Found, Error> {
        match &self.target.source {
            Source::Build => self.built(recipe).await,
            Source::Image(reference) => self.of_engine(reference, joining).await,
            Source::Archive { path, image } => {
                let is_piped = path == Path::new(source::archive::STANDARD_INPUT);
                let read = if is_piped { source::archive::standard_input } else { source::archive::open };
                self.file(path, image.as_ref(), read).await
            }
            Source::Layout { path, image } => self.file(path, image.as_ref(), source::layout::read).await,
        }
    }

    async fn built(&self, recipe: Option<&Recipe>) -> Result<Found, Error> {
        let Shared { options, engine, .. } = self.shared;
        let missing = || Error::new(Class::Config, "the target has nothing to build from");
        let (build, recipe) = self.target.build.as_ref().zip(recipe).ok_or_else(missing)?;
        let product =
            building::build(self.target, build, recipe, self.platform, options, engine, self.observer.as_ref()).await?;
        let engine = engine.get().await?;
        let content = self.read(engine, product.image.to_string(), None).await?;
        let mut notes = product.notes;
        notes.extend(store_note(engine));
        Ok(Found { content, reference: None, build: Some(product.facts), steps: product.steps, notes })
    }

    async fn of_engine(&self, reference: &ImageRef, joining: Option<Joining>) -> Result<Found, Error> {
        let engine = self.shared.engine.get().await?;
        let content = self.read(engine, reference.to_string(), joining).await?;
        let notes = store_note(engine).into_iter().collect();
        Ok(Found { content, reference: Some(reference.to_string()), build: None, steps: Vec::new(), notes })
    }

    /// An image by what the engine cannot move while we look.
    async fn read(&self, engine: &Engine, name: String, joining: Option<Joining>) -> Result<ImageContent, Error> {
        let image = engine.image(&name, self.platform).await?;
        let watcher = Watcher::new(self.target.name.as_str(), Arc::clone(self.observer));
        let asked = Asked { engine, image: &image, platform: self.platform, name: &name, watcher: &watcher };
        self.shared.reader.from_engine(&asked, joining).await
    }

    async fn file(&self, path: &Path, image: Option<&ImageRef>, read: Reader) -> Result<Found, Error> {
        let options = &self.shared.options;
        let wanted = Wanted { image: image.cloned(), platform: self.platform.cloned() };
        // What errors name is what the user would type.
        let path = shown(path, &options.working_directory);
        let shown = path.display().to_string();
        let watcher = Watcher::new(self.target.name.as_str(), Arc::clone(self.observer));
        let mut progress = move |bytes| watcher.event(Event::Reading { bytes });
        let limits = options.limits.clone();
        let content = blocking::off_reactor(move || read(&path, &wanted, &limits, &mut progress)).await?;
        let notes = beside_note(&content.beside).into_iter().collect();
        Ok(Found { content, reference: Some(shown), build: None, steps: Vec::new(), notes })
    }
}

/// Platforms that nobody asked for, and that a budget may have been meant for.
fn beside_note(platforms: &[Platform]) -> Option<String> {
    const MOST: usize = 5;
    let mut names: Vec<String> = platforms.iter().take(MOST).map(ToString::to_string).collect();
    let more = platforms.len().saturating_sub(MOST);
    names.extend((more > 0).then(|| format!("{more} more")));
    (!names.is_empty())
        .then(|| format!("it holds {}, too, not measured: `platforms` or --platform names what is", names.join(", ")))
}

fn store_note(engine: &Engine) -> Option<String> {
    let note = "this engine keeps images in containerd's store, so `docker image ls` shows another size: it adds compressed blobs \
                and unpacked files; see \"Which size is this?\" in the README";
    (engine.facts().store == Store::Containerd).then(|| note.to_owned())
}
