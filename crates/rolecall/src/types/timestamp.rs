//! Timestamps and durations in milliseconds.
//!
//! The grammar is RFC 3339, section 5.6, with a zone. The calendar arithmetic counts days from the first of March of
//! year 0. It is written by hand because all bindings must accept exactly the same texts, including leap seconds and
//! fractions, and because the core is loaded by browsers.

use crate::types::error::{ParseError, RequestError, RequestErrorCode};
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use serde::Serialize;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, of the years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest timestamp: the beginning of year 0000.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The latest timestamp: the end of year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Converts milliseconds since the epoch; `None` if they are out of range.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&millis).then_some(Self(millis))
    }

    /// Returns the milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Parses RFC 3339 with a zone. Fractions are truncated to milliseconds. Leap seconds and `24:00` are rejected.
    ///
    /// ```
    /// use rolecall::Timestamp;
    ///
    /// let time = Timestamp::parse("2026-11-21T10:00:00.123456+02:30").expect("it is RFC 3339");
    /// assert_eq!(time.to_string(), "2026-11-21T07:30:00.123Z");
    /// assert_eq!(Timestamp::parse("2026-11-21"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut cursor = Cursor(text.as_bytes());
        let year = cursor.digits(4)?;
        cursor.one_of(b"-")?;
        let month = cursor.digits(2)?;
        cursor.one_of(b"-")?;
        let day = cursor.digits(2)?;
        cursor.one_of(b"Tt")?;
        let hour = cursor.digits(2)?;
        cursor.one_of(b":")?;
        let minute = cursor.digits(2)?;
        cursor.one_of(b":")?;
        let second = cursor.digits(2)?;
        let fraction = cursor.fraction()?;
        let offset = cursor.offset()?;
        let valid = cursor.0.is_empty()
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        let local =
            days_from_civil(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + fraction;
        if valid { Self::from_millis(local - offset) } else { None }
    }

    /// Parses a timestamp of a request like [`parse`](Self::parse).
    ///
    /// # Errors
    /// `time.malformed` at `path`.
    pub fn read(text: &str, path: &str) -> Result<Self, RequestError> {
        Self::parse(text).ok_or_else(|| {
            let message = ["`", text, "` is not a timestamp"].concat();
            RequestError::new(RequestErrorCode::TimeMalformed, path, message)
                .with_help("write date, time and zone by RFC 3339, such as `2026-11-21T10:00:00Z`")
        })
    }

    /// Returns the timestamp in UTC with `Z`, with three digits of the second only if they are not zero.
    #[must_use]
    pub fn as_text(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let time = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (time / HOUR, time / MINUTE % 60, time / SECOND % 60);
        let mut text = String::with_capacity(24);
        for (before, number, digits) in
            [("", year, 4), ("-", month, 2), ("-", day, 2), ("T", hour, 2), (":", minute, 2), (":", second, 2)]
        {
            text.push_str(before);
            push_digits(&mut text, number, digits);
        }
        if time % SECOND != 0 {
            text.push('.');
            push_digits(&mut text, time % SECOND, 3);
        }
        text.push('Z');
        text
    }

    /// Returns the timestamp `duration` later; `None` if it is out of range.
    #[must_use]
    pub fn after(self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration.0).and_then(Self::from_millis)
    }

    /// Returns the duration since `earlier`; zero if `earlier` is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0).max(0))
    }
}

impl FromStr for Timestamp {
    type Err = ParseError;

    /// Parses a timestamp like [`parse`](Self::parse).
    ///
    /// # Errors
    /// An error for a text that is not RFC 3339 with a zone.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text).ok_or(ParseError("not a timestamp in RFC 3339 with a zone, such as `2026-11-21T10:00:00Z`"))
    }
}

impl fmt::Display for Timestamp {
    /// Formats the timestamp in UTC with `Z`, with three digits of the second only if they are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_text())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.as_text())
    }
}

/// A duration: 1 millisecond to 10,000 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

impl Duration {
    const LONGEST: i64 = 10_000 * DAY;

    /// Parses one number and one unit: `ms`, `s`, `m`, `h` or `d`.
    ///
    /// ```
    /// use rolecall::Duration;
    ///
    /// let length = Duration::parse("90m").expect("it is one number and one unit");
    /// assert_eq!((length.as_millis(), length.to_string().as_str()), (5_400_000, "90m"));
    /// assert_eq!(Duration::parse("1h30m"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits)?;
        let unit = match unit {
            "ms" => 1,
            "s" => SECOND,
            "m" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            _ => return None,
        };
        let millis = number.parse::<i64>().ok()?.checked_mul(unit)?;
        (1..=Self::LONGEST).contains(&millis).then_some(Self(millis))
    }

    /// Returns the length of so many milliseconds: 1 to 864,000,000,000, which are 10,000 days.
    #[must_use]
    pub fn from_millis(millis: u64) -> Option<Self> {
        i64::try_from(millis).ok().filter(|millis| (1..=Self::LONGEST).contains(millis)).map(Self)
    }

    /// Returns the milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

