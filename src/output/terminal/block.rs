//! What there is to say of one target: what is the matter, what to change, and what would excuse it.

use super::cause;
use super::common;
use super::excuses;
use super::findings;
use super::largest;
use super::paint::{Paint, mark};
use super::places::show;
use super::rows::{self, Row};
use super::told;
use crate::domain::{Accepted, Amount, Bytes, Cause, CauseAt, Report, Rule, Severity, TargetReport, Verdict};
use crate::output::label::Labels;
use crate::output::over;
use crate::output::span::span;
use crate::output::split::Split;
use crate::text::{self, hang};

/// The longest reason, in characters.
const LONGEST: usize = 1000;
/// Known things that are mentioned of one target.
const KNOWN: usize = 5;

/// The blocks of what several targets have in common, and those of the targets themselves; what the baseline has, too, comes last. What
/// reads the same on several platforms of one target is said once.
pub(super) fn blocks(report: &Report, labels: &Labels<'_>, width: Option<usize>, paint: Paint) -> Vec<Vec<String>> {
    let common = told::common(report);
    let of_all = common::blocks(&common, labels, width, paint);
    let (last, first): (Vec<_>, Vec<_>) = of_all.into_iter().partition(|(is_known, _)| *is_known);
    let above = common::Above::new(&common);
    let moved = told::moved_together(report);
    let is_told = |target: &&TargetReport| told::is_told(target) && !told::is_one_of(&moved, target);
    let mut told: Vec<(Vec<String>, Vec<&TargetReport>)> = Vec::new();
    for target in report.targets.iter().filter(is_told) {
        let words = lines(target, target.name.as_str(), &above, None, Paint::new(false));
        match told.iter_mut().find(|(known, of)| *known == words && of.iter().all(|of| of.name == target.name)) {
            Some((_, targets)) => targets.push(target),
            None => told.push((words, vec![target])),
        }
    }
    let block = |(_, targets): (_, Vec<&TargetReport>)| {
        targets.first().map(|target| lines(target, &labels.of_all(&targets), &above, width, paint))
    };
    let own = told.into_iter().filter_map(block);
    let lines = |(_, lines)| lines;
    first.into_iter().map(lines).chain(own).chain(last.into_iter().map(lines)).collect()
}

/// The block of a target; nothing where all of it is told elsewhere.
fn lines(
    target: &TargetReport,
    label: &str,
    common: &common::Above,
    width: Option<usize>,
    paint: Paint,
) -> Vec<String> {
    let (known, in_full) = told::split(target);
    let (above, own): (Vec<&Cause>, Vec<&Cause>) = in_full.into_iter().partition(|cause| common.tells(cause));
    let phrases = over::phrases(target);
    let has_limit = target.findings.iter().any(|finding| finding.severity > Severity::Note && finding.limit.is_some());
    let is_bare = own.is_empty() && !has_limit && target.error.is_none() && target.accepted.is_empty();
    if is_bare && !above.is_empty() && above.iter().all(|cause| common.excuses(cause)) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if let Some(error) = &target.error {
        lines.extend(findings::failure(error, label, width, paint));
    }
    if !phrases.is_empty() || target.error.is_none() {
        lines.extend(headline(target, label, &phrases, width, paint));
    }
    for accepted in &target.accepted {
        lines.extend(hang("  accepted here: ", &acceptance(accepted), width));
    }
    lines.extend(causes(target, &own, width, paint));
    lines.extend(mentions(&known, target, width));
    let split = Split::of(target).filter(Split::is_of_base).map(|split| split.short());
    lines.extend(all_fixes(target).into_iter().chain(split).flat_map(|line| hang("  ", &line, width)));
    let counted = target.causes.iter().filter(|cause| cause.severity > Severity::Note && !common.excuses(cause));
    lines.extend(excuses::lines(counted.filter_map(|cause| cause.allow.as_deref()), width));
    lines
}

