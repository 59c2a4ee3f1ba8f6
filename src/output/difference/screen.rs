//! `table`: for people, in so many columns as the terminal has.

use std::fmt::Write as _;

use super::Options;
use super::said::{is_one_file, kind, line, named, named_and_more, shares, sizes, smaller, sum, title};
use crate::domain::{Comparison, DifferenceRow, DifferentThing};
use crate::output::inspect::path::shorten;
use crate::output::packages::{counts, signed};
use crate::output::terminal::paint::Paint;
use crate::output::terminal::rows::cut;
use crate::text::{self, hang, width};

/// Cells before the amounts.
const INDENT: usize = 2;
/// Cells between columns.
const GAP: usize = 2;
/// The least room for what a row is about.
const LEAST: usize = 16;
/// The longest name that is shown, in characters.
const LONGEST: usize = 200;

/// The screen.
#[must_use]
pub fn screen(comparison: &Comparison, options: &Options) -> String {
    let blocks = [head(comparison, options), rows(comparison, options), rest(comparison, options)];
    let mut shown = String::new();
    for (number, block) in blocks.iter().filter(|block| !block.is_empty()).enumerate() {
        if number > 0 {
            shown.push('\n');
        }
        for line in block {
            let _ = writeln!(shown, "{}", line.trim_end());
        }
    }
    shown
}

/// Which images, their sizes, and whose change it is.
fn head(comparison: &Comparison, options: &Options) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let title = text::line_within(&title(comparison), LONGEST);
    let first = format!("{}   {}", sizes(comparison), sum(comparison));
    let shares = shares(comparison);
    let all = std::iter::once(first.clone()).chain(shares.clone()).collect::<Vec<_>>().join("   ");
    let fits = |text: &str| options.width.is_none_or(|columns| width(text) <= columns);
    let indent = " ".repeat(INDENT);
    if fits(&format!("{title}  {all}")) {
        return vec![format!("{}  {all}", paint.bold(&title))];
    }
    if fits(&format!("{title}  {first}")) {
        let below = shares.map(|shares| format!("{}  {shares}", " ".repeat(width(&title))));
        return std::iter::once(format!("{}  {first}", paint.bold(&title))).chain(below).collect();
    }
    let mut lines: Vec<String> = hang("", &title, options.width).iter().map(|line| paint.bold(line)).collect();
    lines.extend(hang(&indent, &all, options.width));
    lines
}

/// What changed, the most bytes first.
fn rows(comparison: &Comparison, options: &Options) -> Vec<String> {
    let (shown, rest) = comparison.difference.first(options.rows());
    let is_one = is_one_file(&comparison.difference.rows);
    let amounts: Vec<String> = shown.iter().map(|row| signed(row.difference())).collect();
    let edges: Vec<String> = shown.iter().map(|row| edge(row, is_one)).collect();
    let widest = |texts: &[String]| texts.iter().map(|text| width(text)).max().unwrap_or(0);
    let kinds = shown.iter().map(|row| width(kind(row))).max().unwrap_or(0);
    let (amount, edge) = (widest(&amounts), widest(&edges));
    let start = INDENT + amount + GAP + kinds + GAP;
    let beside = if edge == 0 { 0 } else { edge + GAP };
    let wanted = shown.iter().map(|row| width(&about(row, usize::MAX))).max().unwrap_or(0);
    let room = options.width.map_or(wanted, |columns| wanted.min(columns.saturating_sub(start + beside).max(LEAST)));
    let mut lines: Vec<String> = Vec::new();
    for ((row, bytes), place) in shown.iter().zip(&amounts).zip(&edges) {
        let about = about(row, room);
        let fill = room.saturating_sub(width(&about));
        let left = amount.saturating_sub(width(bytes)) + INDENT;
        let kind = kind(row);
        let after = kinds.saturating_sub(width(kind)) + GAP;
        lines.push(format!("{:left$}{bytes}{:GAP$}{kind}{:after$}{about}{:fill$}{:GAP$}{place}", "", "", "", "", ""));
    }
    let how = if options.all { "" } else { " (--all)" };
    lines.extend(smaller(rest).map(|smaller| format!("{:INDENT$}{smaller}{how}", "")));
    lines
}

fn edge(row: &DifferenceRow, is_one_file: bool) -> String {
    row.line.as_ref().map(|place| text::line(&line(place, is_one_file))).unwrap_or_default()
}

/// What a row is about in at most so many cells: a path loses parts of its middle, anything else its end.
fn about(row: &DifferenceRow, room: usize) -> String {
    let (name, more) = named_and_more(row);
    let (name, more) = (text::line_within(&name, LONGEST), text::line_within(&more, LONGEST));
    let more = if more == "(empty)" { String::new() } else { more };
    if width(&name) + width(&more) <= room {
        return format!("{name}{more}");
    }
    match row.what {
        DifferentThing::Directory { .. } | DifferentThing::File { .. } => {
            format!("{}{more}", shorten(&name, room.saturating_sub(width(&more))))
        }
        _ => cut(&format!("{name}{more}"), room),
    }
}

/// Tools, packages, and what is not known.
fn rest(comparison: &Comparison, options: &Options) -> Vec<String> {
    let difference = &comparison.difference;
    let mut lines = Vec::new();
    if difference.is_nothing() && comparison.old.size == comparison.new.size {
        lines.push("Nothing changed that has bytes.".to_owned());
    }
    let mut lead = "tools     ";
    for (sign, names) in difference.tools.iter().flat_map(|tools| [('+', &tools.added), ('−', &tools.removed)]) {
        if !names.is_empty() {
            lines.extend(hang(&format!("{lead}{sign} "), &named(names, text::line), options.width));
            lead = "          ";
        }
    }
    if let Some(counts) = difference.packages.and_then(counts) {
        lines.extend(hang("packages  ", &counts, options.width));
    }
    lines.extend(
        difference
            .unknown
            .iter()
            .flat_map(|why| hang("not compared  ", &text::line_within(why, LONGEST), options.width)),
    );
    lines
}
