//! The forms of a report: pure functions from a report to text, one a file.

pub mod annotations;
mod codequality;
mod cost;
mod cyclonedx;
mod delta;
pub mod difference;
mod eased;
mod fingerprint;
mod headroom;
pub mod html;
pub mod inspect;
mod json;
mod junit;
mod label;
mod location;
pub mod markdown;
mod metrics;
mod over;
mod packages;
mod provenance;
mod sarif;
mod span;
mod split;
mod terminal;
mod weight;
pub mod why;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod fleet;

use std::io::{self, Write};

use crate::domain::{Format, Links, Report};

/// How a report is shown. Formats for programs take no notice of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Cells a line has; `None` when nobody knows, and then nothing is wrapped.
    pub width: Option<usize>,
    /// Whether the reader shows colours. Nothing is said by colour alone.
    pub colour: bool,
    /// Whether platforms were asked for, and so are shown even where all targets have the same.
    pub platforms: bool,
    /// Whether a rule that could not be judged counts as not checked.
    pub strict: bool,
    /// Where places are linked to.
    pub links: Links,
}

/// Writes the report in a format.
///
/// # Errors
/// Those of `out`.
pub fn render(format: Format, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => terminal::render(report, options, out),
        Format::Json => json::render(report, out),
        Format::Markdown => out.write_all(markdown::render(report, &options.links, markdown::SUMMARY).as_bytes()),
        Format::Junit => junit::render(report, &options.links.directory, out),
        Format::Codequality => codequality::render(report, &options.links.directory, out),
        Format::Sarif => sarif::render(report, &options.links.directory, out),
        Format::Metrics => metrics::render(report, out),
        Format::Html => {
            let options = html::Options { links: options.links.clone(), inspected: None };
            out.write_all(html::render(report, &options).as_bytes())
        }
        Format::Cyclonedx => cyclonedx::render(report, out),
    }
}
