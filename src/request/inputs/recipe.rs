//! The Dockerfile of a target, and which files of its context a build of it reads.

use std::path::Path;
use std::sync::Arc;

use super::{Question, git, links};
use crate::context::{self, Plan};
use crate::diagnostics::SourceFile;
use crate::dockerfile::{self, Dockerfile, Reads};
use crate::domain::{Build, ImageRef};
use crate::files::{self, Boundary};

/// The largest Dockerfile that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// What a target is built from.
pub(super) struct Recipe {
    dockerfile: Dockerfile,
    stage: usize,
    reads: Reads,
    /// The context, and what stays out of it.
    pub(super) plan: Plan,
}

impl Recipe {
    /// Reads what `build` names.
    ///
    /// # Errors
    /// Why it cannot be read, as a fragment. The build says more of it.
    pub(super) fn read(build: &Build, boundary: &Boundary) -> Result<Self, String> {
        let plan = context::plan(&build.context, &build.dockerfile, boundary)
            .map_err(|_| "its build context cannot be read".to_owned())?;
        let read = || {
            let bytes = files::read(plan.dockerfile(), LARGEST as u64).ok()?;
            parsed(bytes, build)
        };
        let (dockerfile, stage) = read().ok_or("its Dockerfile cannot be read")?;
        let reads = match dockerfile.reads(stage) {
            // The builder follows links to what is named, so that it reads what has another name.
            Reads::Paths(paths) if paths.iter().any(|path| links::is_linked(plan.root(), Path::new(path))) => {
                Reads::Everything
            }
            reads => reads,
        };
        Ok(Self { dockerfile, stage, reads, plan })
    }

    /// Whether the build reads `path`, which lies in the repository: the file, or something in the folder. `context` is where it reads from.
    pub(super) fn is_read(&self, path: &Path, context: &Path) -> bool {
        // A folder of which git knows nothing may hold the whole context.
        let Ok(below) = path.strip_prefix(context) else { return context.starts_with(path) };
        if below.as_os_str().is_empty() {
            return true;
        }
        let is_named = match &self.reads {
            Reads::Everything => true,
            Reads::Paths(paths) => {
                paths.iter().any(|named| below.starts_with(named) || Path::new(named).starts_with(below))
            }
        };
        is_named && !self.plan.leaves_out(below)
    }

    /// Whether the Dockerfile at `path` said the same of the stages that are built.
    pub(super) fn is_as_before(&self, question: &Question<'_>, path: &Path, build: &Build) -> bool {
        let before = || {
            let top = git::top(question.folder)?;
            let blob = git::file(&top, question.since, path.to_str()?).ok()??;
            let (before, stage) = parsed(git::content(&top, &blob, LARGEST)?, build)?;
            Some(before.text_of(stage))
        };
        before().is_some_and(|before| before == self.dockerfile.text_of(self.stage))
    }

    /// The images that the build stands on or copies from.
    pub(super) fn images(&self) -> Vec<ImageRef> {
        self.dockerfile.needed_images(self.stage).iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// A name of the Dockerfile that a build elsewhere may have given another meaning, as bake and buildx can: a folder of the repository.
    pub(super) fn perhaps_context(&self) -> Option<String> {
        self.dockerfile.needed_images(self.stage).into_iter().find(|name| !name.contains(['/', ':', '@']))
    }
}

fn parsed(bytes: Vec<u8>, build: &Build) -> Option<(Dockerfile, usize)> {
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= LARGEST)?;
    let dockerfile = dockerfile::parse(&Arc::new(SourceFile::new("Dockerfile", text)), &build.args).ok()?;
    let stage = dockerfile.stage(build.stage.as_deref()).ok()?;
    Some((dockerfile, stage))
}
