//! Dates of headers and documents. Answers show whole seconds only, so that lists, heads and conditions agree.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::types::Millis;

const HTTP: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
const ISO: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000Z");

/// Writes a moment as an HTTP date.
pub(crate) fn write_http_date(moment: Millis) -> String {
    moment_of(moment).format(HTTP).unwrap_or_default()
}

/// Writes a moment as documents have it: `2026-11-25T23:20:46.000Z`.
pub(crate) fn write_iso_date(moment: Millis) -> String {
    moment_of(moment).format(ISO).unwrap_or_default()
}

fn moment_of(moment: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Reads an HTTP date in any of its three forms, in seconds since 1970. The day may have one digit, as some SDKs send it,
/// and the weekday is not compared.
pub(crate) fn read_http_date(text: &str) -> Option<i64> {
    let words: Vec<_> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let (day, month, year, clock) = match words.as_slice() {
        [_, day, month, year, clock, "GMT" | "UTC" | "+0000"] => (day, month, year, clock),
        // asctime
        [_, month, day, clock, year] => (day, month, year, clock),
        _ => return None,
    };
    let year = match (year.len(), number(year)?) {
        (2, short) if short < 70 => 2000 + short,
        (2, short) => 1900 + short,
        (4, year) => year,
        _ => return None,
    };
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month_of(month)?, u8::try_from(number(day)?).ok()?);
    seconds(date.ok()?, clock)
}

/// Reads a date of a document, such as `2026-11-25T23:20:46.123Z`.
pub(crate) fn read_iso_date(text: &str) -> Option<Millis> {
    let (date, rest) = text.trim().strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = *date.split('-').collect::<Vec<_>>().as_slice() else { return None };
    let (clock, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let month = Month::try_from(u8::try_from(number(month)?).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(number(year)?).ok()?, month, u8::try_from(number(day)?).ok()?);
    let seconds = seconds(date.ok()?, clock)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis = number(format!("{fraction:0<3}").get(..3)?)?;
    seconds.checked_mul(1000)?.checked_add(i64::from(millis))
}

fn seconds(date: Date, clock: &str) -> Option<i64> {
    let [hour, minute, second] = *clock.split(':').collect::<Vec<_>>().as_slice() else { return None };
    let [hour, minute, second] =
        [hour, minute, second].map(|text| number(text).and_then(|part| u8::try_from(part).ok()));
    let time = Time::from_hms(hour?, minute?, second?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
}

fn month_of(name: &str) -> Option<Month> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let at = NAMES.iter().position(|known| name.eq_ignore_ascii_case(known))?;
    Month::try_from(u8::try_from(at + 1).ok()?).ok()
}

/// Digits only: `parse` alone accepts a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_read_in_their_three_forms_and_with_a_day_of_one_digit() {
        let table = [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sun, 6 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Sun, 5 Feb 2023 06:07:08 GMT", Some(1_675_577_228)),
            ("Sun, 31 Feb 2023 06:07:08 GMT", None),
            ("Sun, 05 Feb 2023 06:07:08 CET", None),
            ("Sun, 05 Feb 2023 06:07 GMT", None),
            ("Sun, 05 Feb 2023 06:-7:08 GMT", None),
            ("Sun, 05 Feb +203 06:07:08 GMT", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(read_http_date(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_are_written_in_whole_seconds() {
        assert_eq!(write_http_date(784_111_777_999), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(write_iso_date(784_111_777_999), "1994-11-06T08:49:37.000Z");
        assert_eq!(read_iso_date("1994-11-06T08:49:37.000Z"), Some(784_111_777_000));
        assert_eq!(read_iso_date("1994-11-06T08:49:37Z"), Some(784_111_777_000));
        assert_eq!(read_iso_date("1994-11-06T08:49:37.1234Z"), Some(784_111_777_123));
        for bad in [
            "",
            "1994-11-06",
            "1994-11-06T08:49Z",
            "1994-13-06T08:49:37Z",
            "1994-11-06T08:49:37",
            "1994-11-06T08:49:37.000+02:00Z",
        ] {
            assert_eq!(read_iso_date(bad), None, "{bad}");
        }
    }
}