/// The rows of what can be changed; where nothing that could go is known, where the bytes are.
fn causes(target: &TargetReport, own: &[&Cause], width: Option<usize>, paint: Paint) -> Vec<String> {
    let (sizes, found): (Vec<&Cause>, Vec<&Cause>) = own.iter().partition(|cause| told::is_size_alone(cause, target));
    let bare: Vec<Row> = told::without_cause(target).filter_map(|finding| findings::row(finding, target)).collect();
    let frees = found.iter().any(|cause| cause.frees.is_some());
    let has_bytes = frees || bare.iter().any(|row| row.amount != rows::NOTHING);
    let mut lines = Vec::new();
    let mut add = |heading: &str, rows: &[Row]| {
        if !rows.is_empty() {
            lines.extend(rows::lines(heading, rows, width, paint));
        }
    };
    // Beside what can go, that the whole is too large is no news: the headline says it.
    let told = sizes.iter().filter(|cause| has_bytes && cause.at != CauseAt::Image);
    let told: Vec<Row> = found.iter().chain(told).map(|cause| cause::row(cause, target)).collect();
    add(if frees { "frees ≤" } else { "" }, &told);
    add("", &bare);
    if !has_bytes {
        lines.extend(largest::lines(target, &sizes, width, paint));
    }
    lines
}

/// `✗ shop-api  size 490.8 MB over · wasted 164.0 MB over`.
fn headline(target: &TargetReport, label: &str, phrases: &[String], width: Option<usize>, paint: Paint) -> Vec<String> {
    let worst = target.findings.iter().map(|finding| finding.severity).max();
    let verdict = worst.map_or(target.verdict, Verdict::from);
    let mark = mark(verdict);
    let words = if phrases.is_empty() { label.to_owned() } else { format!("{label}  {}", phrases.join(" · ")) };
    let mut lines = hang(&format!("{mark} "), &words, width);
    if let Some(first) = lines.first_mut() {
        paint.heading(first, verdict, label);
    }
    lines
}

/// `Known, from base node:20-slim: apt lists 82.9 MB`.
fn mentions(known: &[&Cause], target: &TargetReport, width: Option<usize>) -> Vec<String> {
    let (shown, more) = known.split_at(known.len().min(KNOWN));
    let mut lines: Vec<String> =
        shown.iter().flat_map(|cause| hang("  ", &cause::mention(cause, target), width)).collect();
    if !more.is_empty() {
        lines.push(format!("  Known, and {} more", more.len()));
    }
    lines
}

/// `All fixes: 840.8 → 537.0 MB, still 187.0 MB over`.
fn all_fixes(target: &TargetReport) -> Option<String> {
    let (size, fixed) = target.size.zip(target.size_when_fixed)?;
    if fixed >= size {
        return None;
    }
    let limit = target.rules.iter().find(|outcome| outcome.rule == Rule::Size);
    let limit = limit.and_then(|outcome| outcome.fail.or(outcome.warn)).map(Amount::value);
    let then = match limit {
        Some(limit) if fixed.0 > limit => format!(", still {} over", Bytes(fixed.0 - limit)),
        Some(limit) if size.0 > limit => ", within budget".to_owned(),
        _ => String::new(),
    };
    Some(format!("All fixes: {}{then}", span(Amount::Bytes(size), "→", Amount::Bytes(fixed))))
}

/// `growth 64.2 of up to 70.0 MB (budgets.toml:40): a new image codec`.
fn acceptance(accepted: &Accepted) -> String {
    let Accepted { rule, actual, up_to, reason, place } = accepted;
    let place = place.as_ref().map(|place| format!(" ({})", show(place))).unwrap_or_default();
    let reason = reason.as_deref().map(|reason| format!(": {}", text::line_within(reason, LONGEST)));
    format!("{rule} {}{place}{}", span(*actual, "of up to", *up_to), reason.unwrap_or_default())
}
