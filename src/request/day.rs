//! Days on the command line.

use time::{Date, Duration, Month, OffsetDateTime};

use crate::error::{Class, Error};
use crate::text;

/// The farthest that a number of days leads: a hundred years.
const MOST_DAYS: i64 = 36_525;

/// Today, UTC, as exceptions count days.
pub(crate) fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

/// `2027-03-31`, or `90d`: so many days from `today` on.
///
/// # Errors
/// It is neither, or a day that is over.
pub(crate) fn until(word: &str, today: Date) -> Result<Date, Error> {
    let shown = text::line(word);
    let wrong = |what: String| {
        Error::new(Class::Usage, what).with_hint("Write a day, such as --until 2027-03-31, or a number of days: 90d.")
    };
    if let Some(days) = word.strip_suffix('d').and_then(|days| days.parse::<u32>().ok()) {
        let days = i64::from(days);
        let day = (1..=MOST_DAYS).contains(&days).then(|| today.checked_add(Duration::days(days))).flatten();
        return day.ok_or_else(|| wrong(format!("--until: `{shown}` is not between 1 day and {MOST_DAYS} days")));
    }
    let day = day(word).ok_or_else(|| wrong(format!("--until: `{shown}` is not a day")))?;
    if day < today {
        return Err(wrong(format!("--until: {day} is over; today is {today}")));
    }
    Ok(day)
}

/// `YYYY-MM-DD`.
fn day(word: &str) -> Option<Date> {
    let mut parts = word.split('-');
    let mut number = |digits: usize| {
        parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (year, month, day) = (number(4)?.parse().ok()?, number(2)?.parse::<u8>().ok()?, number(2)?.parse().ok()?);
    if parts.next().is_some() {
        return None;
    }
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_numbers_of_days() {
        let today = Date::from_calendar_date(2026, Month::November, 21).expect("a day");
        let read = |word: &str| until(word, today).map(|day| day.to_string()).map_err(|error| error.chain());
        assert_eq!(read("2027-03-31"), Ok("2027-03-31".to_owned()));
        assert_eq!(read("2026-11-21"), Ok("2026-11-21".to_owned()));
        assert_eq!(read("90d"), Ok("2027-02-19".to_owned()));
        assert_eq!(read("2026-11-20"), Err("--until: 2026-11-20 is over; today is 2026-11-21".to_owned()));
        for wrong in [
            "",
            "0d",
            "99999d",
            "2027-02-30",
            "2027-3-31",
            "31.3.2027",
            "+027-03-31",
            "2027-03-31-1",
            "d",
            "-1d",
            "\u{1b}[31m",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
