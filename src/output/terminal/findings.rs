//! Findings and failures in full: what, where, how much, what to do.

use super::paint::{Paint, mark, severity_words};
use super::places::{instruction, number, show};
use super::rows::{NOTHING, Row};
use crate::domain::{Amount, Bytes, Finding, LayerReport, Origin, Role, TargetError, TargetReport, Verdict};
use crate::output::location::dockerfile;
use crate::output::weight::weight;
use crate::text::{self, hang};

/// Paths that are shown of a finding.
const PATHS: usize = 5;
/// The longest message or hint, in characters. They are ours, with names in them that are cut already.
const LONGEST: usize = 1000;

/// Why a target could not be measured.
pub(super) fn failure(error: &TargetError, label: &str, width: Option<usize>, paint: Paint) -> Vec<String> {
    let mut lines = heading(mark(Verdict::Error), label, &error.message, width);
    if let Some(first) = lines.first_mut() {
        paint.heading(first, Verdict::Error, label);
    }
    // The end of a log is shown as it came, a line a line: breaking it would make lines that nobody wrote.
    lines.extend(error.detail.iter().map(|line| log_line(line).trim_end().to_owned()));
    lines.extend(hint(error.hint.as_deref(), width));
    lines.extend(error.place.iter().map(|place| format!("  {}", show(place))));
    lines
}

/// A finding of which no cause is known, as a row. Limits have none: the headline says them.
pub(super) fn row(finding: &Finding, target: &TargetReport) -> Option<Row> {
    if finding.limit.is_some() {
        return None;
    }
    let bytes = finding.actual.and_then(|actual| if let Amount::Bytes(bytes) = actual { Some(bytes) } else { None });
    let bytes = bytes.filter(|bytes| *bytes > Bytes::ZERO);
    let found = finding.layer.as_ref().and_then(|named| Some((named.index, target.layers.get(named.index)?)));
    let place = dockerfile(finding, target).map(show);
    let head = match found {
        Some((index, layer)) => {
            let place = place.unwrap_or_else(|| number(index, target));
            let base = target.base_of(layer).map(|base| format!("FROM {}", text::line(&base.reference)));
            let instruction = base.or_else(|| instruction(layer));
            instruction.map_or(place.clone(), |instruction| format!("{place}  {instruction}"))
        }
        None => place.unwrap_or_default(),
    };
    let hint =
        finding.hint.as_deref().map(|hint| format!(" → {}", text::line_within(hint.trim_end_matches('.'), LONGEST)));
    let edge = if finding.is_new == Some(true) { "new".to_owned() } else { String::new() };
    let text = format!("{}{}", text::line_within(&finding.message, LONGEST), hint.unwrap_or_default());
    Some(Row { amount: bytes.map_or_else(|| NOTHING.to_owned(), |bytes| bytes.to_string()), head, edge, text })
}

/// What a rule has to say, in full, for formats that show one finding at a time.
pub(super) fn found(finding: &Finding, target: &TargetReport, label: &str) -> Vec<String> {
    let (mark, word) = severity_words(finding.severity);
    let mut lines = heading(mark, label, &finding.message, None);
    lines.extend(layer(finding, target));
    lines.extend(paths(finding));
    lines.extend(hint(finding.hint.as_deref(), None));
    let new = finding.is_new.filter(|is_new| *is_new).map(|_| "new".to_owned());
    let parts = [Some(word.to_owned()), Some(finding.rule.to_string()), finding.budget.as_ref().map(show), new];
    lines.push(format!("  {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")));
    lines
}

fn layer(finding: &Finding, target: &TargetReport) -> Vec<String> {
    let found = finding.layer.as_ref().and_then(|named| Some((named, target.layers.get(named.index)?)));
    let Some((named, layer)) = found else {
        return finding.dockerfile.iter().map(|place| format!("  {}", show(place))).collect();
    };
    vec![format!("  {}{}", lead(named.role), place_of(named.index, layer, target))]
}

fn paths(finding: &Finding) -> Vec<String> {
    // A single path is in the message already.
    if finding.paths.len() == 1 && finding.message.contains(&text::line(&finding.paths[0])) {
        return Vec::new();
    }
    let mut lines: Vec<String> =
        finding.paths.iter().take(PATHS).map(|path| format!("    {}", text::line(path))).collect();
    let more = u64::try_from(finding.paths.len().saturating_sub(PATHS)).unwrap_or(u64::MAX);
    let more = more.saturating_add(finding.more_paths);
    if more > 0 {
        lines.push(format!("    and {more} more"));
    }
    lines
}

/// Why the layer of a finding is the one to look at first, where several could be.
fn lead(role: Role) -> &'static str {
    match role {
        Role::Cause => "",
        Role::Largest => "largest: ",
        Role::GrewMost => "grew most: ",
        Role::HidesMost => "hides most: ",
    }
}

/// `✗ api: npm, npx and corepack are in the image (9.8 MB)`.
fn heading(mark: &str, label: &str, message: &str, width: Option<usize>) -> Vec<String> {
    hang(&format!("{mark} "), &format!("{label}: {}", text::line_within(message, LONGEST)), width)
}

/// `layer 2 of 9 (12.0 MB), of the base image node:20 (Dockerfile:4): RUN npm install`.
fn place_of(index: usize, layer: &LayerReport, target: &TargetReport) -> String {
    let origin = match (target.base_of(layer), layer.origin) {
        (Some(base), _) => format!(", of the base image {} ({})", text::line(&base.reference), show(&base.place)),
        (None, Origin::Base) => ", of the base image".to_owned(),
        (None, Origin::Own | Origin::Unknown) => String::new(),
    };
    let at = layer.dockerfile.as_ref().map(|place| format!(", {}", show(place))).unwrap_or_default();
    let instruction = layer.created_by.as_deref().map(|created_by| {
        let instruction = text::instruction(created_by);
        format!(": {}", text::line(&instruction))
    });
    let layers = target.layers.len();
    let weight = weight(layer, target).map(|weight| format!(" ({weight})")).unwrap_or_default();
    format!("layer {} of {layers}{weight}{origin}{at}{}", index + 1, instruction.unwrap_or_default())
}

fn log_line(line: &str) -> String {
    if line.is_empty() { "  |".to_owned() } else { format!("  | {}", text::line_within(line, LONGEST)) }
}

fn hint(hint: Option<&str>, width: Option<usize>) -> Vec<String> {
    hint.map(|hint| hang("  hint: ", &text::line_within(hint, LONGEST), width)).unwrap_or_default()
}
