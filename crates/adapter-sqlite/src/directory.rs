//! Reads for requests. Each method sees one snapshot, and its statements are prepared once per connection.

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use storage_hub_core::acl::Grant;
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketId, BucketName, BucketRecord, Email, Page, PageRequest, SealedSecret, Timestamp, User,
    UserId, UserRecord,
};
use storage_hub_core::ports::{
    Backlog, Directory, PrincipalRecord, RecordError, S3AccessRecord, S3BucketQuery, S3BucketRecord, ShardContents,
};
use storage_hub_sqlite_pool::statements;

use crate::bucket_repository::{FindBucket, FindBucketByName};
use crate::bucket_row::{
    BucketRecordRow, BucketRecordTypes, BucketRow, BucketTypes, bucket_record, bucket_record_columns, cors_from_text,
    held_bucket_columns,
};
use crate::error::{bad_value, record_error};
use crate::outbox::backlog;
use crate::records::SqliteRecords;
use crate::schema::users;
use crate::user_repository::find_by_email;
use crate::user_row::{UserRecordRow, UserRow, UserTypes};

statements! {
    // A shard without buckets is one row without a name, and a row of a hidden bucket has no name either. (A nested join
    // would hide such rows, but SQLite would read all entries for it.)
    FindShard { grant: String as Text, number: i32 as Integer } -> (Bool, Nullable<Text>, Nullable<Text>) =
        "SELECT s.written, b.name, e.access FROM shards AS s \
         LEFT JOIN bucket_entries AS e ON e.\"grant\" = s.\"grant\" AND e.shard = s.number \
         LEFT JOIN buckets AS b ON b.id = e.bucket_id AND b.state IN ('active', 'deleting') \
         WHERE s.\"grant\" = ? AND s.number = ? ORDER BY b.name";

    FindUserAndBucket { name: String as Text, id: String as Text } -> (UserTypes, Nullable<BucketRecordTypes>) = concat!(
        "SELECT u.id, u.email, u.grants, u.access_key, u.enabled, u.token_epoch, u.created_at, ",
        bucket_record_columns!(), " FROM users AS u LEFT JOIN buckets AS b ON b.name = ? \
         LEFT JOIN users AS o ON o.id = b.owner_id WHERE u.id = ?"
    );

    // Diesel's `transaction` does not prepare its `BEGIN`.
    BeginReading { } -> () = "BEGIN";
    EndReading { } -> () = "COMMIT";

    ListOwnedBuckets { owner: String as Text, after: String as Text, limit: i64 as BigInt } -> BucketTypes =
        "SELECT id, name, owner_id, state, seen_absent, answered, created_at FROM buckets \
         WHERE owner_id = ? AND state IN ('active', 'deleting') AND name > ? ORDER BY name LIMIT ?";

    // One row, with NULLs for a user and a bucket that do not exist.
    FindS3Access { key: Option<String> as Nullable<Text>, name: Option<String> as Nullable<Text> }
        -> (Nullable<(UserTypes, Binary)>, Nullable<(BucketRecordTypes, Text)>) = concat!(
        "SELECT u.id, u.email, u.grants, u.access_key, u.enabled, u.token_epoch, u.created_at, u.sealed_secret, ",
        held_bucket_columns!(), ", coalesce(b.cors, '') FROM (SELECT ? AS key, ? AS name) AS q \
         LEFT JOIN users AS u ON u.access_key = q.key LEFT JOIN buckets AS b ON b.name = q.name \
         LEFT JOIN users AS o ON o.id = b.owner_id"
    );

    ListS3Buckets {
        prefix: String as Text,
        after: String as Text,
        end: String as Text,
        limit: i64 as BigInt,
    } -> (Text, BigInt) =
        "SELECT name, created_at FROM buckets WHERE state IN ('active', 'deleting') \
         AND name >= ? AND name > ? AND name < ? ORDER BY name LIMIT ?";

    // The grants are one JSON array, because the number of binds is limited.
    ListS3BucketsByGrants {
        grants: String as Text,
        prefix: String as Text,
        after: String as Text,
        end: String as Text,
        limit: i64 as BigInt,
    } -> (Text, BigInt) =
        "SELECT name, created_at FROM buckets WHERE state IN ('active', 'deleting') AND id IN \
         (SELECT bucket_id FROM bucket_entries WHERE \"grant\" IN (SELECT value FROM json_each(?))) \
         AND name >= ? AND name > ? AND name < ? ORDER BY name LIMIT ?";

    ListBuckets { after: String as Text, limit: i64 as BigInt } -> BucketRecordTypes = concat!(
        "SELECT ", bucket_record_columns!(), " FROM buckets AS b JOIN users AS o ON o.id = b.owner_id \
         WHERE b.name > ? ORDER BY b.name LIMIT ?"
    );

    Ping { } -> Integer = "SELECT 1 FROM users LIMIT 1";
}

