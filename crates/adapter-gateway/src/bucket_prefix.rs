use storage_hub_core::domain::BucketId;
use uuid::Uuid;

/// Maximum length of a prefix: what a bucket name of 63 characters has left beside 32 digits.
const MAX_BYTES: usize = 31;

/// The beginning of the names of all buckets that the hub has behind the gateway. It is the one place that maps buckets to
/// names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketPrefix(String);

/// A text that cannot begin the name of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "bucket prefix must be 1 to {MAX_BYTES} lower-case letters, digits and `-`, and begin with a letter or digit, got `{0}`"
)]
pub struct BucketPrefixError(String);

impl BucketPrefix {
    /// Reads a prefix.
    ///
    /// # Errors
    /// [`BucketPrefixError`].
    pub fn parse(text: &str) -> Result<Self, BucketPrefixError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = (1..=MAX_BYTES).contains(&text.len())
            && text.bytes().all(|byte| is_plain(byte) || byte == b'-')
            && text.bytes().next().is_some_and(is_plain);
        if valid { Ok(Self(text.to_owned())) } else { Err(BucketPrefixError(text.to_owned())) }
    }

    /// The prefix as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the bucket behind a bucket: its id, so that a later bucket of the same name is another one.
    #[must_use]
    pub fn bucket(&self, id: BucketId) -> String {
        format!("{}{}", self.0, id.uuid().simple())
    }

    /// The bucket of the hub's own, which holds the mark of the store and the labels of its buckets.
    #[must_use]
    pub fn own_bucket(&self) -> String {
        format!("{}installation", self.0)
    }

    /// A bucket for a probe.
    pub(crate) fn scratch(&self) -> String {
        let id: String = Uuid::new_v4().simple().to_string().chars().take(16).collect();
        format!("{}probe-{id}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_begins_valid_bucket_names() {
        for good in ["hub-", "h", "0", "a-very-long-prefix-of-31-letters"] {
            let Ok(prefix) = BucketPrefix::parse(&good.chars().take(31).collect::<String>()) else {
                panic!("{good} is a prefix")
            };
            let id = BucketId::new(Uuid::nil());
            assert!(prefix.bucket(id).len() <= 63 && prefix.bucket(id).ends_with("00000000000000000000000000000000"));
            assert!(prefix.scratch().len() <= 63 && prefix.own_bucket().len() <= 63);
        }
        for bad in ["", "-a", "A", "a_b", "a.b", "ü", "a/", "a-very-long-prefix-of-32-letters-"] {
            assert!(BucketPrefix::parse(bad).is_err(), "{bad}");
        }
    }
}
