//! The first line: the whole story. Who got worse and by how much or, where nobody did, what moved.

use super::change;
use super::moved;
use super::pick::{self, Standing};
use super::reasons::reasons;
use super::shared;
use super::view::{View, symbol, unbroken};
use crate::domain::{Rule, TargetReport, Verdict};
use crate::text;

/// Exit code 2, and no target of which it could be said.
const UNCHECKED: &str = "not everything could be checked";
/// Failing images of which the first is named; more are counted.
const NAMED: usize = 3;

/// ``❌ `orders` grew 64.2 MB, 59.2 MB more than allowed · 1 more fails``. Holds nothing that a stranger could write.
pub(super) fn line(view: &View<'_>) -> String {
    let verdict = view.verdict();
    if view.targets.is_empty() {
        if let Some(left_out) = view.report.left_out.as_ref().filter(|left_out| !left_out.targets.is_empty()) {
            let count = text::count(left_out.targets.len(), "target", "targets");
            return format!("**{} nothing to check: {count} unchanged**", symbol(Verdict::Pass));
        }
        return format!("**{} no image was measured**", symbol(verdict.max(Verdict::Warn)));
    }
    let culprit = view.listed().find(|target| pick::news(target) > Verdict::Pass);
    let mut parts = match culprit {
        Some(culprit) => worse(view, culprit, pick::news(culprit)),
        None if verdict == Verdict::Error => Vec::new(),
        None if verdict == Verdict::Warn => moved_past(view).unwrap_or_else(|| as_before(view, verdict)),
        None if verdict == Verdict::Fail => as_before(view, verdict),
        None => calm(view),
    };
    if verdict == Verdict::Error && !view.targets.iter().any(|target| target.verdict == Verdict::Error) {
        parts.push(UNCHECKED.to_owned());
    }
    if let Some(first) = parts.first_mut() {
        *first = format!("**{} {first}**", symbol(verdict));
    }
    parts.join(" · ")
}

/// `` `api` is 12.0 MB over its budget``.
pub(super) fn accusation(view: &View<'_>, target: &TargetReport) -> String {
    if pick::news(target) == Verdict::Pass && target.verdict == Verdict::Pass {
        return view.plain_name(target);
    }
    format!("{} {}", view.plain_name(target), reasons(target))
}

fn worse(view: &View<'_>, culprit: &TargetReport, news: Verdict) -> Vec<String> {
    let failing: Vec<&TargetReport> =
        view.targets.iter().copied().filter(|target| pick::news(target) == Verdict::Fail).collect();
    if news == Verdict::Fail && failing.len() > NAMED {
        return many(view, &failing);
    }
    let mut parts = vec![accusation(view, culprit)];
    // What could not be measured is worse than what is too large, and hides it from nobody.
    let second = view.targets.iter().find(|target| pick::news(target) == Verdict::Fail);
    let second = second.filter(|_| news == Verdict::Error);
    parts.extend(second.map(|target| accusation(view, target)));
    parts.extend(others(view, news));
    parts
}

/// `14 of 20 images fail, 10 of them by one cause`.
fn many(view: &View<'_>, failing: &[&TargetReport]) -> Vec<String> {
    let groups = shared::together(view.report, |target, cause| {
        pick::news(target) == Verdict::Fail && pick::is_open(target, cause)
    });
    let by_one = groups.iter().map(Vec::len).max().unwrap_or(0);
    let all = view.targets.len();
    let shared = match by_one {
        0..=2 => String::new(),
        number if number >= failing.len() => ", all by one cause".to_owned(),
        number => format!(", {number} of them by one cause"),
    };
    let warn = view.targets.iter().filter(|target| pick::news(target) == Verdict::Warn).count();
    let warn = (warn > 0).then(|| format!("{warn} {}", if warn == 1 { "warns" } else { "warn" }));
    std::iter::once(format!("{} of {all} images fail{shared}", failing.len())).chain(warn).collect()
}

/// `1 more fails`, `2 warn`: of what is new.
fn others(view: &View<'_>, worst: Verdict) -> Vec<String> {
    let number = |verdict| view.listed().filter(|target| pick::news(target) == verdict).count();
    let verbs = [
        (Verdict::Error, "could not be measured", "could not be measured"),
        (Verdict::Fail, "fails", "fail"),
        (Verdict::Warn, "warns", "warn"),
    ];
    let part = |(verdict, one, many)| {
        let is_named = verdict == worst || verdict == Verdict::Fail;
        let (number, more) =
            if is_named { (number(verdict).saturating_sub(1), " more") } else { (number(verdict), "") };
        (number > 0).then(|| format!("{number}{more} {}", if number == 1 { one } else { many }))
    };
    verbs.into_iter().filter_map(part).collect()
}

