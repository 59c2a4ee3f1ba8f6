//! The budget files as they stood at a commit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{budgets, git};
use crate::cli::PermitArgs;
use crate::config::{self, Policy, Surroundings};
use crate::domain::{Budgets, Source};
use crate::files::Boundary;
use crate::session::Session;

/// The most files of a commit that are read.
const MOST_FILES: usize = 1000;
/// The most bytes that they have together.
const LARGEST: usize = 16 << 20;

/// The budgets of `file` as they stood at the commit `id`, with paths as of the checkout; `None` where git cannot tell, the commit does not
/// have the file, or it was wrong then. A policy that the repository holds is that of the commit, too.
pub(crate) fn at(file: &Path, id: &str, permits: &PermitArgs, session: &Session) -> Option<Budgets> {
    let file = session.working_directory.join(file).canonicalize().ok()?;
    let top = git::top(file.parent()?)?;
    let policy = budgets::policy_path(permits, session).map(|path| path.canonicalize()).transpose().ok()?;
    let own_policy = policy.as_deref().and_then(|path| path.strip_prefix(&top).ok());
    let laid_out = LaidOut::new(&top, file.strip_prefix(&top).ok()?, own_policy, id)?;
    let working_directory = session.working_directory.canonicalize().ok()?;
    let cwd =
        working_directory.strip_prefix(&top).map_or_else(|_| laid_out.root.clone(), |below| laid_out.root.join(below));
    let policy = match (own_policy, policy.as_deref()) {
        // One that the commit does not have yet asked for nothing.
        (Some(own), _) if !laid_out.root.join(own).is_file() => None,
        (Some(own), _) => Some(laid_out.policy(&laid_out.root.join(own), &cwd)?),
        (None, Some(elsewhere)) => Some(laid_out.policy(elsewhere, &working_directory)?),
        (None, None) => None,
    };
    let path = laid_out.root.join(file.strip_prefix(&top).ok()?);
    let surroundings = Surroundings {
        environment: &|name| session.environment.get(name).cloned(),
        build_env: &permits.build_env,
        cwd: &cwd,
        boundary: &Boundary::around(path.parent()?, &|_| None).lifted(permits.allow_outside),
        policy: policy.as_ref(),
        is_tracked: &|_| true,
    };
    let loaded = config::load(&path, &surroundings).ok()?.budgets;
    Some(laid_out.moved(loaded, &top))
}

/// Files of a commit in a folder of their own, so that they are read as any others are: with the same bounds, and with no link to follow, since
/// only regular files are there.
struct LaidOut {
    root: PathBuf,
    _folder: TempDir,
}

impl LaidOut {
    /// The budget file, what it includes, and the policy where the repository holds it; all relative to `top`.
    fn new(top: &Path, file: &Path, policy: Option<&Path>, id: &str) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let root = folder.path().canonicalize().ok()?;
        // What marks a repository's root draws the boundary.
        std::fs::create_dir(root.join(".git")).ok()?;
        for (path, content) in files(top, file, policy, id)? {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent()?).ok()?;
            std::fs::write(path, content).ok()?;
        }
        Some(Self { root, _folder: folder })
    }

    /// The policy at `path`, which people call by its way from `cwd`.
    fn policy(&self, path: &Path, cwd: &Path) -> Option<Policy> {
        let surroundings = Surroundings {
            environment: &|_| None,
            build_env: &[],
            cwd,
            boundary: &Boundary::around(path.parent().unwrap_or(&self.root), &|_| None),
            policy: None,
            is_tracked: &|_| true,
        };
        config::load_policy(path, &surroundings).ok()
    }

    /// The budgets with their paths as they are in the checkout.
    fn moved(&self, mut budgets: Budgets, top: &Path) -> Budgets {
        let moved = |path: &mut PathBuf| {
            if let Ok(below) = path.strip_prefix(&self.root) {
                *path = top.join(below);
            }
        };
        budgets.file.iter_mut().chain(&mut budgets.baseline).for_each(moved);
        budgets.policy.iter_mut().for_each(|policy| moved(&mut policy.path));
        for target in &mut budgets.targets {
            if let Source::Archive { path, .. } | Source::Layout { path, .. } = &mut target.source {
                moved(path);
            }
            if let Some(build) = &mut target.build {
                moved(&mut build.context);
                moved(&mut build.dockerfile);
            }
        }
        budgets
    }
}

/// The files that are laid out, with their contents.
fn files(top: &Path, file: &Path, policy: Option<&Path>, id: &str) -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let listing = git::listing(top, id, &|path| path.starts_with(folder) || Some(path) == policy)?;
    let root = listing.iter().find(|entry| entry.path == file)?;
    let text = String::from_utf8(git::content(top, &root.blob, LARGEST)?).ok()?;
    let below: Vec<&Path> = listing.iter().filter_map(|entry| entry.path.strip_prefix(folder).ok()).collect();
    let included: BTreeSet<&Path> = config::discover::may_include(&text, &below).into_iter().collect();
    if included.len() > MOST_FILES {
        return None;
    }
    let is_wanted =
        |path: &Path| Some(path) == policy || path.strip_prefix(folder).is_ok_and(|below| included.contains(below));
    let wanted: Vec<_> = listing.iter().filter(|entry| entry.path != file && is_wanted(&entry.path)).collect();
    let blobs: Vec<&str> = wanted.iter().map(|entry| entry.blob.as_str()).collect();
    let contents = git::contents(top, &blobs, LARGEST)?;
    let mut files: Vec<_> = wanted.iter().map(|entry| entry.path.clone()).zip(contents).collect();
    files.push((file.to_owned(), text.into_bytes()));
    Some(files)
}
