//! Values of one type, and what to say when it is another.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Decoder;

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl Decoder<'_> {
    /// Notes that `key` wants another type.
    pub(super) fn wrong_type<T>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        wanted: &str,
        hint: &str,
    ) -> Option<T> {
        let message = format!("`{key}` wants {wanted}, not {}", kind(value.get_ref()));
        self.refuse(value.span(), message, hint)
    }

    /// A table.
    pub(super) fn table<'t, 'i>(
        &mut self,
        key: &str,
        value: &'t Spanned<DeValue<'i>>,
        hint: &str,
    ) -> Option<&'t DeTable<'i>> {
        match value.get_ref().as_table() {
            Some(table) => Some(table),
            None => self.wrong_type(key, value, "a table", hint),
        }
    }

    /// A string that says something.
    pub(super) fn text(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let Some(text) = value.get_ref().as_str() else {
            return self.wrong_type(key, value, "a string", &format!("Write {key} = \"…\"."));
        };
        if text.trim().is_empty() {
            return self.refuse(value.span(), format!("`{key}` is empty"), "Say something between the quotes.");
        }
        if text.contains('\0') {
            return self.refuse(value.span(), format!("`{key}` holds a NUL character"), "Take it out.");
        }
        Some(text.to_owned())
    }

    /// A string in the place of its value.
    pub(super) fn spanned_text(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Spanned<String>> {
        self.text(key, value).map(|text| Spanned::new(value.span(), text))
    }

    /// A list of strings. Entries that are wrong are noted and left out.
    pub(super) fn strings(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<Spanned<String>> {
        let Some(list) = value.get_ref().as_array() else {
            return self
                .wrong_type(key, value, "a list of strings", &format!("Write {key} = [\"…\"]."))
                .unwrap_or_default();
        };
        list.iter().filter_map(|entry| self.spanned_text(key, entry)).collect()
    }

    /// A string that parses as `T`.
    pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        hint: &str,
    ) -> Option<T> {
        let text = self.text(key, value)?;
        self.parse(&text, value.span(), hint)
    }

    /// `text`, which stands at `span`, as `T`.
    pub(super) fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        text: &str,
        span: Range<usize>,
        hint: &str,
    ) -> Option<T> {
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => self.refuse(span, error.to_string(), hint),
        }
    }
}
