//! What to change on the line that brought a path of a group.

use super::caches;
use crate::domain::PathGroup;

/// What the instruction is that brought a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A RUN.
    Run,
    /// A COPY or ADD of the build context.
    FromContext,
    /// A COPY of another stage or image.
    FromStage,
    /// A COPY of which nobody knows where from.
    Copied,
    /// Something else, or nobody knows what.
    Other,
}

/// What to do about `path`, in the imperative and without a full stop. The path is shown as it is given.
#[must_use]
pub fn fix(group: PathGroup, path: &str, step: Step) -> String {
    match (step, group) {
        (Step::FromContext, _) => format!("add {} to .dockerignore", ignored(path)),
        (Step::FromStage, _) => format!("leave {path} out of the COPY"),
        (Step::Copied, _) => format!("add {} to .dockerignore, or leave it out of the COPY", ignored(path)),
        (Step::Run | Step::Other, PathGroup::Caches) => of_cache(path),
        (Step::Run, PathGroup::Secrets) => "RUN --mount=type=secret".to_owned(),
        (Step::Run, PathGroup::SourceMaps) => "build without source maps".to_owned(),
        (Step::Run, PathGroup::Headers | PathGroup::StaticLibs) => {
            "build in an earlier stage and copy only what runs".to_owned()
        }
        (Step::Run, _) => format!("delete {path} in the same RUN"),
        (Step::Other, _) => "remove it in the instruction that makes it".to_owned(),
    }
}

/// A line of .dockerignore for what is at `path` of the image: the history says where to, and the name is the same on both sides.
#[must_use]
pub fn ignored(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    // A plain name is one at the root of the context, which is where deep paths may not come from.
    if path.split('/').count() > 3 { format!("**/{name}") } else { name.to_owned() }
}

fn of_cache(path: &str) -> String {
    let Some(cache) = caches::at(path.as_bytes()).next() else { return format!("delete {path} in the same RUN") };
    // Of npm's cache the folder above is what a mount would keep.
    let target = path.strip_suffix("/_cacache").unwrap_or(path);
    cache.fix.replace("{name}", &ignored(path)).replace("{}", target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fix_fits_the_instruction_and_the_cache() {
        for (group, path, step, wanted) in [
            (PathGroup::Caches, "/root/.npm/_cacache", Step::Run, "RUN --mount=type=cache,target=/root/.npm"),
            (PathGroup::Caches, "/var/lib/apt/lists", Step::Run, "end the RUN with && rm -rf /var/lib/apt/lists/*"),
            (PathGroup::Caches, "/root/.cache/pip", Step::Run, "pip install --no-cache-dir"),
            (PathGroup::Caches, "/app/.mypy_cache", Step::FromContext, "add .mypy_cache to .dockerignore"),
            (PathGroup::Caches, "/app/.mypy_cache", Step::Run, "add .mypy_cache to .dockerignore"),
            (PathGroup::Vcs, "/srv/app/lib/.git", Step::FromContext, "add **/.git to .dockerignore"),
            (PathGroup::Secrets, "/app/.env", Step::FromContext, "add .env to .dockerignore"),
            (PathGroup::Secrets, "/root/.npmrc", Step::Run, "RUN --mount=type=secret"),
            (PathGroup::Secrets, "/root/.npmrc", Step::FromStage, "leave /root/.npmrc out of the COPY"),
        ] {
            assert_eq!(fix(group, path, step), wanted, "{path}");
        }
    }
}
