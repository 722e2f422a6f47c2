//! The outbox: task rows with a generation, a lease and a time of verification. The port describes their life.

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::{OptionalExtension, RunQueryDsl};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use storage_hub_core::domain::Timestamp;
use storage_hub_core::ports::{Backlog, Lease, LeaseRequest, Outbox, PendingTask, RecordError, TaskKey, TaskState};
use storage_hub_sqlite_pool::statements;

use crate::error::{bad_value, record_error};
use crate::unit_of_work::SqliteTransaction;

statements! {
    Enqueue { key: String as Text, not_before: i64 as BigInt, now: i64 as BigInt } -> BigInt =
        "INSERT INTO outbox (key, generation, done, attempts, not_before, waiting_since) VALUES (?, 1, 0, 0, ?, ?) \
         ON CONFLICT (key) DO UPDATE SET generation = generation + 1, \
             waiting_since = iif(generation > done, waiting_since, excluded.waiting_since) \
         RETURNING generation";

    FindTask { key: String as Text } -> (BigInt, BigInt) = "SELECT generation, done FROM outbox WHERE key = ?";

    // A lease that still exists and may be taken has expired. Taking it over means that the task must be verified later,
    // because the last holder may still be writing.
    LeaseTask {
        verify_at: i64 as BigInt,
        verify_until: i64 as BigInt,
        token: String as Text,
        lease_until: i64 as BigInt,
        key: String as Text,
        now: i64 as BigInt,
    } -> (BigInt, Integer) =
        "UPDATE outbox SET verify_at = \
             CASE WHEN lease_token IS NOT NULL THEN ? WHEN verify_at <= ? THEN NULL ELSE verify_at END, \
             lease_token = ?, lease_until = ? \
         WHERE key = ? AND (lease_until IS NULL OR lease_until <= ?) RETURNING generation, attempts";

    CompleteTask { done: i64 as BigInt, key: String as Text, token: String as Text } -> () =
        "UPDATE outbox SET done = ?, attempts = 0, last_error = NULL, not_before = waiting_since, \
             lease_token = NULL, lease_until = NULL \
         WHERE key = ? AND lease_token = ?";

    // A done task was leased for its verification, which has failed and must be tried again.
    ReleaseTask {
        error: String as Text,
        not_before: i64 as BigInt,
        verify_at: i64 as BigInt,
        or_at: i64 as BigInt,
        key: String as Text,
        token: String as Text,
    } -> () =
        "UPDATE outbox SET attempts = attempts + 1, last_error = ?, not_before = ?, \
             verify_at = iif(generation > done, verify_at, min(coalesce(verify_at, ?), ?)), \
             lease_token = NULL, lease_until = NULL \
         WHERE key = ? AND lease_token = ?";

    DeleteTask { key: String as Text } -> () = "DELETE FROM outbox WHERE key = ?";

    // SQLite uses the partial index only when the first condition repeats the index's condition literally.
    ListDue {
        verify_at: i64 as BigInt,
        lost_at: i64 as BigInt,
        lease_until: i64 as BigInt,
        not_before: i64 as BigInt,
        limit: i64 as BigInt,
    } -> TaskTypes =
        "SELECT key, generation, done, attempts, last_error FROM outbox \
         WHERE (generation > done OR verify_at IS NOT NULL OR lease_until IS NOT NULL) \
             AND (generation > done OR verify_at <= ? OR lease_until <= ?) \
             AND (lease_until IS NULL OR lease_until <= ?) AND not_before <= ? \
         ORDER BY waiting_since, key LIMIT ?";

    ListPending { limit: i64 as BigInt } -> TaskTypes =
        "SELECT key, generation, done, attempts, last_error FROM outbox \
         WHERE generation > done ORDER BY waiting_since, key LIMIT ?";

    FindBacklog { limit: i64 as BigInt } -> (BigInt, Nullable<BigInt>) =
        "SELECT count(*), min(waiting_since) FROM \
         (SELECT waiting_since FROM outbox WHERE generation > done ORDER BY waiting_since, key LIMIT ?)";
}

type TaskTypes = (Text, BigInt, BigInt, Integer, Nullable<Text>);
type TaskRow = (String, i64, i64, i32, Option<String>);

fn task((key, generation, done, attempts, last_error): TaskRow) -> QueryResult<PendingTask> {
    let key = TaskKey::parse(&key).map_err(bad_value)?;
    Ok(PendingTask { key, state: TaskState { generation, done }, attempts, last_error })
}

/// Counts pending tasks, at most `limit`.
pub(crate) fn backlog(connection: &mut SqliteConnection, limit: u16) -> QueryResult<Backlog> {
    let (tasks, oldest): (i64, Option<i64>) = FindBacklog { limit: limit.into() }.get_result(connection)?;
    Ok(Backlog { tasks: tasks.unsigned_abs(), oldest: oldest.map(Timestamp::from_millis) })
}

