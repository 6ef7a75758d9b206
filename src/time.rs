//! Moments, as S3 writes them. Nothing here reads a clock: whoever calls
//! passes the time in.

use crate::error::{Error, ErrorKind, Result};

const SECONDS_PER_DAY: i64 = 86_400;

/// A moment in UTC with a resolution of one second, from 1970 to 9999.
///
/// ```
/// use sealift::Timestamp;
///
/// let t = Timestamp::parse("20130524T000000Z")?;
/// assert_eq!(t.unix_seconds(), 1_369_353_600);
/// assert_eq!(t.amz_date(), "20130524T000000Z");
/// assert_eq!(t.iso8601(), "2013-05-24T00:00:00Z");
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last second that four digits of a year can say.
    const MAX: i64 = 253_402_300_799;

    /// From seconds since 1970-01-01T00:00:00Z; clamped to the years 1970 to 9999.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        if seconds < 0 {
            Self(0)
        } else if seconds > Self::MAX {
            Self(Self::MAX)
        } else {
            Self(seconds)
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }

    /// This moment moved by a number of seconds, which may be negative.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix_seconds(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this moment; negative if it is the later one.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Parses `YYYYMMDDTHHMMSSZ` or ISO 8601 in UTC (`YYYY-MM-DDTHH:MM:SS[.fff]Z`,
    /// whose fraction is dropped).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDate`] for anything else, impossible dates included.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_digits(text).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidDate,
                "a date must look like 20130524T000000Z or 2013-05-24T00:00:00Z",
            )
        })
    }

    /// Parses the date of an HTTP header in the one form that servers may
    /// send, e.g. `Fri, 24 May 2013 00:00:00 GMT` (RFC 9110, 5.6.7).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDate`] for anything else.
    pub fn parse_http_date(text: &str) -> Result<Self> {
        Self::parse_imf_fixdate(text)
            .ok_or_else(|| Error::new(ErrorKind::InvalidDate, "the Date header is not an HTTP date"))
    }

    /// `YYYYMMDDTHHMMSSZ`, as `x-amz-date` has it.
    #[must_use]
    pub fn amz_date(self) -> String {
        let (year, month, day) = self.civil_date();
        let (hour, minute, second) = self.clock();
        let mut text = String::with_capacity(16);
        push_digits(&mut text, year, 4);
        push_digits(&mut text, month, 2);
        push_digits(&mut text, day, 2);
        text.push('T');
        push_digits(&mut text, hour, 2);
        push_digits(&mut text, minute, 2);
        push_digits(&mut text, second, 2);
        text.push('Z');
        text
    }

    /// `YYYYMMDD`, as the credential scope has it.
    #[must_use]
    pub fn date_stamp(self) -> String {
        let mut text = self.amz_date();
        text.truncate(8);
        text
    }

    /// `YYYY-MM-DDTHH:MM:SSZ`, as JSON and POST policies have it.
    #[must_use]
    pub fn iso8601(self) -> String {
        let (year, month, day) = self.civil_date();
        let (hour, minute, second) = self.clock();
        let mut text = String::with_capacity(20);
        push_digits(&mut text, year, 4);
        for (separator, value) in [('-', month), ('-', day), ('T', hour), (':', minute), (':', second)] {
            text.push(separator);
            push_digits(&mut text, value, 2);
        }
        text.push('Z');
        text
    }

    fn parse_digits(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z')?;
        let (date, clock) = text.split_once('T')?;
        let (date, clock) = if date.len() == 8 {
            (digits(date, &[4, 2, 2], "")?, digits(clock, &[2, 2, 2], "")?)
        } else {
            let clock = match clock.split_once('.') {
                Some((whole, fraction)) if !fraction.is_empty() && all_digits(fraction) => whole,
                Some(_) => return None,
                None => clock,
            };
            (digits(date, &[4, 2, 2], "-")?, digits(clock, &[2, 2, 2], ":")?)
        };
        Self::from_civil(date, clock)
    }

    fn parse_imf_fixdate(text: &str) -> Option<Self> {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (_weekday, rest) = text.strip_suffix(" GMT")?.split_once(", ")?;
        let mut fields = rest.split(' ');
        let day = digits(fields.next()?, &[2], "")?.first().copied()?;
        let name = fields.next()?;
        let month = (1..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
        let year = digits(fields.next()?, &[4], "")?.first().copied()?;
        let clock = digits(fields.next()?, &[2, 2, 2], ":")?;
        if fields.next().is_some() {
            return None;
        }
        Self::from_civil([year, month, day], clock)
    }

    fn from_civil([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3]) -> Option<Self> {
        let in_range = year >= 1970
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        in_range.then(|| {
            Self(days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second)
        })
    }

    /// Year, month and day; Howard Hinnant's `civil_from_days`.
    const fn civil_date(self) -> (i64, i64, i64) {
        let days = self.0 / SECONDS_PER_DAY + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + (month <= 2) as i64;
        (year, month, day)
    }

    const fn clock(self) -> (i64, i64, i64) {
        let second = self.0 % SECONDS_PER_DAY;
        (second / 3600, second / 60 % 60, second % 60)
    }
}

