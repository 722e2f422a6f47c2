use async_trait::async_trait;
use diesel::prelude::{OptionalExtension, RunQueryDsl};
use diesel::sql_types::{BigInt, Text};
use storage_hub_core::domain::{BucketName, ReleasedName, Timestamp};
use storage_hub_core::ports::{RecordError, ReleasedNameRepository};

use crate::unit_of_work::SqliteTransaction;
use storage_hub_sqlite_pool::statements;

statements! {
    UpsertReleasedName {
        name: String as Text,
        owner_id: String as Text,
        released_at: i64 as BigInt,
        reserved_until: i64 as BigInt,
    } -> () =
        "INSERT INTO released_names (name, owner_id, released_at, reserved_until) VALUES (?, ?, ?, ?) \
         ON CONFLICT (name) DO UPDATE SET owner_id = excluded.owner_id, released_at = excluded.released_at, \
         reserved_until = excluded.reserved_until";

    FindReleasedName { name: String as Text } -> (Text, BigInt, BigInt) =
        "SELECT owner_id, released_at, reserved_until FROM released_names WHERE name = ?";

    DeleteReleasedName { name: String as Text } -> () = "DELETE FROM released_names WHERE name = ?";

    DeleteExpiredNames { now: i64 as BigInt, limit: i64 as BigInt } -> () =
        "DELETE FROM released_names WHERE name IN \
         (SELECT name FROM released_names WHERE reserved_until <= ? ORDER BY reserved_until LIMIT ?)";
}

#[async_trait]
impl ReleasedNameRepository for SqliteTransaction {
    async fn upsert(&mut self, released: &ReleasedName) -> Result<(), RecordError> {
        let statement = UpsertReleasedName {
            name: released.name.to_string(),
            owner_id: released.owner.to_string(),
            released_at: released.released_at.millis(),
            reserved_until: released.reserved_until.millis(),
        };
        self.run(move |connection| statement.execute(connection)).await.map(drop)
    }

    async fn find(&mut self, name: &BucketName) -> Result<Option<ReleasedName>, RecordError> {
        let statement = FindReleasedName { name: name.to_string() };
        let row: Option<(String, i64, i64)> =
            self.run(move |connection| statement.get_result(connection).optional()).await?;
        let Some((owner, released_at, reserved_until)) = row else { return Ok(None) };
        Ok(Some(ReleasedName {
            name: name.clone(),
            owner: owner.parse().map_err(|_| RecordError::Unexpected("a released name has no valid owner".into()))?,
            released_at: Timestamp::from_millis(released_at),
            reserved_until: Timestamp::from_millis(reserved_until),
        }))
    }

    async fn delete(&mut self, name: &BucketName) -> Result<(), RecordError> {
        let statement = DeleteReleasedName { name: name.to_string() };
        self.change_one(move |connection| statement.execute(connection)).await
    }

    async fn delete_expired(&mut self, now: Timestamp, limit: u16) -> Result<u64, RecordError> {
        let statement = DeleteExpiredNames { now: now.millis(), limit: limit.into() };
        self.run(move |connection| statement.execute(connection)).await.map(|deleted| deleted as u64)
    }
}
