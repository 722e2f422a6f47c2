use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::{OptionalExtension, QueryableByName, RunQueryDsl};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::{SqliteConnection, sql_query};
use storage_hub_core::domain::Timestamp;
use storage_hub_core::ports::{Backlog, Lease, Outbox, PendingTask, RecordError, TaskKey, TaskState};
use uuid::Uuid;

use crate::error::bad_value;
use crate::unit_of_work::SqliteTransaction;

const ENQUEUE: &str = "INSERT INTO outbox (key, generation, done, attempts, not_before, waiting_since) \
     VALUES (?1, 1, 0, 0, ?2, ?2) \
     ON CONFLICT (key) DO UPDATE SET generation = generation + 1, \
         waiting_since = iif(generation > done, waiting_since, excluded.waiting_since) \
     RETURNING generation, done, attempts";

const FIND: &str = "SELECT generation, done, attempts FROM outbox WHERE key = ?1";

/// A lease that is there and may be taken is past its time: that is a takeover.
const LEASE: &str = "UPDATE outbox SET lease_token = ?2, lease_until = ?4, \
         verify_at = CASE WHEN lease_token IS NOT NULL THEN ?5 WHEN verify_at <= ?3 THEN NULL ELSE verify_at END \
     WHERE key = ?1 AND (lease_until IS NULL OR lease_until <= ?3) \
     RETURNING generation, done, attempts";

const COMPLETE: &str = "UPDATE outbox SET done = ?3, attempts = 0, last_error = NULL, not_before = waiting_since, \
         lease_token = NULL, lease_until = NULL \
     WHERE key = ?1 AND lease_token = ?2";

/// One that is done was leased to be verified, and that is still to be done.
const RELEASE: &str = "UPDATE outbox SET attempts = attempts + 1, last_error = ?3, not_before = ?4, \
         verify_at = iif(generation > done, verify_at, min(coalesce(verify_at, ?4), ?4)), \
         lease_token = NULL, lease_until = NULL \
     WHERE key = ?1 AND lease_token = ?2";

const REMOVE: &str = "DELETE FROM outbox WHERE key = ?1";

/// Its first condition is that of the index, word by word.
const LIST_DUE: &str = "SELECT key, generation, done, attempts, last_error FROM outbox \
     WHERE (generation > done OR verify_at IS NOT NULL OR lease_until IS NOT NULL) \
         AND (generation > done OR verify_at <= ?1 OR lease_until <= ?1) \
         AND (lease_until IS NULL OR lease_until <= ?1) AND not_before <= ?1 \
     ORDER BY waiting_since, key LIMIT ?2";

const LIST_PENDING: &str = "SELECT key, generation, done, attempts, last_error FROM outbox \
     WHERE generation > done ORDER BY waiting_since, key LIMIT ?1";

const BACKLOG: &str = "SELECT count(*) AS tasks, min(waiting_since) AS oldest FROM \
     (SELECT waiting_since FROM outbox WHERE generation > done ORDER BY waiting_since, key LIMIT ?1)";

#[derive(QueryableByName)]
struct BacklogRow {
    #[diesel(sql_type = BigInt)]
    tasks: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    oldest: Option<i64>,
}

/// What is pending, counted up to so many.
pub(crate) fn backlog(connection: &mut SqliteConnection, most: u16) -> QueryResult<Backlog> {
    let row: BacklogRow = sql_query(BACKLOG).bind::<BigInt, _>(i64::from(most)).get_result(connection)?;
    Ok(Backlog { tasks: row.tasks.unsigned_abs(), oldest: row.oldest.map(Timestamp::from_millis) })
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = BigInt)]
    generation: i64,
    #[diesel(sql_type = BigInt)]
    done: i64,
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

#[derive(QueryableByName)]
struct TaskRow {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(embed)]
    state: StateRow,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
}

impl TaskRow {
    fn into_task(self) -> QueryResult<PendingTask> {
        let StateRow { generation, done, attempts } = self.state;
        Ok(PendingTask {
            key: TaskKey::parse(&self.key).map_err(bad_value)?,
            state: TaskState { generation, done },
            attempts,
            last_error: self.last_error,
        })
    }
}

