//! One page that shows an image: the verdict, what to change, and a map of every byte. It asks nobody for anything.
//!
//! Without its script it can be read; with it, it can be looked into. What is in it is bounded, however large the images are.

mod cause;
mod data;
mod difference;
mod layout;
mod light;
mod page;
mod picture;
mod policy;
mod section;
mod summary;
mod tables;
mod thin;
mod wasted;

#[cfg(test)]
mod tests;

pub use difference::{Drawn, difference};

use std::cmp::Reverse;

use super::headroom;
use super::label::Labels;
use crate::domain::{Links, Report, TargetReport};

/// The most bytes of a page.
pub const MOST_BYTES: usize = 2_000_000;

/// How a page is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Where places are linked to.
    pub links: Links,
    /// What people call the image, where nothing was judged: then nothing is said about budgets.
    pub inspected: Option<String>,
}

/// The page of a report.
#[must_use]
pub fn render(report: &Report, options: &Options) -> String {
    let labels = Labels::new(report);
    let mut targets: Vec<&TargetReport> = report.targets.iter().collect();
    // The worst first; of equals the one that is over by most, then the largest.
    targets.sort_by_key(|target| {
        (Reverse(target.verdict), !headroom::is_over(target), Reverse(target.size.unwrap_or_default()))
    });
    let mut room = MOST_BYTES.saturating_sub(page::weight(report, options));
    let (mut sections, mut all_data) = (Vec::new(), Vec::new());
    for (position, target) in targets.iter().enumerate() {
        let left = targets.len().saturating_sub(position);
        let picture = position == 0;
        let section = section::section(report, target, &labels, options, picture, position);
        let Some(rest) = room.checked_sub(section.0.len().saturating_add(page::EACH)) else { break };
        let data = data::data(target, options, rest / left);
        let Some(rest) = rest.checked_sub(data.len()) else { break };
        room = rest;
        sections.push(section);
        all_data.push(data);
    }
    page::page(report, &targets, &labels, options, &sections, &all_data)
}
