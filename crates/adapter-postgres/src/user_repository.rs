//! Users, in transactions that lock the rows they read.

use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use storage_hub_core::domain::{Email, UserId, UserRecord};
use storage_hub_core::ports::{RecordError, UserRepository};
use uuid::Uuid;

use crate::rows::{UserChange, UserRecordColumns, UserRecordRow, to_sql, user_by_email};
use crate::schema::users;
use crate::statement::statements;
use crate::unit_of_work::PgTransaction;

statements! {
    LockUserByEmail { email: String as Text, key: String as Text, exact: String as Text } -> UserRecordColumns =
        concat!(user_by_email!(), " FOR NO KEY UPDATE");

    LockEnabledAdmins { } -> SqlUuid =
        "SELECT id FROM users WHERE enabled AND grants @> '{admin}' ORDER BY id FOR NO KEY UPDATE";
}

#[async_trait]
impl UserRepository for PgTransaction {
    async fn insert(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let id = users::id.eq(record.user.id.uuid());
        let created_at = users::created_at.eq(to_sql(record.user.created_at));
        let email_key = users::email_key.eq(record.user.email.key().to_owned());
        let row = (id, created_at, UserChange::from(record), email_key);
        self.execute(diesel::insert_into(users::table).values(row)).await.map(drop)
    }

    async fn find(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        // Not `FOR UPDATE`, because buckets that are created concurrently reference the row and need not wait.
        let query = users::table.filter(users::id.eq(id.uuid())).select(UserRecordRow::as_select()).for_no_key_update();
        self.load_one(query).await?.map(UserRecordRow::record).transpose()
    }

    async fn find_shared(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        let query = users::table.filter(users::id.eq(id.uuid())).select(UserRecordRow::as_select()).for_share();
        self.load_one(query).await?.map(UserRecordRow::record).transpose()
    }

    async fn find_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        let (text, key) = (email.as_str().to_owned(), email.key().to_owned());
        let statement = LockUserByEmail { email: text.clone(), key, exact: text };
        self.load_one(statement).await?.map(UserRecordRow::record).transpose()
    }

    async fn list_enabled_admins(&mut self) -> Result<Vec<UserId>, RecordError> {
        let ids: Vec<Uuid> = self.load(LockEnabledAdmins {}).await?;
        Ok(ids.into_iter().map(UserId::new).collect())
    }

    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let row = users::table.filter(users::id.eq(record.user.id.uuid()));
        let email = &record.user.email;
        // An account without a key, because another account has it, keeps its email and can still be changed.
        let email_key = case_when(users::email.eq(email.as_str().to_owned()), users::email_key)
            .otherwise(Some(email.key().to_owned()).into_sql::<Nullable<Text>>());
        self.execute_one(diesel::update(row).set((UserChange::from(record), users::email_key.eq(email_key)))).await
    }
}
