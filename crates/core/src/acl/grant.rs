use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;

/// A string keyword that users hold and resources carry.
///
/// 1 to 128 bytes, without commas, control characters, and white space at the ends, so that every store accepts it as
/// part of the name of a policy or group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grant {
    // The first field, because the derived order must be that of the text.
    text: Box<str>,
    fingerprint: Fingerprint,
}

/// The string is not a valid [`Grant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The string is empty.
    #[error("grant must be 1 to {max} bytes long, got an empty one", max = Grant::MAX_BYTES)]
    Empty,
    /// The string is longer than [`Grant::MAX_BYTES`].
    #[error("grant must be at most {max} bytes long, got {0}", max = Grant::MAX_BYTES)]
    TooLong(usize),
    /// The string contains a comma or a control character, or white space at an end.
    #[error("grant must not contain commas, control characters, or white space at the ends, got {0:?}")]
    Forbidden(char),
}

impl Grant {
    /// Maximum length of a grant in bytes.
    pub const MAX_BYTES: usize = 128;
    const AUTHOR: &'static str = "author-";

    /// Parses a grant.
    ///
    /// # Errors
    /// [`GrantError`] when the string is empty, too long, or contains a forbidden character.
    pub fn parse(text: impl Into<String>) -> Result<Self, GrantError> {
        let text = text.into();
        if text.is_empty() {
            return Err(GrantError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(GrantError::TooLong(text.len()));
        }
        let ends = [text.chars().next(), text.chars().next_back()];
        let bad_end = ends.into_iter().flatten().find(|c| c.is_whitespace());
        let bad = text.chars().find(|c| *c == ',' || c.is_control());
        match bad_end.or(bad) {
            Some(found) => Err(GrantError::Forbidden(found)),
            None => Ok(Self::of(text)),
        }
    }

    /// The grant that every subject holds, signed in or not.
    #[must_use]
    pub fn public() -> Self {
        Self::of("public")
    }

    /// The grant that every resource carries by default.
    #[must_use]
    pub fn admin() -> Self {
        Self::of("admin")
    }

    /// The exclusive grant of the subject with this id. For ids that this service generated; see
    /// [`Self::parse_author`].
    #[must_use]
    pub fn author(id: impl fmt::Display) -> Self {
        Self::of(format!("{}{id}", Self::AUTHOR))
    }

    /// The exclusive grant of the subject with this id, for ids that come from outside.
    ///
    /// # Errors
    /// [`GrantError`] when the id is empty or makes the grant invalid.
    pub fn parse_author(id: &str) -> Result<Self, GrantError> {
        if id.is_empty() {
            return Err(GrantError::Empty);
        }
        Self::parse(format!("{}{id}", Self::AUTHOR))
    }

    /// The id in an exclusive grant.
    #[must_use]
    pub fn author_id(&self) -> Option<&str> {
        self.text.strip_prefix(Self::AUTHOR)
    }

    /// The text of the grant.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    #[inline]
    pub(super) const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn of(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        Self { fingerprint: Fingerprint::of(&text), text }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Grant").field(&self.text).finish()
    }
}

impl AsRef<str> for Grant {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Grant {
    type Error = GrantError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<Grant> for String {
    fn from(grant: Grant) -> Self {
        grant.text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_that_a_store_could_not_name_is_refused() {
        assert_eq!(Grant::parse(""), Err(GrantError::Empty));
        assert_eq!(Grant::parse("g".repeat(129)), Err(GrantError::TooLong(129)));
        assert_eq!(Grant::parse("a,b"), Err(GrantError::Forbidden(',')));
        assert_eq!(Grant::parse(" a"), Err(GrantError::Forbidden(' ')));
        assert_eq!(Grant::parse("a\n"), Err(GrantError::Forbidden('\n')));
        assert_eq!(Grant::parse("a\u{7}b"), Err(GrantError::Forbidden('\u{7}')));
        assert!(Grant::parse("team red").is_ok());
    }

    #[test]
    fn an_author_grant_names_its_subject() {
        assert_eq!(Grant::author("42").as_str(), "author-42");
        assert_eq!(Grant::author("42").author_id(), Some("42"));
        assert_eq!(Grant::admin().author_id(), None);
    }

    #[test]
    fn an_id_from_outside_that_makes_no_grant_is_refused() {
        assert_eq!(Grant::parse_author("42"), Ok(Grant::author("42")));
        assert_eq!(Grant::parse_author(""), Err(GrantError::Empty));
        assert_eq!(Grant::parse_author("1,admin"), Err(GrantError::Forbidden(',')));
        assert_eq!(Grant::parse_author(&"1".repeat(122)), Err(GrantError::TooLong(129)));
    }

    #[test]
    fn a_grant_is_its_text_everywhere() {
        let grant = Grant::parse("team red").unwrap();
        assert_eq!(grant.to_string(), "team red");
        assert_eq!(serde_json::to_string(&grant).unwrap(), r#""team red""#);
        assert_eq!(serde_json::from_str::<Grant>(r#""team red""#).unwrap(), grant);
        assert!(serde_json::from_str::<Grant>(r#""a,b""#).is_err());
    }
}
