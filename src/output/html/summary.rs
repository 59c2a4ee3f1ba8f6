//! The first lines of a target: what became of it, its size beside its budget, and what it is made of.

use maud::{Markup, html};

use super::Options;
use crate::domain::{Amount, Bytes, Rule, TargetReport, Verdict};
use crate::output::{headroom, over};
use crate::text;

/// The longest sentence, in characters.
const SENTENCE: usize = 600;

/// A verdict's word and its sign.
pub(super) fn mark(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Pass => ("pass", "✓"),
        Verdict::Warn => ("warn", "!"),
        Verdict::Fail => ("fail", "✗"),
        Verdict::Error => ("error", "?"),
    }
}

/// The head of a target.
pub(super) fn head(target: &TargetReport, label: &str, options: &Options) -> Markup {
    let (word, sign) = mark(target.verdict);
    let is_judged = options.inspected.is_none();
    html! {
        header.head {
            h2 {
                @if is_judged { span class={ "badge " (word) } { span aria-hidden="true" { (sign) } " " (word) } " " }
                bdi { (label) }
            }
            @if let Some(size) = target.size {
                p.size {
                    strong { (amount(size)) } " "
                    @if is_judged { span.why { (sentence(target)) } }
                }
                (bar(target, size))
            } @else if is_judged && target.error.is_none() {
                p.size { span.why { (sentence(target)) } }
            }
            @if let Some(error) = &target.error {
                p.error { (text::line_within(&error.message, SENTENCE)) }
                @if let Some(hint) = &error.hint { p.hint { (text::line_within(hint, SENTENCE)) } }
            }
            (facts(target))
        }
    }
}

/// What is the matter, or what is left.
pub(super) fn sentence(target: &TargetReport) -> String {
    let phrases = over::phrases(target);
    let room = || headroom::headroom(target).map(|room| format!("{room} left"));
    match (phrases.is_empty(), &target.error) {
        (false, _) => phrases.join(" · "),
        (true, Some(_)) => "could not be checked".to_owned(),
        (true, None) if headroom::is_over(target) => headroom::headroom(target).unwrap_or_default(),
        (true, None) => room().unwrap_or_else(|| "within its budget".to_owned()),
    }
}

/// A number with its unit, which is smaller.
fn amount(bytes: Bytes) -> Markup {
    let shown = bytes.to_string();
    let (number, unit) = shown.split_once(' ').unwrap_or((&shown, ""));
    html! { (number) small { " " (unit) } }
}

/// The size as a bar: what the base image has, what is the target's own, and where the budget ends.
fn bar(target: &TargetReport, size: Bytes) -> Markup {
    let limit = target.rules.iter().find(|outcome| outcome.rule == Rule::Size);
    let limit = limit.and_then(|outcome| outcome.fail.or(outcome.warn)).map(Amount::value);
    let whole = size.0.max(limit.unwrap_or_default()).max(1);
    let base = target.base_size.unwrap_or_default().0.min(size.0);
    let at = |bytes: u64| thousandths(bytes, whole);
    let told = limit.map_or_else(String::new, |limit| format!(" of a budget of {}", Bytes(limit)));
    html! {
        svg.bar viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label={ (size) (told) } {
            rect.track width="1000" height="14" {}
            rect.base width=(at(base)) height="14" {}
            rect.own x=(at(base)) width=(at(size.0 - base)) height="14" {}
            @if let Some(limit) = limit {
                @if size.0 > limit { rect.over x=(at(limit)) width=(at(size.0 - limit)) height="14" {} }
                rect.limit x=(at(limit).saturating_sub(3)) width="3" height="14" {}
            }
        }
        p.keys {
            @if target.base_size.is_some_and(|base| base > Bytes::ZERO) {
                span.key { span class="swatch base" {} "base " b { (Bytes(base)) } }
                span.key { span class="swatch own" {} "yours " b { (Bytes(size.0 - base)) } }
            }
            @if let Some(limit) = limit { span.key { span class="swatch limit" {} "budget " b { (Bytes(limit)) } } }
            @if let Some(fixed) = target.size_when_fixed.filter(|fixed| *fixed < size) {
                span.key { "all fixes: " b { (size) " → " (fixed) } }
            }
        }
    }
}

fn thousandths(bytes: u64, of: u64) -> u64 {
    u64::try_from(u128::from(bytes) * 1000 / u128::from(of.max(1))).unwrap_or(1000)
}

/// What there is to say of the image, each with its name.
fn facts(target: &TargetReport) -> Markup {
    let contents = target.contents.as_ref();
    let mut facts: Vec<(&str, String)> = Vec::new();
    if let Some(change) = &target.change
        && let (Some(before), Some(now)) = (change.size_before, target.size)
    {
        let moved = Bytes(before.0.abs_diff(now.0));
        let shown = if now == before {
            "none".to_owned()
        } else {
            format!("{}{moved}", if now > before { "+" } else { "−" })
        };
        facts.push(("Change", shown));
    }
    if let Some(compressed) = target.compressed_size {
        let about = if compressed.is_estimate { "about " } else { "" };
        facts.push(("Compressed", format!("{about}{}", compressed.bytes)));
    }
    if let Some(wasted) = contents.and_then(wasted) {
        facts.push(("Wasted", wasted.to_string()));
    }
    if let Some(packages) = contents.and_then(|contents| contents.packages.as_ref()).map(|packages| packages.list.len())
    {
        let least = contents.is_some_and(|contents| !contents.unread.is_empty());
        let shown = match (packages, least) {
            (0, true) => "not known".to_owned(),
            (_, true) => format!("at least {packages}"),
            (_, false) => packages.to_string(),
        };
        facts.push(("Packages", shown));
    }
    if !target.layers.is_empty() {
        facts.push(("Layers", target.layers.len().to_string()));
    }
    if let Some(platform) = &target.platform {
        facts.push(("Platform", text::line(&platform.to_string())));
    }
    if let Some(base) = &target.base {
        facts.push(("Base", text::line(&base.reference)));
    }
    html! {
        @if !facts.is_empty() {
            dl.facts { @for (name, value) in facts { div { dt { (name) } dd { bdi { (value) } } } } }
        }
    }
}

/// What ships and nobody sees.
fn wasted(contents: &crate::domain::Contents) -> Option<Bytes> {
    contents.map.as_ref().and_then(|map| map.nodes.first()).map(|root| root.hidden)
}
