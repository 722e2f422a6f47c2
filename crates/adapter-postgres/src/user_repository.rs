use async_trait::async_trait;
use diesel::prelude::*;
use storage_hub_core::domain::{Email, UserId, UserRecord};
use storage_hub_core::ports::{RecordError, UserRepository};

use crate::rows::{UserChange, UserRecordRow, to_sql};
use crate::schema::users;
use crate::unit_of_work::PgTransaction;

#[async_trait]
impl UserRepository for PgTransaction {
    async fn insert(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let id = users::id.eq(record.user.id.uuid());
        let created_at = users::created_at.eq(to_sql(record.user.created_at));
        let row = (id, created_at, UserChange::from(record));
        self.execute(diesel::insert_into(users::table).values(row)).await.map(drop)
    }

    async fn find(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        // Not for update: buckets that are made meanwhile refer to the row, and that takes nothing from it.
        let query = users::table.filter(users::id.eq(id.uuid())).select(UserRecordRow::as_select()).for_no_key_update();
        self.load_one(query).await?.map(UserRecordRow::record).transpose()
    }

    async fn find_shared(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        let query = users::table.filter(users::id.eq(id.uuid())).select(UserRecordRow::as_select()).for_share();
        self.load_one(query).await?.map(UserRecordRow::record).transpose()
    }

    async fn find_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        let query = users::table.filter(users::email.eq(email.as_str().to_owned()));
        let query = query.select(UserRecordRow::as_select()).for_no_key_update();
        self.load_one(query).await?.map(UserRecordRow::record).transpose()
    }

    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let row = users::table.filter(users::id.eq(record.user.id.uuid()));
        self.execute_one(diesel::update(row).set(UserChange::from(record))).await
    }
}
