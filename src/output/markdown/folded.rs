//! What most readers do not need.

use std::collections::{BTreeMap, HashMap};

use super::super::cost;
use super::super::packages;
use super::super::provenance::{self, Provenance};
use super::cause;
use super::change::sign;
use super::item::{SENTENCE, brief};
use super::pick;
use super::sections::Section;
use super::shed::Shed;
use super::view::{DOT, View, details, first, unbroken};
use crate::domain::{AppliedAllow, Finding, LayerChange, Severity, TargetReport};
use crate::text;

/// Lines below one heading; the rest is counted.
const LINES: usize = 20;
/// Targets that are named in a line; the rest is counted.
const NAMES: usize = 3;

/// Everything below one line that says how much there is of each.
pub(super) fn block(view: &View<'_>, sections: &[Section<'_>]) -> Option<String> {
    let counted = |lines: Vec<String>, one: &str, many: &str| (text::count(lines.len(), one, many), lines);
    let of_number =
        |(number, lines): (usize, Vec<String>), one: &str, many: &str| (text::count(number, one, many), lines);
    let sections = [
        of_number(layers(view), "layer changed", "layers changed"),
        counted(packages(view), "change of packages", "changes of packages"),
        counted(more(view, sections), "more cause", "more causes"),
        of_number(findings(view), "finding", "findings"),
        of_number(exceptions(view), "exception in force", "exceptions in force"),
        counted(not_judged(view), "rule not judged", "rules not judged"),
        counted(notes(view), "note", "notes"),
        of_number(images(view), "image", "images"),
    ];
    let sections: Vec<&(String, Vec<String>)> = sections.iter().filter(|(_, lines)| !lines.is_empty()).collect();
    // What stands alone has its heading above the fold.
    let list = |heading: &str, lines: &[String]| list(if sections.len() > 1 { heading } else { "" }, lines);
    let (headings, lists): (Vec<&str>, Vec<String>) =
        sections.iter().map(|(heading, lines)| (heading.as_str(), list(heading, lines))).unzip();
    (!lists.is_empty()).then(|| details(&headings.join(DOT), &lists.join("\n\n")))
}

fn list(heading: &str, lines: &[String]) -> String {
    let (shown, more) = first(lines, LINES);
    let more = if more > 0 { format!("\n- and {more} more") } else { String::new() };
    let heading = if heading.is_empty() { String::new() } else { format!("**{heading}**\n\n") };
    format!("{heading}{}{more}", shown.join("\n"))
}

/// The largest difference first, over all targets.
fn layers(view: &View<'_>) -> (usize, Vec<String>) {
    let mut changes: Vec<(&TargetReport, &LayerChange)> = view
        .targets
        .iter()
        .flat_map(|target| target.change.iter().flat_map(|change| &change.layers).map(|layer| (*target, layer)))
        .collect();
    changes.sort_by_key(|(_, layer)| std::cmp::Reverse(layer.difference()));
    let said: Vec<(&TargetReport, String)> =
        changes.into_iter().map(|(target, layer)| (target, changed(view, target, layer))).collect();
    (said.len(), merged(view, said, ""))
}

/// What became of the packages of each target.
fn packages(view: &View<'_>) -> Vec<String> {
    let said = view.targets.iter().filter_map(|target| {
        let changed = packages::changed(target.difference.as_ref()?, text::markdown_code)?;
        Some((*target, changed))
    });
    merged(view, said.collect(), ":")
}

/// What is said of several targets in the same words is one line, which names them.
fn merged(view: &View<'_>, said: Vec<(&TargetReport, String)>, after_names: &str) -> Vec<String> {
    let mut lines: Vec<(String, Vec<&TargetReport>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (target, words) in said {
        let place = *places.entry(words.clone()).or_insert(lines.len());
        match lines.get_mut(place) {
            Some((_, targets)) => targets.push(target),
            None => lines.push((words, vec![target])),
        }
    }
    lines
        .into_iter()
        .map(|(words, targets)| format!("- {}{after_names} {words}", view.several(&targets, NAMES)))
        .collect()
}

fn changed(view: &View<'_>, target: &TargetReport, layer: &LayerChange) -> String {
    let (before, after) = (layer.before.unwrap_or_default(), layer.after.unwrap_or_default());
    let amount = unbroken(&format!("{}{}", sign(before, after), layer.difference()));
    let history = match (layer.before, layer.after) {
        (None, _) => "new".to_owned(),
        (_, None) => "gone".to_owned(),
        (Some(before), Some(after)) => unbroken(&format!("{before} → {after}")),
    };
    let instruction = layer.created_by.as_deref().map(text::instruction);
    let instruction = instruction.map(|instruction| format!(": {}", text::markdown_code(&instruction)));
    let line = format!("{amount} ({history}){}", instruction.unwrap_or_default());
    let now = layer.index.and_then(|index| target.layers.get(index));
    let place = now.and_then(|layer| layer.dockerfile.as_ref()).map(|place| view.place(place));
    std::iter::once(line).chain(place).collect::<Vec<_>>().join(DOT)
}

/// What has no room in the open.
fn more(view: &View<'_>, sections: &[Section<'_>]) -> Vec<String> {
    let room = Shed::STEPS[0].findings;
    let mut lines = Vec::new();
    for section in sections {
        lines.extend(section.causes.iter().skip(room).map(|shared| cause::brief(view, shared)));
        let Some(target) = section.targets.first() else { continue };
        let names = view.several(&section.targets, NAMES);
        let findings = section.findings.iter().skip(room.saturating_sub(section.causes.len()));
        lines.extend(findings.map(|finding| format!("- {names} {}", brief(view, target, finding))));
    }
    lines
}

