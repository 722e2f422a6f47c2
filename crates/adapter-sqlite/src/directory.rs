use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, SelectableHelper,
};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Integer, Nullable, Text};
use diesel::{QueryableByName, SqliteConnection, sql_query};
use storage_hub_core::acl::{Grant, GrantSet};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketId, BucketName, BucketRecord, Cursor, Email, Page, PageRequest, User, UserId, UserRecord,
};
use storage_hub_core::ports::{Backlog, Directory, PrincipalRecord, RecordError, ShardContents};

use crate::bucket_repository::find_bucket;
use crate::bucket_row::{BucketRow, bucket_record, entries_column, visible_states};
use crate::error::bad_value;
use crate::outbox::backlog;
use crate::records::SqliteRecords;
use crate::schema::{buckets, users};
use crate::user_row::UserRow;

/// The access key of the owner of the row's bucket, where the row has another user.
const OWNER_ACCESS_KEY: &str = "(SELECT owners.access_key FROM users AS owners WHERE owners.id = buckets.owner_id)";

/// The grants come as one JSON array: their number has no limit then.
const NAMES_BY_GRANTS: &str = "SELECT name FROM buckets WHERE state IN (SELECT value FROM json_each(?2)) AND id IN \
     (SELECT bucket_id FROM bucket_entries WHERE \"grant\" IN (SELECT value FROM json_each(?1))) ORDER BY name";

/// A shard without visible buckets is one row without a name.
const SHARD: &str = "SELECT s.written, b.name, e.access FROM shards s LEFT JOIN (bucket_entries e JOIN buckets b \
     ON b.id = e.bucket_id AND b.state IN ('active', 'deleting')) ON e.\"grant\" = s.\"grant\" AND e.shard = s.number \
     WHERE s.\"grant\" = ?1 AND s.number = ?2 ORDER BY b.name";

#[derive(QueryableByName)]
struct ShardRow {
    #[diesel(sql_type = Bool)]
    written: bool,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    access: Option<String>,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

fn user_by_id(connection: &mut SqliteConnection, id: UserId) -> QueryResult<Option<UserRecord>> {
    let found = users::table.find(id.to_string()).select(UserRow::as_select()).first(connection);
    found.optional()?.map(UserRow::into_record).transpose()
}

#[async_trait]
impl Directory for SqliteRecords {
    async fn find_user(&self, id: UserId) -> Result<Option<User>, RecordError> {
        let record = self.read(move |connection| user_by_id(connection, id)).await?;
        Ok(record.map(|record| record.user))
    }

    async fn find_record(&self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        self.read(move |connection| user_by_id(connection, id)).await
    }

