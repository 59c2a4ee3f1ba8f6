//! The stages of a Dockerfile, each with its size.

use super::layers::{bar, bar_cells};
use super::rows::{self, GAP, Row, What};
use super::{Options, whom};
use crate::domain::{Report, TargetReport};
use crate::output::terminal::paint::Paint;
use crate::text::{self, hang, width};

/// The longest name of a stage that is shown, in characters.
const LONGEST: usize = 64;

/// `names` are those of the stages with the lines of their FROM, `chosen` is the one that ships.
pub(super) fn lines(report: &Report, names: &[(String, u32)], chosen: usize, options: &Options) -> Vec<String> {
    let largest = report.targets.iter().filter_map(|target| target.size).max().unwrap_or_default().0;
    let cells = bar_cells(options.width);
    let stages: Vec<(&str, u32, &TargetReport)> =
        names.iter().zip(&report.targets).map(|((name, line), target)| (name.as_str(), *line, target)).collect();
    let longest = stages.iter().map(|(name, ..)| width(&text::line_within(name, LONGEST))).max().unwrap_or(0);
    let row = |(position, (name, line, target)): (usize, &(&str, u32, &TargetReport))| {
        let amount = target.size.map_or_else(|| "–".to_owned(), |size| size.to_string());
        let bar = bar(target.size.unwrap_or_default().0, largest, cells);
        let name = text::line_within(name, LONGEST);
        let ships = if position == chosen { "ships" } else { "" };
        let what = format!("{bar:cells$}{:GAP$}{name:longest$}{:GAP$}{ships}", "", "");
        Row { amount, what: What::Text(what.trim_end().to_owned()), aside: format!(":{line}") }
    };
    let all: Vec<Row> = stages.iter().enumerate().map(row).collect();
    let file = report.targets.iter().find_map(whom::dockerfile).unwrap_or_else(|| "line".to_owned());
    let paint = Paint::new(options.colour);
    let mut lines = rows::lines("Stages", &super::path::shorten(&file, 24), &all, options.width, paint);
    lines.push(String::new());
    for (name, _, target) in &stages {
        let Some(error) = &target.error else { continue };
        let said = format!("{}: {}", text::line_within(name, LONGEST), text::line_within(&error.message, 600));
        lines.extend(hang("✗ ", &said, options.width));
        lines.extend(error.detail.iter().map(|line| format!("  {}", text::line_within(line, 300))));
        lines.extend(error.hint.iter().flat_map(|hint| hang("  ", &text::line_within(hint, 600), options.width)));
    }
    lines.extend(sum(&stages, chosen).iter().flat_map(|sum| hang("", sum, options.width)));
    lines
}

/// `builder 1.10 GB → final 12.0 MB`.
fn sum(stages: &[(&str, u32, &TargetReport)], chosen: usize) -> Option<String> {
    let (name, _, target) = stages.get(chosen)?;
    let size = target.size?;
    let shown = |name: &str| text::line_within(name, LONGEST);
    let largest = stages.iter().filter(|(.., target)| target.size > Some(size)).max_by_key(|(.., target)| target.size);
    Some(match largest {
        Some((larger, _, other)) => {
            format!("{} {} → {} {size}", shown(larger), other.size.unwrap_or_default(), shown(name))
        }
        None if stages.len() == 1 => format!("{} {size}: the only stage", shown(name)),
        None => format!("{} {size}: no stage is larger", shown(name)),
    })
}
