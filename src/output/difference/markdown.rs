//! `markdown`: for a comment or a step summary.

use super::Options;
use super::said::{kind, line, named, named_and_more, shares, sizes, smaller, sum, title};
use crate::domain::{Comparison, DifferenceRow};
use crate::output::packages::{counts, signed};
use crate::text::{markdown_cell, markdown_code, markdown_prose};

/// The longest sentence of names, in characters.
const SENTENCE: usize = 400;

/// The Markdown.
#[must_use]
pub fn markdown(comparison: &Comparison, options: &Options) -> String {
    let difference = &comparison.difference;
    let title = format!("### {} {}, **{}**", markdown_code(&title(comparison)), sizes(comparison), sum(comparison));
    let mut blocks = vec![title];
    blocks.extend(shares(comparison));
    let (shown, rest) = difference.first(options.rows());
    if !shown.is_empty() {
        let mut table = vec!["| Change | | What | Line |\n| ---: | :--- | :--- | :--- |".to_owned()];
        table.extend(shown.iter().map(cells));
        blocks.push(table.join("\n"));
    }
    blocks.extend(smaller(rest));
    if difference.is_nothing() && comparison.old.size == comparison.new.size {
        blocks.push("Nothing changed that has bytes.".to_owned());
    }
    let mut facts = Vec::new();
    if let Some(tools) = &difference.tools {
        let parts = [("+", &tools.added), ("−", &tools.removed)].into_iter().filter(|(_, names)| !names.is_empty());
        let said: Vec<String> = parts.map(|(sign, names)| format!("{sign} {}", named(names, markdown_code))).collect();
        facts.extend((!said.is_empty()).then(|| format!("- tools: {}", said.join("; "))));
    }
    facts.extend(difference.packages.and_then(counts).map(|counts| format!("- packages: {counts}")));
    facts.extend(difference.unknown.iter().map(|why| format!("- not compared: {}", markdown_prose(why, SENTENCE))));
    if !facts.is_empty() {
        blocks.push(facts.join("\n"));
    }
    blocks.join("\n\n") + "\n"
}

/// ``| +147.1 MB | new layer | `RUN chown -R node:node /app` | `Dockerfile:24` |``.
fn cells(row: &DifferenceRow) -> String {
    let (name, more) = named_and_more(row);
    let more = if more.is_empty() { more } else { more_prose(&more) };
    let place = row.line.as_ref().map(|place| markdown_code(&line(place, false))).unwrap_or_default();
    let amount = signed(row.difference()).replace(' ', "\u{a0}");
    let cells = [amount, kind(row).to_owned(), format!("{}{more}", markdown_code(&name)), place];
    format!("| {} |", cells.map(|cell| markdown_cell(&cell)).join(" | "))
}

/// Versions are a stranger's words.
fn more_prose(more: &str) -> String {
    let (gap, words) = match more.strip_prefix([' ', ',', ':']) {
        Some(words) => (more.get(..more.len() - words.len()).unwrap_or_default(), words.trim_start()),
        None => ("", more),
    };
    let space = if gap.trim().is_empty() { "" } else { " " };
    format!("{gap}{space}{}", markdown_prose(words, SENTENCE))
}