    async fn find_record_by_email(&self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        let email = email.as_str().to_owned();
        self.read(move |connection| {
            let found = users::table.filter(users::email.eq(email)).select(UserRow::as_select()).first(connection);
            found.optional()?.map(UserRow::into_record).transpose()
        })
        .await
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalRecord>, RecordError> {
        let key = access_key.as_str().to_owned();
        let record = self
            .read(move |connection| {
                let found =
                    users::table.filter(users::access_key.eq(key)).select(UserRow::as_select()).first(connection);
                found.optional()?.map(UserRow::into_record).transpose()
            })
            .await?;
        Ok(record.map(|UserRecord { user, sealed_secret, .. }| PrincipalRecord { user, sealed_secret }))
    }

    async fn find_bucket(&self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        let name = name.as_str().to_owned();
        self.read(move |connection| {
            let found = buckets::table
                .inner_join(users::table)
                .filter(buckets::name.eq(name))
                .select((BucketRow::as_select(), users::access_key, entries_column()))
                .first(connection);
            found.optional()?.map(bucket_record).transpose()
        })
        .await
    }

    async fn find_bucket_by_id(&self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        self.read(move |connection| find_bucket(connection, id)).await
    }

    async fn find_shard(&self, grant: &Grant, number: i32) -> Result<Option<ShardContents>, RecordError> {
        let grant = grant.as_str().to_owned();
        self.read(move |connection| {
            let query = sql_query(SHARD).bind::<Text, _>(grant).bind::<Integer, _>(number);
            let rows: Vec<ShardRow> = query.load(connection)?;
            let Some(written) = rows.first().map(|row| row.written) else { return Ok(None) };
            let mut found = Vec::new();
            for row in rows {
                if let (Some(name), Some(access)) = (row.name, row.access) {
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
        let name = name.as_str().to_owned();
        self.read(move |connection| {
            let found: Option<(UserRow, Option<BucketRow>, Option<String>, String)> = users::table
                .left_join(buckets::table.on(buckets::name.eq(name)))
                .filter(users::id.eq(id.to_string()))
                .select((
                    UserRow::as_select(),
                    Option::<BucketRow>::as_select(),
                    sql::<Nullable<Text>>(OWNER_ACCESS_KEY),
                    entries_column(),
                ))
                .first(connection)
                .optional()?;
            let Some((user, bucket, owner_access_key, entries)) = found else { return Ok(None) };
            let bucket = bucket.zip(owner_access_key).map(|(bucket, key)| bucket_record((bucket, key, entries)));
            Ok(Some((user.into_record()?.user, bucket.transpose()?)))
        })
        .await
    }

    async fn list_owned_buckets(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Option<(User, Page<Bucket>)>, RecordError> {
        let after = page.after.as_ref().map_or("", |cursor| cursor.name().as_str()).to_owned();
        let limit = page.limit.map(|limit| i64::from(limit.rows()));
        // One more than the page has, to know whether there is a next one.
        let most = limit.map_or(i64::MAX, |limit| limit + 1);
        let rows: Vec<(UserRow, Option<BucketRow>)> = self
            .read(move |connection| {
                let owned = buckets::owner_id.eq(users::id);
                let listed = buckets::state.eq_any(visible_states()).and(buckets::name.gt(after));
                users::table
                    .left_join(buckets::table.on(owned.and(listed)))
                    .filter(users::id.eq(owner.to_string()))
                    .order(buckets::name.nullable())
                    .limit(most)
                    .select((UserRow::as_select(), Option::<BucketRow>::as_select()))
                    .load(connection)
            })
            .await?;
        owned_page(rows, limit).map_err(crate::error::record_error)
    }

    async fn list_names_by_grants(&self, grants: &GrantSet) -> Result<Vec<BucketName>, RecordError> {
        let json = |error: serde_json::Error| RecordError::Unexpected(error.into());
        let statement = sql_query(NAMES_BY_GRANTS)
            .bind::<Text, _>(serde_json::to_string(grants).map_err(json)?)
            .bind::<Text, _>(serde_json::to_string(&visible_states().collect::<Vec<_>>()).map_err(json)?);
        self.read(move |connection| {
            let rows: Vec<NameRow> = statement.load(connection)?;
            rows.into_iter().map(|row| BucketName::parse(&row.name).map_err(bad_value)).collect()
        })
        .await
    }

    async fn list_users(&self, after: Option<UserId>, most: u16) -> Result<Vec<UserRecord>, RecordError> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        self.read(move |connection| {
            let rows = users::table
                .filter(users::id.gt(after))
                .order(users::id)
                .limit(i64::from(most))
                .select(UserRow::as_select())
                .load(connection)?;
            rows.into_iter().map(UserRow::into_record).collect()
        })
        .await
    }

    async fn list_buckets(&self, after: Option<&BucketName>, most: u16) -> Result<Vec<BucketRecord>, RecordError> {
        let after = after.map_or("", BucketName::as_str).to_owned();
        self.read(move |connection| {
            let rows: Vec<(BucketRow, String, String)> = buckets::table
                .inner_join(users::table)
                .filter(buckets::name.gt(after))
                .order(buckets::name)
                .limit(i64::from(most))
                .select((BucketRow::as_select(), users::access_key, entries_column()))
                .load(connection)?;
            rows.into_iter().map(bucket_record).collect()
        })
        .await
    }

    async fn find_backlog(&self, most: u16) -> Result<Backlog, RecordError> {
        self.read(move |connection| backlog(connection, most)).await
    }

    async fn ping(&self) -> Result<(), RecordError> {
        self.read(|connection| sql_query("SELECT 1 FROM users LIMIT 1").execute(connection).map(drop)).await
    }
}

/// A row a bucket, each with its owner; one without a bucket when there is none on the page.
fn owned_page(
    rows: Vec<(UserRow, Option<BucketRow>)>,
    limit: Option<i64>,
) -> QueryResult<Option<(User, Page<Bucket>)>> {
    let mut owner = None;
    let mut items = Vec::new();
    for (user, bucket) in rows {
        if owner.is_none() {
            owner = Some(user.into_record()?.user);
        }
        items.extend(bucket.map(BucketRow::into_bucket).transpose()?);
    }
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let next = if items.len() > limit {
        items.truncate(limit);
        items.last().map(|last| Cursor::after(last.name.clone()))
    } else {
        None
    };
    Ok(owner.map(|owner| (owner, Page { items, next })))
}
