use super::{AccessKey, BucketId, BucketName, Timestamp, User, UserId};
use crate::acl::{Access, Entries, Grant};
use crate::s3_action::S3Action;

/// The state of a bucket's life cycle.
///
/// `Creating` → `Active` → `Deleting` → `Releasing` → deleted from the records. A bucket that turns out not to be empty
/// goes from `Deleting` back to `Active`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketState {
    /// It is to be created; the store may not have it yet. Nobody has access or sees it.
    Creating,
    /// It exists in the store, and its entries give access.
    Active,
    /// It is to be deleted from the store, which may still have it.
    Deleting,
    /// It was deleted from the store. Its name stays taken until no policy contains it any more.
    Releasing,
}

impl BucketState {
    /// Every state, in the order of the life cycle.
    pub const ALL: [Self; 4] = [Self::Creating, Self::Active, Self::Deleting, Self::Releasing];

    /// The state as it is written to the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Deleting => "deleting",
            Self::Releasing => "releasing",
        }
    }

    /// Parses the output of [`as_str`](Self::as_str).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the bucket is visible and its entries give access.
    #[must_use]
    pub const fn is_visible(self) -> bool {
        matches!(self, Self::Active | Self::Deleting)
    }
}

/// Which bucket is meant: its id, and the name that it has.
///
/// Requests to a store carry both, because a name alone may belong to another bucket by the time that a request arrives.
/// A store that can tell buckets apart by their ids goes by the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BucketRef {
    /// The id. A later bucket of the same name has another.
    pub id: BucketId,
    /// The name.
    pub name: BucketName,
}

/// A bucket of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The id. A later bucket of the same name has another.
    pub id: BucketId,
    /// The name, unique among the buckets of the hub.
    pub name: BucketName,
    /// The user who created it.
    pub owner: UserId,
    /// The state of its life cycle.
    pub state: BucketState,
    /// Whether the name was seen absent from the store before the store was first asked to create it. If not, a bucket
    /// that exists there is a foreign one.
    pub seen_absent: bool,
    /// Whether its creation was answered. Until then, the owner's repetition of the request succeeds.
    pub answered: bool,
    /// When it was requested.
    pub created_at: Timestamp,
}

impl Bucket {
    /// Its id and name.
    #[must_use]
    pub fn reference(&self) -> BucketRef {
        BucketRef { id: self.id, name: self.name.clone() }
    }

    /// Whether a user may delete it: its owner and administrators. No access that others were given is enough.
    #[must_use]
    pub fn is_controlled_by(&self, user: &User) -> bool {
        self.owner == user.id || user.is_admin()
    }
}

/// The access that a bucket gives to the holders of one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketEntry {
    /// The grant.
    pub grant: Grant,
    /// The access that it gives.
    pub access: Access,
    /// The number of the grant's policy shard that contains the bucket; `None` for grants without shards (`admin`,
    /// `public`).
    pub shard: Option<i32>,
}

/// A bucket with everything that decisions about it need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketRecord {
    /// The bucket.
    pub bucket: Bucket,
    /// The access key of its owner.
    pub owner_access_key: AccessKey,
    /// Its entries, ordered by their grants.
    pub entries: Vec<BucketEntry>,
}

impl BucketRecord {
    /// The access that its entries give in its present state: none while it is not visible.
    #[must_use]
    pub fn access_entries(&self) -> Entries {
        if !self.bucket.state.is_visible() {
            return Entries::default();
        }
        self.entries.iter().map(|entry| (entry.grant.clone(), entry.access)).collect()
    }

    /// As [`access_entries`](Self::access_entries), without `public` where it does not
    /// [give](S3Action::is_given_by_public) this action.
    #[must_use]
    pub fn entries_for(&self, action: S3Action) -> Entries {
        let (entries, public) = (self.access_entries(), Grant::public());
        if action.is_given_by_public() {
            return entries;
        }
        let others = entries.iter().filter(|(grant, _)| **grant != public);
        others.map(|(grant, access)| (grant.clone(), *access)).collect()
    }
}
