//! One row a target: the mark of its verdict, size against budget. As a table, or as a list where a table has no room. Of many targets,
//! those that pass as before are one line together.

use std::collections::BTreeSet;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};

use super::paint::{Paint, mark};
use super::rows::NOTHING;
use super::told::is_known;
use crate::domain::{Bytes, ChangeState, Platform, Report, Rule, TargetReport, Verdict};
use crate::output::Options;
use crate::output::headroom::{UNCLEAR, budget, headroom, is_over, judged, of_budget};
use crate::output::label::Labels;
use crate::text::{self, hang};

/// One line beneath the headings is all that a short table needs.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─'));

/// With more targets than these, those that pass and did not change have no rows.
const FEW: usize = 5;

/// A column of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Target,
    Platform,
    Size,
    Change,
    Budget,
    Headroom,
}

const WIDE: [Column; 6] =
    [Column::Target, Column::Platform, Column::Size, Column::Change, Column::Budget, Column::Headroom];

/// What is left when that is too wide: what remains of a budget says more than the budget.
const NARROW: [Column; 5] = [Column::Target, Column::Platform, Column::Size, Column::Change, Column::Headroom];

/// What is left beside a long change: headlines say what remains of a budget, too.
const CHANGED: [Column; 4] = [Column::Target, Column::Platform, Column::Size, Column::Change];

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Target => "Target",
            Self::Platform => "Platform",
            Self::Size => "Size",
            Self::Change => "Change",
            Self::Budget => "Budget",
            Self::Headroom => "Headroom",
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Size | Self::Change | Self::Budget | Self::Headroom)
    }

    fn cell(self, target: &TargetReport, strict: bool) -> String {
        match self {
            Self::Target => format!("{} {}", mark(verdict(target, strict)), target.name),
            Self::Platform => shown(target.platform.as_ref().map(|platform| text::line(&platform.to_string()))),
            Self::Size => shown(target.size),
            Self::Change => shown(change(target)),
            Self::Budget => shown(budget(target)),
            Self::Headroom => shown(headroom(target)),
        }
    }
}

/// What the mark of a row says. What could not be judged and had to be has none that says "pass".
fn verdict(target: &TargetReport, strict: bool) -> Verdict {
    if strict && !target.not_judged.is_empty() { Verdict::Error } else { target.verdict }
}

/// The verdicts as lines.
pub(super) fn lines(report: &Report, labels: &Labels<'_>, options: &Options, paint: Paint) -> Vec<String> {
    let width = options.width;
    let (told, folded) = told(report, options.strict);
    let fold = fold(&folded, told.is_empty()).map(|fold| format!("{} {fold}", mark(Verdict::Pass)));
    let fold = fold.into_iter().flat_map(|line| {
        let mut lines = hang("", &line, width);
        if let Some(first) = lines.first_mut() {
            paint.heading(first, Verdict::Pass, "");
        }
        lines
    });
    if told.is_empty() {
        return fold.collect();
    }
    let fits = |lines: &Vec<String>| width.is_none_or(|width| lines.iter().all(|line| text::width(line) <= width));
    let compared = told.iter().any(|target| target.change.is_some());
    let platforms: BTreeSet<&Platform> = report.targets.iter().filter_map(|target| target.platform.as_ref()).collect();
    let several = platforms.len() > 1 || options.platforms;
    let mut lines = [WIDE.as_slice(), &NARROW]
        .into_iter()
        .chain(compared.then_some(CHANGED.as_slice()))
        .map(|columns| {
            let kept = |column: &&Column| match column {
                Column::Platform => several,
                Column::Change => compared,
                _ => true,
            };
            table(&told, options.strict, &columns.iter().copied().filter(|column| kept(&column)).collect::<Vec<_>>())
        })
        .find(fits)
        .map_or_else(
            || list(&told, labels, options.strict, paint),
            |lines| painted(lines, &told, options.strict, paint),
        );
    lines.extend(fold);
    lines
}

