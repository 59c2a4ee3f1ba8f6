//! The last line: the whole story. Which, how much, over by.

use std::collections::BTreeSet;

use super::paint::{Paint, mark};
use super::told::{is_one_of, moved_together};
use crate::domain::{
    Amount, ChangeState, EasedBy, Finding, LeftOut, Report, Rule, Severity, TargetName, TargetReport, Verdict,
};
use crate::output::Options;
use crate::output::headroom::{headroom, is_over, judged, of_budget};
use crate::output::label::Labels;
use crate::output::over;
use crate::text::{self, hang};

/// Targets that are told of; the rest is counted.
const MOST: usize = 3;

/// `✗ 1 of 3 over: shop-api 840.8 MB (+524.7 MB), 490.8 MB over`.
pub(super) fn lines(report: &Report, labels: &Labels<'_>, options: &Options, paint: Paint) -> Vec<String> {
    let (verdict, sentence) = sentence(report, labels, options.strict);
    let mut lines = hang(&format!("{} ", mark(verdict)), &sentence, options.width);
    if let Some(first) = lines.first_mut() {
        paint.heading(first, verdict, "");
    }
    lines
}

fn sentence(report: &Report, labels: &Labels<'_>, strict: bool) -> (Verdict, String) {
    let of = |verdict| report.targets.iter().filter(|target| target.verdict == verdict).collect::<Vec<_>>();
    let (broken, mut failed, mut warned) = (of(Verdict::Error), of(Verdict::Fail), of(Verdict::Warn));
    for targets in [&mut failed, &mut warned] {
        targets.sort_by_key(|target| std::cmp::Reverse(most_over(target)));
    }
    let not_judged = if strict { unjudged(report, labels) } else { None };
    let verdict = if not_judged.is_some() { Verdict::Error } else { report.verdict };
    let mut parts = Vec::new();
    if !broken.is_empty() {
        let names = labels.few(&broken);
        parts.push(match report.targets.len() {
            1 => format!("{names} could not be measured"),
            _ => format!("{} could not be measured: {names}", share(&broken, report)),
        });
    }
    parts.extend(not_judged);
    if !failed.is_empty() {
        parts.push(told(
            &failed,
            if failed.iter().all(|target| is_too_much(target)) { "over" } else { "failed" },
            report,
            labels,
        ));
    }
    if !warned.is_empty() {
        let with = if warned.len() == 1 { "with a warning" } else { "with warnings" };
        let is_worst = broken.is_empty() && failed.is_empty();
        let moved = moved_together(report);
        let is_base = warned.iter().all(|target| is_one_of(&moved, target));
        parts.push(if is_worst && is_base {
            format!("{} {with}: their base image grew by more than they may", share(&warned, report))
        } else if is_worst {
            told(&warned, with, report, labels)
        } else {
            format!("{} {with}", warned.len())
        });
    }
    if parts.is_empty() {
        parts.push(passed(report, labels));
    }
    parts.extend(known(report));
    let left_out = report.left_out.as_ref().and_then(LeftOut::sentence).map(|said| text::line(&said));
    match parts.as_mut_slice() {
        [nothing] if report.targets.is_empty() => {
            nothing.extend(left_out.map(|said| format!(": {said}")));
        }
        _ => parts.extend(left_out),
    }
    (verdict, parts.join("; "))
}

/// `1 of 3 over: api 162.0 MB, 12.0 MB over`; of an only target what became of it.
fn told(targets: &[&TargetReport], how: &str, report: &Report, labels: &Labels<'_>) -> String {
    let stories: Vec<String> = targets.iter().take(MOST).map(|target| story(target, labels)).collect();
    let more = targets.len().saturating_sub(MOST);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let stories = stories.join("; ");
    if report.targets.len() == 1 { stories } else { format!("{} {how}: {stories}{more}", share(targets, report)) }
}

/// `1 of 3`; a target on two platforms is one target and two images.
fn share(some: &[&TargetReport], report: &Report) -> String {
    let names: BTreeSet<&TargetName> = report.targets.iter().map(|target| &target.name).collect();
    let things = if names.len() == report.targets.len() { "" } else { " images" };
    format!("{} of {}{things}", some.len(), report.targets.len())
}

/// The bytes that it is over its worst limit by: those that are told first.
fn most_over(target: &TargetReport) -> u64 {
    let bytes = |finding: &Finding| match finding.over_by {
        Some(Amount::Bytes(bytes)) if finding.severity > Severity::Note => bytes.0,
        _ => 0,
    };
    target.findings.iter().map(bytes).max().unwrap_or(0)
}

/// Whether limits are what is the matter with it.
fn is_too_much(target: &TargetReport) -> bool {
    target.findings.iter().any(|finding| finding.severity == Severity::Fail && finding.over_by.is_some())
}

