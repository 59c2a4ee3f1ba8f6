//! What was done since a commit: the inputs of each target, the budgets of the time, and what `--changed-since` leaves out.

use std::collections::BTreeMap;

use super::baseline::base::{self, deeper};
use super::baseline::refs::{self, AUTO, Meaning};
use super::baseline::{self, Found};
use super::inputs::{self, Question};
use super::{budgets_at, git};
use crate::cli::PermitArgs;
use crate::domain::{Budgets, Inputs, LeftOut, Target, TargetName};
use crate::error::{Class, Error};
use crate::files::Boundary;
use crate::session::Session;
use crate::text;

/// The flag.
const FLAG: &str = "--changed-since";

/// A run whose targets are compared with a commit.
#[derive(Clone, Copy)]
pub(crate) struct Comparison<'a> {
    /// The budgets of the run.
    pub(crate) budgets: &'a Budgets,
    /// What its budget file may do.
    pub(crate) permits: &'a PermitArgs,
    /// What contexts and Dockerfiles have to lie in.
    pub(crate) boundary: &'a Boundary,
    /// Where it takes place.
    pub(crate) session: &'a Session,
}

impl Comparison<'_> {
    /// Enters into a baseline what was done since the commit that a change was made on, or that the baseline was measured at.
    pub(crate) fn enter(&self, found: &mut Found, targets: &[Target]) {
        let (before, inputs) = match &found.since {
            Ok(id) => self.since(id, targets),
            Err(why) => (None, inputs::all(targets, why)),
        };
        found.against.budgets = before.map(std::sync::Arc::new);
        found.against.inputs = inputs;
    }

    /// Takes out of `targets` what did not change since `reference`, and says what that was.
    ///
    /// # Errors
    /// The repository has no such commit.
    pub(crate) fn leave_out(&self, reference: &str, targets: &mut Vec<Target>) -> Result<LeftOut, Error> {
        let (since, id) = self.commit(reference)?;
        let (_, inputs) = self.since(&id, targets);
        let is_unchanged = |target: &Target| inputs.get(&target.name) == Some(&Inputs::Unchanged);
        let left_out = targets.iter().filter(|target| is_unchanged(target)).map(|target| target.name.clone()).collect();
        targets.retain(|target| !is_unchanged(target));
        Ok(LeftOut { since, targets: left_out })
    }

    /// What is meant by `reference`, and its commit: that where the branch left it, since what was done there later was not done here.
    fn commit(&self, reference: &str) -> Result<(String, String), Error> {
        let session = self.session;
        let folder = baseline::folder(self.budgets, session);
        let cannot = |why: &str| {
            let what = format!("{FLAG} {}: {why}", text::line(reference));
            Error::new(Class::Usage, what).with_hint("Leave it out to check every target.")
        };
        if reference == AUTO {
            let change = session.ci.change.as_ref();
            let base = match change {
                Some(change) => base::of_change(change, &folder, session),
                None => base::of_checkout(&folder, session),
            };
            let base = base.map_err(|why| cannot(&why))?;
            return Ok((base.id.get(..7).unwrap_or_default().to_owned(), base.id));
        }
        match refs::resolve(FLAG, reference, &folder, session)? {
            Meaning::Unknown(why) => Err(cannot(&why)),
            Meaning::Commit { name, id } => {
                let head = git::commit(&folder, "HEAD");
                let began = head.and_then(|head| git::merge_base(&folder, &head, &id));
                Ok((text::line(&name), began.unwrap_or(id)))
            }
        }
    }

    fn since(&self, id: &str, targets: &[Target]) -> (Option<Budgets>, BTreeMap<TargetName, Inputs>) {
        let session = self.session;
        let folder = baseline::folder(self.budgets, session);
        if !git::has(&folder, id) {
            let short = id.get(..7).unwrap_or_default();
            let why = if git::is_shallow(&folder) {
                format!("this clone is shallow and does not have {short}; {}", deeper(session))
            } else {
                format!("this clone does not have {short}")
            };
            return (None, inputs::all(targets, &why));
        }
        let before = self.budgets.file.as_deref().and_then(|file| budgets_at::at(file, id, self.permits, session));
        let question = Question {
            targets,
            budgets: self.budgets,
            before: before.as_ref(),
            since: id,
            folder: &folder,
            cwd: &session.working_directory,
            boundary: self.boundary,
        };
        let inputs = inputs::of(&question);
        (before, inputs)
    }
}
