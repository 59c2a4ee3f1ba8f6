//! One thing: what it is in the first line, then what there is to say of it, each with its label.

use super::said;
use crate::domain::{HiddenBy, Thing, ThingKind, WhyReport};
use crate::output::terminal::paint::Paint;
use crate::output::terminal::rows::cut;
use crate::text::{self, hang};

/// How many other paths are named.
const MOST_ALSO: usize = 3;
/// The longest path, in characters.
const LONGEST: usize = 400;

/// All of it.
pub(super) fn block(report: &WhyReport, thing: &Thing, width: Option<usize>, paint: Paint) -> Vec<String> {
    let mut lines = head(thing, width, paint);
    for (label, text, is_cut) in rows(report, thing) {
        let first = format!("  {label:<11} ");
        match width.filter(|_| is_cut) {
            // An instruction is known by its beginning.
            Some(columns) => lines.push(format!("{first}{}", cut(&text, columns.saturating_sub(text::width(&first))))),
            None => lines.extend(hang(&first, &text, width)),
        }
    }
    lines
}

/// In one line: bytes, where, whose, and who brought it.
pub(super) fn line(report: &WhyReport, thing: &Thing, width: Option<usize>) -> String {
    let what = thing.path.as_deref().map_or_else(|| said::name(thing), |path| text::line_within(path, LONGEST));
    let package = thing.package.as_ref().map(|package| format!(" ({})", said::short(package)));
    let gone = if thing.hidden.is_some() { " deleted" } else { "" };
    let whom = said::whom(report, thing).map(|whom| format!("  {whom}")).unwrap_or_default();
    let line = format!("  {:>8}  {what}{}{gone}{whom}", thing.bytes.to_string(), package.unwrap_or_default());
    width.map_or(line.clone(), |columns| cut(&line, columns))
}

fn head(thing: &Thing, width: Option<usize>, paint: Paint) -> Vec<String> {
    let name = said::name(thing);
    let files = said::files(thing.files);
    let bytes = thing.bytes;
    let rest = match (&thing.kind, thing.hidden) {
        (_, Some((_, HiddenBy::Deleted))) => format!("deleted, and its {bytes} still ship"),
        (_, Some((_, HiddenBy::Replaced))) => format!("replaced, and its {bytes} still ship"),
        (ThingKind::File, None) => format!("file, {bytes}"),
        (ThingKind::Directory, None) => format!("directory, {bytes} in {files}"),
        (ThingKind::Link { end: Some(end), .. }, None) => {
            format!("→ {}, {bytes}", text::line_within(end, LONGEST))
        }
        (ThingKind::Link { to, end: None }, None) => {
            format!("→ {}, which is not there", text::line_within(to, LONGEST))
        }
        (ThingKind::Other, None) => "neither file, link nor directory".to_owned(),
        (ThingKind::Package, None) => match &thing.path {
            Some(path) => format!("{bytes} in {files} at {}", text::line_within(path, LONGEST)),
            None => format!("{bytes} in {files}"),
        },
    };
    let plain = format!("{name}  {rest}");
    let mut lines = hang("", &plain, width);
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first.strip_prefix(name.as_str())
    {
        *first = format!("{}{rest}", paint.bold(&name));
    }
    lines
}

/// Label, text, and whether it is cut instead of broken.
fn rows(report: &WhyReport, thing: &Thing) -> Vec<(&'static str, String, bool)> {
    let mut rows = Vec::new();
    let is_package = thing.kind == ThingKind::Package;
    match &thing.package {
        Some(package) => {
            if !is_package {
                let files = said::files(package.files);
                rows.push(("package", format!("{}, {} in {files}", said::package(package), package.bytes), false));
            }
            rows.extend(said::pulled_in(package).map(|said| ("pulled in", said, false)));
            rows.extend(said::needed_by(package).map(|said| ("needed by", said, false)));
        }
        None if !thing.packages.is_empty() => rows.push(("packages", said::packages(&thing.packages), false)),
        None if matches!(thing.kind, ThingKind::File | ThingKind::Link { .. }) && thing.hidden.is_none() => {
            let none = if report.unread.is_empty() { "none owns it" } else { "not known" };
            rows.push(("package", none.to_owned(), false));
        }
        None => {}
    }
    rows.extend(said::brought(report, thing).map(|said| ("brought by", said, true)));
    rows.extend(said::others(report, thing).map(|said| ("and by", said, false)));
    rows.extend(said::again(report, thing).map(|said| ("again by", said, true)));
    rows.extend(said::earlier(report, thing).map(|said| ("ships twice", said, false)));
    if let Some((layer, how)) = thing.hidden {
        let label = if how == HiddenBy::Deleted { "deleted by" } else { "replaced by" };
        rows.push((label, said::layer(report, layer), true));
    }
    rows.extend(thing.package.as_ref().map(|package| ("removing it", said::frees(package), false)));
    rows.extend(thing.fix.as_ref().map(|fix| ("fix", text::line_within(fix, LONGEST), false)));
    if !thing.also.is_empty() {
        let shown: Vec<String> = thing.also.iter().take(MOST_ALSO).map(|path| text::line(path)).collect();
        let more = thing.also.len().saturating_sub(MOST_ALSO);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        rows.push(("also", format!("{}{more}", shown.join(", ")), false));
    }
    rows
}
