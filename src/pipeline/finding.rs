//! From a target's source to an image that was read.

use std::path::Path;
use std::sync::Arc;

use super::found::Found;
use super::recipe::{Recipe, shown};
use super::whom_to_ask::{Ask, whom_to_ask};
use super::{Shared, building};
use crate::domain::{ImageFrom, ImageRef, Platform, Source, Target};
use crate::engine::{Engine, NoEngine, Store};
use crate::error::{Class, Error};
use crate::policy::{self, Needs};
use crate::progress::{Event, Observer};
use crate::reading::{Asked, Joining, Pull, Read, Watcher};
use crate::source::{self, ImageContent, Limits, Wanted};

/// Reads an image from a path, saying how far it is.
type ReadFile = fn(&Path, &Wanted, &Limits, &mut dyn FnMut(u64)) -> Result<ImageContent, Error>;

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
            Source::Image(reference) => self.named(reference, joining).await,
            Source::Archive { path, image } => {
                let is_piped = path == Path::new(source::archive::STANDARD_INPUT);
                let read = if is_piped { source::archive::standard_input } else { source::archive::open };
                self.file(path, image.as_ref(), ImageFrom::Archive, read).await
            }
            Source::Layout { path, image } => {
                self.file(path, image.as_ref(), ImageFrom::Layout, source::layout::read).await
            }
        }
    }

    async fn built(&self, recipe: Option<&Recipe>) -> Result<Found, Error> {
        let Shared { options, engine, .. } = self.shared;
        let missing = || Error::new(Class::Config, "the target has nothing to build from");
        let (build, recipe) = self.target.build.as_ref().zip(recipe).ok_or_else(missing)?;
        let product =
            building::build(self.target, build, recipe, self.platform, options, engine, self.observer.as_ref()).await?;
        let engine = engine.get().await?;
        let read = self.of_engine(engine, product.image.to_string(), None).await?;
        let mut notes = product.notes;
        notes.extend(store_note(engine));
        let found =
            Found { build: Some(product.facts), steps: product.steps, notes, ..Found::new(read, ImageFrom::Built) };
        Ok(found)
    }

    /// An image that a reference names.
    async fn named(&self, reference: &ImageRef, joining: Option<Joining>) -> Result<Found, Error> {
        let ask = whom_to_ask(self.target, reference, self.shared.options.offline)?;
        if ask == Ask::Registry {
            return self.of_registry(reference).await;
        }
        let engine = match self.shared.engine.get().await {
            Ok(engine) => engine,
            Err(error) if ask == Ask::EngineElseRegistry && NoEngine::is_behind(&error) => {
                return self.of_registry(reference).await;
            }
            Err(error) => return Err(ask.explain(error)),
        };
        let read = self.of_engine(engine, reference.to_string(), joining).await?;
        let notes = store_note(engine).into_iter().collect();
        Ok(Found { reference: Some(reference.to_string()), notes, ..Found::new(read, ImageFrom::Engine) })
    }

    /// An image by what the engine cannot move while we look.
    async fn of_engine(&self, engine: &Engine, name: String, joining: Option<Joining>) -> Result<Read, Error> {
        let watcher = self.watcher();
        watcher.event(Event::AskingEngine);
        let image = engine.image(&name, self.platform).await?;
        let asked = Asked { engine, image: &image, platform: self.platform, name: &name, watcher: &watcher };
        self.shared.reader.engine_image(asked, joining).await
    }

    async fn of_registry(&self, reference: &ImageRef) -> Result<Found, Error> {
        let watcher = self.watcher();
        watcher.event(Event::AskingRegistry { host: reference.registry_or_hub() });
        let registries = self.shared.registries.get()?;
        let image = registries.describe(reference, self.platform).await?;
        let pull = Pull { registries, image: &image, needs_layers: self.needs_layers(), watcher: &watcher };
        let read = self.shared.reader.registry_image(pull).await?;
        let notes = beside_note(&read.beside).into_iter().collect();
        let (reference, digest) = (Some(reference.to_string()), Some(image.digest.clone()));
        Ok(Found { reference, digest, notes, ..Found::new(read, ImageFrom::Registry) })
    }

    async fn file(
        &self,
        path: &Path,
        image: Option<&ImageRef>,
        from: ImageFrom,
        read: ReadFile,
    ) -> Result<Found, Error> {
        let wanted = Wanted { image: image.cloned(), platform: self.platform.cloned() };
        // What errors name is what the user would type.
        let path = shown(path, &self.shared.options.working_directory);
        let shown = path.display().to_string();
        let read = move |limits: &Limits, progress: &mut dyn FnMut(u64)| read(&path, &wanted, limits, progress);
        let read = self.shared.reader.file_image(&self.watcher(), read).await?;
        let notes = beside_note(&read.beside).into_iter().collect();
        Ok(Found { reference: Some(shown), notes, ..Found::new(read, from) })
    }

    /// Whether somebody wants to know what is in the layers.
    fn needs_layers(&self) -> bool {
        let is_compared = self.shared.options.wants_sizes || self.shared.options.baseline.is_some();
        policy::needs(&self.target.rules, is_compared) == Needs::Contents
    }

    fn watcher(&self) -> Watcher {
        Watcher::new(self.target.name.as_str(), Arc::clone(self.observer))
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
