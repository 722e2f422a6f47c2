use super::{AccessKey, BucketId, BucketName, Timestamp, UserId};
use crate::acl::{Access, Entries, Grant};

/// Where a bucket is in its life.
///
/// `Creating` → `Active` → `Deleting` → `Releasing` → gone. A bucket that turns out not to be empty goes from
/// `Deleting` back to `Active`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketState {
    /// Wanted; the store may not have it yet. Nobody has access and nobody sees it.
    Creating,
    /// In the store, with access for those who hold its entries' grants.
    Active,
    /// To be removed from the store, which may still have it.
    Deleting,
    /// Gone from the store; the name stays taken until no policy names it any more.
    Releasing,
}

impl BucketState {
    /// Every state, in the order of life.
    pub const ALL: [Self; 4] = [Self::Creating, Self::Active, Self::Deleting, Self::Releasing];

    /// The state as the tables write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Deleting => "deleting",
            Self::Releasing => "releasing",
        }
    }

    /// Reads what the tables write.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the bucket can be seen, and its entries give access.
    #[must_use]
    pub const fn is_visible(self) -> bool {
        matches!(self, Self::Active | Self::Deleting)
    }
}

/// A bucket of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Which bucket.
    pub id: BucketId,
    /// Its name; no two buckets share one.
    pub name: BucketName,
    /// The user who made it.
    pub owner: UserId,
    /// Where it is in its life.
    pub state: BucketState,
    /// Whether the store was seen without this name before it was first asked to make it: if not, a bucket that is
    /// there is somebody else's.
    pub seen_absent: bool,
    /// Whether its creation has been answered: until then the owner's repeat succeeds.
    pub answered: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// What a bucket gives to those who hold one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketEntry {
    /// The grant.
    pub grant: Grant,
    /// What it gives.
    pub access: Access,
    /// In which of the grant's policy shards the bucket stands; `None` for grants that have none (`admin`, `public`).
    pub shard: Option<i32>,
}

/// A bucket with all that decisions about it need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketRecord {
    /// The bucket.
    pub bucket: Bucket,
    /// The access key of its owner's principal.
    pub owner_access_key: AccessKey,
    /// Its entries, in the order of their grants.
    pub entries: Vec<BucketEntry>,
}

impl BucketRecord {
    /// What its entries give at the moment: nothing while the bucket cannot be seen.
    #[must_use]
    pub fn access_entries(&self) -> Entries {
        if !self.bucket.state.is_visible() {
            return Entries::default();
        }
        self.entries.iter().map(|entry| (entry.grant.clone(), entry.access)).collect()
    }
}
