//! `[[allow]]` tables, and `allow = [{ … }]`.

use std::fmt::Write as _;
use std::ops::Range;

use toml_edit::{Array, Date, Datetime, Item, TableLike, Value};

use super::places::{end_of_line, line_end, line_start, whole_lines};
use super::{Edit, Parsed};
use crate::domain::{Bytes, Growth, NewAllow, Place, UpTo};

/// Where an exception stands now, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it begins.
    pub place: Place,
    /// What became of the file.
    pub how: How,
}

/// What writing an exception did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is new.
    Added,
    /// One about the same things was there, and says this now.
    Changed,
    /// It was there already, word for word.
    Unchanged,
}

/// One exception of the file.
struct Entry<'d> {
    table: &'d dyn TableLike,
    /// The header, or the whole inline table.
    span: Range<usize>,
    is_inline: bool,
}

impl<'d> Entry<'d> {
    fn words(&self, key: &str) -> Vec<String> {
        match self.table.get(key).and_then(Item::as_value) {
            Some(Value::String(word)) => vec![word.value().clone()],
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// The exception as far as it says what it is about.
    fn subject(&self) -> Option<NewAllow> {
        Some(NewAllow {
            targets: self.words("targets"),
            rule: self.table.get("rule")?.as_str()?.parse().ok()?,
            matches: self.words("match"),
            of_base: self.table.get("origin").and_then(Item::as_str) == Some("base"),
            up_to: None,
            reason: String::new(),
            until: None,
        })
    }

    /// A key with its value.
    fn pair(&self, key: &str) -> Option<(Range<usize>, Range<usize>, &'d Value)> {
        let (name, item) = self.table.get_key_value(key)?;
        Some((name.span()?, item.span()?, item.as_value()?))
    }

    /// Where its last value ends, or its header.
    fn end(&self) -> usize {
        let ends = self.table.iter().filter_map(|(_, item)| Some(item.span()?.end));
        ends.chain([self.span.end]).max().unwrap_or(self.span.end)
    }
}

fn entries<'d>(parsed: &'d Parsed<'_>) -> Vec<Entry<'d>> {
    match parsed.get("allow") {
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter().filter_map(|table| Some(Entry { table, span: table.span()?, is_inline: false })).collect()
        }
        Some(Item::Value(Value::Array(list))) => list
            .iter()
            .filter_map(Value::as_inline_table)
            .filter_map(|table| Some(Entry { table, span: table.span()?, is_inline: true }))
            .collect(),
        _ => Vec::new(),
    }
}

/// Where the exception about these things begins.
pub(super) fn find(parsed: &Parsed<'_>, exception: &NewAllow) -> Option<usize> {
    same(&entries(parsed), exception).map(|entry| entry.span.start)
}

fn same<'e, 'd>(entries: &'e [Entry<'d>], exception: &NewAllow) -> Option<&'e Entry<'d>> {
    entries.iter().find(|entry| entry.subject().is_some_and(|there| there.is_about_the_same(exception)))
}

/// What has to change so that the file says this.
pub(super) fn write(parsed: &Parsed<'_>, text: &str, exception: &NewAllow) -> (Vec<Edit>, How) {
    let entries = entries(parsed);
    if let Some(entry) = same(&entries, exception) {
        let edits = change(entry, text, exception);
        let how = if edits.is_empty() { How::Unchanged } else { How::Changed };
        return (edits, how);
    }
    let edits = match (parsed.get("allow"), entries.last()) {
        (Some(Item::Value(Value::Array(list))), _) => push(list, text, exception),
        (_, Some(last)) => vec![append(text, line_end(text, last.end()), exception)],
        (_, None) => vec![append(text, text.len(), exception)],
    };
    (edits, How::Added)
}

/// The keys of an exception with their values, in the order in which people read them.
fn pairs(exception: &NewAllow) -> Vec<(&'static str, Value)> {
    let list = |words: &[String]| Value::from(words.iter().map(String::as_str).collect::<Array>());
    let mut pairs = Vec::new();
    if !exception.targets.is_empty() {
        pairs.push(("targets", list(&exception.targets)));
    }
    pairs.push(("rule", Value::from(exception.rule.code())));
    if !exception.matches.is_empty() {
        pairs.push(("match", list(&exception.matches)));
    }
    if exception.of_base {
        pairs.push(("origin", Value::from("base")));
    }
    pairs.extend(terms(exception).into_iter().filter_map(|(key, value)| Some((key, value?))));
    pairs
}

