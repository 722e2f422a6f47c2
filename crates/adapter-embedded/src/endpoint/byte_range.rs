//! Ranges that S3 does not heed.

use http::{HeaderMap, header};

/// Whether the range that a request asks for is to be ignored, and all of the object to be sent: it is malformed, or
/// there is more than one.
pub(super) fn is_ignored(headers: &HeaderMap) -> bool {
    let mut ranges = headers.get_all(header::RANGE).iter();
    let Some(first) = ranges.next() else { return false };
    ranges.next().is_some() || !first.to_str().is_ok_and(is_one_range)
}

/// `bytes=` and one of `1-2`, `1-`, `-2`.
fn is_one_range(text: &str) -> bool {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return false };
    // As far as a position in an object may go.
    let number = |digits: &str| {
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse().ok().filter(|number: &i64| plain && *number >= 0)
    };
    match (first, last) {
        ("", last) => number(last).is_some(),
        (first, "") => number(first).is_some(),
        (first, last) => number(first).zip(number(last)).is_some_and(|(first, last)| first <= last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_well_formed_range_is_heeded_and_nothing_else() {
        for heeded in ["bytes=0-0", "bytes=1-2", "bytes=1-", "bytes=-2", "bytes=-0", "bytes=9223372036854775807-"] {
            assert!(is_one_range(heeded), "{heeded}");
        }
        let ignored = [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=2-1",
            "bytes=0-1,3-4",
            "bytes=0-1, 3-",
            "lines=0-1",
            "bytes=+1-2",
            "bytes=--1",
            "bytes=1-2-3",
            "bytes= 1-2",
            "bytes=9223372036854775808-",
            "Bytes=0-1",
        ];
        for ignored in ignored {
            assert!(!is_one_range(ignored), "{ignored}");
        }
    }
}
