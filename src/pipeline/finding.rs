//! From a target's source to an image that was read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::found::Found;
use super::recipe::{Recipe, shown};
use super::whom_to_ask::{Ask, whom_to_ask};
use super::{Options, Shared, building};
use crate::domain::{Compressed, Digest, ImageChoice, ImageFrom, ImageRef, Platform, ReadFacts, Source, Target};
use crate::engine::{Engine, EngineImage, NoEngine, Store};
use crate::error::{Class, Error};
use crate::policy::{self, Needs};
use crate::progress::{Event, Observer};
use crate::reading::{Asked, Joining, Pull, Read, Watcher};
use crate::source::{Limits, Wanted, archive, layout};

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
            Source::Archive { path, image } => self.archive(path, image.as_ref()).await,
            Source::Layout { path, image } => self.layout(path, image.as_ref()).await,
        }
    }

    async fn built(&self, recipe: Option<&Recipe>) -> Result<Found, Error> {
        let Shared { options, engine, .. } = self.shared;
        let missing = || Error::new(Class::Config, "the target has nothing to build from");
        let (build, recipe) = self.target.build.as_ref().zip(recipe).ok_or_else(missing)?;
        let product =
            building::build(self.target, build, recipe, self.platform, options, engine, self.observer.as_ref()).await?;
        let engine = engine.get().await?;
        let (read, held) = self.of_engine(engine, product.image.to_string(), None).await?;
        let mut notes = product.notes;
        notes.extend(store_note(engine));
        let (build, steps, held) = (Some(product.facts), product.steps, Some(held));
        Ok(Found { build, steps, notes, held, ..Found::new(read, ImageFrom::Built) })
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
        let (read, held) = self.of_engine(engine, reference.to_string(), joining).await?;
        let notes = store_note(engine).into_iter().collect();
        let (reference, held) = (Some(reference.to_string()), Some(held));
        Ok(Found { reference, notes, held, ..Found::new(read, ImageFrom::Engine) })
    }

    /// An image by what the engine cannot move while we look.
    async fn of_engine(
        &self,
        engine: &Engine,
        name: String,
        joining: Option<Joining>,
    ) -> Result<(Read, EngineImage), Error> {
        let watcher = self.watcher();
        watcher.event(Event::AskingEngine);
        let image = engine.image(&name, self.platform).await?;
        let asked = Asked { engine, image: &image, platform: self.platform, name: &name, watcher: &watcher };
        let mut read = self.shared.reader.engine_image(asked, joining).await?;
        read.digest = digest(engine, &image, &name);
        if self.is_about_compressed() && read.compressed.is_none() {
            read.compressed = self.compressed(asked, &mut read.facts).await?;
        }
        Ok((read, image))
    }

    /// The compressed size of an image whose engine keeps no blobs: as the registry has it that it came from or went to, as earlier runs
    /// saw its layers, and else by compressing them.
    async fn compressed(&self, asked: Asked<'_>, facts: &mut ReadFacts) -> Result<Option<Compressed>, Error> {
        match self.stored(asked.image).await {
            Some(Ok(exact)) => return Ok(Some(exact)),
            Some(Err(error)) => facts.fallbacks.push(format!("manifest in the registry: {error}")),
            None => {}
        }
        let reader = &self.shared.reader;
        match reader.remembered_stored(&asked.image.diff_ids).await {
            Some(remembered) => Ok(Some(remembered)),
            None => reader.squeezed_by_save(asked).await,
        }
    }

    /// The manifest of an image in a registry, by the digest that the engine knows it by there. `None` where no registry may be asked.
    async fn stored(&self, image: &EngineImage) -> Option<Result<Compressed, Error>> {
        if self.shared.options.offline || !self.target.may_ask_registry {
            return None;
        }
        let mut failed = None;
        for reference in &image.stored_as {
            self.watcher().event(Event::AskingRegistry { host: reference.registry_or_hub() });
            let described = match self.shared.registries.get() {
                Ok(registries) => registries.describe(reference, Some(&image.platform)).await,
                Err(error) => Err(error),
            };
            match described {
                Ok(stored) if stored.config.diff_ids == image.diff_ids => return Some(Ok(stored.compressed())),
                Ok(_) => {}
                Err(error) => failed = Some(Err(error)),
            }
        }
        failed
    }

    async fn of_registry(&self, reference: &ImageRef) -> Result<Found, Error> {
        let watcher = self.watcher();
        watcher.event(Event::AskingRegistry { host: reference.registry_or_hub() });
        let registries = self.shared.registries.get()?;
        let image = registries.describe(reference, self.platform).await?;
        let pull = Pull { registries, image: &image, needs_layers: self.needs_layers(), watcher: &watcher };
        let read = self.shared.reader.registry_image(pull).await?;
        let told = if self.target.base.is_none() { registries.told_bases(&image).await } else { Vec::new() };
        let notes = beside_note(&read.beside).into_iter().collect();
        Ok(Found { reference: Some(reference.to_string()), notes, told, ..Found::new(read, ImageFrom::Registry) })
    }

    async fn archive(&self, path: &Path, image: Option<&ImageChoice>) -> Result<Found, Error> {
        // A file of that name is a path in budgets.toml, and its folder goes before it.
        let is_piped = path == Path::new(archive::STANDARD_INPUT);
        let (wanted, path) = (self.wanted(image), self.shown(path));
        let found = Some(path.display().to_string());
        let (file, asked) = (path.clone(), wanted.clone());
        let describe = move |limits: &Limits| {
            if is_piped { Ok(None) } else { archive::describe(&file, &asked, limits) }
        };
        let read = move |limits: &Limits, progress: &mut dyn FnMut(u64)| {
            let read = if is_piped { archive::standard_input } else { archive::open };
            read(&path, &wanted, limits, progress)
        };
        let read = self.shared.reader.file_image(&self.watcher(), self.is_about_compressed(), describe, read).await?;
        Ok(of_file(read, found, ImageFrom::Archive))
    }

    async fn layout(&self, path: &Path, image: Option<&ImageChoice>) -> Result<Found, Error> {
        let (wanted, path) = (self.wanted(image), self.shown(path));
        let found = Some(path.display().to_string());
        let (directory, asked) = (path.clone(), wanted.clone());
        let describe = move |_: &Limits| layout::describe(&directory, &asked).map(Some);
        let read = move |limits: &Limits, progress: &mut dyn FnMut(u64)| layout::read(&path, &wanted, limits, progress);
        let read = self.shared.reader.file_image(&self.watcher(), self.is_about_compressed(), describe, read).await?;
        Ok(of_file(read, found, ImageFrom::Layout))
    }

    fn wanted(&self, image: Option<&ImageChoice>) -> Wanted {
        Wanted { image: image.cloned(), platform: self.platform.cloned() }
    }

    /// What errors name is what the user would type.
    fn shown(&self, path: &Path) -> PathBuf {
        shown(path, &self.shared.options.working_directory)
    }

    /// Whether somebody wants to know what is in the layers.
    fn needs_layers(&self) -> bool {
        let Options { wants_sizes, baseline, .. } = &self.shared.options;
        let is_compared = *wants_sizes || baseline.as_ref().is_some_and(|against| against.is_asked());
        policy::needs(&self.target.rules, is_compared) == Needs::Contents
    }

    /// Whether a rule asks for the compressed size.
    fn is_about_compressed(&self) -> bool {
        self.target.rules.max_compressed_size.is_some()
    }

    fn watcher(&self) -> Watcher {
        Watcher::new(self.target.name.as_str(), Arc::clone(self.observer))
    }
}

/// What an engine's image is called by in registries: where it keeps images as they are there, its id, and else what it came from.
fn digest(engine: &Engine, image: &EngineImage, name: &str) -> Option<Digest> {
    if engine.facts().store == Store::Containerd {
        return Some(image.id.clone());
    }
    let asked: ImageRef = name.parse().ok()?;
    let is_of = |known: &&ImageRef| {
        known.registry_or_hub() == asked.registry_or_hub()
            && known.repository.trim_start_matches("library/") == asked.repository.trim_start_matches("library/")
    };
    asked.digest.clone().or_else(|| image.stored_as.iter().find(is_of)?.digest.clone())
}

fn of_file(read: Read, reference: Option<String>, from: ImageFrom) -> Found {
    let notes = beside_note(&read.beside).into_iter().collect();
    Found { reference, notes, ..Found::new(read, from) }
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
                and unpacked files; see docs/sizes.md";
    (engine.facts().store == Store::Containerd).then(|| note.to_owned())
}
