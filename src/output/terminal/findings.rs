//! One short paragraph a finding: what, where, how much, what to do.

use std::collections::HashMap;

use super::paint::{Paint, mark, severity_words};
use super::paragraph::hang;
use crate::domain::{Finding, LayerReport, Origin, Place, Report, Role, TargetError, TargetReport, Verdict};
use crate::output::label::Labels;
use crate::output::weight::weight;
use crate::text;

/// Paths that are shown of a finding, and of one of several that are told together.
const PATHS: usize = 5;
const PATHS_OF_EACH: usize = 2;
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
    together(blocks, labels).iter().map(|(label, target, said)| paragraph(said, target, label, width, paint)).collect()
}

/// Targets' names, one of the targets, and what there is to say of them.
type Together<'a> = (String, &'a TargetReport, Vec<Said<'a>>);

/// Findings of one layer that call for the same are one paragraph: an instruction brings ten tools at a time.
fn together<'a>(blocks: Vec<(Said<'a>, Vec<&'a TargetReport>)>, labels: &Labels<'_>) -> Vec<Together<'a>> {
    let mut paragraphs: Vec<Together<'a>> = Vec::new();
    let mut known: HashMap<(String, Vec<String>), usize> = HashMap::new();
    for (said, targets) in blocks {
        let Some(target) = targets.first().copied() else { continue };
        let label = labels.of_all(&targets);
        let same = match said {
            Said::Found(finding) if finding.layer.is_some() => {
                let next = paragraphs.len();
                *known.entry((label.clone(), end(finding, target, None, Paint::new(false)))).or_insert(next)
            }
            _ => paragraphs.len(),
        };
        match paragraphs.get_mut(same) {
            Some((.., others)) => others.push(said),
            None => paragraphs.push((label, target, vec![said])),
        }
    }
    paragraphs
}

fn paragraph(said: &[Said<'_>], target: &TargetReport, label: &str, width: Option<usize>, paint: Paint) -> Vec<String> {
    if let [one] = said {
        return one.paragraph(target, label, width, paint);
    }
    let mut findings =
        said.iter().filter_map(|said| if let Said::Found(finding) = said { Some(*finding) } else { None });
    let mut lines: Vec<String> = findings
        .clone()
        .flat_map(|finding| {
            let mut lines = head(finding, label, width, paint);
            lines.extend(paths(finding, PATHS_OF_EACH));
            lines
        })
        .collect();
    lines.extend(findings.next_back().map(|last| end(last, target, width, paint)).unwrap_or_default());
    lines
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
    let mut lines = head(finding, label, width, paint);
    lines.extend(layer(finding, target, width));
    lines.extend(paths(finding, PATHS));
    lines.extend(advice(finding, width, paint));
    lines
}

fn head(finding: &Finding, label: &str, width: Option<usize>, paint: Paint) -> Vec<String> {
    let (mark, _) = severity_words(finding.severity);
    let mut lines = heading(mark, label, &finding.message, width);
    paint_heading(&mut lines, mark, label, finding.severity.into(), paint);
    lines
}

/// What several findings may have in common.
fn end(finding: &Finding, target: &TargetReport, width: Option<usize>, paint: Paint) -> Vec<String> {
    let mut lines = layer(finding, target, width);
    lines.extend(advice(finding, width, paint));
    lines
}

fn layer(finding: &Finding, target: &TargetReport, width: Option<usize>) -> Vec<String> {
    let found = finding.layer.as_ref().and_then(|named| Some((named, target.layers.get(named.index)?)));
    let Some((named, layer)) = found else {
        return finding.dockerfile.iter().map(|place| format!("  {}", show(place))).collect();
    };
    hang("  ", &format!("{}{}", lead(named.role), place_of(named.index, layer, target)), width)
}

fn paths(finding: &Finding, most: usize) -> Vec<String> {
    // A single path is in the message already.
    if finding.paths.len() == 1 && finding.message.contains(&text::line(&finding.paths[0])) {
        return Vec::new();
    }
    let mut lines: Vec<String> =
        finding.paths.iter().take(most).map(|path| format!("    {}", text::line(path))).collect();
    let more = u64::try_from(finding.paths.len().saturating_sub(most)).unwrap_or(u64::MAX);
    let more = more.saturating_add(finding.more_paths);
    if more > 0 {
        lines.push(format!("    and {more} more"));
    }
    lines
}

fn advice(finding: &Finding, width: Option<usize>, paint: Paint) -> Vec<String> {
    let (_, word) = severity_words(finding.severity);
    let mut lines = hint(finding.hint.as_deref(), width);
    let new = finding.is_new.filter(|is_new| *is_new).map(|_| "new".to_owned());
    let parts = [Some(word.to_owned()), Some(finding.rule.to_string()), finding.budget.as_ref().map(show), new];
    lines.extend(meta(parts, width, paint));
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
    let weight = weight(layer, target).map(|weight| format!(" ({weight})")).unwrap_or_default();
    format!("layer {} of {layers}{weight}{origin}{at}{}", index + 1, instruction.unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::fixture::fixture;

    #[test]
    fn what_one_layer_brought_and_calls_for_the_same_is_told_together() {
        let mut report = fixture();
        report.targets.truncate(1);
        let findings = &mut report.targets[0].findings;
        let gcc = findings.remove(1);
        let named = |name: &str, paths: &[&str]| Finding {
            message: format!("{name} is in the image (1.0 kB)"),
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            ..gcc.clone()
        };
        *findings = vec![named("make", &["/bin/make"]), named("gcc", &["/bin/gcc", "/bin/cc", "/bin/c99"])];
        findings.push(Finding { layer: None, ..named("cmake", &["/bin/cmake"]) });
        let blocks = blocks(&report, &Labels::new(&report), Some(80), Paint::new(false));
        let shown = blocks.iter().map(|block| block.join("\n")).collect::<Vec<_>>().join("\n\n");
        insta::assert_snapshot!(shown, @"
        ✗ api: make is in the image (1.0 kB)
            /bin/make
        ✗ api: gcc is in the image (1.0 kB)
            /bin/gcc
            /bin/cc
            and 1 more
          layer 3 of 4 (64.2 MB), services/api/Dockerfile:12: RUN apt-get update &&
          apt-get install -y g++ make
          hint: Install it in an earlier stage and copy only what runs.
          fail · forbidden-tool · budgets.toml:14

        ✗ api: cmake is in the image (1.0 kB)
            /bin/cmake
          hint: Install it in an earlier stage and copy only what runs.
          fail · forbidden-tool · budgets.toml:14
        ");
    }
}
