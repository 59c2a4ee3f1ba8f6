//! What is the matter with each target that does not pass, who did it, and what to do.

use super::item::{SENTENCE, Told, item};
use super::log::log;
use super::sections::{self, Section};
use super::shed::Shed;
use super::view::{DOT, View, first, symbol};
use crate::domain::TargetError;
use crate::text;

/// One block a target, the worst first; what several of its platforms share has a block of its own.
pub(super) fn blocks(view: &View<'_>, shed: Shed) -> Vec<String> {
    let sections = sections::open(view);
    if shed.findings == 0 {
        let number: usize = sections.iter().map(|section| section.findings.len()).sum();
        return if number == 0 { Vec::new() } else { vec![format!("{}.", text::count(number, "finding", "findings"))] };
    }
    sections.iter().take(shed.rows).filter_map(|section| block(view, section, shed)).collect()
}

fn block(view: &View<'_>, section: &Section<'_>, shed: Shed) -> Option<String> {
    let target = section.targets.first()?;
    let name = view.plain_names(&section.targets);
    let mut lines = vec![format!("#### {} {name}", symbol(target.verdict)), String::new()];
    lines.extend(target.error.iter().map(|error| failure(view, error)));
    let (shown, more) = first(&section.findings, shed.findings);
    let mut told = Told::default();
    lines.extend(shown.iter().map(|finding| item(view, target, finding, &mut told)));
    if more > 0 {
        lines.push(format!("- and {}", text::count(more, "more finding", "more findings")));
    }
    if shed.folded {
        lines.extend(log(target).map(|log| format!("\n{log}")));
    }
    Some(lines.join("\n"))
}

/// Why a target could not be measured.
fn failure(view: &View<'_>, error: &TargetError) -> String {
    let place = error.place.as_ref().map(|place| format!("{DOT}{}", view.place(place))).unwrap_or_default();
    let hint = error.hint.as_deref().map(|hint| format!("<br>{}", text::markdown_prose(hint, SENTENCE)));
    format!("- {}{place}{}", text::markdown_prose(&error.message, SENTENCE), hint.unwrap_or_default())
}
