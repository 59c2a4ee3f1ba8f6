//! What can go, with the line that makes it go.

use super::Options;
use super::rows::{self, Row, What};
use crate::domain::{Bytes, CanGo, CanGoKind, TargetReport};
use crate::output::terminal::paint::Paint;
use crate::text::{self, hang, width};

/// How many are shown by default.
const MOST: usize = 3;
/// The longest text of one, in characters.
const LONGEST: usize = 600;
/// The least room for what it is, where its fix stands beside it.
const LEAST: usize = 30;

pub(super) fn lines(target: &TargetReport, options: &Options, paint: Paint) -> Vec<String> {
    let Some(contents) = target.contents.as_ref().filter(|contents| !contents.can_go.is_empty()) else {
        return Vec::new();
    };
    let most = if options.all { usize::MAX } else { MOST };
    let told: Vec<&CanGo> = contents.can_go.iter().take(most).collect();
    let more = contents.can_go.len().saturating_sub(told.len());
    let plain: Vec<Row> = told.iter().map(|can_go| row(can_go)).collect();
    let start = rows::start(&plain);
    let beside = plain.iter().map(|row| width(&row.aside)).max().unwrap_or(0);
    let fits = options.width.is_none_or(|columns| start + LEAST + rows::GAP + beside <= columns);
    let mut lines = if fits {
        rows::lines("Can go", "fix", &plain, options.width, paint)
    } else {
        let mut lines = vec![paint.bold("Can go")];
        for row in &plain {
            let Row { amount, what: What::Text(what) | What::Path(_, what), aside } = row;
            let lead = format!("{amount:>wide$}{:gap$}", "", wide = start - rows::GAP, gap = rows::GAP);
            lines.extend(hang(&lead, what, options.width));
            lines.extend(hang(&" ".repeat(start), &format!("→ {aside}"), options.width));
        }
        lines
    };
    if more > 0 {
        let rest: Bytes = contents.can_go.iter().skip(most).filter_map(|can_go| can_go.bytes).sum();
        let rest = if rest > Bytes::ZERO { format!(", {rest} together") } else { String::new() };
        lines.push(format!("{:start$}and {more} more{rest} (--all)", ""));
    }
    lines
}

fn row(can_go: &CanGo) -> Row {
    let amount = match can_go.bytes {
        Some(bytes) => bytes.to_string(),
        None if can_go.kind == CanGoKind::Base => "base".to_owned(),
        None => "–".to_owned(),
    };
    let line = can_go.line.as_ref().map(|place| format!(":{} ", place.line)).unwrap_or_default();
    Row {
        amount,
        what: What::Text(text::line_within(&can_go.what, LONGEST)),
        aside: format!("{line}{}", text::line_within(&can_go.fix, LONGEST)),
    }
}
