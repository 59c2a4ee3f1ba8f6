//! Where the layer cache is: only the person and the machine say so, never a budget file, which a pull request can change.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::git;
use crate::cache::LayerCache;
use crate::ci::Environment;
use crate::cli::CacheAt;
use crate::error::{Class, Error};
use crate::session::Session;

/// The variable that stands in for `--layer-cache`.
const VARIABLE: &str = "IMGBUDGET_LAYER_CACHE";

/// Where the cache is, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is none, and why.
    Off(&'static str),
    /// The person named it.
    Named(PathBuf),
    /// Where the system keeps what programs can make again.
    OfUser(PathBuf),
}

/// The cache of a run. The one that nobody named is no reason to stop: where it cannot be used, that is said, and the run goes without.
///
/// # Errors
/// The directory that was named is not a cache, or holds files that git tracks.
pub(crate) fn open(flag: Option<&CacheAt>, session: &Session) -> Result<Option<Arc<LayerCache>>, Error> {
    match place(flag, session) {
        Place::Off(_) => Ok(None),
        Place::Named(directory) => at(&directory).map(|cache| Some(Arc::new(cache))),
        Place::OfUser(directory) => Ok(at(&directory)
            .map(Arc::new)
            .map_err(|error| {
                session.terminal.notice(&error.chain(), error.hint(), false);
            })
            .ok()),
    }
}

/// The cache in `directory`.
///
/// # Errors
/// It is not one, or holds files that git tracks: those came with a commit.
pub(crate) fn at(directory: &Path) -> Result<LayerCache, Error> {
    if directory.canonicalize().is_ok_and(|directory| git::tracks_below(&directory)) {
        let what = format!("`{}` cannot be the layer cache: git tracks files in it", directory.display());
        return Err(Error::new(Class::Usage, what).with_hint(
            "Whoever can commit there can lie about images: name a directory outside of the repository, or one that it ignores.",
        ));
    }
    LayerCache::open(directory)
}

/// Where the cache is.
pub(crate) fn place(flag: Option<&CacheAt>, session: &Session) -> Place {
    let from_variable = || session.environment.get(VARIABLE).filter(|value| !value.is_empty())?.parse().ok();
    match flag.cloned().or_else(from_variable) {
        Some(CacheAt::Off) => Place::Off("it was turned off"),
        Some(CacheAt::Directory(directory)) => Place::Named(directory),
        None if session.ci.is_job => Place::Off("this is a CI job"),
        None => of_user(&session.environment, cfg!(target_os = "macos"))
            .map_or(Place::Off("HOME is not a directory"), Place::OfUser),
    }
}

/// The user's directory for what can be made again: as the XDG Base Directory Specification has it, or Apple's file system guide.
fn of_user(environment: &Environment, is_macos: bool) -> Option<PathBuf> {
    let path = |name: &str| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || path("HOME").filter(|home| home.is_dir());
    let caches = if is_macos {
        home()?.join("Library/Caches")
    } else {
        path("XDG_CACHE_HOME").or_else(|| Some(home()?.join(".cache")))?
    };
    Some(caches.join("imgbudget"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_own_place() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        let of = |pairs: &[(&str, &str)], is_macos| {
            let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            of_user(&environment, is_macos).map(|path| path.display().to_string().replace(home, "~"))
        };
        assert_eq!(of(&[("HOME", home)], false).as_deref(), Some("~/.cache/imgbudget"));
        assert_eq!(of(&[("HOME", home)], true).as_deref(), Some("~/Library/Caches/imgbudget"));
        assert_eq!(of(&[("HOME", home), ("XDG_CACHE_HOME", "/x")], false).as_deref(), Some("/x/imgbudget"));
        assert_eq!(of(&[("HOME", home), ("XDG_CACHE_HOME", "x")], false).as_deref(), Some("~/.cache/imgbudget"));
        assert_eq!(of(&[("HOME", home), ("XDG_CACHE_HOME", "")], false).as_deref(), Some("~/.cache/imgbudget"));
        for nowhere in ["", "home", "/nonexistent"] {
            assert_eq!(of(&[("HOME", nowhere)], false), None, "{nowhere}");
        }
    }
}
