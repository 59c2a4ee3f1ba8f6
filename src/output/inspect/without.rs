//! The size as if some paths had never come into the image.

use super::rows::{self, Row, What};
use super::sum::from_to;
use super::{Options, whom};
use crate::domain::{Bytes, TargetReport};
use crate::output::terminal::paint::Paint;
use crate::text::{self, hang};

/// How many layers are named.
const MOST: usize = 4;

pub(super) fn lines(target: &TargetReport, options: &Options, paint: Paint) -> Vec<String> {
    let Some(without) = target.contents.as_ref().and_then(|contents| contents.without.as_ref()) else {
        return Vec::new();
    };
    let row = |part: &crate::domain::WithoutGlob| Row {
        amount: part.bytes.to_string(),
        what: What::Text(text::line_within(&part.glob, 300)),
        aside: match part.files {
            0 => "matches nothing".to_owned(),
            files => text::count(usize::try_from(files).unwrap_or(usize::MAX), "file", "files"),
        },
    };
    let rows: Vec<Row> = without.globs.iter().map(row).collect();
    let mut lines = rows::lines("Without", "", &rows, options.width, paint);
    let mut sentences = Vec::new();
    if let (Some(size), Some(left), true) = (target.size, without.size, without.bytes > Bytes::ZERO) {
        sentences.push(format!("Without them {}.", from_to(size, left)));
        sentences.push(format!("Less in {}.", layers(&without.brought, target, options)));
        let wasted = target.contents.as_ref().and_then(|contents| contents.wasted);
        sentences
            .extend(wasted.filter(|wasted| *wasted > Bytes::ZERO).map(|_| "What is wasted stays wasted.".to_owned()));
    } else if target.size.is_some() {
        sentences.push("The size stays the same.".to_owned());
    }
    lines.extend(hang("", &sentences.join(" "), options.width));
    lines
}

/// `:8 18.2 MB, #2 3.0 MB`: the most first.
fn layers(brought: &[(usize, Bytes)], target: &TargetReport, options: &Options) -> String {
    let mut brought = brought.to_vec();
    brought.sort_by_key(|(layer, bytes)| (std::cmp::Reverse(*bytes), *layer));
    let most = if options.all { usize::MAX } else { MOST };
    let named: Vec<String> =
        brought.iter().take(most).map(|(layer, bytes)| format!("{} {bytes}", whom::layer(*layer, target))).collect();
    let more = brought.len().saturating_sub(most);
    let more =
        if more > 0 { format!(" and {}", text::count(more, "more layer", "more layers")) } else { String::new() };
    format!("{}{more}", named.join(", "))
}
