//! What is new about each listed target: what to change, who brought it, what to do.

use super::accepted;
use super::cause;
use super::headline;
use super::item::{SENTENCE, Told, item};
use super::log::log;
use super::sections::Section;
use super::shed::Shed;
use super::view::{DOT, View, first, symbol, unbroken};
use crate::domain::{Amount, Bytes, Rule, TargetError, TargetReport, Verdict};
use crate::text;

/// Targets that a heading names; the rest is counted.
const NAMES: usize = 3;

/// One block a section, the worst first.
pub(super) fn blocks(view: &View<'_>, sections: &[Section<'_>], shed: Shed) -> Vec<String> {
    if shed.findings == 0 {
        let number: usize = sections.iter().map(Section::len).sum();
        return if number == 0 { Vec::new() } else { vec![format!("{}.", text::count(number, "cause", "causes"))] };
    }
    let alone = sections.len() == 1;
    sections.iter().take(shed.rows).map(|section| block(view, section, alone, shed)).collect()
}

fn block(view: &View<'_>, section: &Section<'_>, alone: bool, shed: Shed) -> String {
    let mut lines = Vec::new();
    let [target, ..] = section.targets.as_slice() else { return String::new() };
    if !alone {
        lines.push(heading(view, section));
        lines.push(String::new());
    }
    if section.targets.len() == 1 {
        lines.extend(target.error.iter().map(|error| failure(view, error)));
    }
    let (causes, more_causes) = first(&section.causes, shed.findings);
    lines.extend(causes.iter().map(|shared| cause::item(view, shared)));
    let (findings, more_findings) = first(&section.findings, shed.findings.saturating_sub(causes.len()));
    let mut told = Told::default();
    lines.extend(findings.iter().map(|finding| item(view, target, finding, &mut told)));
    let more = more_causes + more_findings;
    if more > 0 {
        lines.push(format!("- and {}", text::count(more, "more cause", "more causes")));
    }
    if section.targets.len() == 1 {
        lines.extend(accepted::lines(view, target));
        lines.extend(when_fixed(target));
        if shed.folded {
            lines.extend(log(target).map(|log| format!("\n{log}")));
        }
    }
    lines.join("\n")
}

/// ``#### ❌ `api` grew 40.1 MB``, or whose the section is.
fn heading(view: &View<'_>, section: &Section<'_>) -> String {
    let worst = section.targets.iter().map(|target| target.verdict).max().unwrap_or(Verdict::Pass);
    let whose = match section.targets.as_slice() {
        [target] if target.error.is_some() => view.plain_name(target),
        [target] => headline::accusation(view, target),
        several => {
            let mut names: Vec<&str> = several.iter().map(|target| target.name.as_str()).collect();
            names.dedup();
            let images = if names.len() > 1 { format!("{} images: ", several.len()) } else { String::new() };
            format!("{images}{}", view.several(several, NAMES))
        }
    };
    format!("#### {} {whose}", symbol(worst))
}

/// Why a target could not be measured.
fn failure(view: &View<'_>, error: &TargetError) -> String {
    let place = error.place.as_ref().map(|place| format!("{DOT}{}", view.place(place))).unwrap_or_default();
    let hint = error.hint.as_deref().map(|hint| format!("<br>{}", text::markdown_prose(hint, SENTENCE)));
    format!("- {}{place}{}", text::markdown_prose(&error.message, SENTENCE), hint.unwrap_or_default())
}

/// `All fixes: 840.8 → 537.0 MB, still 187.0 MB over`.
fn when_fixed(target: &TargetReport) -> Option<String> {
    let (now, fixed) = (target.size?, target.size_when_fixed?);
    if fixed >= now {
        return None;
    }
    let size = target.rules.iter().find(|outcome| outcome.rule == Rule::Size);
    let limit = size.and_then(|outcome| outcome.fail.or(outcome.warn)).map(Amount::value);
    let after = match limit.map(|limit| fixed.0.checked_sub(limit)) {
        Some(Some(over)) if over > 0 => format!(", still {} over", unbroken(&Bytes(over).to_string())),
        Some(_) => ", within its budget".to_owned(),
        None => String::new(),
    };
    Some(format!("- All fixes: {}{after}", between(now, fixed)))
}

/// `840.8 → 537.0 MB`; a unit that both have is said once.
fn between(before: Bytes, after: Bytes) -> String {
    let (before, after) = (before.to_string(), after.to_string());
    let unit = |text: &str| text.rsplit_once(' ').map(|(_, unit)| unit.to_owned());
    let number = before.rsplit_once(' ').map_or(before.as_str(), |(number, _)| number);
    let before = if unit(&before) == unit(&after) { number } else { &before };
    unbroken(&format!("{before} → {after}"))
}