/// What an exception allows, why and how long: what changes where it stands already.
fn terms(exception: &NewAllow) -> [(&'static str, Option<Value>); 3] {
    [
        ("up-to", exception.up_to.map(up_to)),
        ("reason", Some(Value::from(exception.reason.as_str()))),
        ("until", exception.until.map(day)),
    ]
}

fn up_to(up_to: UpTo) -> Value {
    match up_to {
        UpTo::Bytes(bytes) => Value::from(bytes.written()),
        UpTo::Count(count) => i64::try_from(count).map_or_else(|_| Value::from(i64::MAX), Value::from),
        UpTo::Growth(growth) => of_growth(growth),
    }
}

fn of_growth(growth: Growth) -> Value {
    let percent = growth.percent_hundredths.map(|hundredths| {
        let part = format!("{:02}", hundredths % 100);
        match part.trim_end_matches('0') {
            "" => format!("{}%", hundredths / 100),
            part => format!("{}.{part}%", hundredths / 100),
        }
    });
    match (growth.bytes.map(Bytes::written), percent) {
        (Some(bytes), Some(percent)) => {
            let mut table = toml_edit::InlineTable::new();
            table.insert("larger-of", Value::from([bytes, percent].into_iter().collect::<Array>()));
            Value::from(table)
        }
        (bytes, percent) => Value::from(bytes.or(percent).unwrap_or_else(|| "0 B".to_owned())),
    }
}

fn day(day: time::Date) -> Value {
    let date =
        Date { year: u16::try_from(day.year()).unwrap_or_default(), month: u8::from(day.month()), day: day.day() };
    Value::from(Datetime { date: Some(date), time: None, offset: None })
}

/// `value` as it stands behind `=`.
fn shown(value: Value) -> String {
    value.decorated("", "").to_string()
}

/// A new table behind `at`, which is the start of a line or the end of the text.
fn append(text: &str, at: usize, exception: &NewAllow) -> Edit {
    let end = end_of_line(text);
    let before = text.get(..at).unwrap_or_default();
    let mut with = String::new();
    if !before.is_empty() {
        if !before.ends_with('\n') {
            with.push_str(end);
        }
        if !before.trim_end_matches([' ', '\t']).ends_with("\n\n") && !before.ends_with("\n\r\n") {
            with.push_str(end);
        }
    }
    with.push_str("[[allow]]");
    with.push_str(end);
    for (key, value) in pairs(exception) {
        let _ = write!(with, "{key} = {}{end}", shown(value));
    }
    Edit::insert(at, with)
}

/// An exception as a new table would have it.
#[must_use]
pub fn rendered(exception: &NewAllow) -> String {
    append("", 0, exception).with
}

fn inline(exception: &NewAllow) -> String {
    let pairs: Vec<String> =
        pairs(exception).into_iter().map(|(key, value)| format!("{key} = {}", shown(value))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A new element of `allow = [ … ]`.
fn push(list: &Array, text: &str, exception: &NewAllow) -> Vec<Edit> {
    let Some(span) = list.span() else { return Vec::new() };
    let close = span.end.saturating_sub(1);
    let last = list.iter().last().and_then(Value::span).map(|span| span.end);
    let mut edits = Vec::new();
    if let Some(last) = last.filter(|_| !list.trailing_comma()) {
        edits.push(Edit::insert(last, ","));
    }
    let is_tall = text.get(span).is_some_and(|list| list.contains('\n'));
    let with = match (is_tall, last) {
        (true, _) => format!("    {},{}", inline(exception), end_of_line(text)),
        (false, Some(_)) => format!(" {}", inline(exception)),
        (false, None) => inline(exception),
    };
    let start_of_close = line_start(text, close);
    let is_alone = text.get(start_of_close..close).is_some_and(|lead| lead.trim().is_empty());
    let at = if is_tall && is_alone { start_of_close } else { close };
    edits.push(Edit::insert(at, with));
    edits
}

/// What an exception allows, in place of what it allowed.
fn change(entry: &Entry<'_>, text: &str, exception: &NewAllow) -> Vec<Edit> {
    let says =
        |value: &Value, wanted: &Value| shown(value.clone()) == shown(wanted.clone()) || plain(value) == plain(wanted);
    let terms = terms(exception);
    let is_said = |(key, wanted): &(&str, Option<Value>)| match (entry.pair(key), wanted) {
        (Some((_, _, value)), Some(wanted)) => says(value, wanted),
        (None, None) => true,
        _ => false,
    };
    if terms.iter().all(is_said) {
        return Vec::new();
    }
    if entry.is_inline {
        return vec![Edit { range: entry.span.clone(), with: inline(exception) }];
    }
    let end = end_of_line(text);
    let mut edits = Vec::new();
    let mut added = String::new();
    for (key, wanted) in terms {
        match (entry.pair(key), wanted) {
            (Some((_, _, value)), Some(wanted)) if says(value, &wanted) => {}
            (Some((_, span, _)), Some(wanted)) => edits.push(Edit { range: span, with: shown(wanted) }),
            (Some((key, value, _)), None) => {
                edits.push(Edit { range: whole_lines(text, &(key.start..value.end)), with: String::new() });
            }
            (None, Some(wanted)) => {
                let _ = write!(added, "{key} = {}{end}", shown(wanted));
            }
            (None, None) => {}
        }
    }
    if !added.is_empty() {
        let at = line_end(text, entry.end());
        let lead = if text.get(..at).is_some_and(|before| before.ends_with('\n')) { "" } else { end };
        edits.push(Edit::insert(at, format!("{lead}{added}")));
    }
    edits
}

/// What a value says, however it is written.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().clone(),
        other => shown(other.clone()),
    }
}

/// Takes out the exception that begins at `start`.
pub(super) fn remove(parsed: &Parsed<'_>, text: &str, start: usize) -> Option<Vec<Edit>> {
    let entries = entries(parsed);
    let position = entries.iter().position(|entry| entry.span.start == start)?;
    let entry = entries.get(position)?;
    if entry.is_inline {
        let next = entries.get(position + 1).map(|next| next.span.start);
        let before = position.checked_sub(1).and_then(|before| entries.get(before)).map(|before| before.span.end);
        let range = match (next, before) {
            (Some(next), _) => entry.span.start..next,
            (None, Some(before)) => before..entry.span.end,
            (None, None) => entry.span.clone(),
        };
        // The comma of the only element stays otherwise, and an array cannot begin with one.
        let rest = text.get(range.end..).unwrap_or_default();
        let comma = rest
            .trim_start()
            .starts_with(',')
            .then(|| rest.find(','))
            .flatten()
            .filter(|_| before.is_none() && next.is_none());
        return Some(vec![Edit {
            range: range.start..comma.map_or(range.end, |comma| range.end + comma + 1),
            with: String::new(),
        }]);
    }
    let mut from = line_start(text, start);
    while from > 0 {
        let above = line_start(text, from - 1);
        if !text.get(above..from)?.trim_start().starts_with('#') {
            break;
        }
        from = above;
    }
    let mut to = line_end(text, entry.end());
    while to < text.len() && text.get(to..line_end(text, to)).is_some_and(|line| line.trim().is_empty()) {
        to = line_end(text, to);
    }
    if to == text.len() {
        // Nothing follows, so the empty lines above would end the file.
        let kept = text.get(..from)?.trim_end_matches([' ', '\t', '\r', '\n']).len();
        from = if kept == 0 { 0 } else { line_end(text, kept - 1) };
    }
    Some(vec![Edit { range: from..to, with: String::new() }])
}

/// Another last day for the exception that begins at `start`, which has one.
pub(super) fn extend(parsed: &Parsed<'_>, start: usize, until: time::Date) -> Option<Vec<Edit>> {
    let entry = entries(parsed).into_iter().find(|entry| entry.span.start == start)?;
    let (_, range, _) = entry.pair("until")?;
    Some(vec![Edit { range, with: shown(day(until)) }])
}
