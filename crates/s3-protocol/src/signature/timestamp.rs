//! The time of a signature of version 4: `20261125T232046Z`.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::dates;

const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// The time of a signature, with the text that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Timestamp {
    pub(super) seconds: i64,
    pub(super) text: String,
}

impl Timestamp {
    /// Reads the basic form of ISO 8601.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let has_shape = text.len() == 16 && text.bytes().filter(u8::is_ascii_digit).count() == 14;
        let moment = PrimitiveDateTime::parse(text, FORMAT).ok().filter(|_| has_shape)?;
        Some(Self { seconds: moment.assume_utc().unix_timestamp(), text: text.to_owned() })
    }

    /// Reads the basic form of ISO 8601, or an HTTP date.
    pub(super) fn parse_any(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| Self::from_seconds(dates::read_http_date(text)?))
    }

    /// `None` for years that have no four digits.
    pub(super) fn from_seconds(seconds: i64) -> Option<Self> {
        let text = OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(FORMAT).ok()?;
        (text.len() == 16).then_some(Self { seconds, text })
    }

    /// The day, as it stands in the scope.
    pub(super) fn date(&self) -> &str {
        self.text.get(..8).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_strictly() {
        let read = |text: &str| Timestamp::parse_any(text).map(|time| time.text);
        assert_eq!(read("20261125T232046Z").as_deref(), Some("20261125T232046Z"));
        assert_eq!(read("Wed, 25 Nov 2026 23:20:46 GMT").as_deref(), Some("20261125T232046Z"));
        for malformed in ["", "20261125T232046", "20261325T232046Z", "+0261125T232046Z", "2026-11-25T23:20:46Z", "1795"]
        {
            assert_eq!(read(malformed), None, "{malformed}");
        }
        let time = Timestamp::from_seconds(0).unwrap();
        assert_eq!((time.text.as_str(), time.date()), ("19700101T000000Z", "19700101"));
        assert_eq!(Timestamp::from_seconds(-70_000_000_000), None);
        assert_eq!(Timestamp::from_seconds(i64::MAX), None);
    }
}
