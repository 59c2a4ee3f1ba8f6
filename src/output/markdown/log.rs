//! The end of a log, folded.

use super::view::details;
use crate::domain::TargetReport;
use crate::text;

/// Lines of it.
const LOG: usize = 12;
/// The longest line, in characters.
const LOG_LINE: usize = 200;

/// The end of a failed step's log, in a fence that it cannot close. No line begins as it was written: some forges read a line
/// that begins with `/` as an order.
pub(super) fn log(target: &TargetReport) -> Option<String> {
    let detail = &target.error.as_ref()?.detail;
    let last = detail.get(detail.len().saturating_sub(LOG)..).unwrap_or_default();
    if last.is_empty() {
        return None;
    }
    let shown = |line: &String| if line.is_empty() { String::new() } else { text::line_within(line, LOG_LINE) };
    let lines: Vec<String> = last.iter().map(|line| format!("| {}", shown(line)).trim_end().to_owned()).collect();
    let run = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(run.max(2) + 1);
    let body = format!("{fence}text\n{}\n{fence}", lines.join("\n"));
    Some(details("The end of its log", &body))
}