/// Days since 1970-01-01; Howard Hinnant's `days_from_civil`.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - (month <= 2) as i64;
    let era = year / 400;
    let year_of_era = year % 400;
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers of exactly these widths, separated by `separator`.
fn digits<const N: usize>(mut text: &str, widths: &[usize; N], separator: &str) -> Option<[i64; N]> {
    let mut values = [0; N];
    for (index, (value, width)) in values.iter_mut().zip(widths).enumerate() {
        if index > 0 {
            text = text.strip_prefix(separator)?;
        }
        let (number, rest) = text.split_at_checked(*width)?;
        if !all_digits(number) {
            return None;
        }
        *value = number.parse().ok()?;
        text = rest;
    }
    text.is_empty().then_some(values)
}

fn push_digits(text: &mut String, value: i64, width: u32) {
    for place in (0..width).rev() {
        let digit = value / 10_i64.pow(place) % 10;
        text.push(char::from(b'0' + digit.unsigned_abs() as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn impossible_dates_are_refused() {
        for text in [
            "",
            "Z",
            "20130524",
            "20130524T000000",
            "20130230T000000Z",
            "20131301T000000Z",
            "20130524T240000Z",
            "2013-05-24T00:00:00",
            "2013-05-24T00:00:00.Z",
            "2013-05-24T00:00:00+00:00",
            "2013/05/24T00:00:00Z",
            "19691231T235959Z",
            "+0130524T000000Z",
            "20130524T000000ZZ",
            "20130524Té0000Z",
        ] {
            assert_eq!(Timestamp::parse(text).map_err(|e| e.kind()), Err(ErrorKind::InvalidDate), "{text}");
        }
    }

    #[test]
    fn http_dates() {
        let t = Timestamp::parse_http_date("Fri, 24 May 2013 00:00:00 GMT").expect("valid");
        assert_eq!(t.amz_date(), "20130524T000000Z");
        for text in
            ["", "Fri, 24 May 2013 00:00:00", "Fri, 24 Mai 2013 00:00:00 GMT", "24 May 2013 00:00:00 GMT"]
        {
            assert!(Timestamp::parse_http_date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn leap_days_and_the_ends_of_the_range() {
        for text in ["20000229T235959Z", "20240229T000000Z", "19700101T000000Z", "99991231T235959Z"] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::amz_date).as_deref(), Ok(text));
        }
        assert!(Timestamp::parse("21000229T000000Z").is_err());
    }

    proptest! {
        #[test]
        fn every_second_survives_both_notations(seconds in 0..=Timestamp::MAX) {
            let t = Timestamp::from_unix_seconds(seconds);
            prop_assert_eq!(Timestamp::parse(&t.amz_date()), Ok(t));
            prop_assert_eq!(Timestamp::parse(&t.iso8601()), Ok(t));
        }
    }
}
