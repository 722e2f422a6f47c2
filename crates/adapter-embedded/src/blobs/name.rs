use std::fmt;

use uuid::Uuid;

/// The name of a blob: 32 random hexadecimal digits. It holds nothing that a client sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BlobName(String);

impl BlobName {
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// A name that the index holds.
    pub(crate) const fn from_index(name: String) -> Self {
        Self(name)
    }

    /// The name of a file, which may be one that no blob has.
    pub(crate) const fn from_file(name: String) -> Self {
        Self(name)
    }

    /// The name with these digits: the inverse of [`number`](Self::number).
    pub(crate) fn from_number(number: u128) -> Self {
        Self(format!("{number:032x}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits as a number: a compact key for sets of many names. `None` for a file name that no blob has.
    pub(crate) fn number(&self) -> Option<u128> {
        let digits = self.0.len() == 32 && self.0.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| u128::from_str_radix(&self.0, 16).ok()).flatten()
    }

    /// The folder of `blobs` that it belongs in.
    pub(super) fn shard(&self) -> &str {
        self.0.get(..2).unwrap_or("00")
    }

    /// The names of these folders, in order.
    pub(crate) fn shards() -> impl Iterator<Item = String> {
        (0..=u8::MAX).map(|shard| format!("{shard:02x}"))
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
