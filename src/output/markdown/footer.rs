//! The small last line: what it was compared with, what was measured, and where.

use std::collections::BTreeSet;

use super::view::{DOT, View};
use crate::domain::{Baseline, BaselineState, LeftOut, Links, TargetName, TargetReport};
use crate::text;

/// Names that are shown; the rest is counted.
const NAMES: usize = 5;

/// `vs a1b2c3d, this merge's parent · linux/amd64 · run`.
pub(super) fn line(view: &View<'_>) -> String {
    let mut parts = vec![compared(view)];
    parts.extend(view.report.baseline.as_ref().and_then(|baseline| not_in_run(view, baseline)));
    parts.extend(view.report.left_out.as_ref().and_then(left_out));
    parts.extend(platforms(view));
    parts.extend(run(view.links));
    format!("<sub>{}</sub>", parts.join(DOT))
}

/// The link to the run.
pub(super) fn run(links: &Links) -> Option<String> {
    links.run().map(|address| format!("[run]({address})"))
}

fn compared(view: &View<'_>) -> String {
    let Some(baseline) = &view.report.baseline else { return "no baseline".to_owned() };
    match &baseline.state {
        BaselineState::Missing(_) => "no baseline yet".to_owned(),
        BaselineState::OtherDefinition(definition) => {
            format!("the baseline measured by another definition ({})", text::markdown_code(definition))
        }
        BaselineState::Found if view.age => format!("vs {}{}", name(view, baseline), behind(baseline)),
        BaselineState::Found => "vs a baseline".to_owned(),
    }
}

/// The one name that every format gives it, its commit linked.
fn name(view: &View<'_>, baseline: &Baseline) -> String {
    let name = baseline.name();
    // What the user called it stands first, and only that is not ours.
    let (source, ours) = match name.strip_prefix(baseline.source.as_str()) {
        Some(ours) => (text::markdown_code(&baseline.source), ours),
        None => (String::new(), name.as_str()),
    };
    let linked = baseline.short_commit().and_then(|short| {
        let address = view.links.commit(baseline.commit.as_deref()?)?;
        Some(ours.replacen(short, &format!("[`{short}`]({address})"), 1))
    });
    format!("{source}{}", linked.unwrap_or_else(|| ours.to_owned()))
}

/// How far it lies behind what was measured, where its name does not say so.
fn behind(baseline: &Baseline) -> String {
    let behind = baseline.behind.and_then(|behind| usize::try_from(behind).ok()).filter(|behind| *behind > 0);
    behind.map(|behind| format!(", {} behind", text::count(behind, "commit", "commits"))).unwrap_or_default()
}

/// Targets that the baseline has and this run does not; with their platform where this run has them on another one.
fn not_in_run(view: &View<'_>, baseline: &Baseline) -> Option<String> {
    let is_in_run = |name: &TargetName| view.targets.iter().any(|target| target.name == *name);
    let named = baseline.not_in_run.iter().map(|(name, platform)| match platform {
        Some(platform) if is_in_run(name) => format!("{name} ({platform})"),
        _ => name.to_string(),
    });
    let names: BTreeSet<String> = named.collect();
    if names.is_empty() {
        return None;
    }
    let mut shown: Vec<String> = names.iter().take(NAMES).map(|name| text::markdown_code(name)).collect();
    if names.len() > NAMES {
        shown.push(format!("{} more", names.len() - NAMES));
    }
    Some(format!("not in this run: {}", shown.join(", ")))
}

/// `17 unchanged since main, not checked`.
fn left_out(left_out: &LeftOut) -> Option<String> {
    let count = left_out.targets.len();
    (count > 0).then(|| format!("{count} unchanged since {}, not checked", text::markdown_code(&left_out.since)))
}

/// `linux/amd64`.
fn platforms(view: &View<'_>) -> Option<String> {
    let platform = |target: &TargetReport| target.platform.as_ref().map(ToString::to_string);
    let platforms: BTreeSet<String> = view.report.targets.iter().filter_map(platform).collect();
    let mut shown: Vec<String> = platforms.iter().take(NAMES).map(|platform| text::markdown_code(platform)).collect();
    if platforms.len() > NAMES {
        shown.push(format!("{} more", platforms.len() - NAMES));
    }
    (!shown.is_empty()).then(|| shown.join(", "))
}
