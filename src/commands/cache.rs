//! `imgbudget cache`.

use std::fmt::Write as _;

use crate::cache::{Contents, LayerCache};
use crate::cli::{CacheAction, CacheArgs};
use crate::domain::Bytes;
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::request::layer_cache::{self, Place};
use crate::session::Session;
use crate::text;

/// Shows the layer cache, or empties it.
pub(super) fn run(args: &CacheArgs, session: &Session) -> Result<Exit, Error> {
    let directory = match layer_cache::place(args.layer_cache.as_ref(), session) {
        Place::Named(directory) | Place::OfUser(directory) => directory,
        Place::Off(why) => {
            return Err(Error::new(Class::Usage, format!("the layer cache is off: {why}"))
                .with_hint("--layer-cache DIR names one."));
        }
    };
    let cache = layer_cache::at(&directory)?;
    match args.action {
        None => show(&cache, session)?,
        Some(CacheAction::Clear) => clear(&cache, session)?,
    }
    Ok(Exit::Within)
}

fn show(cache: &LayerCache, session: &Session) -> Result<(), Error> {
    let contents = cache.contents();
    let mut page = format!("{}\n", text::line(&cache.folder().display().to_string()));
    let _ = writeln!(page, "  {} in {} of at most {}", layers(contents), contents.bytes, cache.limit());
    if contents.other_versions > Bytes::ZERO {
        let _ = writeln!(page, "  {} of it were kept by other versions of imgbudget", contents.other_versions);
    }
    session
        .terminal
        .result(page.as_bytes())
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))
}

fn clear(cache: &LayerCache, session: &Session) -> Result<(), Error> {
    let removed = cache.clear()?;
    let folder = text::line(&cache.folder().display().to_string());
    let said = if removed == Contents::default() {
        format!("nothing to remove in {folder}")
    } else {
        format!("removed {} ({}) from {folder}", layers(removed), removed.bytes)
    };
    session.terminal.say(&said);
    Ok(())
}

fn layers(contents: Contents) -> String {
    text::count(contents.layers, "layer", "layers")
}
