//! Rows of `users`, and their conversion to and from domain types.

use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use diesel::result::{Error, QueryResult};
use diesel::sql_types::{BigInt, Bool, Text};
use storage_hub_core::domain::{AccessKey, Email, PasswordHash, SealedSecret, Timestamp, User, UserRecord};

use crate::error::bad_value;
use crate::schema::users;

/// The types of a [`UserRow`], in the order of its fields.
pub(crate) type UserTypes = (Text, Text, Text, Text, Bool, BigInt, BigInt);

/// A row of `users` without its secrets.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
    id: String,
    email: String,
    grants: String,
    access_key: String,
    enabled: bool,
    token_epoch: i64,
    created_at: i64,
}

impl UserRow {
    pub(crate) fn into_user(self) -> QueryResult<User> {
        Ok(User {
            id: self.id.parse().map_err(bad_value)?,
            email: Email::parse(&self.email).map_err(bad_value)?,
            grants: serde_json::from_str(&self.grants).map_err(bad_value)?,
            access_key: AccessKey::parse(self.access_key).map_err(bad_value)?,
            enabled: self.enabled,
            token_epoch: self.token_epoch,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

/// A row of `users`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRecordRow {
    id: String,
    #[diesel(embed)]
    changing: UserColumns,
    created_at: i64,
}

/// A new row of `users`.
#[derive(Insertable)]
#[diesel(table_name = users)]
pub(crate) struct NewUserRow {
    id: String,
    #[diesel(embed)]
    changing: UserColumns,
    created_at: i64,
    email_key: String,
}

/// The columns that an update writes.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users)]
pub(crate) struct UserColumns {
    email: String,
    password_hash: String,
    sealed_secret: Vec<u8>,
    grants: String,
    access_key: String,
    enabled: bool,
    token_epoch: i64,
    revoke_sessions: bool,
    answered: bool,
}

impl UserColumns {
    pub(crate) fn new(record: &UserRecord) -> QueryResult<Self> {
        Ok(Self {
            email: record.user.email.as_str().to_owned(),
            password_hash: record.password_hash.as_str().to_owned(),
            sealed_secret: record.sealed_secret.as_bytes().to_vec(),
            grants: serde_json::to_string(&record.user.grants)
                .map_err(|error| Error::SerializationError(error.into()))?,
            access_key: record.user.access_key.as_str().to_owned(),
            enabled: record.user.enabled,
            token_epoch: record.user.token_epoch,
            revoke_sessions: record.revoke_sessions,
            answered: record.answered,
        })
    }
}

impl NewUserRow {
    pub(crate) fn new(record: &UserRecord) -> QueryResult<Self> {
        Ok(Self {
            id: record.user.id.to_string(),
            changing: UserColumns::new(record)?,
            created_at: record.user.created_at.millis(),
            email_key: record.user.email.key().to_owned(),
        })
    }
}

impl UserRecordRow {
    pub(crate) fn into_record(self) -> QueryResult<UserRecord> {
        let UserColumns {
            email,
            password_hash,
            sealed_secret,
            grants,
            access_key,
            enabled,
            token_epoch,
            revoke_sessions,
            answered,
        } = self.changing;
        let (id, created_at) = (self.id, self.created_at);
        let user = UserRow { id, email, grants, access_key, enabled, token_epoch, created_at };
        Ok(UserRecord {
            user: user.into_user()?,
            password_hash: PasswordHash::new(password_hash),
            sealed_secret: SealedSecret::new(sealed_secret),
            revoke_sessions,
            answered,
        })
    }
}
