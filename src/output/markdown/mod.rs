//! `markdown`: the comment on a pull request and the step summary.
//!
//! Read from the top it takes ten seconds: what became of the budget, a line that tells the whole story, a table of what changed, what to
//! do about it. What the baseline has already is folded, and so is everything else. Nothing that a stranger wrote stands outside of a
//! code span.

mod accepted;
mod budget;
mod cause;
mod change;
mod findings;
mod folded;
mod footer;
mod headline;
mod item;
mod log;
mod moved;
mod pick;
mod reasons;
mod rest;
mod rows;
mod sections;
mod shared;
mod shed;
mod view;

#[cfg(test)]
mod days;
#[cfg(test)]
mod tests;

use self::sections::Section;
use self::shed::Shed;
use self::view::View;
use crate::domain::{Links, Report};

/// How large a step summary may be: GitHub drops one above 1 MiB whole, and other steps of a job may have said something, too.
pub const SUMMARY: usize = 1_000_000;

/// Rows of a table that stands above what there is to do; a longer one stands below.
const LONG: usize = 8;

/// The report as Markdown of at most `limit` characters. Bytes are counted: there are never fewer of them than of what a forge
/// counts as characters. When it is too long, folded rows go first, then all that is folded, then causes and rows; the verdict
/// and the link to the run stay.
#[must_use]
pub fn render(report: &Report, links: &Links, limit: usize) -> String {
    fitting(&View::new(report, links), limit)
}

/// What [`render`] says, without what differs from run to run of one state: links, commits, how old the baseline is, which
/// images were read and what that cost. When this
/// is the same as last time, there is nothing new to say.
#[must_use]
pub fn stable(report: &Report, limit: usize) -> String {
    fitting(&View::new(report, &Links::none()).without_age(), limit)
}

fn fitting(view: &View<'_>, limit: usize) -> String {
    let fits = |text: &String| text.len() <= limit;
    let sections = sections::open(view);
    let shown = Shed::STEPS.iter().map(|shed| whole(view, &sections, *shed)).find(fits);
    shown.unwrap_or_else(|| least(view, limit))
}

fn whole(view: &View<'_>, sections: &[Section<'_>], shed: Shed) -> String {
    let mut blocks: Vec<String> = budget::block(view).into_iter().collect();
    blocks.push(headline::line(view));
    let table = rows::table(view, shed);
    let only_bases = table.is_empty();
    // A long table would stand before what there is to do.
    let (above, below) = if view.listed().count() > LONG { (Vec::new(), table) } else { (table, Vec::new()) };
    blocks.extend(above);
    if only_bases && shed.rows > 0 {
        blocks.extend(moved::table(view));
    }
    if shed.folded {
        blocks.extend(change::of_bases(view));
        blocks.extend(moved::lines(view, !only_bases));
    }
    blocks.extend(findings::blocks(view, sections, shed));
    blocks.extend(below);
    if shed.folded {
        blocks.extend(rest::block(view, shed));
        blocks.extend(folded::block(view, sections));
    }
    blocks.push(footer::line(view));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n") + "\n"
}

/// The verdict and the link to the run, for a limit that nothing else fits.
fn least(view: &View<'_>, limit: usize) -> String {
    let headline = headline::line(view);
    let with_run = footer::run(view.links).map(|run| format!("{headline}\n\n{run}\n"));
    let shown = with_run.filter(|text| text.len() <= limit).unwrap_or(headline);
    let end = (0..=limit.min(shown.len())).rev().find(|end| shown.is_char_boundary(*end)).unwrap_or(0);
    shown.get(..end).unwrap_or_default().to_owned()
}
