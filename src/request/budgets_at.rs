//! The budget files as they stood at a commit.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

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
/// The most links that are followed one after the other.
const MOST_LINKS: usize = 40;
/// The longest path that a link may hold, in bytes (PATH_MAX of Linux).
const LONGEST_PATH: usize = 4096;

/// The budgets of `file` as they stood at the commit `id`, with paths as of the checkout; `None` where git cannot tell, the commit does not
/// have the file, or it was wrong then. A policy that the repository holds is that of the commit, too.
pub(crate) fn at(file: &Path, id: &str, permits: &PermitArgs, session: &Session) -> Option<Budgets> {
    // Where a link of today leads says nothing of the commit.
    let file = as_written(&session.working_directory.join(file))?;
    let top = git::top(file.parent()?)?;
    let policy = match budgets::policy_path(permits, session) {
        Some(path) => Some(as_written(&session.working_directory.join(path))?),
        None => None,
    };
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

/// The path with its own name, in a folder without links.
fn as_written(path: &Path) -> Option<PathBuf> {
    Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
}

/// Where `path` led at the commit `id`, both relative to `top`: to itself, unless it was a link there.
fn followed(top: &Path, path: &Path, id: &str) -> Option<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let name = path.to_str()?;
        if git::file(top, id, name).ok()?.is_some() {
            return Some(path);
        }
        // What a link holds is a path. There is no other blob that is no file.
        let Some(to) = git::content(top, &format!("{id}:{name}"), LONGEST_PATH) else { return Some(path) };
        let to = path.parent()?.join(String::from_utf8(to).ok()?);
        path = PathBuf::new();
        for part in to.components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                Component::ParentDir => path.pop().then_some(())?,
                // It leads out of the commit.
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
    }
    None
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
    let (file_end, policy_end) = (followed(top, file, id)?, policy.and_then(|policy| followed(top, policy, id)));
    let is_end = |path: &Path| path == file_end || Some(path) == policy_end.as_deref();
    let listing = git::listing(top, id, &|path| path.starts_with(folder) || is_end(path))?;
    let at = |wanted: &Path| listing.iter().find(|entry| entry.path == wanted);
    let text = String::from_utf8(git::content(top, &at(&file_end)?.blob, LARGEST)?).ok()?;
    let below: Vec<&Path> = listing.iter().filter_map(|entry| entry.path.strip_prefix(folder).ok()).collect();
    let included: BTreeSet<&Path> = config::discover::may_include(&text, &below).into_iter().collect();
    if included.len() > MOST_FILES {
        return None;
    }
    let is_wanted = |path: &Path| path.strip_prefix(folder).is_ok_and(|below| included.contains(below));
    let wanted = listing.iter().filter(|entry| entry.path != file && is_wanted(&entry.path));
    let mut wanted: Vec<(&Path, &str)> = wanted.map(|entry| (entry.path.as_path(), entry.blob.as_str())).collect();
    // It is read by the name that it is called by, which is where the paths in it begin.
    if let (Some(policy), Some(entry)) = (policy, policy_end.as_deref().and_then(at)) {
        wanted.push((policy, &entry.blob));
    }
    let blobs: Vec<&str> = wanted.iter().map(|(_, blob)| *blob).collect();
    let contents = git::contents(top, &blobs, LARGEST)?;
    let mut files: Vec<_> = wanted.iter().map(|(path, _)| path.to_path_buf()).zip(contents).collect();
    files.push((file.to_owned(), text.into_bytes()));
    Some(files)
}
