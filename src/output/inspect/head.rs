//! Two lines that say which image it is and whose bytes it has.

use super::Options;
use crate::domain::{Bytes, Contents, Origin, TargetReport};
use crate::output::terminal::paint::Paint;
use crate::text::{self, hang, width};

/// The longest name that is shown, in characters.
const LONGEST: usize = 120;

pub(super) fn lines(target: &TargetReport, options: &Options, paint: Paint) -> Vec<String> {
    let name = text::line_within(options.title.as_deref().unwrap_or(target.name.as_str()), LONGEST);
    let size = target.size.map_or_else(|| "size not known".to_owned(), |size| size.to_string());
    let compressed = target.compressed_size.map(|size| {
        let about = if size.is_estimate { "about " } else { "" };
        format!("  ({about}{} compressed)", size.bytes)
    });
    let mut facts: Vec<String> = target.platform.iter().map(|platform| text::line(&platform.to_string())).collect();
    facts.push(text::count(target.layers.len(), "layer", "layers"));
    facts.extend(target.contents.as_ref().map(user));
    let first = format!("{size}{}  {}", compressed.unwrap_or_default(), facts.join(" · "));
    let lead = format!("{name}  ");
    // A long name has a line of its own.
    let fits = options.width.is_none_or(|columns| width(&lead) + width(&first) <= columns);
    let mut lines = if fits {
        vec![format!("{}  {first}", paint.bold(&name))]
    } else {
        let mut lines = vec![paint.bold(&name)];
        lines.extend(hang("  ", &first, options.width));
        lines
    };
    let indent = if fits { " ".repeat(width(&lead)) } else { "  ".to_owned() };
    lines.extend(joined(&whose(target), &indent, options.width));
    lines
}

/// Facts with dots between them. A line breaks at a dot, which goes.
fn joined(facts: &[String], indent: &str, columns: Option<usize>) -> Vec<String> {
    const DOT: &str = " · ";
    let mut lines: Vec<String> = Vec::new();
    for fact in facts {
        let fits = |line: &String| columns.is_none_or(|columns| width(line) + width(DOT) + width(fact) <= columns);
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) => line.extend([DOT, fact]),
            None => lines.push(format!("{indent}{fact}")),
        }
    }
    lines
}

/// `root`, `user 1000`.
fn user(contents: &Contents) -> String {
    match contents.user.as_deref() {
        None => "root".to_owned(),
        Some(user) => format!("user {}", text::line_within(user, 40)),
    }
}

fn whose(target: &TargetReport) -> Vec<String> {
    let mut facts = Vec::new();
    match (target.base_size, target.size) {
        (Some(base), Some(size)) => {
            match &target.base {
                Some(named) => facts.push(format!("base {} {base}", text::line_within(&named.reference, 60))),
                None if base > Bytes::ZERO => facts.push(format!("base {base}")),
                None => facts.push("no base".to_owned()),
            }
            facts.push(format!("yours {}", size.saturating_sub(base)));
        }
        _ if target.layers.iter().any(|layer| layer.origin == Origin::Unknown) => {
            facts.push("base not known".to_owned());
        }
        _ => {}
    }
    let contents = target.contents.as_ref();
    facts.extend(contents.and_then(|contents| contents.wasted).map(|wasted| format!("wasted {wasted}")));
    facts.extend(contents.and_then(packages));
    facts
}

/// `431 packages`; where a database was not read, that there may be more.
fn packages(contents: &Contents) -> Option<String> {
    let counts = contents.package_counts.as_ref()?;
    let packages = counts.iter().fold(0_u64, |sum, count| sum.saturating_add(count.packages));
    let counted = text::count(usize::try_from(packages).unwrap_or(usize::MAX), "package", "packages");
    Some(match (packages, contents.unread.is_empty()) {
        (_, true) => counted,
        (0, false) => "packages not known".to_owned(),
        (_, false) => format!("at least {counted}"),
    })
}
