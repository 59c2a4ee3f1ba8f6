//! The last words: what became of the run.

use std::collections::BTreeSet;

use super::paint::{Paint, verdict_words};
use super::paragraph::hang;
use crate::domain::{LeftOut, Report, TargetName, Verdict};

/// `✗ fail: 1 of 3 targets breaks its budget, 1 could not be measured`, or what became of the only one.
pub(super) fn lines(report: &Report, width: Option<usize>, paint: Paint) -> Vec<String> {
    let verdict = verdict_words(report.verdict);
    let mut lines = hang(&format!("{verdict}: "), &sentence(report), width);
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(&verdict, &paint.verdict(report.verdict, &verdict), 1);
    }
    lines
}

fn sentence(report: &Report) -> String {
    let all = report.targets.len();
    if let [target] = report.targets.as_slice() {
        let became = match target.verdict {
            Verdict::Pass => "is within budget",
            Verdict::Warn => "has a warning",
            Verdict::Fail => "breaks its budget",
            Verdict::Error => "could not be measured",
        };
        return format!("the target {became}");
    }
    let number = |verdict| report.targets.iter().filter(|target| target.verdict == verdict).count();
    let (failed, broken, warned) = (number(Verdict::Fail), number(Verdict::Error), number(Verdict::Warn));
    // A target on two platforms is one target and two images.
    let names: BTreeSet<&TargetName> = report.targets.iter().map(|target| &target.name).collect();
    let things = if names.len() == all { "targets" } else { "images" };
    let parts = [
        (failed, if failed == 1 { "breaks its budget" } else { "break their budgets" }),
        (broken, "could not be measured"),
        (warned, if warned == 1 { "with a warning" } else { "with warnings" }),
    ];
    let mut said: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    match said.first_mut() {
        None if all == 0 => match report.left_out.as_ref().and_then(LeftOut::sentence) {
            Some(said) => format!("nothing to check: {}", crate::text::line(&said)),
            None => "no target was measured".to_owned(),
        },
        None if all == 2 => format!("both {things} are within budget"),
        None => format!("all {all} {things} are within budget"),
        Some(first) => {
            if let Some((number, what)) = first.split_once(' ') {
                *first = format!("{number} of {all} {things} {what}");
            }
            said.join(", ")
        }
    }
}
