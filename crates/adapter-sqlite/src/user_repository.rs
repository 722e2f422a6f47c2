use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use storage_hub_core::domain::{Email, UserId, UserRecord};
use storage_hub_core::ports::{RecordError, UserRepository};

use crate::schema::users;
use crate::unit_of_work::SqliteTransaction;
use crate::user_row::{UserColumns, UserRecordRow};

#[async_trait]
impl UserRepository for SqliteTransaction {
    async fn insert(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let row = UserRecordRow::new(record);
        self.run(move |connection| diesel::insert_into(users::table).values(row?).execute(connection).map(drop)).await
    }

    async fn find(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        self.run(move |connection| {
            let found = users::table.find(id.to_string()).select(UserRecordRow::as_select()).first(connection);
            found.optional()?.map(UserRecordRow::into_record).transpose()
        })
        .await
    }

    async fn find_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        let email = email.as_str().to_owned();
        self.run(move |connection| {
            let found =
                users::table.filter(users::email.eq(email)).select(UserRecordRow::as_select()).first(connection);
            found.optional()?.map(UserRecordRow::into_record).transpose()
        })
        .await
    }

    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let id = record.user.id.to_string();
        let columns = UserColumns::new(record);
        self.change_one(move |connection| diesel::update(users::table.find(id)).set(columns?).execute(connection)).await
    }
}
