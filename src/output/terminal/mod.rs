//! `table`: for people. What became of the budget, the verdicts, the causes of each target, what else is worth knowing, and the whole
//! story in the last line.

mod baseline;
mod block;
mod budget;
mod cause;
mod changes;
mod common;
mod excuses;
mod findings;
mod footer;
mod known;
mod largest;
pub(in crate::output) mod paint;
mod places;
pub(in crate::output) mod rows;
mod summary;
mod told;
mod verdicts;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use super::Options;
use super::label::Labels;
use crate::domain::{Finding, Report, TargetError, TargetReport};
use paint::Paint;

/// The paragraph about a target that could not be measured, for formats that hold plain text.
pub(super) fn failure(error: &TargetError, label: &str) -> Vec<String> {
    findings::failure(error, label, None, Paint::new(false))
}

/// The paragraph of a finding, for formats that hold plain text.
pub(super) fn found(finding: &Finding, target: &TargetReport, label: &str) -> Vec<String> {
    findings::found(finding, target, label)
}

pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint::new(options.colour);
    let labels = Labels::new(report);
    let mut blocks =
        vec![budget::lines(report, options.width, paint), verdicts::lines(report, &labels, options, paint)];
    blocks.extend(block::blocks(report, &labels, options.width, paint));
    blocks.push(known::lines(report, &labels, options.width));
    blocks.push(changes::lines(report, &labels, options.width));
    blocks.push(footer::lines(report, &labels, options.width));
    blocks.push(summary::lines(report, &labels, options, paint));
    blocks.retain(|block| !block.is_empty());
    for (number, block) in blocks.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        for line in block {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}
