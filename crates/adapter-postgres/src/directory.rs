//! The reads of one statement, which share connections (`read_lanes`) and take no locks.

use async_trait::async_trait;
use diesel::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use storage_hub_core::acl::Grant;
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketId, BucketName, BucketRecord, CorsRules, Email, Page, PageRequest, SealedSecret,
    Timestamp, User, UserId, UserRecord,
};
use storage_hub_core::ports::{
    Backlog, Directory, PrincipalRecord, RecordError, S3AccessRecord, S3BucketQuery, S3BucketRecord, ShardContents,
};
use uuid::Uuid;

use crate::PgRecords;
use crate::bucket_repository::{FindBucket, FindBucketByName};
use crate::error::unreadable;
use crate::rows::{
    BucketColumns, BucketRow, UserColumns, UserRecordColumns, UserRecordRow, UserRow, bucket, bucket_columns,
    bucket_entries, from_sql, held_entries, user_by_email,
};
use crate::schema::users;
use crate::statement::statements;

statements! {
    FindUserByEmail { email: String as Text, key: String as Text, exact: String as Text } -> UserRecordColumns =
        user_by_email!();

    FindShard { grant: String as Text, number: i32 as Integer } -> (Bool, Nullable<Text>, Nullable<Text>) =
        "SELECT s.written, b.name, e.access FROM shards s LEFT JOIN (bucket_entries e JOIN buckets b \
         ON b.id = e.bucket_id AND b.state IN ('active', 'deleting')) ON e.\"grant\" = s.\"grant\" \
         AND e.shard = s.number WHERE s.\"grant\" = ? AND s.number = ? ORDER BY b.name";

    FindUserAndBucket { name: String as Text, id: Uuid as SqlUuid } -> (UserColumns, Nullable<BucketColumns>) = concat!(
        "SELECT u.id, u.email, u.grants, u.access_key, u.enabled, u.token_epoch, u.created_at, ", bucket_columns!(),
        " FROM users u LEFT JOIN (buckets b JOIN users o ON o.id = b.owner_id CROSS JOIN ", bucket_entries!(),
        ") ON b.name = ? WHERE u.id = ?"
    );

    // One row with the buckets as arrays, so that the user's columns are sent once and not with every bucket.
    ListOwnedBuckets { after: String as Text, limit: i64 as BigInt, owner: Uuid as SqlUuid }
        -> (UserColumns, PageColumns) =
        "SELECT u.id, u.email, u.grants, u.access_key, u.enabled, u.token_epoch, u.created_at, \
         p.ids, p.names, p.states, p.seen_absent, p.answered, p.created_at \
         FROM users u CROSS JOIN LATERAL (SELECT coalesce(array_agg(id), '{}') AS ids, \
         coalesce(array_agg(name), '{}') AS names, coalesce(array_agg(state), '{}') AS states, \
         coalesce(array_agg(seen_absent), '{}') AS seen_absent, coalesce(array_agg(answered), '{}') AS answered, \
         coalesce(array_agg(created_at), '{}') AS created_at FROM (SELECT * FROM buckets \
         WHERE owner_id = u.id AND state IN ('active', 'deleting') AND name > ? ORDER BY name LIMIT ?) page) p \
         WHERE u.id = ?";

    // One row, with NULLs for a user and a bucket that do not exist.
    FindS3Access { key: Option<String> as Nullable<Text>, name: Option<String> as Nullable<Text> }
        -> (Nullable<(UserColumns, Bytea)>, Nullable<(BucketColumns, Text)>) = concat!(
        "SELECT u.id, u.email, u.grants, u.access_key, u.enabled, u.token_epoch, u.created_at, u.sealed_secret, ",
        bucket_columns!(), ", coalesce(b.cors, '') FROM (SELECT ?::text AS key, ?::text AS name) q \
         LEFT JOIN users u ON u.access_key = q.key \
         LEFT JOIN (buckets b JOIN users o ON o.id = b.owner_id) ON b.name = q.name CROSS JOIN ",
        held_entries!()
    );

    ListS3Buckets {
        prefix: String as Text,
        after: String as Text,
        end: String as Text,
        limit: i64 as BigInt,
    } -> (Text, Timestamptz) =
        "SELECT name, created_at FROM buckets WHERE state IN ('active', 'deleting') \
         AND name >= ? AND name > ? AND name < ? ORDER BY name LIMIT ?";

    ListS3BucketsByGrants {
        grants: Vec<String> as Array<Text>,
        prefix: String as Text,
        after: String as Text,
        end: String as Text,
        limit: i64 as BigInt,
    } -> (Text, Timestamptz) =
        "SELECT name, created_at FROM buckets WHERE state IN ('active', 'deleting') \
         AND id IN (SELECT bucket_id FROM bucket_entries WHERE \"grant\" = ANY(?)) \
         AND name >= ? AND name > ? AND name < ? ORDER BY name LIMIT ?";

    ListBuckets { after: String as Text, limit: i64 as BigInt } -> BucketColumns = concat!(
        "SELECT ", bucket_columns!(), " FROM (SELECT * FROM buckets WHERE name > ? ORDER BY name LIMIT ?) b \
         JOIN users o ON o.id = b.owner_id CROSS JOIN ", bucket_entries!(), " ORDER BY b.name"
    );

    FindBacklog { limit: i64 as BigInt } -> (BigInt, Nullable<Timestamptz>) =
        "SELECT count(*), min(waiting_since) FROM (SELECT waiting_since FROM outbox WHERE done < generation \
         ORDER BY waiting_since, key LIMIT ?) pending";

    Ping { } -> Bool = "SELECT true";
}

