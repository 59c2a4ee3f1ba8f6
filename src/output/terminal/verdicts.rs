//! One row a target: size against budget, and the verdict. As a table, or as a list where a table has no room.

use std::collections::BTreeSet;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};

use super::paint::{Paint, verdict_words};
use crate::domain::{ChangeState, Platform, Report, Rule, TargetReport, Verdict};
use crate::output::Options;
use crate::output::delta::Delta;
use crate::output::headroom::{UNCLEAR, budget, headroom, judged, of_budget};
use crate::output::label::Labels;
use crate::text;

/// One line beneath the headings is all that a short table needs.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─'));

const NOTHING: &str = "–";

/// A column of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Target,
    Platform,
    Size,
    Change,
    Budget,
    Headroom,
    Layers,
    Verdict,
}

const WIDE: [Column; 8] = [
    Column::Target,
    Column::Platform,
    Column::Size,
    Column::Change,
    Column::Budget,
    Column::Headroom,
    Column::Layers,
    Column::Verdict,
];

/// What is left when that is too wide: the number of layers is the least of it.
const NARROW: [Column; 7] =
    [Column::Target, Column::Platform, Column::Size, Column::Change, Column::Budget, Column::Headroom, Column::Verdict];

/// What is left when even that is too wide: what remains of a budget says more than the budget.
const NARROWEST: [Column; 6] =
    [Column::Target, Column::Platform, Column::Size, Column::Change, Column::Headroom, Column::Verdict];

/// What is left beside a long change: findings say what remains of a budget, too.
const CHANGED: [Column; 5] = [Column::Target, Column::Platform, Column::Size, Column::Change, Column::Verdict];

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Target => "Target",
            Self::Platform => "Platform",
            Self::Size => "Size",
            Self::Change => "Change",
            Self::Budget => "Budget",
            Self::Headroom => "Headroom",
            Self::Layers => "Layers",
            Self::Verdict => "Verdict",
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Size | Self::Change | Self::Budget | Self::Headroom | Self::Layers)
    }

    fn cell(self, target: &TargetReport) -> String {
        match self {
            Self::Target => target.name.to_string(),
            Self::Platform => shown(target.platform.as_ref().map(|platform| text::line(&platform.to_string()))),
            Self::Size => shown(target.size),
            Self::Change => shown(change(target)),
            Self::Budget => shown(budget(target)),
            Self::Headroom => shown(headroom(target)),
            Self::Layers => shown(target.image.as_ref().map(|_| target.layers.len())),
            Self::Verdict => verdict_words(target.verdict),
        }
    }
}

/// The verdicts as lines.
pub(super) fn lines(report: &Report, labels: &Labels<'_>, options: &Options, paint: Paint) -> Vec<String> {
    let width = options.width;
    if report.targets.is_empty() {
        return Vec::new();
    }
    let fits = |lines: &Vec<String>| width.is_none_or(|width| lines.iter().all(|line| text::width(line) <= width));
    let compared = report.targets.iter().any(|target| target.change.is_some());
    let platforms: BTreeSet<&Platform> = report.targets.iter().filter_map(|target| target.platform.as_ref()).collect();
    let several = platforms.len() > 1 || options.platforms;
    [WIDE.as_slice(), &NARROW, &NARROWEST]
        .into_iter()
        .chain(compared.then_some(CHANGED.as_slice()))
        .map(|columns| {
            let kept = |column: &&Column| match column {
                Column::Platform => several,
                Column::Change => compared,
                _ => true,
            };
            table(report, &columns.iter().copied().filter(|column| kept(&column)).collect::<Vec<_>>())
        })
        .find(fits)
        .map_or_else(|| list(report, labels, paint), |lines| painted(lines, paint))
}

fn table(report: &Report, columns: &[Column]) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    let cell = |column: Column, text: String| {
        Cell::new(text).set_alignment(if column.is_number() { CellAlignment::Right } else { CellAlignment::Left })
    };
    table.set_header(columns.iter().map(|column| cell(*column, column.heading().to_owned())));
    for target in &report.targets {
        table.add_row(columns.iter().map(|column| cell(*column, column.cell(target))));
    }
    for (position, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if position + 1 == columns.len() { 0 } else { 2 }));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// The table measures what it is given, so colour comes after it. A verdict is the last of its line, and no name has its mark.
fn painted(lines: Vec<String>, paint: Paint) -> Vec<String> {
    lines
        .into_iter()
        .map(|line| {
            let verdicts = [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Error];
            verdicts
                .into_iter()
                .find_map(|verdict| {
                    let words = verdict_words(verdict);
                    let before = line.strip_suffix(words.as_str())?;
                    Some(format!("{before}{}", paint.verdict(verdict, &words)))
                })
                .unwrap_or(line)
        })
        .collect()
}

/// A few lines a target, for a terminal that is too narrow for any table.
fn list(report: &Report, labels: &Labels<'_>, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for target in &report.targets {
        let verdict = paint.verdict(target.verdict, &verdict_words(target.verdict));
        lines.push(format!("{}  {verdict}", paint.bold(&labels.of(target))));
        if judged(target).is_none_or(|outcome| outcome.rule != Rule::Size) {
            lines.extend(target.size.map(|size| format!("  {size}")));
        }
        lines.extend(of_budget(target).map(|of_budget| format!("  {of_budget}")));
        lines.extend(change(target).map(|change| format!("  change: {change}")));
        lines.extend(headroom(target).map(|room| {
            let left = if room.starts_with("over") || room == UNCLEAR { "" } else { " left" };
            format!("  {room}{left}")
        }));
    }
    lines
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

/// `+1.2 MB (+3.4 %)`, `same`, `new`; where only the compressed size differs, by how much it does.
fn change(target: &TargetReport) -> Option<String> {
    let change = target.change.as_ref()?;
    let delta = |before, after| Delta { before, after }.to_string();
    match change.state {
        ChangeState::Same => Some("same".to_owned()),
        ChangeState::Extra => Some("new".to_owned()),
        ChangeState::Changed if change.size_before == target.size => {
            let (before, after) = change.compressed_size_before.zip(target.compressed_size?.if_exact())?;
            Some(format!("{} compressed", delta(before, after)))
        }
        ChangeState::Changed => Some(delta(change.size_before?, target.size?)),
    }
}
