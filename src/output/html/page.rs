//! The page around the targets: its head with the policy, the switch between targets, the data and the script.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Options;
use super::policy::{SCRIPT, STYLE, policy};
use super::summary::{mark, sentence};
use crate::domain::{Report, TargetReport};
use crate::output::label::Labels;
use crate::text;

/// What a target takes beside its section and its data: its place in the switch.
pub(super) const EACH: usize = 600;

/// What the page takes without any target.
pub(super) fn weight(report: &Report, options: &Options) -> usize {
    const SPARE: usize = 2000;
    page(report, &[], &Labels::new(report), options, &[], &[]).len().saturating_add(SPARE)
}

/// The whole page.
pub(super) fn page(
    report: &Report,
    targets: &[&TargetReport],
    labels: &Labels<'_>,
    options: &Options,
    sections: &[Markup],
    data: &[String],
) -> String {
    let shown = targets.get(..sections.len()).unwrap_or_default();
    let left = targets.len().saturating_sub(shown.len());
    let title = title(targets, labels, options);
    let body = html! {
        @if shown.len() > 1 { (switch(shown, labels)) }
        main { @for section in sections { (section) } }
        @if left > 0 { p.calm.left { "There is no room for " (text::count(left, "more image", "more images")) " on this page." } }
    };
    shell(&title, &since(report), &body, data)
}

/// A page with everything that all of them have.
pub(super) fn shell(title: &str, since: &str, body: &Markup, data: &[String]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.bar-top {
                    p.brand { "imgbudget" }
                    p.since { (since) }
                    button.theme.scripted type="button" aria-label="Light or dark" { "◐" }
                }
                h1.unseen { (title) }
                (body)
                script type="application/json" id="data" { "[" @for (position, data) in data.iter().enumerate() { @if position > 0 { "," } (PreEscaped(data)) } "]" }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// `orders: size 490.8 MB over`.
fn title(targets: &[&TargetReport], labels: &Labels<'_>, options: &Options) -> String {
    match (&options.inspected, targets.first()) {
        (Some(name), _) => format!("{} – imgbudget", text::line(name)),
        (None, Some(worst)) => format!("{}: {} – imgbudget", labels.of(worst), sentence(worst)),
        (None, None) => "imgbudget".to_owned(),
    }
}

fn since(report: &Report) -> String {
    let commit = report.commit.as_deref().map(|commit| text::line(commit.get(..7).unwrap_or(commit)));
    let against = report.baseline.as_ref().map(|baseline| format!("against {}", text::line(&baseline.name())));
    commit.into_iter().chain(against).collect::<Vec<_>>().join(" ")
}

fn switch(targets: &[&TargetReport], labels: &Labels<'_>) -> Markup {
    html! {
        nav.switch aria-label="Images" {
            @for (position, target) in targets.iter().enumerate() {
                @let (word, sign) = mark(target.verdict);
                a href={ "#target-" (position) } data-open=(position) class=(word) {
                    span.sign title=(word) { (sign) } " " bdi { (labels.of(target)) }
                    @if let Some(size) = target.size { " " small { (size) } }
                }
            }
        }
    }
}
