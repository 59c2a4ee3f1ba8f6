//! What is read back of a report, item by item: bounded in number and length, and of the form that it should have.

use std::fmt::Display;
use std::str::FromStr;

use crate::domain::Bytes;
use crate::{Class, Error};

/// The longest list of targets, layers, findings, paths or lines.
const MOST: usize = 10_000;

/// The longest text, in bytes.
const LONGEST: usize = 64 * 1024;

pub(super) fn refuse(message: impl Into<String>) -> Error {
    Error::new(Class::Io, message).with_hint("Make the report anew with `imgbudget check --write json=PATH`.")
}

pub(super) fn contradiction(what: &str) -> Error {
    refuse(format!("the report contradicts itself: {what}"))
}

/// A list, none too long.
pub(super) fn all<W, T: TryFrom<W, Error = Error>>(items: Vec<W>, what: &str) -> Result<Vec<T>, Error> {
    few(&items, what)?;
    items.into_iter().map(T::try_from).collect()
}

pub(super) fn few<W>(items: &[W], what: &str) -> Result<(), Error> {
    most(items, MOST, what)
}

/// A list that may be longer than others.
pub(super) fn most<W>(items: &[W], most: usize, what: &str) -> Result<(), Error> {
    if items.len() > most {
        return Err(refuse(format!("the report has more than {most} {what} in one list")));
    }
    Ok(())
}

pub(super) fn some<W, T: TryFrom<W, Error = Error>>(item: Option<W>) -> Result<Option<T>, Error> {
    item.map(T::try_from).transpose()
}

pub(super) fn text(text: String) -> Result<String, Error> {
    if text.len() > LONGEST {
        return Err(refuse(format!("the report has a text of more than {}", Bytes(LONGEST as u64))));
    }
    Ok(text)
}

pub(super) fn texts(items: Vec<String>, what: &str) -> Result<Vec<String>, Error> {
    few(&items, what)?;
    items.into_iter().map(text).collect()
}

/// A day, `YYYY-MM-DD`.
pub(super) fn day(text: &str) -> Result<time::Date, Error> {
    time::Date::parse(text, &time::format_description::well_known::Iso8601::DATE)
        .map_err(|_| refuse(format!("`{}` in the report is not a day", crate::text::line_within(text, 40))))
}

pub(super) fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|error: T::Err| refuse(format!("the report has a value that cannot be: {error}")))
}
