//! Paths of a target that lead where a repository has no business: told at the key that names them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::config::{ALLOW_OUTSIDE, Surroundings, raw};
use crate::diagnostics::Problem;
use crate::domain::{Source, Target};
use crate::files::{Boundary, Leads};

const LINK_HINT: &str = "A link that leads out is fine where a tool made it, as Bazel and Nix do, and not in a commit; --allow-outside \
                         lifts that.";

/// Notes what `target` would read outside of the boundary. Archives and layouts may be reached through a link that is no part of
/// the repository: nothing of them is quoted.
pub(super) fn refuse(
    file: &raw::File,
    target: &raw::Target,
    valid: &Target,
    surroundings: &Surroundings<'_>,
    problems: &mut Vec<Problem>,
) {
    let mut note = |span: Range<usize>, message: String, hint: &str| {
        problems.push(Problem::new(&file.source, span, message).with_hint(hint));
    };
    let key = |key: &str| target.key(key).unwrap_or_else(|| target.name.span());
    if let Some(build) = &valid.build {
        let context = target.context.as_deref().unwrap_or_default();
        let dockerfile = if target.dockerfile.is_some() { "dockerfile" } else { "context" };
        let read = [
            ("context", build.context.clone(), format!("the build context `{context}`")),
            (dockerfile, build.dockerfile.clone(), "the Dockerfile".to_owned()),
            (dockerfile, beside(&build.dockerfile), "the .dockerignore of the Dockerfile".to_owned()),
            ("context", build.context.join(".dockerignore"), "the .dockerignore".to_owned()),
        ];
        // One reason is enough: what lies in a folder outside does, too.
        let first =
            read.into_iter().find_map(|(at, path, what)| Some((at, what, surroundings.boundary.check(&path).err()?)));
        if let Some((at, what, outside)) = first {
            note(key(at), format!("{what} {outside}"), ALLOW_OUTSIDE);
        }
    }
    let (at, written) = match &valid.source {
        Source::Archive { .. } => ("archive", target.archive.as_deref()),
        Source::Layout { .. } => ("layout", target.layout.as_deref()),
        Source::Build | Source::Image(_) => return,
    };
    let Some(written) = written else { return };
    let leads = surroundings.boundary.follow(&file.directory, Path::new(written));
    match leads {
        Ok(Leads::Out) => {
            note(key(at), format!("`{written}` {}", surroundings.boundary.beyond()), ALLOW_OUTSIDE);
        }
        Ok(Leads::OutBy(link)) if (surroundings.is_tracked)(&link) => {
            let link = crate::domain::path_from(&link, surroundings.cwd);
            note(key(at), format!("`{written}` leads out of the repository by the link {}", link.display()), LINK_HINT);
        }
        // What is not there is for the run to say.
        Ok(Leads::Inside | Leads::OutBy(_)) | Err(_) => {}
    }
    let path = file.directory.join(written);
    if at == "archive" && path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        let hint = "Name the archive itself; a pipe is named on the command line, as in --archive NAME=-.";
        note(key(at), format!("`{written}` is a pipe or a device, not a file"), hint);
    }
}

/// Notes a baseline outside of the boundary, which `file` names and the folder of `root` holds.
pub(super) fn refuse_baseline(file: &raw::File, root: &raw::File, boundary: &Boundary, problems: &mut Vec<Problem>) {
    let Some(baseline) = &file.baseline.file else { return };
    if let Err(outside) = boundary.check(&root.directory.join(baseline.get_ref())) {
        let message = format!("the baseline `{}` {outside}", baseline.get_ref());
        let hint = "Name it on the command line with --baseline, or lift the boundary with --allow-outside.";
        problems.push(Problem::new(&file.source, baseline.span(), message).with_hint(hint));
    }
}

/// `<Dockerfile>.dockerignore`, which counts before the one of the context.
fn beside(dockerfile: &Path) -> PathBuf {
    let mut path = dockerfile.as_os_str().to_owned();
    path.push(".dockerignore");
    path.into()
}
