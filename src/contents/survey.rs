//! All that somebody wants to know of an image, in one go.

use super::directories::Pick;
use super::removal::Needs;
use super::view::View;
use super::{can_go, directories, efficiency, map, packages};
use crate::domain::Contents;
use crate::memory::OutOfMemory;

/// What somebody wants to know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// The packages.
    pub packages: bool,
    /// The largest directories.
    pub directories: bool,
    /// What can go.
    pub can_go: bool,
    /// dive's figures.
    pub efficiency: bool,
    /// The map.
    pub map: bool,
    /// More of everything that is cut to a few otherwise.
    pub more: bool,
    /// Of directories only what the target's own layers brought.
    pub own: bool,
}

impl Wish {
    /// Everything.
    pub const ALL: Self =
        Self { packages: true, directories: true, can_go: true, efficiency: true, map: true, more: false, own: false };

    /// Whether there is anything to find out.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Self::default()
    }
}

/// Looks at an image.
///
/// # Errors
/// There is no memory for it.
pub fn survey(view: &View<'_>, wish: Wish) -> Result<Contents, OutOfMemory> {
    let mut contents = Contents::default();
    if wish.packages || wish.can_go || wish.map {
        let mut found = packages::find(view)?;
        found.packages.recommended = Needs::new(&found.packages.list, view.stack.memory())?.only_wanted()?;
        if wish.can_go {
            (contents.can_go, contents.can_go_bytes) = can_go::find(view, &found)?;
        }
        if wish.map {
            contents.map = Some(map::draw(view, Some(&found.owners), None)?);
        }
        contents.unread.extend(found.unread);
        contents.package_counts = Some(found.packages.counts());
        contents.packages = Some(found.packages);
    }
    if wish.directories {
        contents.directories = directories::largest(view, Pick { more: wish.more, own: wish.own })?;
    }
    if wish.efficiency {
        // They are for comparing, and no reason to fail.
        contents.efficiency = efficiency::figures(view).ok().flatten();
    }
    Ok(contents)
}
