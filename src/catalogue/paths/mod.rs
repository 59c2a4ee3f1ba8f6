//! Groups of paths: what `@caches` and its like stand for, as far as names tell.

pub mod caches;
pub mod dependencies;
pub mod development;
pub mod documents;
pub mod fix;
pub mod secret_content;
pub mod secrets;
pub mod vcs;

use crate::domain::PathGroup;

/// What a group of paths is, for people.
#[derive(Debug, Clone, Copy)]
pub struct PathGroupFacts {
    /// Which.
    pub group: PathGroup,
    /// What its paths have in common: a fragment.
    pub about: &'static str,
    /// What is in it and what is not: a few words, for lists.
    pub members: &'static [&'static str],
    /// Whether some images need such files, so that nothing proposes to forbid them.
    pub is_opt_in: bool,
}

/// The facts of a group.
#[must_use]
pub fn facts(group: PathGroup) -> PathGroupFacts {
    let (about, members, is_opt_in): (_, &[&str], _) = match group {
        PathGroup::Caches => ("what package managers and compilers keep for next time", caches::MEMBERS, false),
        PathGroup::Vcs => ("repositories of version control", vcs::MEMBERS, false),
        PathGroup::Secrets => ("keys and passwords, told by content", secrets::MEMBERS, false),
        PathGroup::CoreDumps => ("what crashed programs leave", &["core", "core.PID"], false),
        PathGroup::Docs => ("manuals and documentation; licences may stay", documents::MEMBERS, true),
        PathGroup::SourceMaps => ("maps from compiled scripts to their sources", &["*.js.map", "*.css.map"], true),
        PathGroup::Headers => ("what compilers of C and C++ include", &["/usr/include", "include/**/*.h"], true),
        PathGroup::StaticLibs => ("libraries that only linkers read", &["lib*.a", "lib*.rlib"], true),
    };
    PathGroupFacts { group, about, members, is_opt_in }
}
