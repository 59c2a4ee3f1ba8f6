//! One finding as a list item: what and how much, by whom, what to do.

use std::collections::BTreeSet;

use super::super::{eased, weight};
use super::view::{DOT, View, first, layer_change, symbol, unbroken};
use crate::domain::{Amount, ChangeState, Finding, LayerReport, Origin, Role, Rule, Severity, TargetReport, Verdict};
use crate::text;

/// Paths that are named; the rest is counted.
const PATHS: usize = 2;
/// The longest sentence, in characters.
pub(super) const SENTENCE: usize = 400;

/// What the reader of a list was told already: once is enough.
#[derive(Default)]
pub(super) struct Told {
    layers: BTreeSet<usize>,
    hints: BTreeSet<String>,
}

/// One finding as a list item: what and how much, by whom, what to do.
pub(super) fn item(view: &View<'_>, target: &TargetReport, finding: &Finding, told: &mut Told) -> String {
    // Below a heading that has the mark, only what differs from it needs one.
    let mark = match finding.severity {
        Severity::Warn if target.verdict != Verdict::Warn => format!("{} ", symbol(Verdict::Warn)),
        Severity::Fail | Severity::Warn | Severity::Note => String::new(),
    };
    let mut head = vec![format!("- {mark}**{}**", finding.rule), sentence(target, finding)];
    head.extend(finding.budget.as_ref().map(|budget| view.place(budget)));
    if finding.is_new == Some(true) {
        head.push("**new**".to_owned());
    }
    head.extend(eased_words(finding));
    let head = head.join(DOT);
    let hint = finding.hint.as_deref().filter(|hint| told.hints.insert((*hint).to_owned()));
    let hint = hint.map(|hint| text::markdown_prose(hint, SENTENCE));
    [Some(head), who(view, target, finding, &mut told.layers), hint]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("<br>")
}

/// A finding whose cause is told elsewhere: `**size** · 162.0 MB > 150.0 MB · budgets.toml:12`.
pub(super) fn brief(view: &View<'_>, target: &TargetReport, finding: &Finding) -> String {
    let mut parts = vec![format!("**{}**", finding.rule), sentence(target, finding)];
    parts.extend(finding.budget.as_ref().map(|budget| view.place(budget)));
    parts.join(DOT)
}

/// `162.0 MB > 150.0 MB`, or what was found and where.
fn sentence(target: &TargetReport, finding: &Finding) -> String {
    let is_estimate = target.compressed_size.is_some_and(|size| size.is_estimate);
    let about = if finding.rule == Rule::CompressedSize && is_estimate { "about " } else { "" };
    if let (Some(actual), Some(limit)) = (finding.actual, finding.limit) {
        let Some(over) = finding.over_by else {
            // An estimate, too near to its limit.
            return format!(
                "about **{}**, too close to {} to tell",
                unbroken(&actual.to_string()),
                unbroken(&limit.to_string())
            );
        };
        let (actual, limit) = text::pair(actual, limit);
        let over = match over {
            Amount::Bytes(over) => format!(", {} too much", unbroken(&over.to_string())),
            Amount::Count(_) => String::new(),
        };
        return format!("{about}**{}** > {}{over}{}", unbroken(&actual), unbroken(&limit), paths(finding));
    }
    if let Some(said) = of_one_path(finding) {
        return said;
    }
    format!("{}{}", text::markdown_prose(&finding.message, SENTENCE), paths(finding))
}

/// `: /usr/bin/g++, /usr/bin/gcc and 2 more`, or nothing.
fn paths(finding: &Finding) -> String {
    let (shown, more) = first(&finding.paths, PATHS);
    if shown.is_empty() {
        return String::new();
    }
    let paths: Vec<String> = shown.iter().map(|path| text::markdown_code(path)).collect();
    let more = u64::try_from(more).unwrap_or(u64::MAX).saturating_add(finding.more_paths);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(": {}{more}", paths.join(", "))
}

/// A path may hold words that would read like ours, so a message that begins with one has it in a code span of its own.
pub(super) fn of_one_path(finding: &Finding) -> Option<String> {
    let path = finding.paths.first()?;
    let shown = text::line(path);
    let rest = finding.message.strip_prefix(path.as_str()).or_else(|| finding.message.strip_prefix(shown.as_str()))?;
    Some(format!("{} {}", text::markdown_code(path), text::markdown_prose(rest.trim(), SENTENCE)))
}

/// The layer that did it, with its instruction and what it weighed before.
fn who(view: &View<'_>, target: &TargetReport, finding: &Finding, described: &mut BTreeSet<usize>) -> Option<String> {
    let Some(named) = &finding.layer else {
        return finding.dockerfile.as_ref().map(|place| view.place(place));
    };
    let index = named.index;
    let layer = target.layers.get(index)?;
    let role = match named.role {
        Role::Cause => "",
        Role::Largest => ", the largest",
        Role::GrewMost => ", which grew most",
        Role::HidesMost => ", which hides most",
    };
    let position = format!("Layer {} of {}{role}", index + 1, target.layers.len());
    if !described.insert(index) {
        return Some(format!("{position}, as above"));
    }
    let origin = if layer.origin == Origin::Base { ", of the base image" } else { "" };
    let base = target.base_of(layer).map(|base| format!(" {}", text::markdown_code(&base.reference)));
    let position = format!("{position}{origin}{}", base.unwrap_or_default());
    let instruction = layer.created_by.as_deref().map(text::instruction);
    let instruction = instruction.map(|instruction| format!(": {}", text::markdown_code(&instruction)));
    let mut parts = vec![format!("{position}{}", instruction.unwrap_or_default())];
    parts.extend(weight(target, index, layer));
    parts.extend(target.line_of(layer).map(|place| view.place(place)));
    Some(parts.join(DOT))
}

/// `24.0 MB → 64.2 MB`, or what it weighs now.
fn weight(target: &TargetReport, index: usize, layer: &LayerReport) -> Option<String> {
    let size = unbroken(&weight::weight(layer, target)?);
    let compared = target.change.as_ref().is_some_and(|change| change.state != ChangeState::Extra);
    Some(match layer_change(target, index) {
        Some(change) => match change.before {
            Some(before) => format!("{} → {size}", unbroken(&before.to_string())),
            None if compared => format!("{size}, new"),
            None => size,
        },
        None => size,
    })
}

/// Why a finding only warns, where its rule says more.
pub(super) fn eased_words(finding: &Finding) -> Option<String> {
    let words = eased::words(&finding.eased.as_ref()?.why)?;
    Some(text::markdown_prose(&words, SENTENCE))
}