#[async_trait]
impl Outbox for SqliteTransaction {
    async fn enqueue(&mut self, key: &TaskKey, now: Timestamp) -> Result<i64, RecordError> {
        let statement = sql_query(ENQUEUE).bind::<Text, _>(key.to_string()).bind::<BigInt, _>(now.millis());
        let row: StateRow = self.run(move |connection| statement.get_result(connection)).await?;
        Ok(row.generation)
    }

    async fn find(&mut self, key: &TaskKey) -> Result<Option<TaskState>, RecordError> {
        let statement = sql_query(FIND).bind::<Text, _>(key.to_string());
        let row: Option<StateRow> = self.run(move |connection| statement.get_result(connection).optional()).await?;
        Ok(row.map(|StateRow { generation, done, .. }| TaskState { generation, done }))
    }

    async fn lease(
        &mut self,
        key: &TaskKey,
        token: Uuid,
        now: Timestamp,
        hold: Duration,
        verify_after: Duration,
    ) -> Result<Option<Lease>, RecordError> {
        let statement = sql_query(LEASE)
            .bind::<Text, _>(key.to_string())
            .bind::<Text, _>(token.to_string())
            .bind::<BigInt, _>(now.millis())
            .bind::<BigInt, _>(now.after(hold).millis())
            .bind::<BigInt, _>(now.after(verify_after).millis());
        let row: Option<StateRow> = self.run(move |connection| statement.get_result(connection).optional()).await?;
        Ok(row.map(|row| Lease { key: key.clone(), token, generation: row.generation, attempts: row.attempts }))
    }

    async fn complete(&mut self, lease: &Lease) -> Result<bool, RecordError> {
        let statement = sql_query(COMPLETE)
            .bind::<Text, _>(lease.key.to_string())
            .bind::<Text, _>(lease.token.to_string())
            .bind::<BigInt, _>(lease.generation);
        Ok(self.run(move |connection| statement.execute(connection)).await? > 0)
    }

    async fn release(&mut self, lease: &Lease, error: &str, retry_at: Timestamp) -> Result<bool, RecordError> {
        let statement = sql_query(RELEASE)
            .bind::<Text, _>(lease.key.to_string())
            .bind::<Text, _>(lease.token.to_string())
            .bind::<Text, _>(error.to_owned())
            .bind::<BigInt, _>(retry_at.millis());
        Ok(self.run(move |connection| statement.execute(connection)).await? > 0)
    }

    async fn remove(&mut self, key: &TaskKey) -> Result<(), RecordError> {
        let statement = sql_query(REMOVE).bind::<Text, _>(key.to_string());
        self.run(move |connection| statement.execute(connection)).await.map(drop)
    }

    async fn list_due(&mut self, now: Timestamp, most: u16) -> Result<Vec<PendingTask>, RecordError> {
        let statement = sql_query(LIST_DUE).bind::<BigInt, _>(now.millis()).bind::<BigInt, _>(i64::from(most));
        self.run(move |connection| {
            let rows: Vec<TaskRow> = statement.load(connection)?;
            rows.into_iter().map(TaskRow::into_task).collect()
        })
        .await
    }

    async fn list_pending(&mut self, most: u16) -> Result<Vec<PendingTask>, RecordError> {
        let statement = sql_query(LIST_PENDING).bind::<BigInt, _>(i64::from(most));
        self.run(move |connection| {
            let rows: Vec<TaskRow> = statement.load(connection)?;
            rows.into_iter().map(TaskRow::into_task).collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;

    use super::*;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    #[test]
    fn open_tasks_are_found_without_reading_the_done_ones() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let tables = include_str!("../../../migrations/sqlite/00000000000001_records/up.sql");
        connection.batch_execute(tables).unwrap();
        for list in [LIST_DUE, LIST_PENDING] {
            let explained = sql_query(format!("EXPLAIN QUERY PLAN {list}")).load::<Step>(&mut connection);
            let plan: Vec<_> = explained.unwrap().into_iter().map(|step| step.detail).collect();
            assert_eq!(plan, ["SCAN outbox USING INDEX outbox_open"], "{list}");
        }
        let explained = sql_query(format!("EXPLAIN QUERY PLAN {BACKLOG}")).load::<Step>(&mut connection).unwrap();
        assert!(explained.iter().any(|step| step.detail == "SCAN outbox USING INDEX outbox_open"));
    }
}
