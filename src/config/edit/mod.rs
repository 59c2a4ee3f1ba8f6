//! Editing budget files: exceptions added, changed and taken out, limits lowered. Everything else stays as it is, byte for byte:
//! comments, order, spacing and the ends of lines.
//!
//! The file is parsed for where its values stand, and only those bytes are replaced; after every edit it is parsed again.

mod allow;
mod limit;
mod places;

pub use allow::{How, Written, rendered};
pub use limit::Sides;

use std::ops::Range;
use std::path::Path;

use toml_edit::Document;

use super::read;
use crate::domain::{NewAllow, Place};
use crate::{Class, Error};

/// A budget file that is being edited.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The file as people name it.
    name: String,
    text: String,
}

/// A parsed file with the place of every value.
type Parsed<'t> = Document<&'t str>;

impl Draft {
    /// Starts with the text of a file, which messages call `name`.
    ///
    /// # Errors
    /// It is not TOML.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Result<Self, Error> {
        let draft = Self { name: name.into(), text: text.into() };
        draft.parse()?;
        Ok(draft)
    }

    /// Reads the file at `path`, an absolute one, which is named from `cwd`.
    ///
    /// # Errors
    /// It cannot be read, or is not TOML.
    pub fn open(path: &Path, cwd: &Path) -> Result<Self, Error> {
        let name = read::name(path, cwd);
        let text = read::read(path, &name)?;
        Self::new(name, text)
    }

    /// The file as people name it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Writes an exception: in place of one that is about the same things, else after the last one, else at the end.
    ///
    /// # Errors
    /// The text cannot be edited.
    pub fn allow(&mut self, exception: &NewAllow) -> Result<Written, Error> {
        let (edits, how) = allow::write(&self.parse()?, &self.text, exception);
        self.apply(edits)?;
        let parsed = self.parse()?;
        let start =
            allow::find(&parsed, exception).ok_or_else(|| self.cannot("the exception is not where it was put"))?;
        Ok(Written { place: self.place(start), how })
    }

    /// Whether it has an exception that is about the same things.
    #[must_use]
    pub fn has(&self, exception: &NewAllow) -> bool {
        self.parse().is_ok_and(|parsed| allow::find(&parsed, exception).is_some())
    }

    /// Takes out the exception that begins at `place`, with the comment right above it.
    ///
    /// # Errors
    /// There is none.
    pub fn remove_allow(&mut self, place: &Place) -> Result<(), Error> {
        let start = places::offset(&self.text, place);
        let edits = start.and_then(|start| allow::remove(&self.parse().ok()?, &self.text, start));
        let edits = edits.ok_or_else(|| self.cannot(&format!("there is no exception on line {}", place.line)))?;
        self.apply(edits)
    }

    /// Gives the exception that begins at `place` another last day.
    ///
    /// # Errors
    /// There is none.
    pub fn extend(&mut self, place: &Place, until: time::Date) -> Result<(), Error> {
        let start = places::offset(&self.text, place);
        let edits = start.and_then(|start| allow::extend(&self.parse().ok()?, start, until));
        let edits = edits.ok_or_else(|| self.cannot(&format!("there is no dated exception on line {}", place.line)))?;
        self.apply(edits)
    }

    /// Writes the sides of a limit whose key begins at `place` in the form that they have there.
    ///
    /// # Errors
    /// There is no limit.
    pub fn lower(&mut self, place: &Place, sides: Sides) -> Result<(), Error> {
        let start = places::offset(&self.text, place);
        let edits = start.and_then(|start| limit::lower(&self.parse().ok()?, start, sides));
        let edits = edits.ok_or_else(|| self.cannot(&format!("there is no limit on line {}", place.line)))?;
        self.apply(edits)
    }

    fn parse(&self) -> Result<Parsed<'_>, Error> {
        Document::parse(self.text.as_str()).map_err(|error| self.cannot(error.message()))
    }

    fn cannot(&self, why: &str) -> Error {
        Error::new(Class::Config, format!("cannot edit {}: {why}", self.name))
            .with_hint("Nothing was written. Did it change meanwhile? Run the command again.")
    }

    fn place(&self, start: usize) -> Place {
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { file: self.name.clone(), line: number(line), column: number(column) }
    }

    /// Replaces ranges of bytes, which do not overlap. What comes out is TOML, or nothing changed.
    fn apply(&mut self, mut edits: Vec<Edit>) -> Result<(), Error> {
        // From the end on, so that no edit moves what the next is about; what is put at one place stays in order.
        edits.reverse();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
        let mut text = self.text.clone();
        for edit in edits {
            if text.get(edit.range.clone()).is_none() {
                return Err(self.cannot("a value is not where it was"));
            }
            text.replace_range(edit.range, &edit.with);
        }
        let edited = Self { name: self.name.clone(), text };
        edited.parse()?;
        *self = edited;
        Ok(())
    }
}

/// Bytes to replace.
#[derive(Debug)]
struct Edit {
    range: Range<usize>,
    with: String,
}

impl Edit {
    fn insert(at: usize, with: impl Into<String>) -> Self {
        Self { range: at..at, with: with.into() }
    }
}

#[cfg(test)]
mod tests;