impl FromStr for Duration {
    type Err = ParseError;

    /// Parses a length as [`parse`](Self::parse) does.
    ///
    /// # Errors
    /// An error for a text that is not one number and one unit, and for a length that is out of bounds.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
            .ok_or(ParseError("not a duration: one number and one of `ms`, `s`, `m`, `h`, `d`, at most `10000d`"))
    }
}

impl TryFrom<core::time::Duration> for Duration {
    type Error = ParseError;

    /// Converts a length, cutting what is finer than a millisecond.
    ///
    /// # Errors
    /// An error for less than a millisecond and for more than 10,000 days.
    fn try_from(length: core::time::Duration) -> Result<Self, ParseError> {
        let millis = u64::try_from(length.as_millis()).ok().and_then(Self::from_millis);
        millis.ok_or(ParseError("a duration has at least one millisecond and at most 10,000 days"))
    }
}

impl From<Duration> for core::time::Duration {
    fn from(length: Duration) -> Self {
        Self::from_millis(length.0.unsigned_abs())
    }
}

impl fmt::Display for Duration {
    /// Formats the duration in the largest unit that divides it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND)];
        let (unit, size) = units.into_iter().find(|(_, size)| self.0 % size == 0).unwrap_or(("ms", 1));
        write!(f, "{}{unit}", self.0 / size)
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

fn push_digits(text: &mut String, number: i64, digits: u32) {
    for place in (0..digits).rev() {
        text.push(char::from(b'0' + (number / 10_i64.pow(place) % 10) as u8));
    }
}

/// The rest of the text.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    }

    fn one_of(&mut self, accepted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        accepted.contains(first).then_some(*first)
    }

    /// Parses an optional fraction of a second, in milliseconds.
    fn fraction(&mut self) -> Option<i64> {
        if self.0.first() != Some(&b'.') {
            return Some(0);
        }
        self.one_of(b".")?;
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let padded = digits.iter().copied().chain([b'0', b'0']).take(3);
        (count > 0).then(|| padded.fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0')))
    }

    /// Parses the offset from UTC, in milliseconds.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.digits(2)?;
        self.one_of(b":")?;
        let minutes = self.digits(2)?;
        (hours < 24 && minutes < 60).then_some(sign * (hours * HOUR + minutes * MINUTE))
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Returns the date that is `days` days after 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_is_accepted() {
        for (text, written) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2026-11-21t10:00:00z", "2026-11-21T10:00:00Z"),
            ("2026-11-21T10:00:00+02:30", "2026-11-21T07:30:00Z"),
            ("2026-11-21T10:00:00-00:00", "2026-11-21T10:00:00Z"),
            ("2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z"),
            ("2024-02-29T23:59:59.1239999999999Z", "2024-02-29T23:59:59.123Z"),
            ("2024-02-29T23:59:59.0009Z", "2024-02-29T23:59:59Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(String::from).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn other_texts_are_rejected() {
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T10:00:00",
            "2026-11-21 10:00:00Z",
            "2026-11-21T10:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T23:59:60Z",
            "2026-11-21T10:60:00Z",
            "2025-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-11-21T10:00:00.Z",
            "2026-11-21T10:00:00+24:00",
            "2026-11-21T10:00:00+0200",
            "2026-11-21T10:00:00Z ",
            "+2026-11-21T10:00:00Z",
            "2026-11-21T10:00:00,5Z",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "１970-01-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_day_of_eight_hundred_years_is_written_and_read_back() {
        for day in -146_097..146_097 {
            let time = Timestamp::from_millis(day * DAY + 1).unwrap();
            assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn durations_are_one_number_and_one_unit() {
        for (text, millis) in [("60m", 3_600_000), ("1ms", 1), ("2d", 172_800_000), ("007s", 7000)] {
            assert_eq!(Duration::parse(text).map(Duration::as_millis), Some(millis), "{text}");
        }
        for text in ["", "m", "60", "0m", "1h30m", "-1m", "1.5h", "60 m", "60M", "9999999999999999999d", "10001d"] {
            assert_eq!(Duration::parse(text), None, "{text}");
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    #[test]
    fn durations_of_the_standard_library_are_converted_within_bounds() {
        let standard = core::time::Duration::from_micros;
        assert_eq!(Duration::try_from(standard(1_500_999)).map(Duration::as_millis), Ok(1500));
        assert_eq!(core::time::Duration::from(Duration(1500)), standard(1_500_000));
        for wrong in [standard(999), core::time::Duration::from_secs(864_000_001), core::time::Duration::MAX] {
            assert!(Duration::try_from(wrong).is_err(), "{wrong:?}");
        }
    }
}
