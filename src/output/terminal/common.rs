//! What several targets have in common, told once: the rows of one block are about the same targets.

use std::collections::BTreeMap;

use super::cause;
use super::excuses;
use super::paint::{Paint, mark};
use super::rows::{self, Row};
use crate::domain::{Cause, CauseAt, SharedCause, TargetReport, Verdict};
use crate::output::label::Labels;
use crate::text::hang;

/// How every command begins that excuses something.
const ALLOW: &str = "imgbudget allow ";

/// Which causes are told in blocks of several targets.
pub(super) struct Above {
    /// By where they are, and whether the command of the first target fits for this one, too.
    causes: BTreeMap<*const Cause, bool>,
}

impl Above {
    pub(super) fn new(common: &[SharedCause<'_>]) -> Self {
        let of = |shared: &SharedCause<'_>| {
            let first = shared.first().and_then(|(target, cause)| words(target, cause));
            let fits = |(target, cause)| (std::ptr::from_ref(cause), words(target, cause) == first);
            shared.members.iter().copied().map(fits).collect::<Vec<_>>()
        };
        Self { causes: common.iter().flat_map(of).collect() }
    }

    /// Whether the cause is told there.
    pub(super) fn tells(&self, cause: &Cause) -> bool {
        self.causes.contains_key(&std::ptr::from_ref(cause))
    }

    /// Whether what excuses it is told there, too.
    pub(super) fn excuses(&self, cause: &Cause) -> bool {
        self.causes.get(&std::ptr::from_ref(cause)).copied().unwrap_or(false)
    }
}

/// Blocks, and whether the baseline has all that is in them.
pub(super) fn blocks(
    common: &[SharedCause<'_>],
    labels: &Labels<'_>,
    width: Option<usize>,
    paint: Paint,
) -> Vec<(bool, Vec<String>)> {
    let mut told: Vec<(Vec<&TargetReport>, Vec<&SharedCause<'_>>)> = Vec::new();
    for shared in common {
        let targets: Vec<&TargetReport> = shared.members.iter().map(|(target, _)| *target).collect();
        let is_same = |known: &[&TargetReport]| {
            known.len() == targets.len() && known.iter().zip(&targets).all(|(one, other)| std::ptr::eq(*one, *other))
        };
        match told.iter_mut().find(|(known, of)| is_same(known) && of.iter().all(|it| it.is_new() == shared.is_new())) {
            Some((_, of)) => of.push(shared),
            None => told.push((targets, vec![shared])),
        }
    }
    let block = |(targets, of): (Vec<&TargetReport>, Vec<&SharedCause<'_>>)| {
        let mut causes = of.iter().flat_map(|shared| &shared.members);
        (causes.all(|(_, cause)| cause.is_new == Some(false)), lines(&targets, &of, labels, width, paint))
    };
    told.into_iter().map(block).collect()
}

/// `✗ node-01, node-02 and 12 more`, what they have, and what would excuse it in the first.
fn lines(
    targets: &[&TargetReport],
    of: &[&SharedCause<'_>],
    labels: &Labels<'_>,
    width: Option<usize>,
    paint: Paint,
) -> Vec<String> {
    let causes = || of.iter().flat_map(|shared| shared.members.iter().map(|(_, cause)| *cause));
    let verdict = causes().map(|cause| Verdict::from(cause.severity)).max().unwrap_or(Verdict::Pass);
    let label = labels.few(targets);
    let mut lines = hang(&format!("{} ", mark(verdict)), &label, width);
    if let Some(first) = lines.first_mut() {
        paint.heading(first, verdict, &label);
    }
    let row = |shared: &&SharedCause<'_>| {
        let (target, cause) = shared.first()?;
        let row = cause::row(&without_line(shared, cause), target);
        let amount = shared.frees().map_or(row.amount, |frees| frees.to_string());
        Some(Row { amount, ..row })
    };
    let rows: Vec<Row> = of.iter().filter_map(row).collect();
    let frees = of.iter().any(|shared| shared.frees().is_some());
    lines.extend(rows::lines(if frees { "frees ≤" } else { "" }, &rows, width, paint));
    let commands: Vec<(String, usize)> = of.iter().filter_map(|shared| excuse(shared)).collect();
    lines.extend(excuses::lines(commands.iter().map(|(command, _)| command.as_str()), width));
    if let Some(others) = commands.iter().map(|(_, others)| *others).max().filter(|others| *others > 0) {
        lines.extend(hang("          ", &format!("and so for the other {others}"), width));
    }
    lines
}

/// What follows the target in the command that excuses a cause.
fn words<'a>(target: &TargetReport, cause: &'a Cause) -> Option<&'a str> {
    cause.allow.as_deref()?.strip_prefix(ALLOW)?.strip_prefix(target.name.as_str())?.strip_prefix(' ')
}

/// The command for all targets that it fits, and how many it leaves out because it would be too long.
fn excuse(shared: &SharedCause<'_>) -> Option<(String, usize)> {
    // One word of a command line cannot be broken.
    const LONGEST: usize = 60;
    let (target, cause) = shared.first()?;
    let words_of_first = words(target, cause)?;
    let fits = |(target, cause): &&(&TargetReport, &Cause)| words(target, cause) == Some(words_of_first);
    let mut names: Vec<&str> = shared.members.iter().filter(fits).map(|(target, _)| target.name.as_str()).collect();
    names.dedup();
    let all = names.join(",");
    let (who, others) = if all.len() <= LONGEST { (all.as_str(), 0) } else { (target.name.as_str(), names.len() - 1) };
    Some((format!("{ALLOW}{who} {words_of_first}"), others))
}

/// The cause without its line, where others name their base image elsewhere.
fn without_line(shared: &SharedCause<'_>, cause: &Cause) -> Cause {
    let is_everywhere = shared.members.iter().all(|(_, other)| other.at == cause.at);
    let at = match &cause.at {
        CauseAt::Base { .. } if !is_everywhere => CauseAt::Base { line: None },
        at => at.clone(),
    };
    Cause { at, ..cause.clone() }
}
