//! The targets that have nothing new to say, folded: one line a cause that is known, and a table.

use std::collections::HashMap;

use super::cause;
use super::item::{SENTENCE, of_one_path};
use super::pick::{self, Standing};
use super::rows;
use super::shared;
use super::shed::Shed;
use super::view::{DOT, View, details, first, unbroken};
use crate::domain::{ChangeState, Severity, TargetReport, Verdict};
use crate::text;

/// Lines of known causes; the rest is counted.
const CAUSES: usize = 20;
/// Rows of the table, and names in a line; the rest is counted.
const ROWS: usize = 100;
/// Targets that are named of a finding which several have.
const NAMES: usize = 3;

/// `19 unchanged: 5 pass, 14 known`, and below it what is known and how large they are.
pub(super) fn block(view: &View<'_>, shed: Shed) -> Option<String> {
    let known = known(view);
    let summary = summary(view, known.len());
    if summary.is_empty() {
        return None;
    }
    let (shown, more) = first(&known, CAUSES);
    let more = (more > 0).then(|| format!("- and {}", text::count(more, "more cause", "more causes")));
    let mut lines: Vec<String> = shown.iter().cloned().chain(more).collect();
    if shed.passing {
        lines.extend(names(view));
    }
    let mut blocks = if shed.passing { table(view) } else { Vec::new() };
    blocks.push(lines.join("\n"));
    blocks.retain(|block| !block.is_empty());
    if blocks.is_empty() {
        return Some(summary);
    }
    let body = blocks.join("\n\n");
    // What fails and is nowhere else must not have to be looked for.
    let is_all =
        view.verdict() == Verdict::Fail && view.targets.iter().all(|target| pick::news(target) < Verdict::Fail);
    let folded = details(&summary, &body);
    Some(if is_all { folded.replacen("<details>", "<details open>", 1) } else { folded })
}

/// What moved with its base, and what drifted.
fn table(view: &View<'_>) -> Vec<String> {
    let changed: Vec<&TargetReport> =
        view.standing_so(Standing::Moved).chain(view.standing_so(Standing::Drifted)).collect();
    let (shown, more) = first(&changed, ROWS);
    let more = (more > 0).then(|| format!("And {more} more."));
    rows::of(view, shown).into_iter().chain(more).collect()
}

/// A line with those that pass, and one with those that have what is known.
fn names(view: &View<'_>) -> Vec<String> {
    let (known, pass): (Vec<&TargetReport>, Vec<&TargetReport>) =
        view.standing_so(Standing::Quiet).partition(|target| pick::has_known(target));
    let line = |targets: &[&TargetReport], what: &str| {
        let (shown, more) = first(targets, ROWS);
        // What did not change was told when it did.
        let size = |target: &TargetReport| {
            target.size.filter(|_| !view.compared).map(|size| format!(" {}", unbroken(&size.to_string())))
        };
        let mut said: Vec<String> =
            shown.iter().map(|target| format!("{}{}", view.name(target), size(target).unwrap_or_default())).collect();
        said.extend((more > 0).then(|| format!("{more} more")));
        (!said.is_empty()).then(|| format!("- {what}: {}", said.join(", ")))
    };
    [line(&pass, "pass"), line(&known, "known")].into_iter().flatten().collect()
}

/// `6 moved with their base · 19 unchanged: 5 pass, 14 known`.
fn summary(view: &View<'_>, known: usize) -> String {
    let moved = view.standing_so(Standing::Moved).count();
    let drifted = view.standing_so(Standing::Drifted).count();
    let quiet: Vec<&TargetReport> = view.standing_so(Standing::Quiet).collect();
    let mut parts = Vec::new();
    if moved > 0 {
        parts.push(format!("{moved} moved with {} base", if moved == 1 { "its" } else { "their" }));
    }
    if drifted > 0 {
        parts.push(format!("{drifted} drifted"));
    }
    if !quiet.is_empty() {
        let is_same =
            |target: &&TargetReport| target.change.as_ref().is_some_and(|change| change.state == ChangeState::Same);
        let word = if view.compared && quiet.iter().all(is_same) { "unchanged" } else { "more" };
        let with_known = quiet.iter().filter(|target| pick::has_known(target)).count();
        let pass = quiet.len() - with_known;
        let outcomes = match (pass, with_known) {
            (1, 0) => ", passes".to_owned(),
            (_, 0) => ", all pass".to_owned(),
            (0, known) => format!(": {known} known"),
            (pass, known) => format!(": {pass} pass, {known} known"),
        };
        parts.push(format!("{} {word}{outcomes}", quiet.len()));
    }
    if known > 0 && !quiet.iter().any(|target| pick::has_known(target)) {
        parts.push(text::count(known, "known cause", "known causes"));
    }
    parts.join(DOT)
}

/// One line a cause that the baseline has, of all targets, those that most targets share first.
fn known(view: &View<'_>) -> Vec<String> {
    let mut groups = shared::together(view.report, pick::is_known);
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let causes = groups.iter().map(|group| cause::brief(view, group));
    causes.chain(loose(view)).collect()
}

/// What is known and stands under no cause, as reports of earlier versions have it.
fn loose(view: &View<'_>) -> Vec<String> {
    let mut lines: Vec<(String, Vec<&TargetReport>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for target in &view.targets {
        let is_known = |finding: &&crate::domain::Finding| finding.is_known() && finding.ruled() >= Severity::Warn;
        for finding in pick::loose(target).filter(is_known) {
            let said = of_one_path(finding).unwrap_or_else(|| text::markdown_prose(&finding.message, SENTENCE));
            let line = format!("- {}{DOT}{said}", finding.rule);
            let place = *places.entry(line.clone()).or_insert(lines.len());
            match lines.get_mut(place) {
                Some((_, targets)) => targets.push(target),
                None => lines.push((line, vec![target])),
            }
        }
    }
    lines.into_iter().map(|(line, targets)| format!("{line}: {}", view.several(&targets, NAMES))).collect()
}
