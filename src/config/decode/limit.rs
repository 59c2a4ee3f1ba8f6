//! Sizes, counts and growths, and the limits made of them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeValue};

use super::{Decoder, in_order};
use crate::config::keys;
use crate::config::raw::Setting;
use crate::domain::{Bytes, Growth, Limit};

/// Reads one side of a limit.
pub(super) type Side<'a, T> = fn(&mut Decoder<'a>, &str, &Spanned<DeValue<'_>>) -> Option<T>;

/// A side of a limit that can be compared with the other.
pub(super) trait Comparable: Copy {
    /// Whether a soft side of `self` would only speak after a hard side of `fail` has.
    fn is_above(self, fail: Self) -> bool;
}

impl Comparable for Bytes {
    fn is_above(self, fail: Self) -> bool {
        self > fail
    }
}

impl Comparable for u64 {
    fn is_above(self, fail: Self) -> bool {
        self > fail
    }
}

impl Comparable for Growth {
    /// Bytes and percentages are compared with their like; which of the two forms is larger depends on the image.
    fn is_above(self, fail: Self) -> bool {
        let above = |warn: Option<u64>, fail: Option<u64>| warn.zip(fail).is_some_and(|(warn, fail)| warn > fail);
        above(self.bytes.map(|bytes| bytes.0), fail.bytes.map(|bytes| bytes.0))
            || above(self.percent_hundredths, fail.percent_hundredths)
    }
}

impl<'a> Decoder<'a> {
    /// A limit: one value, `{ warn, fail }`, or `false`.
    pub(super) fn limit<T: Comparable>(
        &mut self,
        key: &str,
        key_span: Range<usize>,
        value: &Spanned<DeValue<'_>>,
        side: Side<'a, T>,
    ) -> Option<Setting<Limit<T>>> {
        let place = Some(self.place(&key_span));
        match value.get_ref() {
            DeValue::Boolean(false) => Some(Setting::Off),
            DeValue::Boolean(true) => {
                let hint = format!("Write the limit itself; `{key} = false` switches an inherited one off.");
                self.refuse(value.span(), format!("`{key}` wants a limit, not `true`"), hint)
            }
            DeValue::Table(table) if !table.contains_key("larger-of") => {
                let (mut warn, mut fail, mut day) = (None, None, None);
                let mut is_whole = true;
                for (name, value) in in_order(table) {
                    let known = self.known_key(name, &[keys::SIDES], &format!("`{key}`"));
                    if known == Some("enforce-from") {
                        day = self.day("enforce-from", value).map(|day| (day, name.span()));
                        is_whole &= day.is_some();
                        continue;
                    }
                    let read = known.and_then(|known| side(self, &format!("{key}.{known}"), value));
                    is_whole &= read.is_some();
                    match known {
                        Some("warn") => warn = read.map(|read| (read, value.span())),
                        Some("fail") => fail = read,
                        _ => {}
                    }
                }
                if !is_whole {
                    return None;
                }
                if warn.is_none() && fail.is_none() {
                    let hint = format!("Write {key} = {{ warn = …, fail = … }}, or one of the two.");
                    return self.refuse(value.span(), format!("`{key}` has neither `warn` nor `fail`"), hint);
                }
                if let (Some((soft, span)), Some(hard)) = (&warn, fail)
                    && soft.is_above(hard)
                {
                    let hint = "A soft limit speaks before the hard one: make `warn` the smaller, or swap them.";
                    return self.refuse(span.clone(), format!("`warn` of `{key}` is above its `fail`"), hint);
                }
                if let (Some((_, span)), None) = (&day, fail) {
                    self.refuse_idle_day(key, span.clone());
                    return None;
                }
                if let (Some((day, _)), Some(place)) = (day, &place) {
                    self.dates.insert(place.clone(), day);
                }
                Some(Setting::On(Limit { warn: warn.map(|(soft, _)| soft), fail, place }))
            }
            _ => side(self, key, value).map(|fail| Setting::On(Limit { warn: None, fail: Some(fail), place })),
        }
    }