/// `shop-api 840.8 MB (+524.7 MB), 490.8 MB over`.
fn story(target: &TargetReport, labels: &Labels<'_>) -> String {
    let mut phrases = over::phrases(target);
    let size_is_over = judged(target).is_some_and(|outcome| {
        let of_rule = |finding: &&Finding| finding.rule == outcome.rule && finding.eased.is_none();
        let worst = target.findings.iter().filter(of_rule).map(|finding| finding.severity.into()).max();
        worst == Some(target.verdict)
    });
    let what = if size_is_over && is_over(target) {
        headroom(target)
            .map(|over| if target.verdict == Verdict::Warn { format!("{over} its warning limit") } else { over })
    } else {
        (!phrases.is_empty()).then(|| phrases.swap_remove(0))
    };
    let what = what.map(|what| format!(", {what}")).unwrap_or_default();
    format!("{}{}{what}", labels.of(target), size(target))
}

/// ` 840.8 MB (+524.7 MB)`; where another size than the content size is judged, that one of its limit.
fn size(target: &TargetReport) -> String {
    let other = judged(target).filter(|outcome| outcome.rule != Rule::Size && is_over(target));
    if let Some(of_budget) = other.and_then(|_| of_budget(target)) {
        return format!(" {of_budget}");
    }
    let Some(size) = target.size else { return String::new() };
    let change = target.change.as_ref().filter(|change| change.state == ChangeState::Changed);
    let change = change.and_then(|change| super::verdicts::signed(change.size_before?, size));
    format!(" {size}{}", change.map(|change| format!(" ({change})")).unwrap_or_default())
}

/// What is left where nothing is wrong: the least of all targets.
fn passed(report: &Report, labels: &Labels<'_>) -> String {
    let room = |target: &TargetReport| {
        let outcome = judged(target)?;
        let limit = outcome.fail.or(outcome.warn)?;
        limit.value().checked_sub(outcome.actual.value())
    };
    match report.targets.as_slice() {
        [] => "nothing to check".to_owned(),
        [target] => {
            let left = headroom(target).filter(|_| room(target).is_some()).map(|left| format!(", {left} left"));
            let left = left.or_else(|| is_over(target).then(|| over_and_passed(target)));
            format!("{}{}{}", labels.of(target), size(target), left.unwrap_or_else(|| ", within budget".to_owned()))
        }
        all => {
            let least = all.iter().filter_map(|target| Some((room(target)?, target))).min_by_key(|(room, _)| *room);
            let least = least
                .and_then(|(_, target)| Some(format!("; least headroom: {} {}", labels.of(target), headroom(target)?)));
            let both = if all.len() == 2 { "both".to_owned() } else { format!("all {}", all.len()) };
            format!("{both} within budget{}", least.unwrap_or_default())
        }
    }
}

/// Why a target passes that is more than its budget.
fn over_and_passed(target: &TargetReport) -> String {
    let is_eased = target.findings.iter().any(|finding| finding.limit.is_some() && finding.eased.is_some());
    let why = if is_eased { "known" } else { "allowed" };
    headroom(target).map_or_else(|| format!(", more than its budget, {why}"), |over| format!(", {over}, {why}"))
}

/// `14 with known problems`; without a baseline nobody knows what is new.
fn known(report: &Report) -> Option<String> {
    let eased = |by: EasedBy| {
        let is_eased = |finding: &Finding| finding.eased.as_ref().is_some_and(|eased| eased.why == by);
        report.targets.iter().filter(|target| target.findings.iter().any(is_eased)).count()
    };
    let (number, what) = match eased(EasedBy::NoBaseline) {
        0 => (eased(EasedBy::Known), "with known problems"),
        number => (number, "with problems, and no baseline yet that tells what is new"),
    };
    let number = (number > 0).then_some(number)?;
    Some(if report.targets.len() == 1 { what.to_owned() } else { format!("{number} {what}") })
}

/// With --strict, what could not be judged.
fn unjudged(report: &Report, labels: &Labels<'_>) -> Option<String> {
    let of_targets: Vec<&TargetReport> = report.targets.iter().filter(|target| !target.not_judged.is_empty()).collect();
    let rules: BTreeSet<Rule> = report
        .not_judged
        .iter()
        .chain(of_targets.iter().flat_map(|target| &target.not_judged))
        .map(|not| not.rule)
        .collect();
    if rules.is_empty() {
        return None;
    }
    let rules: Vec<&str> = rules.into_iter().map(Rule::code).collect();
    let whose = if of_targets.is_empty() { String::new() } else { format!(" of {}", labels.few(&of_targets)) };
    Some(text::line_within(&format!("not judged, which --strict asks for: {}{whose}", rules.join(", ")), 1000))
}