type PageColumns = (Array<SqlUuid>, Array<Text>, Array<Text>, Array<Bool>, Array<Bool>, Array<Timestamptz>);
type PageRow = (Vec<Uuid>, Vec<String>, Vec<String>, Vec<bool>, Vec<bool>, Vec<PgTimestamp>);

#[async_trait]
impl Directory for PgRecords {
    async fn find_user(&self, id: UserId) -> Result<Option<User>, RecordError> {
        let query = users::table.filter(users::id.eq(id.uuid())).select(UserRow::as_select());
        self.load_one(query).await?.map(UserRow::user).transpose()
    }

    async fn find_record(&self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        let query = users::table.filter(users::id.eq(id.uuid())).select(UserRecordRow::as_select());
        self.load_one(query).await?.map(UserRecordRow::record).transpose()
    }

    async fn find_record_by_email(&self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        let (text, key) = (email.as_str().to_owned(), email.key().to_owned());
        let statement = FindUserByEmail { email: text.clone(), key, exact: text };
        self.load_one(statement).await?.map(UserRecordRow::record).transpose()
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalRecord>, RecordError> {
        let query = users::table.filter(users::access_key.eq(access_key.as_str().to_owned()));
        let query = query.select((UserRow::as_select(), users::sealed_secret));
        self.load_one(query).await?.map(principal_record).transpose()
    }

    async fn find_bucket(&self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        let statement = FindBucketByName { name: name.as_str().to_owned() };
        self.load_one(statement).await?.map(BucketRow::record).transpose()
    }

    async fn find_bucket_by_id(&self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        self.load_one(FindBucket { id: id.uuid() }).await?.map(BucketRow::record).transpose()
    }

    async fn find_shard(&self, grant: &Grant, number: i32) -> Result<Option<ShardContents>, RecordError> {
        let statement = FindShard { grant: grant.as_str().to_owned(), number };
        let rows: Vec<(bool, Option<String>, Option<String>)> = self.load(statement).await?;
        let Some(written) = rows.first().map(|(written, ..)| *written) else { return Ok(None) };
        let read = |(_, name, access): (bool, Option<String>, Option<String>)| {
            let (name, access) = (name?, access?);
            Some(
                BucketName::parse(&name)
                    .map_err(unreadable)
                    .and_then(|name| Ok((name, access.parse().map_err(unreadable)?))),
            )
        };
        let buckets = rows.into_iter().filter_map(read).collect::<Result<_, RecordError>>()?;
        Ok(Some(ShardContents { written, buckets }))
    }

    async fn find_user_and_bucket(
        &self,
        id: UserId,
        name: &BucketName,
    ) -> Result<Option<(User, Option<BucketRecord>)>, RecordError> {
        let statement = FindUserAndBucket { name: name.as_str().to_owned(), id: id.uuid() };
        let row: Option<(UserRow, Option<BucketRow>)> = self.load_one(statement).await?;
        let Some((user, bucket)) = row else { return Ok(None) };
        Ok(Some((user.user()?, bucket.map(BucketRow::record).transpose()?)))
    }

    async fn list_owned_buckets(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Option<(User, Page<Bucket>)>, RecordError> {
        let statement = ListOwnedBuckets {
            after: page.after.as_ref().map_or("", |cursor| cursor.name().as_str()).to_owned(),
            // One row more than the limit shows whether there is a next page.
            limit: i64::from(page.rows()) + 1,
            owner: owner.uuid(),
        };
        let row: Option<(UserRow, PageRow)> = self.load_one(statement).await?;
        let Some((user, columns)) = row else { return Ok(None) };
        Ok(Some((user.user()?, Page::from_overfull(buckets(owner, columns)?, page))))
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
        let row: Option<(Option<(UserRow, Vec<u8>)>, Option<(BucketRow, String)>)> = self.load_one(statement).await?;
        let (user, bucket) = row.unwrap_or_default();
        let (principal, bucket) = (user.map(principal_record), bucket.map(s3_bucket_record));
        Ok(S3AccessRecord { principal: principal.transpose()?, bucket: bucket.transpose()? })
    }

    async fn list_s3_buckets(&self, query: &S3BucketQuery) -> Result<Vec<(BucketName, Timestamp)>, RecordError> {
        let S3BucketQuery { grants, prefix, after, limit } = query;
        let (prefix, end) = (prefix.clone(), format!("{prefix}{}", char::MAX));
        let (after, limit) = (after.as_ref().map_or("", BucketName::as_str).to_owned(), i64::from(*limit));
        let rows: Vec<(String, PgTimestamp)> = match grants {
            None => self.load_alone(ListS3Buckets { prefix, after, end, limit }).await?,
            Some(grants) => {
                let grants = grants.iter().map(Grant::as_str).map(str::to_owned).collect();
                self.load_alone(ListS3BucketsByGrants { grants, prefix, after, end, limit }).await?
            }
        };
        let read =
            |(name, created_at): (String, _)| Ok((BucketName::parse(&name).map_err(unreadable)?, from_sql(created_at)));
        rows.into_iter().map(read).collect()
    }

    async fn list_users(&self, after: Option<UserId>, limit: u16) -> Result<Vec<UserRecord>, RecordError> {
        let first = users::table.order(users::id).limit(limit.into()).select(UserRecordRow::as_select());
        let rows: Vec<UserRecordRow> = match after {
            Some(after) => self.load_alone(first.filter(users::id.gt(after.uuid()))).await?,
            None => self.load_alone(first).await?,
        };
        rows.into_iter().map(UserRecordRow::record).collect()
    }

    async fn list_buckets(&self, after: Option<&BucketName>, limit: u16) -> Result<Vec<BucketRecord>, RecordError> {
        let after = after.map_or("", BucketName::as_str).to_owned();
        let rows: Vec<BucketRow> = self.load_alone(ListBuckets { after, limit: limit.into() }).await?;
        rows.into_iter().map(BucketRow::record).collect()
    }

    async fn find_backlog(&self, limit: u16) -> Result<Backlog, RecordError> {
        let row: Option<(i64, Option<PgTimestamp>)> = self.load_one(FindBacklog { limit: limit.into() }).await?;
        let (tasks, oldest) = row.ok_or_else(|| unreadable("a count returned no row"))?;
        Ok(Backlog { tasks: tasks.unsigned_abs(), oldest: oldest.map(from_sql) })
    }

    async fn ping(&self) -> Result<(), RecordError> {
        self.load_one::<_, bool>(Ping {}).await.map(drop)
    }
}

fn principal_record((user, sealed_secret): (UserRow, Vec<u8>)) -> Result<PrincipalRecord, RecordError> {
    Ok(PrincipalRecord { user: user.user()?, sealed_secret: SealedSecret::new(sealed_secret) })
}

fn s3_bucket_record((row, cors): (BucketRow, String)) -> Result<S3BucketRecord, RecordError> {
    Ok(S3BucketRecord { record: row.record()?, cors: cors_from_text(&cors)? })
}

/// The CORS rules of a bucket; an empty text stands for none.
fn cors_from_text(text: &str) -> Result<Option<CorsRules>, RecordError> {
    if text.is_empty() { Ok(None) } else { serde_json::from_str(text).map(Some).map_err(unreadable) }
}

/// The buckets of a page, from the arrays of its columns.
fn buckets(
    owner: UserId,
    (ids, names, states, seen_absent, answered, created_at): PageRow,
) -> Result<Vec<Bucket>, RecordError> {
    let words = ids.into_iter().zip(names).zip(states);
    let rest = seen_absent.into_iter().zip(answered).zip(created_at);
    words
        .zip(rest)
        .map(|(((id, name), state), ((seen_absent, answered), created_at))| {
            bucket(owner, (id, name, state, seen_absent, answered, created_at))
        })
        .collect()
}