    /// A size: text with a unit, or an integer of bytes.
    pub(super) fn size(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Bytes> {
        match value.get_ref() {
            DeValue::Integer(integer) => {
                let bytes = self.integer(key, integer, value.span()).map(Bytes)?;
                self.question_bare(key, bytes, value.span());
                Some(bytes)
            }
            DeValue::String(text) => {
                let bytes = self.size_text(text, value.span())?;
                if text.trim().bytes().all(|b| b.is_ascii_digit()) {
                    self.question_bare(key, bytes, value.span());
                }
                Some(bytes)
            }
            _ => self.wrong_type(
                key,
                value,
                "a size",
                "Write a size as \"150 MB\", \"1.35 GB\", \"150 MiB\", or as an integer of bytes.",
            ),
        }
    }

    /// Asks for the unit of a number that nobody means as bytes: `max-size = 200`. It is judged as written all the same.
    fn question_bare(&mut self, key: &str, bytes: Bytes, span: Range<usize>) {
        let Bytes(number) = bytes;
        if number == 0 || number >= least_bare(key) {
            return;
        }
        let percent = if key.starts_with("max-growth") || key == "larger-of" {
            format!(", or \"{number}%\"")
        } else {
            String::new()
        };
        let hint = format!("Write the unit that was meant: \"{number} MB\"{percent}; \"{number} B\" for bytes.");
        self.warn(span, format!("`{key}` is {bytes} here: the number has no unit"), hint);
    }

    fn size_text(&mut self, text: &str, span: Range<usize>) -> Option<Bytes> {
        match text.parse::<Bytes>() {
            Ok(bytes) => Some(bytes),
            Err(error) => self.refuse(span, error.to_string(), error.hint()),
        }
    }

    /// A count of layers or packages.
    pub(super) fn count(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<u64> {
        match value.get_ref() {
            DeValue::Integer(integer) => self.integer(key, integer, value.span()),
            _ => {
                self.wrong_type(key, value, "a whole number", "Write it without quotes and without a unit, such as 12.")
            }
        }
    }

    fn integer(&mut self, key: &str, integer: &DeInteger<'_>, span: Range<usize>) -> Option<u64> {
        match u64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Some(number),
            Err(_) if integer.as_str().starts_with('-') => {
                self.refuse(span, format!("`{key}` cannot be negative"), "Write 0 or more.")
            }
            Err(_) => {
                let hint = format!("The largest number is {}.", u64::MAX);
                self.refuse(span, format!("`{key}` is more than can be counted"), hint)
            }
        }
    }

    /// A growth: a size, a percentage, or `{ larger-of = [size, percentage] }`.
    pub(super) fn growth(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Growth> {
        let DeValue::Table(table) = value.get_ref() else {
            return self.plain_growth(key, value);
        };
        let mut parts = None;
        for (name, value) in in_order(table) {
            if name.get_ref() == "enforce-from" {
                let hint = "Write { fail = { larger-of = […] }, enforce-from = … }.";
                return self.refuse(name.span(), format!("`enforce-from` of `{key}` stands beside `fail`"), hint);
            }
            if self.known_key(name, &[keys::GROWTH], &format!("`{key}`")).is_some() {
                parts = Some(value);
            }
        }
        let hint = "Write { larger-of = [\"5 MB\", \"2%\"] }: one size and one percentage.";
        let Some(parts) = parts else {
            return if table.is_empty() {
                self.refuse(value.span(), format!("`{key}` has no limit"), hint)
            } else {
                None
            };
        };
        let Some(list) = parts.get_ref().as_array() else {
            return self.wrong_type("larger-of", parts, "a list", hint);
        };
        let read: Vec<Growth> = list.iter().filter_map(|part| self.plain_growth("larger-of", part)).collect();
        match read.as_slice() {
            _ if read.len() < list.len() => None,
            [one, other] if one.bytes.is_some() != other.bytes.is_some() => Some(Growth {
                bytes: one.bytes.or(other.bytes),
                percent_hundredths: one.percent_hundredths.or(other.percent_hundredths),
            }),
            _ => self.refuse(parts.span(), "`larger-of` wants one size and one percentage", hint),
        }
    }

    fn plain_growth(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Growth> {
        if let Some(number) = value.get_ref().as_str().and_then(|text| text.trim_end().strip_suffix('%')) {
            return match hundredths(number.trim()) {
                Some(hundredths) => Some(Growth { bytes: None, percent_hundredths: Some(hundredths) }),
                None => self.refuse(
                    value.span(),
                    format!("`{}%` is not a percentage", number.trim()),
                    "Write it as \"2%\" or \"2.5%\", with at most two digits after the point.",
                ),
            };
        }
        match value.get_ref() {
            DeValue::String(_) | DeValue::Integer(_) => {
                self.size(key, value).map(|bytes| Growth { bytes: Some(bytes), percent_hundredths: None })
            }
            _ => self.wrong_type(
                key,
                value,
                "a size or a percentage",
                "Write \"5 MB\", \"2%\" or { larger-of = [\"5 MB\", \"2%\"] }.",
            ),
        }
    }
}

/// The least number of bytes that is believed to be meant as bytes under a key. No image is smaller than the first; waste and growth
/// may be a few files.
fn least_bare(key: &str) -> u64 {
    let of_whole = ["max-size", "max-compressed-size", "max-own-size", "max-layer-size"];
    if of_whole.iter().any(|name| key.starts_with(name)) { 1_000_000 } else { 10_000 }
}

/// `2.5%` in hundredths of a percent, exactly; `None` for what is not a percentage with at most two digits after the point.
#[must_use]
pub fn percent_hundredths(text: &str) -> Option<u64> {
    hundredths(text.trim_end().strip_suffix('%')?.trim())
}

/// `2.5` as 250: exact, and `None` for more than two digits after the point.
fn hundredths(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let fraction: u64 = format!("{fraction:0<2}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact() {
        for (text, value) in [("2", Some(200)), ("2.5", Some(250)), ("0.05", Some(5)), ("150", Some(15_000))] {
            assert_eq!(hundredths(text), value, "{text}");
        }
        for wrong in ["", ".", "2.", ".5", "-1", "+1", "1e3", "0.001", "99999999999999999999", "2,5"] {
            assert_eq!(hundredths(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn growths_are_compared_with_their_like() {
        let growth = |bytes: Option<u64>, percent_hundredths| Growth { bytes: bytes.map(Bytes), percent_hundredths };
        assert!(growth(Some(2), None).is_above(growth(Some(1), None)));
        assert!(growth(Some(1), Some(3)).is_above(growth(Some(1), Some(2))));
        assert!(!growth(Some(9), None).is_above(growth(None, Some(1))));
    }
}
