//! Rows and column lists that several statements share, and how rows become values of the domain.

use diesel::data_types::PgTimestamp;
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use storage_hub_core::acl::{Grant, GrantSet};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketState, Email, PasswordHash, SealedSecret,
    Timestamp, User, UserId, UserRecord,
};
use storage_hub_core::ports::RecordError;
use uuid::Uuid;

use crate::error::unreadable;
use crate::schema::users;

/// PostgreSQL's epoch, 2000-01-01, in milliseconds since 1970.
const EPOCH_MILLIS: i64 = 946_684_800_000;

pub(crate) fn to_sql(moment: Timestamp) -> PgTimestamp {
    PgTimestamp(moment.millis().saturating_sub(EPOCH_MILLIS).saturating_mul(1000))
}

pub(crate) const fn from_sql(moment: PgTimestamp) -> Timestamp {
    Timestamp::from_millis(moment.0.div_euclid(1000).saturating_add(EPOCH_MILLIS))
}

/// All columns of a user except secrets and those that only the hub uses.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct UserRow {
    id: Uuid,
    email: String,
    grants: Vec<String>,
    access_key: String,
    enabled: bool,
    token_epoch: i64,
    created_at: PgTimestamp,
}

/// The columns of a [`UserRow`] in a statement.
pub(crate) type UserColumns = (SqlUuid, Text, Array<Text>, Text, Bool, BigInt, Timestamptz);

