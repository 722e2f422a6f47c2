use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use diesel::result::{Error, QueryResult};
use storage_hub_core::domain::{AccessKey, Email, PasswordHash, SealedSecret, Timestamp, User, UserRecord};

use crate::error::bad_value;
use crate::schema::users;

/// A row of `users`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
    pub(crate) id: String,
    #[diesel(embed)]
    changing: UserColumns,
    created_at: i64,
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

impl UserRow {
    pub(crate) fn new(record: &UserRecord) -> QueryResult<Self> {
        let created_at = record.user.created_at.millis();
        Ok(Self { id: record.user.id.to_string(), changing: UserColumns::new(record)?, created_at })
    }

    pub(crate) fn into_record(self) -> QueryResult<UserRecord> {
        let columns = self.changing;
        let user = User {
            id: self.id.parse().map_err(bad_value)?,
            email: Email::parse(&columns.email).map_err(bad_value)?,
            grants: serde_json::from_str(&columns.grants).map_err(bad_value)?,
            access_key: AccessKey::parse(columns.access_key).map_err(bad_value)?,
            enabled: columns.enabled,
            token_epoch: columns.token_epoch,
            created_at: Timestamp::from_millis(self.created_at),
        };
        Ok(UserRecord {
            user,
            password_hash: PasswordHash::new(columns.password_hash),
            sealed_secret: SealedSecret::new(columns.sealed_secret),
            revoke_sessions: columns.revoke_sessions,
            answered: columns.answered,
        })
    }
}
