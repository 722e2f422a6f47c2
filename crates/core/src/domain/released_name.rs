use super::{BucketName, Timestamp, UserId};

/// The name of a deleted bucket that is kept for its last owner, while the store may still complete requests that it
/// admitted before the deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasedName {
    /// The name.
    pub name: BucketName,
    /// The only user who may create a bucket of this name until then.
    pub owner: UserId,
    /// When the bucket was deleted.
    pub released_at: Timestamp,
    /// From when on everybody may take the name.
    pub reserved_until: Timestamp,
}

impl ReleasedName {
    /// Whether the name is kept from a user at a moment.
    #[must_use]
    pub fn excludes(&self, user: UserId, now: Timestamp) -> bool {
        self.owner != user && now < self.reserved_until
    }
}
