//! Budget files that a command edits: drafts of them, put in place together, and taken back when they would not load.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::PermitArgs;
use crate::config::edit::{Draft, How, rendered};
use crate::delivery::output_file::OutputFile;
use crate::domain::{Budgets, NewAllow, Place, Rule, Scope};
use crate::error::{Class, Error};
use crate::request;
use crate::session::{Session, Stop};
use crate::text;

/// The files of some budgets.
pub(super) struct Edits<'a> {
    budgets: &'a Budgets,
    session: &'a Session,
    /// Drafts by the file that they are of, links followed, and its text as it was.
    drafts: BTreeMap<PathBuf, (Draft, String)>,
}

impl<'a> Edits<'a> {
    /// Reads the files as they are, before anything is measured: what is written over has to be what the budgets were loaded from.
    pub(super) fn new(budgets: &'a Budgets, session: &'a Session) -> Result<Self, Error> {
        let mut edits = Self { budgets, session, drafts: BTreeMap::new() };
        let root = edits.root()?;
        edits.draft(&root)?;
        let mut seen = Vec::new();
        for place in budgets.targets.iter().filter_map(|target| target.place.as_ref()) {
            if !seen.contains(&&place.file) {
                edits.draft_at(place)?;
                seen.push(&place.file);
            }
        }
        Ok(edits)
    }

    /// The file that an exception belongs to: the one that has it already, else the one that defines all of its targets, else the root.
    fn home(&self, exception: &NewAllow) -> Result<PathBuf, Error> {
        // Without targets it is about those of its file, so that only the same file can have the same.
        let there = self.drafts.iter().find(|(_, (draft, _))| !exception.targets.is_empty() && draft.has(exception));
        if let Some((path, _)) = there {
            return Ok(path.clone());
        }
        let covered = self
            .budgets
            .targets
            .iter()
            .filter(|target| request::allow::is_of(target.name.as_str(), &exception.targets))
            .filter_map(|target| target.place.as_ref())
            .map(|place| self.path(place));
        let mut files: Vec<PathBuf> = covered.collect();
        files.dedup();
        match files.as_slice() {
            [only] if exception.rule != Rule::FleetSize => Ok(only.clone()),
            _ => self.root(),
        }
    }

    fn root(&self) -> Result<PathBuf, Error> {
        let file =
            self.budgets.file.as_ref().ok_or_else(|| Error::new(Class::Usage, "there is no budget file to edit"))?;
        Ok(self.session.working_directory.join(file))
    }

    fn path(&self, place: &Place) -> PathBuf {
        self.session.working_directory.join(&place.file)
    }

    /// Whether a place lies in a file of this repository's budgets: a policy's is not ours to edit.
    pub(super) fn is_own(&self, place: &Place) -> bool {
        let path = self.path(place);
        let is_same = |file: &Path| {
            file == path || file.canonicalize().ok().is_some_and(|file| path.canonicalize().ok() == Some(file))
        };
        self.root().is_ok_and(|root| is_same(&root))
            || self
                .budgets
                .targets
                .iter()
                .filter_map(|target| target.place.as_ref())
                .any(|own| is_same(&self.path(own)))
    }

    /// The draft of a file.
    pub(super) fn draft(&mut self, path: &Path) -> Result<&mut Draft, Error> {
        let failed = |error| Error::new(Class::Io, format!("cannot edit `{}`", path.display())).caused_by(error);
        let real = path.canonicalize().map_err(failed)?;
        if !self.drafts.contains_key(&real) {
            let draft = Draft::open(path, &self.session.working_directory)?;
            let before = draft.text().to_owned();
            self.drafts.insert(real.clone(), (draft, before));
        }
        let draft = self.drafts.get_mut(&real).map(|(draft, _)| draft);
        draft.ok_or_else(|| Error::new(Class::Io, format!("cannot edit `{}`", path.display())))
    }

    /// The draft of the file that a place is in.
    pub(super) fn draft_at(&mut self, place: &Place) -> Result<&mut Draft, Error> {
        let path = self.path(place);
        self.draft(&path)
    }

    /// Writes an exception into its file's draft; what is to be said of that.
    pub(super) fn allow(&mut self, exception: &NewAllow, is_dry: bool) -> Result<String, Error> {
        let path = self.home(exception)?;
        let written = self.draft(&path)?.allow(exception)?;
        let how = match (written.how, is_dry) {
            (How::Added, false) => "added",
            (How::Added, true) => "would be added",
            (How::Changed, false) => "changed",
            (How::Changed, true) => "would be changed",
            (How::Unchanged, _) => "there already",
        };
        let mut said = format!("{}: {how}\n", text::line(&written.place.to_string()));
        if written.how == How::Unchanged && exception.rule.scope() == Scope::Growth && exception.until.is_none() {
            let hint = "One counts in the change that adds it: where that was an earlier one, give another --reason.";
            self.session.terminal.notice("growth was accepted for this reason before", Some(hint), false);
        }
        for line in rendered(exception).lines() {
            let _ = writeln!(said, "  {}", text::line_within(line, 1000));
        }
        Ok(said)
    }

    /// Puts all drafts in place that changed. When the budgets do not load afterwards, the files are as they were.
    pub(super) fn write(self, config: Option<&Path>, permits: &PermitArgs) -> Result<(), Stop> {
        let changed: Vec<(PathBuf, Draft, String)> = self
            .drafts
            .into_iter()
            .filter(|(_, (draft, before))| draft.text() != before)
            .map(|(path, (draft, before))| (path, draft, before))
            .collect();
        for (path, draft, before) in &changed {
            // Measuring may have taken minutes, and somebody may have saved the file since it was read.
            if Draft::open(path, &self.session.working_directory)?.text() != before {
                return Err(Error::new(Class::Io, format!("{} has changed meanwhile", text::line(draft.name())))
                    .with_hint("Nothing was written. Run the command again.")
                    .into());
            }
        }
        let files = changed.iter().map(|(path, ..)| OutputFile::open(path)).collect::<Result<Vec<_>, Error>>()?;
        let written =
            files.into_iter().zip(&changed).try_for_each(|(file, (_, draft, _))| file.replace(draft.text().as_bytes()));
        let loaded =
            written.map_err(Stop::from).and_then(|()| request::budgets::still_loads(config, permits, self.session));
        if let Err(stop) = loaded {
            for (path, _, before) in &changed {
                OutputFile::open(path)?.replace(before.as_bytes())?;
            }
            self.session.terminal.notice(
                "the budget files are as they were: what was to be written does not load",
                None,
                false,
            );
            return Err(stop);
        }
        Ok(())
    }
}
