//! What a run is compared with: `--baseline`, `--baseline-ref`, or `[baseline]` of budgets.toml, and the commit that a change was made on.

pub(crate) mod base;
mod images;
pub(crate) mod refs;
mod sources;

use std::path::{Path, PathBuf};

use self::base::Base;
use self::refs::{AUTO, Meaning};
use super::git;
use crate::baseline::{Against, Earlier};
use crate::ci::is_commit;
use crate::cli::BaselineArgs;
use crate::domain::{Budgets, How};
use crate::error::Error;
use crate::report::lock;
use crate::session::Session;
use crate::text;

pub(crate) use images::{Wanted, enter};

/// What a run is compared with, as far as files and git can tell.
#[derive(Debug)]
pub(crate) struct Found {
    /// What was found.
    pub(crate) against: Against,
    /// The commit since which the inputs of targets are compared; else why none is known.
    pub(crate) since: Result<String, String>,
    /// Images that a registry has to be asked for first.
    pub(crate) images: Vec<Wanted>,
    /// The commit that they are of.
    pub(crate) images_at: Option<String>,
}

/// The baseline of this run, for a measurement of `commit`; `None` when nobody asked for one and no change is judged.
///
/// # Errors
/// There is a baseline and it cannot be read, or a ref that the repository does not have. A file that is not there is a state of its own.
pub(crate) fn find(
    args: &BaselineArgs,
    budgets: &Budgets,
    commit: Option<&str>,
    session: &Session,
) -> Result<Option<Found>, Error> {
    let folder = folder(budgets, session);
    let change = session.ci.change.as_ref().map(|change| base::of_change(change, &folder, session));
    let search = Search { budgets, folder: &folder, session };
    let mut found = if let Some(reference) = &args.baseline_ref {
        search.at_reference(reference, change.as_ref())?
    } else if let Some(path) = &args.baseline {
        let path = session.working_directory.join(path);
        Found::of(sources::in_file(&path, crate::files::read_named, session)?)
    } else if !budgets.baseline_images.is_empty() {
        let base = change.clone().unwrap_or_else(|| base::of_checkout(&folder, session));
        search.images(base)?
    } else if let Some(path) = &budgets.baseline {
        search.of_file(path, change.as_ref())?
    } else {
        tell_of_unread_lock(budgets, session);
        if change.is_none() {
            return Ok(None);
        }
        Found::of(Against::new("", Earlier::NotAsked))
    };
    // A report comes from a file, and may call anything its commit.
    let said = found.against.earlier.commit().filter(|commit| is_commit(commit)).map(str::to_owned);
    found.against.commit = found.against.commit.or(said);
    found.against.in_change = change.is_some();
    match change {
        Some(base) => found.of_change(base, session),
        None => found.of_commit(commit, &folder),
    }
    Ok(Some(found))
}

impl Found {
    /// Asks no registry for the images.
    pub(crate) fn leave_images(&mut self) {
        self.against.earlier = Earlier::Missing("--offline asks no registry".to_owned());
    }

    fn of(against: Against) -> Self {
        Self {
            against,
            since: Err("no commit is known that it could be compared with".to_owned()),
            images: Vec::new(),
            images_at: None,
        }
    }

    /// In a change, what counts is what was done since the commit that it was made on, however old the baseline is.
    fn of_change(&mut self, base: Result<Base, String>, session: &Session) {
        let base = match base {
            Ok(base) => base,
            Err(why) => {
                self.since = Err(why);
                return;
            }
        };
        if let Some(note) = &base.note {
            session.terminal.notice(note, None, true);
        }
        let against = &mut self.against;
        if let (How::File | How::Ref, Some(commit)) = (against.how, &against.commit) {
            if *commit == base.id {
                against.how = base.how;
            } else if against.how == How::File {
                let folder = &session.working_directory;
                let is_older = git::is_ancestor(folder, commit, &base.id);
                let by = is_older.then(|| git::commits_between(folder, commit, &base.id)).flatten();
                against.how = How::Older { by };
            }
        }
        self.since = Ok(base.id);
    }

    fn of_commit(&mut self, now: Option<&str>, folder: &Path) {
        let against = &mut self.against;
        let Some(then) = against.commit.clone() else { return };
        let is_made_on = matches!(against.how, How::MergeBase | How::Parent);
        against.behind = now
            .filter(|_| !is_made_on)
            .and_then(|now| if then == now { Some(0) } else { git::commits_between(folder, &then, now) });
        self.since = Ok(then);
    }
}

/// Where a baseline is looked for.
struct Search<'a> {
    budgets: &'a Budgets,
    folder: &'a Path,
    session: &'a Session,
}

