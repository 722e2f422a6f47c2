use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::dsl::case_when;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use storage_hub_core::domain::{Email, UserId, UserRecord};
use storage_hub_core::ports::{RecordError, UserRepository};
use storage_hub_sqlite_pool::statements;

use crate::error::bad_value;
use crate::schema::users;
use crate::unit_of_work::SqliteTransaction;
use crate::user_row::{NewUserRow, UserColumns, UserRecordRow};

statements! {
    ListEnabledAdmins { } -> Text =
        "SELECT id FROM users WHERE enabled AND EXISTS (SELECT 1 FROM json_each(grants) WHERE value = 'admin') ORDER BY id";
}

#[async_trait]
impl UserRepository for SqliteTransaction {
    async fn insert(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let row = NewUserRow::new(record);
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
        let email = email.clone();
        self.run(move |connection| find_by_email(connection, &email)).await
    }

    async fn list_enabled_admins(&mut self) -> Result<Vec<UserId>, RecordError> {
        self.run(|connection| {
            let ids: Vec<String> = ListEnabledAdmins {}.load(connection)?;
            ids.iter().map(|id| id.parse().map_err(bad_value)).collect()
        })
        .await
    }

    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let id = record.user.id.to_string();
        let columns = UserColumns::new(record);
        let (email, key) = (record.user.email.as_str().to_owned(), record.user.email.key().to_owned());
        self.change_one(move |connection| {
            // An account that has no key since another has it keeps its email, and can still be changed.
            let key =
                case_when(users::email.eq(email), users::email_key).otherwise(Some(key).into_sql::<Nullable<Text>>());
            diesel::update(users::table.find(id)).set((columns?, users::email_key.eq(key))).execute(connection)
        })
        .await
    }
}

/// The user with this email or, where none is spelled so, with its key; in or outside of a transaction.
pub(crate) fn find_by_email(connection: &mut SqliteConnection, email: &Email) -> QueryResult<Option<UserRecord>> {
    let spelled = users::email.eq(email.as_str());
    let found = users::table
        .filter(spelled.or(users::email_key.eq(email.key())))
        .order(spelled.desc())
        .select(UserRecordRow::as_select())
        .first(connection);
    found.optional()?.map(UserRecordRow::into_record).transpose()
}
