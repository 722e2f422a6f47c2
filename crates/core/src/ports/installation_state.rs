use super::MigrationState;
use crate::domain::{HubId, Installation};

/// What a database of records holds, read without changing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordsState {
    /// Whether its tables are those of this release.
    pub migrations: MigrationState,
    /// What is in them.
    pub contents: RecordsContents,
}

/// How much of an installation the records hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordsContents {
    /// No database, no tables, or neither a user nor an identity in them.
    Empty,
    /// Users of a release that gave no identities yet.
    Unidentified {
        /// Whether there is a bucket that the store must have.
        has_buckets: bool,
    },
    /// An installation.
    Identified(Installation),
}

/// What the folder of the embedded store holds, read without changing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedState {
    /// Whether the tables of its index are those of this release.
    pub migrations: MigrationState,
    /// What is in them.
    pub index: IndexState,
    /// The file `hub.json`.
    pub hub_file: HubFileState,
    /// Whether there is any file of an object. It is only looked for where the index has no identity.
    pub has_blobs: bool,
}

/// How much of an installation the object index holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexState {
    /// There is no file.
    Missing,
    /// There are no tables, or neither a bucket nor an identity in them.
    Empty,
    /// Buckets of a release that gave no identities yet.
    Unidentified,
    /// An installation.
    Identified {
        /// Which one.
        hub_id: HubId,
        /// How many servers have been started on it.
        starts: i64,
    },
}

/// The file `hub.json`, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubFileState {
    /// There is no file.
    Missing,
    /// It is not what the hub writes, and why.
    Damaged(String),
    /// It is whole.
    Found(HubFile),
}

/// What `hub.json` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubFile {
    /// Which installation the folder belongs to.
    pub hub_id: HubId,
    /// How many servers have been started on it.
    pub starts: i64,
    /// Whether the last of these starts is still being counted: the records and the index may count one less.
    pub starting: bool,
}
