//! The page of two images beside one another: what changed as a table, and where it is on the map of the later one.

use maud::{Markup, html};

use super::cause::place;
use super::{MOST_BYTES, Options, data, page, section};
use crate::domain::{
    Bytes, Comparison, Contents, DifferenceRow, LayerReport, Links, Map, TargetName, TargetReport, Verdict,
};
use crate::output::difference::said;
use crate::output::packages;
use crate::text;

/// The most rows.
const MOST: usize = 100;
/// The longest text of a cell, in characters.
const LONGEST: usize = 300;

/// The later image, to be drawn.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Its layers from the bottom.
    pub layers: Vec<LayerReport>,
    /// Where its bytes are, compared with the earlier one.
    pub map: Map,
}

/// The page of a difference. Where the later image could not be looked into, it has no map.
#[must_use]
pub fn difference(comparison: &Comparison, later: Option<Drawn>, links: &Links) -> String {
    let title = text::line_within(&said::title(comparison), LONGEST);
    // A page of one image needs no name to tell it from others.
    let name = "image".parse::<TargetName>().ok();
    let target = later.zip(name).map(|(later, name)| TargetReport {
        size: Some(comparison.new.size),
        base_size: comparison.new.base,
        platform: Some(comparison.new.platform.clone()),
        layers: later.layers,
        contents: Some(Contents { map: Some(later.map), ..Contents::default() }),
        ..TargetReport::new(name, None, Verdict::Pass)
    });
    let options = Options { links: links.clone(), inspected: Some(title.clone()) };
    let body = html! {
        main {
            section.target id="target-0" data-target="0" aria-label=(title) {
                (head(comparison, &title))
                @if let Some(target) = &target {
                    div.main.alone { (section::map_since(target, &text::line(&comparison.old.name))) }
                }
                div.tables { (rows(comparison, links)) (grown(comparison)) }
            }
        }
    };
    let title = format!("{title}: {} – imgbudget", said::sum(comparison));
    let weight = page::shell(&title, "", &body, &[]).len();
    let data = target.map(|target| data::data(&target, &options, MOST_BYTES.saturating_sub(weight) / 2));
    page::shell(&title, "", &body, &data.into_iter().collect::<Vec<_>>())
}

fn head(comparison: &Comparison, title: &str) -> Markup {
    let difference = &comparison.difference;
    let mut facts: Vec<(&str, String)> = Vec::new();
    for (name, tools) in
        difference.tools.iter().flat_map(|tools| [("New tools", &tools.added), ("Gone tools", &tools.removed)])
    {
        if !tools.is_empty() {
            facts.push((name, said::named(tools, text::line)));
        }
    }
    facts.extend(difference.packages.and_then(packages::counts).map(|counts| ("Packages", counts)));
    facts.push(("Platform", text::line(&comparison.new.platform.to_string())));
    html! {
        header.head {
            h2 { bdi { (title) } }
            p.size {
                strong { (packages::signed(i128::from(comparison.new.size.0) - i128::from(comparison.old.size.0))) } " "
                span.why {
                    (said::sizes(comparison))
                    @if let Some(shares) = said::shares(comparison) { " · " (shares) }
                }
            }
            @for why in &difference.unknown { p.hint { "Not compared: " (text::line_within(why, LONGEST)) } }
            dl.facts { @for (name, value) in facts { div { dt { (name) } dd { bdi { (value) } } } } }
        }
    }
}

fn rows(comparison: &Comparison, links: &Links) -> Markup {
    let (shown, rest) = comparison.difference.first(MOST);
    let largest = shown.iter().map(DifferenceRow::bytes).max().unwrap_or_default();
    html! {
        section.table aria-label="What changed" {
            h3 { "What changed" }
            @if shown.is_empty() && comparison.old.size == comparison.new.size { p.calm { "Nothing that has bytes." } }
            @if !shown.is_empty() {
                table {
                    thead { tr { th.number { "Change" } th.gauge aria-label="Share" {} th { "What" } th { "" } th { "Line" } } }
                    tbody {
                        @for row in shown {
                            tr {
                                td.number { (packages::signed(row.difference())) }
                                td.gauge { (gauge(row, largest)) }
                                td.wide { (name(row)) }
                                td data-name="" { (said::kind(row)) }
                                td data-name="line" { @if let Some(line) = &row.line { (place(line, links)) } }
                            }
                        }
                    }
                }
            }
            @if let Some(smaller) = said::smaller(rest) { p.calm { (smaller) } }
        }
    }
}

fn name(row: &DifferenceRow) -> Markup {
    let (name, more) = said::named_and_more(row);
    html! {
        bdi { (text::line_within(&name, LONGEST)) }
        @if !more.is_empty() { span.more { (text::line_within(&more, LONGEST)) } }
    }
}

fn gauge(row: &DifferenceRow, largest: Bytes) -> Markup {
    let width = u128::from(row.bytes().0) * 100 / u128::from(largest.0.max(1));
    let class = if row.difference() < 0 { "gone" } else { "grown" };
    html! {
        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" { rect class=(class) width=(width) height="8" {} }
    }
}

fn grown(comparison: &Comparison) -> Markup {
    let grown = &comparison.difference.grown;
    html! {
        @if !grown.is_empty() {
            section.table aria-label="Directories that grew most" {
                h3 { "Directories that grew most" }
                table {
                    thead { tr { th.number { "Grew" } th { "Directory" } th.number { "Now" } } }
                    tbody {
                        @for directory in grown.iter().take(MOST) {
                            tr {
                                td.number { "+" (directory.after.saturating_sub(directory.before)) }
                                td.wide { bdi { (text::line_within(&directory.path, LONGEST)) } }
                                td.number data-name="now" { (directory.after) }
                            }
                        }
                    }
                }
            }
        }
    }
}
