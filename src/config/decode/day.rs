//! Days: until when an exception holds, from when on a rule is enforced.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;
use toml::value::Datetime;

use super::Decoder;

impl Decoder<'_> {
    /// A day, without a time and without quotes.
    pub(super) fn day(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<time::Date> {
        let hint = format!("Write a day without quotes and without a time: {key} = 2027-03-31.");
        let DeValue::Datetime(Datetime { date: Some(date), time: None, offset: None }) = value.get_ref() else {
            return match value.get_ref() {
                DeValue::Datetime(_) => self.refuse(value.span(), format!("`{key}` wants a day"), hint),
                _ => self.wrong_type(key, value, "a day", &hint),
            };
        };
        let month = time::Month::try_from(date.month);
        match month.and_then(|month| time::Date::from_calendar_date(date.year.into(), month, date.day)) {
            Ok(date) => Some(date),
            Err(_) => self.refuse(value.span(), format!("`{key}` is a day that does not exist"), hint),
        }
    }

    /// Refuses a day for what never fails.
    pub(super) fn refuse_idle_day(&mut self, key: &str, span: Range<usize>) {
        let hint = "Name what fails from that day on with `fail`; what only warns needs no day.";
        self.refuse::<()>(span, format!("`enforce-from` of `{key}` has nothing to enforce: there is no `fail`"), hint);
    }
}
