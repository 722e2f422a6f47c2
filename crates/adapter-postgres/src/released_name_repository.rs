use async_trait::async_trait;
use diesel::data_types::PgTimestamp;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use storage_hub_core::domain::{BucketName, ReleasedName, Timestamp, UserId};
use storage_hub_core::ports::{RecordError, ReleasedNameRepository};
use uuid::Uuid;

use crate::rows::{from_sql, to_sql};
use crate::statement::statements;
use crate::unit_of_work::PgTransaction;

statements! {
    UpsertReleasedName {
        name: String as Text,
        owner_id: Uuid as SqlUuid,
        released_at: PgTimestamp as Timestamptz,
        reserved_until: PgTimestamp as Timestamptz,
    } -> () =
        "INSERT INTO released_names (name, owner_id, released_at, reserved_until) VALUES (?, ?, ?, ?) \
         ON CONFLICT (name) DO UPDATE SET owner_id = excluded.owner_id, released_at = excluded.released_at, \
         reserved_until = excluded.reserved_until";

    FindReleasedName { name: String as Text } -> (SqlUuid, Timestamptz, Timestamptz) =
        "SELECT owner_id, released_at, reserved_until FROM released_names WHERE name = ? FOR NO KEY UPDATE";

    DeleteReleasedName { name: String as Text } -> () = "DELETE FROM released_names WHERE name = ?";

    DeleteExpiredNames { now: PgTimestamp as Timestamptz, limit: i64 as BigInt } -> () =
        "DELETE FROM released_names WHERE name IN (SELECT name FROM released_names WHERE reserved_until <= ? \
         ORDER BY reserved_until LIMIT ? FOR UPDATE SKIP LOCKED)";
}

#[async_trait]
impl ReleasedNameRepository for PgTransaction {
    async fn upsert(&mut self, released: &ReleasedName) -> Result<(), RecordError> {
        self.execute_later(UpsertReleasedName {
            name: released.name.to_string(),
            owner_id: released.owner.uuid(),
            released_at: to_sql(released.released_at),
            reserved_until: to_sql(released.reserved_until),
        })
    }

    async fn find(&mut self, name: &BucketName) -> Result<Option<ReleasedName>, RecordError> {
        let row: Option<(Uuid, PgTimestamp, PgTimestamp)> =
            self.load_one(FindReleasedName { name: name.to_string() }).await?;
        Ok(row.map(|(owner, released_at, reserved_until)| ReleasedName {
            name: name.clone(),
            owner: UserId::new(owner),
            released_at: from_sql(released_at),
            reserved_until: from_sql(reserved_until),
        }))
    }

    async fn delete(&mut self, name: &BucketName) -> Result<(), RecordError> {
        self.execute_one(DeleteReleasedName { name: name.to_string() }).await
    }

    async fn delete_expired(&mut self, now: Timestamp, limit: u16) -> Result<u64, RecordError> {
        let deleted = self.execute(DeleteExpiredNames { now: to_sql(now), limit: limit.into() }).await?;
        Ok(deleted as u64)
    }
}
