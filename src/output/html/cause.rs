//! What to change, as a list: what it frees, where it is, what is the matter, and what to do. Each lights its bytes on the map.

use maud::{Markup, html};

use super::Options;
use super::light::Finder;
use super::summary::mark;
use crate::domain::{Cause, CauseAt, Links, Map, Place, TargetReport, Verdict};
use crate::text;

/// The most causes that are listed.
const MOST: usize = 40;
/// The longest sentence, in characters.
const SENTENCE: usize = 400;

/// The causes of a target.
pub(super) fn list(target: &TargetReport, options: &Options, map: Option<&Map>) -> Markup {
    let finder = map.map(Finder::new);
    let is_lit = |cause: &Cause| finder.as_ref().is_some_and(|finder| !finder.light(cause, target).is_empty());
    let more = target.causes.len().saturating_sub(MOST);
    if target.causes.is_empty() && target.error.is_some() {
        return html! {};
    }
    html! {
        section.causes aria-label="What to change" {
            h3 { "What to change" }
            @if target.causes.is_empty() { p.calm { "Nothing: every rule is kept." } }
            ol {
                @for (position, cause) in target.causes.iter().take(MOST).enumerate() {
                    li { (item(cause, position, target, options, is_lit(cause))) }
                }
            }
            @if more > 0 { p.calm { "and " (more) " more" } }
        }
    }
}

fn item(cause: &Cause, position: usize, target: &TargetReport, options: &Options, is_mapped: bool) -> Markup {
    let (word, sign) = mark(Verdict::from(cause.severity));
    let (line, what) = whereabouts(cause, target);
    let frees = cause.frees.map(|frees| frees.to_string());
    html! {
        article class={ "cause " (word) } {
            p.top {
                span.sign title=(word) { (sign) }
                @if let Some(line) = line { (place(line, &options.links)) }
                @if cause.is_new == Some(true) { span.new { "new" } }
                @if let Some(grew) = cause.grew { span.grew { "+" (grew) } }
                @if let Some(frees) = frees { span.frees { "frees ≤ " b { (frees) } } }
            }
            @if let Some(what) = what { p.instruction { code { (what) } } }
            @if !cause.what.is_empty() { p.what { (text::line_within(&cause.what, SENTENCE)) } }
            @if !cause.fix.is_empty() { p.fix { span aria-hidden="true" { "→ " } (text::line_within(&cause.fix, SENTENCE)) } }
            @if is_mapped {
                button.show type="button" data-cause=(position) aria-pressed="false" { "Show on the map" }
            }
        }
    }
}

/// Its line, and what stands there.
fn whereabouts<'a>(cause: &'a Cause, target: &'a TargetReport) -> (Option<&'a Place>, Option<String>) {
    match &cause.at {
        CauseAt::Layer { index, line } => {
            let made_by = target.layers.get(*index).and_then(|layer| layer.created_by.as_deref());
            let made_by = made_by.map(|made_by| text::line_within(&text::instruction(made_by), SENTENCE));
            let number = format!("layer {} of {}", index.saturating_add(1), target.layers.len());
            let what = match (line, made_by) {
                (Some(_), made_by) => made_by,
                (None, Some(made_by)) => Some(format!("{number}: {made_by}")),
                (None, None) => Some(number),
            };
            (line.as_ref(), what)
        }
        CauseAt::Base { line } => {
            let from = target.base.as_ref().map(|base| format!("FROM {}", text::line(&base.reference)));
            let line = line.as_ref().or_else(|| target.base.as_ref().map(|base| &base.place));
            (line, from.or_else(|| Some("base image".to_owned())))
        }
        CauseAt::Setting { line, .. } | CauseAt::Budget { line } => (line.as_ref(), None),
        CauseAt::Stage | CauseAt::Image => (None, None),
    }
}

/// `Dockerfile:24`, linked where that is known.
pub(super) fn place(place: &Place, links: &Links) -> Markup {
    let shown = format!("{}:{}", text::line(&place.file), place.line);
    html! {
        @match links.line(place) {
            Some(address) => a.place href=(address) rel="noreferrer" { bdi { (shown) } },
            None => span.place { bdi { (shown) } },
        }
    }
}