/// What the causes in the open consist of, and notes. What the baseline has is told by its causes alone.
fn findings(view: &View<'_>) -> (usize, Vec<String>) {
    let mut said: Vec<(&TargetReport, String)> = Vec::new();
    for target in view.targets.iter().copied() {
        let is_note = |finding: &&Finding| finding.severity == Severity::Note && finding.eased.is_none();
        let news = view.is_listed(target).then(|| pick::under_a_cause(target).filter(|finding| pick::is_news(finding)));
        let told = news.into_iter().flatten().chain(target.findings.iter().filter(is_note));
        said.extend(told.map(|finding| (target, brief(view, target, finding))));
    }
    (said.len(), merged(view, said, ""))
}

fn exceptions(view: &View<'_>) -> (usize, Vec<String>) {
    let of = |target: &&'_ TargetReport| target.allows.iter().map(|allow| exception(view, allow)).collect::<Vec<_>>();
    let said: Vec<(&TargetReport, String)> =
        view.targets.iter().flat_map(|target| of(target).into_iter().map(move |words| (*target, words))).collect();
    (said.len(), merged(view, said, ":"))
}

fn exception(view: &View<'_>, allow: &AppliedAllow) -> String {
    const SUBJECTS: usize = 5;
    let (subjects, more) = first(&allow.subjects, SUBJECTS);
    let mut subjects: Vec<String> = subjects.iter().map(|subject| text::markdown_code(subject)).collect();
    if more > 0 {
        subjects.push(format!("{more} more"));
    }
    let reason = text::markdown_prose(&allow.reason, SENTENCE);
    let whole = if subjects.is_empty() { String::new() } else { format!(" {}", subjects.join(", ")) };
    let line = format!("{}{whole}: {reason}", allow.rule);
    let until = allow.until.as_deref().map(|until| format!("until {}", text::markdown_code(until)));
    let place = allow.place.as_ref().map(|place| view.place(place));
    [Some(line), until, place].into_iter().flatten().collect::<Vec<_>>().join(DOT)
}

fn not_judged(view: &View<'_>) -> Vec<String> {
    let whole = view.report.not_judged.iter().map(|not| (None, not));
    let each =
        view.targets.iter().flat_map(|target| target.not_judged.iter().map(|not| (Some(view.name(target)), not)));
    let said = whole.chain(each).map(|(name, not)| (name, not.rule.to_string(), not.reason.as_str()));
    together(said)
        .into_iter()
        .map(|(names, rule, reason)| {
            let whose = if names.is_empty() { String::new() } else { format!(" ({names})") };
            format!("- {rule}{whose}: {}", text::markdown_prose(&reason, SENTENCE))
        })
        .collect()
}

fn notes(view: &View<'_>) -> Vec<String> {
    let said = view
        .targets
        .iter()
        .flat_map(|target| target.notes.iter().map(|note| (Some(view.name(target)), String::new(), note.as_str())));
    together(said)
        .into_iter()
        .map(|(names, _, note)| format!("- {names}: {}", text::markdown_prose(&note, SENTENCE)))
        .collect()
}

/// Which image each target is, and what reading all of them cost. A run that finds the same says other numbers here.
fn images(view: &View<'_>) -> (usize, Vec<String>) {
    if !view.age {
        return (0, Vec::new());
    }
    let parts = |target: &TargetReport| {
        let mut parts = Provenance::of(target.image.as_ref()?).parts(text::markdown_code);
        parts.extend(provenance::is_unread(target).then(|| provenance::UNREAD.to_owned()));
        parts.extend(
            cost::fallbacks(target).map(|why| format!("fell back from {}", text::markdown_prose(&why, SENTENCE))),
        );
        (!parts.is_empty()).then(|| parts.join(DOT))
    };
    let said: Vec<(&TargetReport, String)> =
        view.targets.iter().filter_map(|target| Some((*target, parts(target)?))).collect();
    let number = said.len();
    let mut lines = merged(view, said, ":");
    lines.extend(
        cost::cost(view.targets.iter().copied()).map(|cost| format!("- {}", text::markdown_prose(&cost, SENTENCE))),
    );
    (number, lines)
}

/// The same thing said of several targets is said once: their names, what, why.
fn together<'a>(
    said: impl Iterator<Item = (Option<String>, String, &'a str)>,
) -> impl IntoIterator<Item = (String, String, String)> {
    let mut places: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut lines: Vec<(Vec<String>, String, &str)> = Vec::new();
    for (name, what, why) in said {
        let place = *places.entry((what.clone(), why)).or_insert(lines.len());
        match lines.get_mut(place) {
            Some((names, ..)) => names.extend(name),
            None => lines.push((name.into_iter().collect(), what, why)),
        }
    }
    let named = |(names, what, why): (Vec<String>, String, &str)| (names.join(", "), what, why.to_owned());
    lines.into_iter().map(named).collect::<Vec<_>>()
}