impl Search<'_> {
    /// `--baseline-ref`: the images that were made of that commit, else the file as it stands there.
    fn at_reference(&self, reference: &str, change: Option<&Result<Base, String>>) -> Result<Found, Error> {
        let path = lock_file(self.budgets, self.session);
        let file = shown(&path, self.session);
        let missing = |name: &str, why| {
            Found::of(Against { how: How::Ref, ..Against::new(format!("{file} at {name}"), Earlier::Missing(why)) })
        };
        let (name, base) = if reference == AUTO {
            let base = change.cloned().unwrap_or_else(|| base::of_checkout(self.folder, self.session));
            match base {
                Ok(base) => ("HEAD".to_owned(), base),
                Err(why) => return Ok(missing(AUTO, why)),
            }
        } else {
            match refs::resolve("--baseline-ref", reference, self.folder, self.session)? {
                Meaning::Commit { name, id } => (text::line(&name), Base { id, how: How::Ref, note: None }),
                Meaning::Unknown(why) => return Ok(missing(&text::line(reference), why)),
            }
        };
        if !self.budgets.baseline_images.is_empty() {
            return self.images(Ok(base));
        }
        let mut against = sources::at_commit(&path, &base.id, &name, self.session)?;
        against.how = base.how;
        Ok(Found::of(against))
    }

    /// `[baseline] file`. In a change, what counts is the file as it stands at the commit that the change was made on, where it is
    /// committed: a change would else be compared with what it says itself.
    fn of_file(&self, path: &Path, change: Option<&Result<Base, String>>) -> Result<Found, Error> {
        let in_file = || Ok(Found::of(sources::in_file(path, crate::files::read, self.session)?));
        let Some(Ok(base)) = change else { return in_file() };
        let commit = &base.id[..7];
        if git::has(self.folder, &base.id) {
            let against = sources::at_commit(path, &base.id, commit, self.session)?;
            // What nobody commits, such as the report of an earlier run, is as new as this run.
            if matches!(against.earlier, Earlier::Missing(_)) && !git::is_tracked(path) {
                return in_file();
            }
            let lock_now = match (&against.earlier, sources::in_file(path, crate::files::read, self.session)) {
                (Earlier::Lock(_), Ok(Against { earlier: Earlier::Lock(now), .. })) => Some(now),
                _ => None,
            };
            return Ok(Found::of(Against { how: base.how, lock_now, ..against }));
        }
        if git::is_tracked(path) {
            let file = shown(path, self.session);
            let what = format!(
                "compared with {file} of this checkout: the clone does not have {commit}, which the change was made on"
            );
            let hint = format!("To compare with that commit, {}.", base::deeper(self.session));
            self.session.terminal.notice(&what, Some(&hint), true);
        }
        in_file()
    }

    /// `[baseline] image`.
    fn images(&self, base: Result<Base, String>) -> Result<Found, Error> {
        let commit = base.as_ref().ok().map(|base| base.id.clone());
        let images = images::wanted(self.budgets, commit.as_deref())?;
        let source = images::name(self.budgets, commit.as_deref());
        let why = base.err().unwrap_or_else(|| "no registry was asked".to_owned());
        let against = Against { how: How::Image, ..Against::new(source, Earlier::Missing(why.clone())) };
        let since = commit.clone().ok_or(why);
        Ok(Found { images, images_at: commit, since, ..Found::of(against) })
    }
}

/// Growth is not judged without a baseline, and the file for it lies there: somebody thinks that it counts.
fn tell_of_unread_lock(budgets: &Budgets, session: &Session) {
    let lock = lock_file(budgets, session);
    let wants_one =
        budgets.targets.iter().any(|target| target.rules.max_growth.is_some() || target.rules.max_own_growth.is_some());
    if wants_one && budgets.file.is_some() && lock.is_file() {
        let hint = format!("Write `[baseline] file = \"{}\"` into budgets.toml.", lock::FILE_NAME);
        let what = format!("{} is there, and nothing is compared with it", shown(&lock, session));
        session.terminal.notice(&what, Some(&hint), false);
    }
}

/// The lock file: that of `[baseline]`, or budgets.lock beside budgets.toml.
pub(crate) fn lock_file(budgets: &Budgets, session: &Session) -> PathBuf {
    let beside = || folder(budgets, session).join(lock::FILE_NAME);
    budgets.baseline.clone().unwrap_or_else(beside)
}

/// The folder of budgets.toml; without one, where the user stands.
pub(crate) fn folder(budgets: &Budgets, session: &Session) -> PathBuf {
    let file = budgets.file.as_deref().and_then(Path::parent);
    file.map_or_else(|| session.working_directory.clone(), |folder| session.working_directory.join(folder))
}

/// A path as the user would write it.
pub(crate) fn shown(path: &Path, session: &Session) -> String {
    let below = path.strip_prefix(&session.working_directory).ok().filter(|below| !below.as_os_str().is_empty());
    let path = below.unwrap_or(path);
    text::line_within(&path.display().to_string(), 1000)
}