#[async_trait]
impl Directory for SqliteRecords {
    async fn find_user(&self, id: UserId) -> Result<Option<User>, RecordError> {
        self.read(move |connection| {
            let found = users::table.find(id.to_string()).select(UserRow::as_select()).first(connection);
            found.optional()?.map(UserRow::into_user).transpose()
        })
        .await
    }

    async fn find_record(&self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        self.read(move |connection| {
            let found = users::table.find(id.to_string()).select(UserRecordRow::as_select()).first(connection);
            found.optional()?.map(UserRecordRow::into_record).transpose()
        })
        .await
    }

    async fn find_record_by_email(&self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        let email = email.clone();
        self.read(move |connection| find_by_email(connection, &email)).await
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalRecord>, RecordError> {
        let key = access_key.as_str().to_owned();
        self.read(move |connection| {
            let columns = (UserRow::as_select(), users::sealed_secret);
            let found = users::table.filter(users::access_key.eq(key)).select(columns).first(connection);
            found.optional()?.map(principal_record).transpose()
        })
        .await
    }

    async fn find_bucket(&self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        let statement = FindBucketByName { name: name.as_str().to_owned() };
        self.read(move |connection| statement.find(connection)).await
    }

    async fn find_bucket_by_id(&self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        let statement = FindBucket { id: id.to_string() };
        self.read(move |connection| statement.find(connection)).await
    }

    async fn find_shard(&self, grant: &Grant, number: i32) -> Result<Option<ShardContents>, RecordError> {
        let statement = FindShard { grant: grant.as_str().to_owned(), number };
        self.read(move |connection| {
            let rows: Vec<(bool, Option<String>, Option<String>)> = statement.load(connection)?;
            let Some(written) = rows.first().map(|(written, ..)| *written) else { return Ok(None) };
            let mut found = Vec::new();
            for (_, name, access) in rows {
                if let (Some(name), Some(access)) = (name, access) {
                    found.push((BucketName::parse(&name).map_err(bad_value)?, access.parse().map_err(bad_value)?));
                }
            }
            Ok(Some(ShardContents { written, buckets: found }))
        })
        .await
    }

    async fn find_user_and_bucket(
        &self,
        id: UserId,
        name: &BucketName,
    ) -> Result<Option<(User, Option<BucketRecord>)>, RecordError> {
        let statement = FindUserAndBucket { name: name.as_str().to_owned(), id: id.to_string() };
        self.read(move |connection| {
            let found: Option<(UserRow, Option<BucketRecordRow>)> = statement.get_result(connection).optional()?;
            let Some((user, bucket)) = found else { return Ok(None) };
            Ok(Some((user.into_user()?, bucket.map(bucket_record).transpose()?)))
        })
        .await
    }

    async fn list_owned_buckets(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Option<(User, Page<Bucket>)>, RecordError> {
        let statement = ListOwnedBuckets {
            owner: owner.to_string(),
            after: page.after.as_ref().map_or("", |cursor| cursor.name().as_str()).to_owned(),
            // One row more than the page holds tells whether there is a next page.
            limit: i64::from(page.rows()) + 1,
        };
        // Two statements in one transaction see one snapshot, and cost less than one statement that repeats the user for
        // each bucket. A failure between them closes the connection (see `read`).
        let read = move |connection: &mut SqliteConnection| {
            BeginReading {}.execute(connection)?;
            let user = users::table.find(owner.to_string()).select(UserRow::as_select()).first(connection);
            let found = match user.optional()? {
                Some(user) => Some((user, statement.load::<BucketRow>(connection)?)),
                None => None,
            };
            EndReading {}.execute(connection)?;
            Ok(found)
        };
        let Some((user, rows)) = self.read(read).await? else { return Ok(None) };
        let buckets: QueryResult<Vec<_>> = rows.into_iter().map(BucketRow::into_bucket).collect();
        let page = Page::from_overfull(buckets.map_err(record_error)?, page);
        Ok(Some((user.into_user().map_err(record_error)?, page)))
    }

    async fn find_s3_access(
        &self,
        key: Option<&AccessKey>,
        bucket: Option<&BucketName>,
        _: Timestamp,
    ) -> Result<S3AccessRecord, RecordError> {
        let statement = FindS3Access {
            key: key.map(|key| key.as_str().to_owned()),
            name: bucket.map(|name| name.as_str().to_owned()),
        };
        self.read(move |connection| {
            let row: (Option<(UserRow, Vec<u8>)>, Option<(BucketRecordRow, String)>) =
                statement.get_result(connection)?;
            let (principal, bucket) = (row.0.map(principal_record), row.1.map(s3_bucket_record));
            Ok(S3AccessRecord { principal: principal.transpose()?, bucket: bucket.transpose()? })
        })
        .await
    }

    async fn list_s3_buckets(&self, query: &S3BucketQuery) -> Result<Vec<(BucketName, Timestamp)>, RecordError> {
        let S3BucketQuery { grants, prefix, after, limit } = query;
        let (prefix, end) = (prefix.clone(), format!("{prefix}{}", char::MAX));
        let (after, limit) = (after.as_ref().map_or("", BucketName::as_str).to_owned(), i64::from(*limit));
        let grants = grants.as_ref().map(serde_json::to_string).transpose();
        let grants = grants.map_err(|error| RecordError::Unexpected(error.into()))?;
        self.read(move |connection| {
            let rows: Vec<(String, i64)> = match grants {
                None => ListS3Buckets { prefix, after, end, limit }.load(connection)?,
                Some(grants) => ListS3BucketsByGrants { grants, prefix, after, end, limit }.load(connection)?,
            };
            let read = |(name, created_at): (String, _)| {
                Ok((BucketName::parse(&name).map_err(bad_value)?, Timestamp::from_millis(created_at)))
            };
            rows.into_iter().map(read).collect()
        })
        .await
    }

    async fn list_users(&self, after: Option<UserId>, limit: u16) -> Result<Vec<UserRecord>, RecordError> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        self.read(move |connection| {
            let rows = users::table
                .filter(users::id.gt(after))
                .order(users::id)
                .limit(i64::from(limit))
                .select(UserRecordRow::as_select())
                .load(connection)?;
            rows.into_iter().map(UserRecordRow::into_record).collect()
        })
        .await
    }

    async fn list_buckets(&self, after: Option<&BucketName>, limit: u16) -> Result<Vec<BucketRecord>, RecordError> {
        let after = after.map_or("", BucketName::as_str).to_owned();
        self.read(move |connection| {
            let rows: Vec<BucketRecordRow> = ListBuckets { after, limit: limit.into() }.load(connection)?;
            rows.into_iter().map(bucket_record).collect()
        })
        .await
    }

    async fn find_backlog(&self, limit: u16) -> Result<Backlog, RecordError> {
        self.read(move |connection| backlog(connection, limit)).await
    }

    async fn ping(&self) -> Result<(), RecordError> {
        self.read(|connection| Ping {}.execute(connection).map(drop)).await
    }
}

fn principal_record((user, sealed_secret): (UserRow, Vec<u8>)) -> QueryResult<PrincipalRecord> {
    Ok(PrincipalRecord { user: user.into_user()?, sealed_secret: SealedSecret::new(sealed_secret) })
}

fn s3_bucket_record((row, cors): (BucketRecordRow, String)) -> QueryResult<S3BucketRecord> {
    Ok(S3BucketRecord { record: bucket_record(row)?, cors: cors_from_text(&cors)? })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::{Arc, Mutex};

    use diesel::Connection;
    use diesel::connection::{InstrumentationEvent, SimpleConnection};
    use diesel::prelude::QueryableByName;
    use diesel::query_builder::QueryFragment;
    use diesel::sqlite::Sqlite;
    use diesel::{debug_query, sql_query};
    use storage_hub_core::acl::GrantSet;
    use uuid::Uuid;

    use super::*;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    fn plan(connection: &mut SqliteConnection, statement: impl QueryFragment<Sqlite>) -> Vec<String> {
        let explain = format!("EXPLAIN QUERY PLAN {}", debug_query::<Sqlite, _>(&statement));
        let (explain, _) = explain.split_once(" -- binds").unwrap();
        let steps: Vec<Step> = sql_query(explain).load(connection).unwrap();
        steps.into_iter().map(|step| step.detail).collect()
    }

    #[test]
    fn requests_never_scan_a_table() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let tables = include_str!("../../../migrations/sqlite/00000000000001_records/up.sql");
        connection.batch_execute(tables).unwrap();
        connection.batch_execute("ALTER TABLE buckets ADD COLUMN cors TEXT").unwrap();
        let text = String::new;
        let access = FindS3Access { key: Some(text()), name: Some(text()) };
        let access = plan(&mut connection, access).into_iter();
        // The one row of the question, and the grants of the user.
        let access = access
            .filter(|step| step != "SCAN q" && !step.contains("CONSTANT ROW") && !step.contains("json_each"))
            .collect();
        for plan in [
            access,
            plan(&mut connection, FindShard { grant: text(), number: 0 }),
            plan(&mut connection, FindUserAndBucket { name: text(), id: text() }),
            plan(&mut connection, ListOwnedBuckets { owner: text(), after: text(), limit: 1 }),
            plan(&mut connection, FindBucketByName { name: text() }),
            plan(&mut connection, ListS3Buckets { prefix: text(), after: text(), end: text(), limit: 1 }),
        ] {
            assert!(plan.iter().all(|step| !step.contains("SCAN") && !step.contains("MATERIALIZE")), "{plan:?}");
        }
    }

