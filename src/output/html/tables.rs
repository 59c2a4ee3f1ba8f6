//! The tables below the map: layers, what can go, packages, and what is wasted.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::Options;
use super::cause::place;
use super::wasted;
use crate::domain::{Bytes, CanGo, Contents, Origin, Package, TargetReport};
use crate::text;

/// The most rows of a table: what is beyond is found by the search.
const MOST: usize = 60;
/// The longest text of a cell, in characters.
const LONGEST: usize = 300;

/// All tables of a target that have a row.
pub(super) fn tables(target: &TargetReport, options: &Options) -> Markup {
    let contents = target.contents.as_ref();
    html! {
        div.tables {
            (can_go(contents, options))
            (layers(target, options))
            (packages(contents, target))
            (wasted(contents))
        }
    }
}

/// A table with its heading; `note` stands beside it.
fn table(id: &str, heading: &str, note: &str, head: &Markup, body: &Markup) -> Markup {
    html! {
        section.table aria-label=(heading) data-table=(id) {
            h3 { (heading) @if !note.is_empty() { " " small { (note) } } }
            table { thead { tr { (head) } } tbody { (body) } }
        }
    }
}

fn more(all: usize) -> String {
    if all > MOST { format!("the {MOST} largest of {all}") } else { String::new() }
}

fn layers(target: &TargetReport, options: &Options) -> Markup {
    let mut all: Vec<_> = target.layers.iter().enumerate().collect();
    if all.is_empty() || target.size.is_none() {
        return html! {};
    }
    let note = if all.len() > MOST { more(all.len()) } else { "from the top".to_owned() };
    if all.len() > MOST {
        all.sort_by_key(|(position, layer)| (Reverse(layer.size), Reverse(*position)));
        all.truncate(MOST);
    }
    all.sort_by_key(|(position, _)| Reverse(*position));
    let largest = all.iter().filter_map(|(_, layer)| layer.size).max().unwrap_or_default();
    let head =
        html! { th.number { "Size" } th.gauge aria-label="Share" {} th { "Instruction" } th { "Whose" } th { "Line" } };
    let body = html! {
        @for (position, layer) in all {
            tr data-layer=(position) {
                td.number { (layer.size.map_or_else(|| "–".to_owned(), |size| size.to_string())) }
                td.gauge { (gauge(layer.size.unwrap_or_default(), largest, layer.origin)) }
                td.wide { code { (layer.created_by.as_deref().map_or_else(|| "not known".to_owned(), |by| text::line_within(&text::instruction(by), LONGEST))) } }
                td data-name="whose" { (whose(layer.origin)) }
                td data-name="line" { @if let Some(line) = target.line_of(layer) { (place(line, &options.links)) } }
            }
        }
    };
    table("layers", "Layers", &note, &head, &body)
}

fn whose(origin: Origin) -> &'static str {
    match origin {
        Origin::Base => "base",
        Origin::Own => "yours",
        Origin::Unknown => "not known",
    }
}

fn gauge(bytes: Bytes, largest: Bytes, origin: Origin) -> Markup {
    let width = u128::from(bytes.0) * 100 / u128::from(largest.0.max(1));
    let class = if origin == Origin::Base { "base" } else { "own" };
    html! {
        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect class=(class) width=(width.max(u128::from(bytes.0 > 0))) height="8" {}
        }
    }
}

fn can_go(contents: Option<&Contents>, options: &Options) -> Markup {
    let Some(contents) = contents.filter(|contents| !contents.can_go.is_empty()) else { return html! {} };
    let head = html! { th.number { "Frees ≤" } th { "What" } th { "Fix" } };
    let row = |it: &CanGo| {
        html! {
            tr {
                td.number { (it.bytes.map_or_else(|| "try it".to_owned(), |bytes| bytes.to_string())) }
                td.wide { (text::line_within(&it.what, LONGEST)) @if it.is_new == Some(true) { " " span.new { "new" } } }
                td data-name="fix" { @if let Some(line) = &it.line { (place(line, &options.links)) " " } (text::line_within(&it.fix, LONGEST)) }
            }
        }
    };
    let body = html! { @for it in contents.can_go.iter().take(MOST) { (row(it)) } };
    let note = format!("together at most {}", contents.can_go_bytes);
    table("can-go", "Can go", &note, &head, &body)
}

fn packages(contents: Option<&Contents>, target: &TargetReport) -> Markup {
    let list = contents.and_then(|contents| contents.packages.as_ref()).map_or(&[][..], |packages| &packages.list);
    if list.is_empty() {
        return html! {};
    }
    let mut largest: Vec<&Package> = list.iter().collect();
    largest.sort_by_key(|package| (Reverse(package.bytes), *package));
    let head = html! { th.number { "Size" } th { "Package" } th { "Version" } th { "From" } th.number { "Files" } th { "Layer" } };
    let body = html! {
        @for package in largest.into_iter().take(MOST) {
            tr {
                td.number { (package.bytes) }
                td.wide { bdi { (text::line(&package.name)) } }
                td data-name="version" { bdi { (package.version.as_deref().map_or_else(|| "–".to_owned(), text::line)) } }
                td data-name="from" { (package.ecosystem) }
                td.number data-name="files" { (package.files) }
                td data-name="layer" { (package.layer.map_or_else(|| "–".to_owned(), |layer| of_layer(layer, target))) }
            }
        }
    };
    table("packages", "Packages", &more(list.len()), &head, &body)
}

/// Who brought a layer: `base`, or its line, or its number.
fn of_layer(layer: usize, target: &TargetReport) -> String {
    match target.layers.get(layer) {
        Some(it) if it.origin == Origin::Base => "base".to_owned(),
        Some(it) => {
            it.dockerfile.as_ref().map_or_else(|| format!("layer {}", layer + 1), |place| format!(":{}", place.line))
        }
        None => "–".to_owned(),
    }
}

fn wasted(contents: Option<&Contents>) -> Markup {
    let Some(map) = contents.and_then(|contents| contents.map.as_ref()) else { return html! {} };
    let all = map.nodes.first().map_or(Bytes::ZERO, |root| root.hidden);
    let places = wasted::places(map);
    if places.is_empty() {
        return html! {};
    }
    let head = html! { th.number { "Wasted" } th { "Where" } th.number { "Of" } };
    let body = html! {
        @for place in places {
            tr {
                td.number { (place.hidden) }
                td.wide { bdi { (text::line_within(&place.path, LONGEST)) } }
                td.number data-name="of" { (place.bytes) }
            }
        }
    };
    let note = format!("{all} that a later layer deletes or replaces: it ships all the same");
    table("wasted", "Wasted", &note, &head, &body)
}
