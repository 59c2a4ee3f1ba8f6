//! What most readers do not need.

use std::collections::BTreeMap;

use super::super::cost;
use super::super::provenance::{self, Provenance};
use super::change::sign;
use super::item::{SENTENCE, Told, item};
use super::sections;
use super::shed::Shed;
use super::view::{DOT, View, details, first, unbroken};
use crate::domain::{AppliedAllow, LayerChange, RuleOutcome, RuleStatus, TargetReport};
use crate::text;

/// Lines below one heading; the rest is counted.
const LINES: usize = 20;

/// Everything below one line that says how much there is of each.
pub(super) fn block(view: &View<'_>) -> Option<String> {
    let counted = |lines: Vec<String>, one: &str, many: &str| (text::count(lines.len(), one, many), lines);
    let (rules, passed) = passed(view);
    let sections = [
        counted(layers(view), "layer changed", "layers changed"),
        counted(more_findings(view), "more finding", "more findings"),
        (text::count(rules, "rule passed", "rules passed"), passed),
        counted(exceptions(view), "exception in force", "exceptions in force"),
        counted(not_judged(view), "rule not judged", "rules not judged"),
        counted(notes(view), "note", "notes"),
        counted(images(view), "image", "images"),
    ];
    let (headings, lists): (Vec<&str>, Vec<String>) = sections
        .iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(heading, lines)| (heading.as_str(), list(heading, lines)))
        .unzip();
    (!lists.is_empty()).then(|| details(&headings.join(DOT), &lists.join("\n\n")))
}

fn list(heading: &str, lines: &[String]) -> String {
    let (shown, more) = first(lines, LINES);
    let more = if more > 0 { format!("\n- and {more} more") } else { String::new() };
    format!("**{heading}**\n\n{}{more}", shown.join("\n"))
}

/// The largest difference first, over all targets.
fn layers(view: &View<'_>) -> Vec<String> {
    let mut changes: Vec<(&TargetReport, &LayerChange)> = view
        .targets
        .iter()
        .flat_map(|target| target.change.iter().flat_map(|change| &change.layers).map(|layer| (*target, layer)))
        .collect();
    changes.sort_by_key(|(_, layer)| std::cmp::Reverse(layer.difference()));
    changes.into_iter().map(|(target, layer)| changed(view, target, layer)).collect()
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
    let line = format!("- {} {amount} ({history}){}", view.name(target), instruction.unwrap_or_default());
    let now = layer.index.and_then(|index| target.layers.get(index));
    let place = now.and_then(|layer| layer.dockerfile.as_ref()).map(|place| view.place(place));
    std::iter::once(line).chain(place).collect::<Vec<_>>().join(DOT)
}

/// What has no room in the open, and notes.
fn more_findings(view: &View<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    let rest = sections::open(view).into_iter().map(|section| (section, Shed::STEPS[0].findings));
    for (section, skipped) in rest.chain(sections::folded(view).into_iter().map(|section| (section, 0))) {
        let Some(target) = section.targets.first() else { continue };
        let name = view.names(&section.targets);
        let told = told.entry(name.clone()).or_default();
        for finding in section.findings.iter().skip(skipped) {
            let said = item(view, target, finding, told);
            lines.push(format!("- {name} {}", said.strip_prefix("- ").unwrap_or(&said)));
        }
    }
    lines
}

/// The rules that each target kept, and how many they are.
fn passed(view: &View<'_>) -> (usize, Vec<String>) {
    let mut number = 0;
    let mut lines = Vec::new();
    for target in &view.targets {
        let kept = target.rules.iter().filter(|outcome| outcome.status == RuleStatus::Pass);
        let rules: Vec<String> = kept.map(kept_rule).collect();
        if !rules.is_empty() {
            number += rules.len();
            lines.push(format!("- {}: {}", view.name(target), rules.join(", ")));
        }
    }
    (number, lines)
}

/// `layers 4 of 12`.
fn kept_rule(outcome: &RuleOutcome) -> String {
    match outcome.fail.or(outcome.warn) {
        Some(limit) => unbroken(&format!("{} {} of {limit}", outcome.rule, outcome.actual)),
        None => outcome.rule.to_string(),
    }
}

fn exceptions(view: &View<'_>) -> Vec<String> {
    let of = |target: &&TargetReport| {
        let name = view.name(target);
        target.allows.iter().map(|allow| exception(view, &name, allow)).collect::<Vec<_>>()
    };
    view.targets.iter().flat_map(of).collect()
}

fn exception(view: &View<'_>, name: &str, allow: &AppliedAllow) -> String {
    const SUBJECTS: usize = 5;
    let (subjects, more) = first(&allow.subjects, SUBJECTS);
    let mut subjects: Vec<String> = subjects.iter().map(|subject| text::markdown_code(subject)).collect();
    if more > 0 {
        subjects.push(format!("{more} more"));
    }
    let reason = text::markdown_prose(&allow.reason, SENTENCE);
    let whole = if subjects.is_empty() { String::new() } else { format!(" {}", subjects.join(", ")) };
    let line = format!("- {name} {}{whole}: {reason}", allow.rule);
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

/// Which image each target is, how it was read, and what that cost. A run that finds the same says other numbers here.
fn images(view: &View<'_>) -> Vec<String> {
    if !view.age {
        return Vec::new();
    }
    let line = |target: &&TargetReport| {
        let mut parts = Provenance::of(target.image.as_ref()?).parts(text::markdown_code);
        parts.extend(cost::cost([*target]).map(|cost| text::markdown_prose(&cost, SENTENCE)));
        parts.extend(provenance::is_unread(target).then(|| provenance::UNREAD.to_owned()));
        parts.extend(
            cost::fallbacks(target).map(|why| format!("fell back from {}", text::markdown_prose(&why, SENTENCE))),
        );
        (!parts.is_empty()).then(|| (view.name(target), parts.join(DOT)))
    };
    let said: Vec<(String, String)> = view.targets.iter().filter_map(line).collect();
    together(said.iter().map(|(name, what)| (Some(name.clone()), String::new(), what.as_str())))
        .into_iter()
        .map(|(names, _, what)| format!("- {names}: {what}"))
        .collect()
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