impl LeaseTask {
    fn new(key: &TaskKey, request: LeaseRequest) -> Self {
        let LeaseRequest { token, now, lease_duration, verify_after } = request;
        Self {
            verify_at: now.after(verify_after).millis(),
            verify_until: now.millis(),
            token: token.to_string(),
            lease_until: now.after(lease_duration).millis(),
            key: key.to_string(),
            now: now.millis(),
        }
    }

    fn take(self, connection: &mut SqliteConnection) -> QueryResult<Option<(i64, i32)>> {
        self.get_result(connection).optional()
    }
}

#[async_trait]
impl Outbox for SqliteTransaction {
    async fn enqueue(&mut self, key: &TaskKey, now: Timestamp) -> Result<i64, RecordError> {
        let statement = Enqueue { key: key.to_string(), not_before: now.millis(), now: now.millis() };
        self.run(move |connection| statement.get_result(connection)).await
    }

    async fn find(&mut self, key: &TaskKey) -> Result<Option<TaskState>, RecordError> {
        let statement = FindTask { key: key.to_string() };
        let row: Option<(i64, i64)> = self.run(move |connection| statement.get_result(connection).optional()).await?;
        Ok(row.map(|(generation, done)| TaskState { generation, done }))
    }

    async fn lease(&mut self, key: &TaskKey, request: LeaseRequest) -> Result<Option<Lease>, RecordError> {
        let (token, statement) = (request.token, LeaseTask::new(key, request));
        let leased = self.run(move |connection| statement.take(connection)).await?;
        Ok(leased.map(|(generation, attempts)| Lease { key: key.clone(), token, generation, attempts }))
    }

    async fn enqueue_and_lease(
        &mut self,
        key: &TaskKey,
        request: LeaseRequest,
    ) -> Result<(i64, Option<Lease>), RecordError> {
        let LeaseRequest { token, now, .. } = request;
        let enqueue = Enqueue { key: key.to_string(), not_before: now.millis(), now: now.millis() };
        let lease = LeaseTask::new(key, request);
        let both = move |connection: &mut SqliteConnection| {
            let generation: i64 = enqueue.get_result(connection)?;
            Ok((generation, lease.take(connection)?))
        };
        let (generation, leased) = self.run(both).await?;
        let lease = leased.map(|(generation, attempts)| Lease { key: key.clone(), token, generation, attempts });
        Ok((generation, lease))
    }

    async fn complete(&mut self, lease: &Lease) -> Result<bool, RecordError> {
        let (key, token) = (lease.key.to_string(), lease.token.to_string());
        let statement = CompleteTask { done: lease.generation, key, token };
        Ok(self.run(move |connection| statement.execute(connection)).await? > 0)
    }

    async fn release(&mut self, lease: &Lease, error: &str, retry_at: Timestamp) -> Result<bool, RecordError> {
        let retry_at = retry_at.millis();
        let statement = ReleaseTask {
            error: error.to_owned(),
            not_before: retry_at,
            verify_at: retry_at,
            or_at: retry_at,
            key: lease.key.to_string(),
            token: lease.token.to_string(),
        };
        Ok(self.run(move |connection| statement.execute(connection)).await? > 0)
    }

    async fn delete(&mut self, key: &TaskKey) -> Result<(), RecordError> {
        let statement = DeleteTask { key: key.to_string() };
        self.run(move |connection| statement.execute(connection)).await.map(drop)
    }

    async fn list_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<PendingTask>, RecordError> {
        let now = now.millis();
        let statement =
            ListDue { verify_at: now, lost_at: now, lease_until: now, not_before: now, limit: limit.into() };
        let load = move |connection: &mut SqliteConnection| statement.load::<TaskRow>(connection);
        let rows = self.run(load).await?;
        rows.into_iter().map(task).collect::<QueryResult<_>>().map_err(record_error)
    }

    async fn list_pending(&mut self, limit: u16) -> Result<Vec<PendingTask>, RecordError> {
        let statement = ListPending { limit: limit.into() };
        let load = move |connection: &mut SqliteConnection| statement.load::<TaskRow>(connection);
        let rows = self.run(load).await?;
        rows.into_iter().map(task).collect::<QueryResult<_>>().map_err(record_error)
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::QueryableByName;
    use diesel::query_builder::QueryFragment;
    use diesel::sqlite::Sqlite;
    use diesel::{Connection, debug_query, sql_query};

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
    fn open_tasks_are_found_without_reading_the_done_ones() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let tables = include_str!("../../../migrations/sqlite/00000000000001_records/up.sql");
        connection.batch_execute(tables).unwrap();
        let due = ListDue { verify_at: 0, lost_at: 0, lease_until: 0, not_before: 0, limit: 1 };
        assert_eq!(plan(&mut connection, due), ["SCAN outbox USING INDEX outbox_open"]);
        assert_eq!(plan(&mut connection, ListPending { limit: 1 }), ["SCAN outbox USING INDEX outbox_open"]);
        let backlog = plan(&mut connection, FindBacklog { limit: 1 });
        assert!(backlog.iter().any(|step| step == "SCAN outbox USING INDEX outbox_open"));
    }
}
