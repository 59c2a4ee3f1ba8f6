//! One target: its head, causes beside the map, and the tables.

use maud::{Markup, html};

use super::{Options, cause, picture, summary, tables};
use crate::domain::{Map, Report, TargetReport};
use crate::output::label::Labels;
use crate::text;

/// All of a target. Of one of them the map is drawn here, for readers without a script.
pub(super) fn section(
    report: &Report,
    target: &TargetReport,
    labels: &Labels<'_>,
    options: &Options,
    is_drawn: bool,
    position: usize,
) -> Markup {
    // What people call the image, where it is the only one.
    let title = options.inspected.as_deref().filter(|_| report.targets.len() == 1);
    let label = title.map_or_else(|| labels.of(target), text::line);
    let map = target.contents.as_ref().and_then(|contents| contents.map.as_ref());
    let is_judged = options.inspected.is_none();
    html! {
        section.target id={ "target-" (position) } data-target=(position) aria-label=(label) {
            (summary::head(target, &label, options))
            div class={ "main" @if !is_judged { " alone" } } {
                @if is_judged { (cause::list(target, options, map)) }
                @if map.is_some() || target.error.is_none() { (chart(report, target, map, is_drawn)) }
            }
            (tables::tables(target, options))
            (unread(target))
        }
    }
}

/// The map of an image that was compared with another.
pub(super) fn map_since(target: &TargetReport, earlier: &str) -> Markup {
    let map = target.contents.as_ref().and_then(|contents| contents.map.as_ref());
    html! { @if let Some(map) = map { (chart_of(target, map, true, earlier)) } }
}

fn chart(report: &Report, target: &TargetReport, map: Option<&Map>, is_drawn: bool) -> Markup {
    let Some(map) = map else {
        return html! {
            section.map.none aria-label="Map" {
                h3 { "Map" }
                p.calm { "No map: the image's files were not looked at in this run. " code { "imgbudget check --write html=page.html" } " looks at them." }
            }
        };
    };
    let since =
        report.baseline.as_ref().map_or_else(|| "a baseline".to_owned(), |baseline| text::line(&baseline.name()));
    chart_of(target, map, is_drawn, &since)
}

fn chart_of(target: &TargetReport, map: &Map, is_drawn: bool, since: &str) -> Markup {
    let is_compared = map.is_compared || target.change.is_some();
    let told =
        map.nodes.first().map(|root| format!("Map of {} in {} files", root.bytes, root.files)).unwrap_or_default();
    let grown = if is_compared { format!("Since {since}") } else { "Nothing to compare with".to_owned() };
    let whose = if target.base_size.is_none() { "Which layers came with the base image is not known" } else { "" };
    html! {
        section class={ "map" @if !is_drawn { " undrawn" } } aria-label="Map" {
            div.tools {
                nav.crumbs.scripted aria-label="Directory" {}
                fieldset.measure.scripted {
                    legend.unseen { "Bytes" }
                    (choice("all", "All", false, ""))
                    (choice("own", "Yours", target.base_size.is_none(), whose))
                    (choice("base", "Base", target.base_size.is_none(), whose))
                    (choice("grown", "Grown", !is_compared, &grown))
                }
                div.search.scripted {
                    input type="search" placeholder="Find a path or package" aria-label="Find a path or package" autocomplete="off" spellcheck="false";
                    div.found hidden role="region" aria-label="Found" {}
                }
            }
            div.stage { @if is_drawn { (picture::pictures(map, &told)) } }
            p.told.scripted aria-live="polite" {}
            p.legend {
                span.key { span class="swatch own" {} "yours" }
                span.key { span class="swatch base" {} "base image" }
                span.key { span class="swatch hidden" {} "deleted or replaced later, ships all the same" }
                span.key.lit-key hidden { span class="swatch lit" {} "of this cause" }
            }
        }
    }
}

fn choice(value: &str, label: &str, is_off: bool, why: &str) -> Markup {
    html! {
        button type="button" data-measure=(value) aria-pressed=(if value == "all" { "true" } else { "false" }) disabled[is_off] title=[(!why.is_empty()).then_some(why)] { (label) }
    }
}

/// What could not be read, so that nobody takes it for nothing.
fn unread(target: &TargetReport) -> Markup {
    const MOST: usize = 20;
    let unread = target.contents.as_ref().map_or(&[][..], |contents| &contents.unread);
    html! {
        @if !unread.is_empty() {
            section.table aria-label="Not read" {
                h3 { "Not read" " " small { "what these files say is not known" } }
                ul { @for file in unread.iter().take(MOST) { li { bdi { (text::line(&file.path)) } ": " (text::line(&file.why)) } } }
                @if unread.len() > MOST { p.calm { "and " (unread.len() - MOST) " more" } }
            }
        }
    }
}