impl UserRow {
    pub(crate) fn user(self) -> Result<User, RecordError> {
        let grants = self.grants.into_iter().map(Grant::parse).collect::<Result<GrantSet, _>>();
        Ok(User {
            id: UserId::new(self.id),
            email: Email::parse(&self.email).map_err(unreadable)?,
            grants: grants.map_err(unreadable)?,
            access_key: AccessKey::parse(self.access_key).map_err(unreadable)?,
            enabled: self.enabled,
            token_epoch: self.token_epoch,
            created_at: from_sql(self.created_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct UserRecordRow {
    #[diesel(embed)]
    user: UserRow,
    password_hash: String,
    sealed_secret: Vec<u8>,
    revoke_sessions: bool,
    answered: bool,
}

impl UserRecordRow {
    pub(crate) fn record(self) -> Result<UserRecord, RecordError> {
        Ok(UserRecord {
            user: self.user.user()?,
            password_hash: PasswordHash::new(self.password_hash),
            sealed_secret: SealedSecret::new(self.sealed_secret),
            revoke_sessions: self.revoke_sessions,
            answered: self.answered,
        })
    }
}

/// Columns of a user found by its email in a statement.
pub(crate) type UserRecordColumns = (UserColumns, Text, Bytea, Bool, Bool);

/// Selects [`UserRecordColumns`] of the user with an email or, where none is spelled so, with its key. Binds: the email,
/// its key, the email.
macro_rules! user_by_email {
    () => {
        "SELECT id, email, grants, access_key, enabled, token_epoch, created_at, password_hash, sealed_secret, \
         revoke_sessions, answered FROM users WHERE email = ? OR email_key = ? ORDER BY (email = ?) DESC LIMIT 1"
    };
}

pub(crate) use user_by_email;

/// What an update of a user writes; an insert writes `id`, `created_at` and `email_key` besides.
#[derive(Clone, Insertable, AsChangeset)]
#[diesel(table_name = users)]
pub(crate) struct UserChange {
    email: String,
    password_hash: String,
    sealed_secret: Vec<u8>,
    grants: Vec<String>,
    access_key: String,
    enabled: bool,
    token_epoch: i64,
    revoke_sessions: bool,
    answered: bool,
}

impl From<&UserRecord> for UserChange {
    fn from(record: &UserRecord) -> Self {
        Self {
            email: record.user.email.as_str().to_owned(),
            password_hash: record.password_hash.as_str().to_owned(),
            sealed_secret: record.sealed_secret.as_bytes().to_owned(),
            grants: record.user.grants.iter().map(|grant| grant.as_str().to_owned()).collect(),
            access_key: record.user.access_key.as_str().to_owned(),
            enabled: record.user.enabled,
            token_epoch: record.user.token_epoch,
            revoke_sessions: record.revoke_sessions,
            answered: record.answered,
        }
    }
}

#[derive(Queryable)]
pub(crate) struct BucketRow {
    id: Uuid,
    name: String,
    owner_id: Uuid,
    state: String,
    seen_absent: bool,
    answered: bool,
    created_at: PgTimestamp,
    owner_access_key: String,
    grants: Vec<String>,
    accesses: Vec<String>,
    shards: Vec<Option<i32>>,
}

/// The columns of a [`BucketRow`] in a statement.
pub(crate) type BucketColumns =
    (SqlUuid, Text, SqlUuid, Text, Bool, Bool, Timestamptz, Text, Array<Text>, Array<Text>, Array<Nullable<Integer>>);

/// Selects [`BucketColumns`] from a bucket `b`, its owner `o` and its entries `e` ([`ENTRIES`]).
macro_rules! bucket_columns {
    () => {
        "b.id, b.name, b.owner_id, b.state, b.seen_absent, b.answered, b.created_at, o.access_key, \
         e.grants, e.accesses, e.shards"
    };
}

/// The entries of bucket `b`, ordered by grant, as three arrays: one row per bucket, however many entries it has.
macro_rules! bucket_entries {
    () => {
        "LATERAL (SELECT coalesce(array_agg(\"grant\"), '{}') AS grants, \
         coalesce(array_agg(access), '{}') AS accesses, coalesce(array_agg(shard), '{}') AS shards FROM \
         (SELECT \"grant\", access, shard FROM bucket_entries WHERE bucket_id = b.id ORDER BY \"grant\") ordered) e"
    };
}

/// As [`bucket_entries`], those alone whose grants user `u` holds; without a user, those that everybody holds.
macro_rules! held_entries {
    () => {
        "LATERAL (SELECT coalesce(array_agg(\"grant\"), '{}') AS grants, \
         coalesce(array_agg(access), '{}') AS accesses, coalesce(array_agg(shard), '{}') AS shards FROM \
         (SELECT \"grant\", access, shard FROM bucket_entries WHERE bucket_id = b.id \
         AND \"grant\" = ANY(ARRAY['public', 'author-' || u.id::text] || u.grants) ORDER BY \"grant\") ordered) e"
    };
}

pub(crate) use {bucket_columns, bucket_entries, held_entries};

impl BucketRow {
    pub(crate) fn record(self) -> Result<BucketRecord, RecordError> {
        let words = self.grants.into_iter().zip(self.accesses).zip(self.shards);
        let entries = words.map(|((grant, access), shard)| {
            let grant = Grant::parse(grant).map_err(unreadable)?;
            Ok(BucketEntry { grant, access: access.parse().map_err(unreadable)?, shard })
        });
        let entries = entries.collect::<Result<_, RecordError>>()?;
        let owner = UserId::new(self.owner_id);
        let row = (self.id, self.name, self.state, self.seen_absent, self.answered, self.created_at);
        let owner_access_key = AccessKey::parse(self.owner_access_key).map_err(unreadable)?;
        Ok(BucketRecord { bucket: bucket(owner, row)?, owner_access_key, entries })
    }
}

/// Reads a bucket of this owner from its other columns.
pub(crate) fn bucket(
    owner: UserId,
    (id, name, state, seen_absent, answered, created_at): (Uuid, String, String, bool, bool, PgTimestamp),
) -> Result<Bucket, RecordError> {
    let state = BucketState::parse(&state).ok_or_else(|| unreadable(format!("a bucket is in state {state:?}")))?;
    let name = BucketName::parse(&name).map_err(unreadable)?;
    Ok(Bucket { id: BucketId::new(id), name, owner, state, seen_absent, answered, created_at: from_sql(created_at) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_comes_back_to_the_millisecond() {
        for millis in [0, 1, -1, 946_684_800_000, 1_767_323_045_678, -1_767_323_045_678] {
            let moment = Timestamp::from_millis(millis);
            assert_eq!(from_sql(to_sql(moment)), moment);
        }
        assert_eq!(to_sql(Timestamp::from_millis(i64::MAX)).0, i64::MAX, "that is PostgreSQL's infinity");
        assert_eq!(from_sql(PgTimestamp(-1)), Timestamp::from_millis(946_684_799_999));
    }
}