    #[tokio::test]
    async fn a_connection_prepares_each_statement_once() {
        let folder = tempfile::tempdir().unwrap();
        let records = SqliteRecords::open(&folder.path().join("records.sqlite")).await.unwrap();
        let (started, prepared) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (starting, preparing) = (Arc::clone(&started), Arc::clone(&prepared));
        // Consecutive calls use the same connection.
        let watch = move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { query, .. } => starting.lock().unwrap().push(query.to_string()),
            InstrumentationEvent::CacheQuery { sql, .. } => preparing.lock().unwrap().push(sql.to_owned()),
            _ => {}
        };
        let begin = |connection: &mut SqliteConnection| {
            connection.set_instrumentation(watch);
            Ok(())
        };
        records.read(begin).await.unwrap();

        let (id, name) = (UserId::new(Uuid::from_u128(1)), BucketName::parse("some-bucket").unwrap());
        records.read(move |connection| sql_query(A_USER).execute(connection)).await.unwrap();
        started.lock().unwrap().clear();
        let grants = Some(GrantSet::default());
        let query = S3BucketQuery { grants, prefix: String::new(), after: None, limit: 1 };
        for _ in 0..2 {
            records.list_owned_buckets(id, &PageRequest { after: None, limit: None }).await.unwrap().unwrap();
            records.find_user_and_bucket(id, &name).await.unwrap().unwrap();
            records.find_bucket(&name).await.unwrap();
            records.find_user(id).await.unwrap().unwrap();
            records.find_principal(&AccessKey::parse("AKIAIOSFODNN7EXAMPLE").unwrap()).await.unwrap();
            records.list_s3_buckets(&query).await.unwrap();
            records.find_s3_access(None, Some(&name), Timestamp::from_millis(0)).await.unwrap();
            records.ping().await.unwrap();
        }
        let (started, prepared) = (started.lock().unwrap(), prepared.lock().unwrap());
        let asked: BTreeSet<_> = started.iter().filter_map(|query| Some(query.split_once(" -- binds")?.0)).collect();
        let once: BTreeSet<_> = prepared.iter().map(String::as_str).collect();
        assert_eq!(asked, once);
        assert_eq!((started.len(), prepared.len()), (22, once.len()));
    }

    const A_USER: &str = "INSERT INTO users VALUES ('00000000-0000-0000-0000-000000000001', 'a@example.org', 'hash', \
        x'00', '[]', 'AKIAIOSFODNN7EXAMPLE', 1, 0, 0, 1, 0, 'a@example.org')";
}
