//! One short paragraph a finding: what, where, how much, what to do.

use std::collections::HashMap;

use super::label::Labels;
use super::paint::{Paint, mark, severity_words};
use super::paragraph::hang;
use crate::domain::{Finding, LayerReport, Origin, Place, Report, Rule, TargetError, TargetReport, Verdict};
use crate::text;

/// Paths that are shown of a finding.
const PATHS: usize = 5;
/// The longest message or hint, in characters. They are ours, with names in them that are cut already.
const LONGEST: usize = 1000;

/// The paragraphs of all targets. What reads the same on several platforms of one is said once.
pub(super) fn blocks(report: &Report, labels: &Labels<'_>, width: Option<usize>, paint: Paint) -> Vec<Vec<String>> {
    let mut blocks: Vec<(Said<'_>, Vec<&TargetReport>)> = Vec::new();
    let mut known: HashMap<Vec<String>, usize> = HashMap::new();
    for target in &report.targets {
        let failure = target.error.iter().map(Said::Failure);
        for said in failure.chain(target.findings.iter().map(Said::Found)) {
            let words = said.paragraph(target, target.name.as_str(), None, Paint::new(false));
            let place = *known.entry(words).or_insert(blocks.len());
            match blocks.get_mut(place) {
                Some((_, targets)) => targets.push(target),
                None => blocks.push((said, vec![target])),
            }
        }
    }
    let shown = |(said, targets): (Said<'_>, Vec<&TargetReport>)| {
        Some(said.paragraph(targets.first()?, &labels.of_all(&targets), width, paint))
    };
    blocks.into_iter().filter_map(shown).collect()
}

/// What there is to say of a target.
#[derive(Clone, Copy)]
enum Said<'a> {
    Failure(&'a TargetError),
    Found(&'a Finding),
}

impl Said<'_> {
    fn paragraph(self, target: &TargetReport, label: &str, width: Option<usize>, paint: Paint) -> Vec<String> {
        match self {
            Self::Failure(error) => failure(error, label, width, paint),
            Self::Found(finding) => found(finding, target, label, width, paint),
        }
    }
}

/// Why a target could not be measured.
pub(super) fn failure(error: &TargetError, label: &str, width: Option<usize>, paint: Paint) -> Vec<String> {
    let mut lines = heading(mark(Verdict::Error), label, &error.message, width);
    paint_heading(&mut lines, mark(Verdict::Error), label, Verdict::Error, paint);
    // The end of a log is shown as it came, a line a line: breaking it would make lines that nobody wrote.
    lines.extend(error.detail.iter().map(|line| paint.dim(log_line(line).trim_end())));
    lines.extend(hint(error.hint.as_deref(), width));
    if error.place.is_some() {
        lines.extend(meta([Some("error".to_owned()), error.place.as_ref().map(show)], width, paint));
    }
    lines
}

/// What a rule has to say.
pub(super) fn found(
    finding: &Finding,
    target: &TargetReport,
    label: &str,
    width: Option<usize>,
    paint: Paint,
) -> Vec<String> {
    let (mark, word) = severity_words(finding.severity);
    let mut lines = heading(mark, label, &finding.message, width);
    paint_heading(&mut lines, mark, label, finding.severity.into(), paint);
    if let Some(layer) = &finding.layer
        && let Some(report) = target.layers.get(layer.index)
    {
        let place = place_of(layer.index, report, target);
        lines.extend(hang("  ", &format!("{}{place}", lead(finding.rule)), width));
    }
    // A single path is in the message already.
    let only = finding.paths.len() == 1 && finding.message.contains(&text::line(&finding.paths[0]));
    if !only {
        lines.extend(finding.paths.iter().take(PATHS).map(|path| format!("    {}", text::line(path))));
        let more = u64::try_from(finding.paths.len().saturating_sub(PATHS)).unwrap_or(u64::MAX);
        let more = more.saturating_add(finding.more_paths);
        if more > 0 {
            lines.push(format!("    and {more} more"));
        }
    }
    lines.extend(hint(finding.hint.as_deref(), width));
    let new = finding.is_new.filter(|is_new| *is_new).map(|_| "new".to_owned());
    let parts = [Some(word.to_owned()), Some(finding.rule.to_string()), finding.budget.as_ref().map(show), new];
    lines.extend(meta(parts, width, paint));
    lines
}

/// Why the layer of a finding is the one to look at first, where the rule is about several.
fn lead(rule: Rule) -> &'static str {
    match rule {
        Rule::Size | Rule::CompressedSize | Rule::OwnSize => "largest: ",
        Rule::Wasted => "hides most: ",
        _ => "",
    }
}

/// `✗ api: npm, npx and corepack are in the image (9.8 MB)`.
fn heading(mark: &str, label: &str, message: &str, width: Option<usize>) -> Vec<String> {
    hang(&format!("{mark} "), &format!("{label}: {}", text::line_within(message, LONGEST)), width)
}

/// Colour comes after breaking, which counts cells.
fn paint_heading(lines: &mut [String], mark: &str, label: &str, verdict: Verdict, paint: Paint) {
    let Some(first) = lines.first_mut() else { return };
    let before = format!("{mark} {label}:");
    if let Some(rest) = first.strip_prefix(&before) {
        *first = format!("{} {}{rest}", paint.verdict(verdict, mark), paint.bold(&format!("{label}:")));
    }
}

/// `layer 2 of 9 (12.0 MB), of the base image node:20 (Dockerfile:4): RUN npm install`.
pub(super) fn place_of(index: usize, layer: &LayerReport, target: &TargetReport) -> String {
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
    format!("layer {} of {layers} ({}){origin}{at}{}", index + 1, layer.size, instruction.unwrap_or_default())
}

fn log_line(line: &str) -> String {
    if line.is_empty() { "  |".to_owned() } else { format!("  | {}", text::line_within(line, LONGEST)) }
}

fn hint(hint: Option<&str>, width: Option<usize>) -> Vec<String> {
    hint.map(|hint| hang("  hint: ", &text::line_within(hint, LONGEST), width)).unwrap_or_default()
}

/// `fail · forbidden-tool · budgets.toml:14 · new`.
fn meta<const N: usize>(parts: [Option<String>; N], width: Option<usize>, paint: Paint) -> Vec<String> {
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    hang("  ", &line, width).iter().map(|line| paint.dim(line)).collect()
}

fn show(place: &Place) -> String {
    text::line(&place.to_string())
}
