/// A key that stores fold, or URL parsers change, so that it would reach another object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// The key is empty.
    #[error("object key must not be empty")]
    Empty,
    /// The key begins with `/` or contains `//`.
    #[error("object key must not begin with `/` or contain `//`")]
    EmptySegment,
    /// A segment of the key is `.` or `..`.
    #[error("object key must not have `.` or `..` between two `/`")]
    DotSegment,
    /// The key contains a backslash, which the store does not keep.
    #[error("object key must not contain a backslash")]
    Backslash,
}

/// Checks that a key reaches the object of exactly this key on every store. A trailing `/` is allowed.
///
/// # Errors
/// [`KeyRefusal`].
pub fn check_key(key: &str, takes_backslashes: bool) -> Result<(), KeyRefusal> {
    if key.is_empty() {
        return Err(KeyRefusal::Empty);
    }
    if !takes_backslashes && key.contains('\\') {
        return Err(KeyRefusal::Backslash);
    }
    for segment in key.strip_suffix('/').unwrap_or(key).split('/') {
        match segment {
            "" => return Err(KeyRefusal::EmptySegment),
            "." | ".." => return Err(KeyRefusal::DotSegment),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_store_may_fold_are_refused() {
        let table = [
            ("", KeyRefusal::Empty),
            ("/", KeyRefusal::EmptySegment),
            ("/other/x", KeyRefusal::EmptySegment),
            ("//host/x", KeyRefusal::EmptySegment),
            ("a//b", KeyRefusal::EmptySegment),
            ("a//", KeyRefusal::EmptySegment),
            ("../other/x", KeyRefusal::DotSegment),
            ("a/../../other/x", KeyRefusal::DotSegment),
            ("a/./x", KeyRefusal::DotSegment),
            ("a/..", KeyRefusal::DotSegment),
            ("../", KeyRefusal::DotSegment),
            ("a\\b", KeyRefusal::Backslash),
        ];
        for (key, refusal) in table {
            assert_eq!(check_key(key, false), Err(refusal), "{key}");
        }
        for key in ["a", "a/", "a/b", "...", ".hidden", "a..b", "%2e%2e/other/x", "ü"] {
            assert_eq!(check_key(key, false), Ok(()), "{key}");
        }
        assert_eq!(check_key("a\\b", true), Ok(()));
    }
}
