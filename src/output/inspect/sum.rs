//! The last line: what is left when all goes that can, and whose image it is. Before it, what was not read.

use super::Options;
use crate::domain::{Bytes, Contents, TargetReport};
use crate::text::{self, hang};

/// How many files that were not read are named by default.
const MOST: usize = 3;

pub(super) fn lines(target: &TargetReport, on_base: Option<(&str, &TargetReport)>, options: &Options) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(contents) = &target.contents else { return lines };
    lines.extend(unread(contents, options));
    lines.extend(hang("", &sentences(target, contents).join(" "), options.width));
    if let Some((name, other)) = on_base {
        lines.extend(hang("", &standing_on(target, &text::line_within(name, 120), other), options.width));
    }
    lines
}

fn unread(contents: &Contents, options: &Options) -> Vec<String> {
    let most = if options.all { usize::MAX } else { MOST };
    let more = contents.unread.len().saturating_sub(most);
    let mut lines: Vec<String> = Vec::new();
    for unread in contents.unread.iter().take(most) {
        let (path, why) = (text::line_within(&unread.path, 300), text::line_within(&unread.why, 300));
        lines.extend(hang("! ", &format!("not read: {path}: {why}"), options.width));
    }
    if more > 0 {
        lines.push(format!("  and {} more not read (--all)", text::count(more, "file", "files")));
    }
    lines
}

fn sentences(target: &TargetReport, contents: &Contents) -> Vec<String> {
    let mut sentences = Vec::new();
    let goes = contents.can_go_bytes;
    if let (Some(size), true) = (target.size, goes > Bytes::ZERO) {
        let left = size.saturating_sub(goes);
        sentences.push(format!("Together at most {goes}: {}.", from_to(size, left)));
    } else if contents.can_go.is_empty() && contents.unread.is_empty() && target.size.is_some() {
        sentences.push("Nothing was found that can go.".to_owned());
    }
    if let (Some(size), Some(base)) = (target.size, target.base_size)
        && base > Bytes::ZERO
        && size > Bytes::ZERO
    {
        let share = u128::from(base.0) * 100 / u128::from(size.0);
        sentences.push(format!("The base is {share} % of this image."));
    }
    sentences
}

/// What the size would be on another base image.
fn standing_on(target: &TargetReport, name: &str, other: &TargetReport) -> String {
    if let Some(error) = &other.error {
        return format!("✗ {name}: {}", text::line_within(&error.message, 600));
    }
    let (Some(size), Some(base)) = (target.size, other.size) else {
        return format!("✗ {name}: its size is not known");
    };
    let Some(was) = target.base_size else {
        return format!(
            "{name} is {base}. What this image has of its own is not known, and so is what it would be there."
        );
    };
    let there = size.saturating_sub(was) + base;
    let difference = match there.cmp(&size) {
        std::cmp::Ordering::Less => format!("{} less", size.saturating_sub(there)),
        std::cmp::Ordering::Equal => "the same".to_owned(),
        std::cmp::Ordering::Greater => format!("{} more", there.saturating_sub(size)),
    };
    format!("On {name}, {base}, it would be {there}: {difference}, with your layers as they are.")
}

/// `1.21 → 1.15 GB`, `1.21 GB → 870.0 MB`.
pub(super) fn from_to(before: Bytes, after: Bytes) -> String {
    let (before, after) = (before.to_string(), after.to_string());
    let unit = |text: &str| text.rsplit(' ').next().map(str::to_owned);
    match before.rsplit_once(' ') {
        Some((number, _)) if unit(&before) == unit(&after) => format!("{number} → {after}"),
        _ => format!("{before} → {after}"),
    }
}