/// Whether something is larger by more than little, although no rule minds.
fn grew(view: &View<'_>) -> bool {
    let is_larger = |target: &TargetReport| {
        let before = target.change.as_ref().and_then(|change| change.size_before);
        before.zip(target.size).is_some_and(|(before, now)| now > before) && pick::has_changed(target)
    };
    view.targets.iter().any(|target| is_larger(target))
}

/// Nothing is new, and what is old still counts.
fn as_before(view: &View<'_>, verdict: Verdict) -> Vec<String> {
    let verb = if verdict == Verdict::Fail { ("fails", "fail") } else { ("warns", "warn") };
    let calm = if grew(view) { "" } else { "nothing got worse: " };
    let first = match view.targets.as_slice() {
        [only] => format!("{calm}{} {} as before, it {}", view.plain_name(only), verb.0, reasons(only)),
        all => {
            let number = all.iter().filter(|target| target.verdict == verdict).count();
            let verb = if number == 1 { verb.0 } else { verb.1 };
            format!("{calm}{number} of {} {verb} as before", all.len())
        }
    };
    std::iter::once(first).chain(most_moved(view)).collect()
}

/// Base images moved by more than images may grow, and nothing else is new.
fn moved_past(view: &View<'_>) -> Option<Vec<String>> {
    let mut past = view.standing_so(Standing::Moved).filter(|target| pick::news(target) > Verdict::Pass);
    past.next()?;
    let first = moved::groups(view).into_iter().next()?;
    Some(vec![first.sentence(), "more than they may grow, which only warns".to_owned()])
}

/// Everything is fine; what moved most is still worth a word.
fn calm(view: &View<'_>) -> Vec<String> {
    if let Some(accepted) = accepted(view) {
        return vec![accepted];
    }
    let is_quiet = |standing: Standing| view.standing_so(standing).next().is_none();
    let moved = moved::groups(view);
    if let (Some(first), true, true) = (moved.first(), is_quiet(Standing::Listed), is_quiet(Standing::Drifted)) {
        let more = moved.len() - 1;
        let more = (more > 0).then(|| format!("{more} more moved"));
        return std::iter::once(first.sentence()).chain(more).collect();
    }
    let unchanged = view.compared && is_quiet(Standing::Listed) && is_quiet(Standing::Moved);
    let unchanged = if unchanged && is_quiet(Standing::Drifted) { "no image changed: " } else { "" };
    let known = view.targets.iter().filter(|target| pick::has_known(target)).count();
    let open = view.targets.iter().filter(|target| target.findings.iter().any(pick::is_news)).count();
    let within = match view.targets.as_slice() {
        all if open > 0 => format!("no baseline yet: {open} of {} would fail without `only-new`", all.len()),
        all if known > 0 => {
            let calm = if grew(view) { "nothing fails newly" } else { "nothing got worse" };
            format!("{calm}: {} pass, {known} known", all.len() - known)
        }
        [only] => format!("{unchanged}{} is within its budget", view.plain_name(only)),
        [_, _] => format!("{unchanged}both images are within budget"),
        all => format!("{unchanged}all {} images are within budget", all.len()),
    };
    std::iter::once(within).chain(most_moved(view)).collect()
}

/// `` `orders` grew 64.2 MB, accepted here``.
fn accepted(view: &View<'_>) -> Option<String> {
    let mut with = view.targets.iter().filter(|target| !target.accepted.is_empty());
    let target = with.next()?;
    let accepted = target.accepted.first()?;
    let actual = unbroken(&accepted.actual.to_string());
    let what = match accepted.rule {
        Rule::Growth => format!("grew {actual}"),
        rule => format!("has {rule} {actual}"),
    };
    let others = with.count();
    let others =
        if others > 0 { format!(", and {} more", text::count(others, "image", "images")) } else { String::new() };
    Some(format!("{} {what}, accepted here{others}", view.plain_name(target)))
}

/// What changed most of that which was changed here.
fn most_moved(view: &View<'_>) -> Option<String> {
    let moved = view.listed().filter_map(|target| {
        let before = target.change.as_ref()?.size_before?;
        let now = target.size?;
        (before != now).then_some((before.0.abs_diff(now.0), target, before, now))
    });
    let (_, target, before, now) = moved.max_by_key(|(difference, ..)| *difference)?;
    Some(format!("{} {}", view.plain_name(target), change::delta(before, now)))
}
