use std::fmt;

/// The key of an object: 1 to 1,024 bytes of UTF-8.
///
/// A store may take fewer keys: see [`StoreLimits::check_key`](crate::ports::StoreLimits::check_key).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

/// A string that is not an [`ObjectKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("object key must be 1 to {max} bytes long, got {0}", max = ObjectKey::MAX_BYTES)]
pub struct ObjectKeyError(usize);

impl ObjectKey {
    /// The maximum length of a key in S3, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Parses a key.
    ///
    /// # Errors
    /// [`ObjectKeyError`] for a key that is empty or too long.
    pub fn parse(text: impl Into<String>) -> Result<Self, ObjectKeyError> {
        let text = text.into();
        if (1..=Self::MAX_BYTES).contains(&text.len()) { Ok(Self(text)) } else { Err(ObjectKeyError(text.len())) }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of one version of an object, as the store names it: 1 to 1,024 visible ASCII characters.
///
/// An empty id would mean the current version, and a blank one is trimmed to an empty one by some stores. Deleting that
/// is another operation, therefore neither is an id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId(String);

/// A string that is not a [`VersionId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("version id must be 1 to {max} visible ASCII characters long", max = VersionId::MAX_BYTES)]
pub struct VersionIdError;

impl VersionId {
    /// The maximum length of an id, in bytes.
    pub const MAX_BYTES: usize = 1024;
    /// The id of the version that a bucket without versioning keeps of each object.
    pub const NULL: &str = "null";

    /// Parses an id.
    ///
    /// # Errors
    /// [`VersionIdError`] when it has another length or another character.
    pub fn parse(text: impl Into<String>) -> Result<Self, VersionIdError> {
        let text = text.into();
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=Self::MAX_BYTES).contains(&text.len()) { Ok(Self(text)) } else { Err(VersionIdError) }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names the version that a bucket without versioning keeps.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0 == Self::NULL
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One version of an object in a bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectVersion {
    /// The object's key.
    pub key: ObjectKey,
    /// Which of its versions.
    pub version_id: VersionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_bounded_in_bytes() {
        assert_eq!(ObjectKey::parse("a/b").unwrap().as_str(), "a/b");
        assert_eq!(ObjectKey::parse("").unwrap_err().to_string(), "object key must be 1 to 1024 bytes long, got 0");
        assert!(ObjectKey::parse("ü".repeat(512)).is_ok());
        assert_eq!(ObjectKey::parse("ü".repeat(513)), Err(ObjectKeyError(1026)));
    }

    #[test]
    fn a_version_id_that_a_store_could_take_for_none_is_refused() {
        assert!(VersionId::parse("null").unwrap().is_null());
        for text in ["", " ", "\t", "a b", "\u{a0}", "ü"] {
            assert_eq!(VersionId::parse(text), Err(VersionIdError), "{text:?}");
        }
        assert!(VersionId::parse("v".repeat(VersionId::MAX_BYTES)).is_ok());
        assert!(VersionId::parse("v".repeat(VersionId::MAX_BYTES + 1)).is_err());
    }
}