/// The targets with rows, and those without.
fn told(report: &Report, strict: bool) -> (Vec<&TargetReport>, Vec<&TargetReport>) {
    let is_quiet = |target: &&TargetReport| {
        let is_same = target.change.as_ref().is_some_and(|change| change.state == ChangeState::Same);
        is_same && verdict(target, strict) == Verdict::Pass && target.accepted.is_empty()
    };
    let (folded, told): (Vec<_>, Vec<_>) = report.targets.iter().partition(is_quiet);
    if report.targets.len() > FEW && folded.len() > 1 {
        (told, folded)
    } else {
        (report.targets.iter().collect(), Vec::new())
    }
}

/// `17 more within budget, unchanged`, `19 more unchanged: 5 within budget, 14 with known problems`.
fn fold(folded: &[&TargetReport], is_all: bool) -> Option<String> {
    let more = if is_all { "" } else { " more" };
    let has_known = |target: &&&TargetReport| target.causes.iter().any(|cause| is_known(cause, target));
    let all = folded.len();
    match (all, folded.iter().filter(has_known).count()) {
        (0, _) => None,
        (_, 0) => Some(format!("{all}{more} within budget, unchanged")),
        (_, known) if known == all => Some(format!("{all}{more} unchanged, with known problems")),
        (_, known) => {
            Some(format!("{all}{more} unchanged: {} within budget, {known} with known problems", all - known))
        }
    }
}

fn table(targets: &[&TargetReport], strict: bool, columns: &[Column]) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    let cell = |column: Column, text: String| {
        Cell::new(text).set_alignment(if column.is_number() { CellAlignment::Right } else { CellAlignment::Left })
    };
    table.set_header(columns.iter().map(|column| cell(*column, column.heading().to_owned())));
    for target in targets {
        table.add_row(columns.iter().map(|column| cell(*column, column.cell(target, strict))));
    }
    for (position, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, u16::from(position + 1 != columns.len())));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// The table measures what it is given, so colour comes after it. Rows follow two lines of headings.
fn painted(mut lines: Vec<String>, targets: &[&TargetReport], strict: bool, paint: Paint) -> Vec<String> {
    for (line, target) in lines.iter_mut().skip(2).zip(targets) {
        let verdict = verdict(target, strict);
        let name = if verdict == Verdict::Pass { "" } else { target.name.as_str() };
        paint.heading(line, verdict, name);
    }
    lines
}

/// A few lines a target, for a terminal that is too narrow for any table.
fn list(targets: &[&TargetReport], labels: &Labels<'_>, strict: bool, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for target in targets {
        let verdict = verdict(target, strict);
        let label = labels.of(target);
        let mut first = format!("{} {label}", mark(verdict));
        paint.heading(&mut first, verdict, &label);
        lines.push(first);
        if judged(target).is_none_or(|outcome| outcome.rule != Rule::Size) {
            lines.extend(target.size.map(|size| format!("  {size}")));
        }
        lines.extend(of_budget(target).map(|of_budget| format!("  {of_budget}")));
        lines.extend(change(target).map(|change| format!("  change: {change}")));
        lines.extend(headroom(target).map(|room| {
            let left = if is_over(target) || room == UNCLEAR { "" } else { " left" };
            format!("  {room}{left}")
        }));
    }
    lines
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

/// `+1.2 MB`, `new`, nothing where nothing changed; where only the compressed size differs, by how much it does.
fn change(target: &TargetReport) -> Option<String> {
    let change = target.change.as_ref()?;
    match change.state {
        ChangeState::Same => None,
        ChangeState::Extra => Some("new".to_owned()),
        ChangeState::Changed if change.size_before == target.size => {
            let (before, after) = change.compressed_size_before.zip(target.compressed_size?.if_exact())?;
            Some(format!("{} compressed", signed(before, after)?))
        }
        ChangeState::Changed => signed(change.size_before?, target.size?),
    }
}

/// `+1.2 MB`, `−400.0 kB`.
pub(super) fn signed(before: Bytes, after: Bytes) -> Option<String> {
    let sign = if after > before { '+' } else { '−' };
    (before != after).then(|| format!("{sign}{}", Bytes(after.0.abs_diff(before.0))))
}
