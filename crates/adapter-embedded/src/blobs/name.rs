use std::fmt;

use uuid::Uuid;

/// The name of a blob: 32 random hexadecimal digits. Nothing that a client says is in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BlobName(String);

impl BlobName {
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// A name that the index kept.
    pub(crate) const fn from_index(name: String) -> Self {
        Self(name)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that it is in.
    pub(super) fn shard(&self) -> &str {
        self.0.get(..2).unwrap_or("00")
    }

    /// All such folders, in order.
    pub(crate) fn shards() -> impl Iterator<Item = String> {
        (0..=u8::MAX).map(|shard| format!("{shard:02x}"))
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
