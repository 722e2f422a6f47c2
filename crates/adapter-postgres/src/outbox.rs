//! The outbox: one row per task, with its generation, lease and next due time. Each statement decides in its own
//! `WHERE`, so that concurrent workers need no other coordination.

use async_trait::async_trait;
use diesel::data_types::PgTimestamp;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use storage_hub_core::domain::Timestamp;
use storage_hub_core::ports::{Lease, LeaseRequest, Outbox, PendingTask, RecordError, TaskKey, TaskState};
use uuid::Uuid;

use crate::PgRecords;
use crate::error::unreadable;
use crate::rows::to_sql;
use crate::statement::statements;
use crate::unit_of_work::PgTransaction;

macro_rules! lease_task {
    () => {
        "UPDATE outbox SET verify_at = \
         CASE WHEN lease_token IS NOT NULL THEN ? WHEN verify_at <= ? THEN NULL ELSE verify_at END, \
         lease_token = ?, lease_until = ? WHERE key = ? AND (lease_token IS NULL OR lease_until <= ?)"
    };
}

statements! {
    Enqueue { key: String as Text, not_before: PgTimestamp as Timestamptz, now: PgTimestamp as Timestamptz } -> BigInt =
        "INSERT INTO outbox (key, generation, done, attempts, not_before, waiting_since) VALUES (?, 1, 0, 0, ?, ?) \
         ON CONFLICT (key) DO UPDATE SET generation = outbox.generation + 1, waiting_since = \
         CASE WHEN outbox.done < outbox.generation THEN outbox.waiting_since ELSE excluded.waiting_since END \
         RETURNING generation";

    FindTask { key: String as Text } -> (BigInt, BigInt) = "SELECT generation, done FROM outbox WHERE key = ?";

    LeaseTask {
        verify_at: PgTimestamp as Timestamptz,
        verify_until: PgTimestamp as Timestamptz,
        token: Uuid as SqlUuid,
        lease_until: PgTimestamp as Timestamptz,
        key: String as Text,
        now: PgTimestamp as Timestamptz,
    } -> (BigInt, Integer) =
        concat!(lease_task!(), " RETURNING generation, attempts");

    // Like the statement above, for a task that is behind.
    LeaseTaskBehind {
        verify_at: PgTimestamp as Timestamptz,
        verify_until: PgTimestamp as Timestamptz,
        token: Uuid as SqlUuid,
        lease_until: PgTimestamp as Timestamptz,
        key: String as Text,
        now: PgTimestamp as Timestamptz,
        generation: i64 as BigInt,
    } -> (BigInt, Integer) = concat!(lease_task!(), " AND done < ? RETURNING generation, attempts");

    // Enqueues and leases in one statement: the new lease applies when there was none or the old one has expired.
    EnqueueAndLeaseTask {
        key: String as Text,
        not_before: PgTimestamp as Timestamptz,
        now: PgTimestamp as Timestamptz,
        token: Uuid as SqlUuid,
        lease_until: PgTimestamp as Timestamptz,
        verify_at: PgTimestamp as Timestamptz,
    } -> (BigInt, Integer, SqlUuid) =
        "INSERT INTO outbox AS task (key, generation, done, attempts, not_before, waiting_since, lease_token, \
         lease_until) VALUES (?, 1, 0, 0, ?, ?, ?, ?) \
         ON CONFLICT (key) DO UPDATE SET generation = task.generation + 1, waiting_since = \
         CASE WHEN task.done < task.generation THEN task.waiting_since ELSE excluded.waiting_since END, \
         verify_at = CASE WHEN task.lease_until > excluded.waiting_since THEN task.verify_at \
         WHEN task.lease_token IS NOT NULL THEN ? \
         WHEN task.verify_at <= excluded.waiting_since THEN NULL ELSE task.verify_at END, \
         lease_token = CASE WHEN task.lease_until > excluded.waiting_since THEN task.lease_token \
         ELSE excluded.lease_token END, \
         lease_until = CASE WHEN task.lease_until > excluded.waiting_since THEN task.lease_until \
         ELSE excluded.lease_until END RETURNING generation, attempts, lease_token";

    CompleteTask { done: i64 as BigInt, key: String as Text, token: Uuid as SqlUuid } -> () =
        "UPDATE outbox SET done = ?, lease_token = NULL, lease_until = NULL, attempts = 0, last_error = NULL, \
         not_before = waiting_since WHERE key = ? AND lease_token = ?";

    // Like the statement above, in a transaction of its own that does not wait for the disk.
    CompleteTaskAlone { done: i64 as BigInt, key: String as Text, token: Uuid as SqlUuid } -> () =
        "WITH relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) \
         UPDATE outbox SET done = ?, lease_token = NULL, lease_until = NULL, attempts = 0, last_error = NULL, \
         not_before = waiting_since FROM relaxed WHERE key = ? AND lease_token = ?";

    // A leased task that is done is being verified, which is still to do.
    ReleaseTask {
        error: String as Text,
        not_before: PgTimestamp as Timestamptz,
        verify_at: PgTimestamp as Timestamptz,
        key: String as Text,
        token: Uuid as SqlUuid,
    } -> () =
        "UPDATE outbox SET lease_token = NULL, lease_until = NULL, attempts = attempts + 1, last_error = ?, \
         not_before = ?, verify_at = CASE WHEN done < generation THEN verify_at ELSE LEAST(verify_at, ?) END \
         WHERE key = ? AND lease_token = ?";

    DeleteTask { key: String as Text } -> () = "DELETE FROM outbox WHERE key = ?";

    // The first condition matches the predicate of the partial index.
    ListDue {
        leased_until: PgTimestamp as Timestamptz,
        verify_at: PgTimestamp as Timestamptz,
        lease_until: PgTimestamp as Timestamptz,
        not_before: PgTimestamp as Timestamptz,
        limit: i64 as BigInt,
    } -> TaskColumns =
        "SELECT key, generation, done, attempts, last_error FROM outbox \
         WHERE (done < generation OR lease_token IS NOT NULL OR verify_at IS NOT NULL) \
         AND (done < generation OR lease_until <= ? OR verify_at <= ?) \
         AND (lease_token IS NULL OR lease_until <= ?) AND not_before <= ? \
         ORDER BY waiting_since, key LIMIT ?";

    ListPending { limit: i64 as BigInt } -> TaskColumns =
        "SELECT key, generation, done, attempts, last_error FROM outbox WHERE done < generation \
         ORDER BY waiting_since, key LIMIT ?";
}

type TaskColumns = (Text, BigInt, BigInt, Integer, Nullable<Text>);
type TaskRow = (String, i64, i64, i32, Option<String>);

fn task((key, generation, done, attempts, last_error): TaskRow) -> Result<PendingTask, RecordError> {
    let key = TaskKey::parse(&key).map_err(unreadable)?;
    Ok(PendingTask { key, state: TaskState { generation, done }, attempts, last_error })
}

impl PgRecords {
    pub(crate) async fn lease_alone(
        &self,
        generation: i64,
        key: &TaskKey,
        request: LeaseRequest,
    ) -> Result<Option<Lease>, RecordError> {
        let LeaseRequest { token, now, lease_duration, verify_after } = request;
        let statement = LeaseTaskBehind {
            verify_at: to_sql(now.after(verify_after)),
            verify_until: to_sql(now),
            token,
            lease_until: to_sql(now.after(lease_duration)),
            key: key.to_string(),
            now: to_sql(now),
            generation,
        };
        // A lease whose answer was lost expires on its own.
        let leased: Option<(i64, i32)> = self.load_alone(statement).await?.pop();
        Ok(leased.map(|(generation, attempts)| Lease { key: key.clone(), token, generation, attempts }))
    }

    /// Records that the store has the generation of a lease. Returns `false` when the lease was lost.
    pub(crate) async fn complete_alone(&self, lease: &Lease) -> Result<bool, RecordError> {
        let (done, token) = (lease.generation, lease.token);
        Ok(self.execute_alone(CompleteTaskAlone { done, key: lease.key.to_string(), token }).await? > 0)
    }
}

#[async_trait]
impl Outbox for PgTransaction {
    async fn enqueue(&mut self, key: &TaskKey, now: Timestamp) -> Result<i64, RecordError> {
        let statement = Enqueue { key: key.to_string(), not_before: to_sql(now), now: to_sql(now) };
        self.load_one(statement).await?.ok_or_else(|| unreadable("an upsert returned no row"))
    }

    async fn find(&mut self, key: &TaskKey) -> Result<Option<TaskState>, RecordError> {
        let found: Option<(i64, i64)> = self.load_one(FindTask { key: key.to_string() }).await?;
        Ok(found.map(|(generation, done)| TaskState { generation, done }))
    }

    async fn lease(&mut self, key: &TaskKey, request: LeaseRequest) -> Result<Option<Lease>, RecordError> {
        let LeaseRequest { token, now, lease_duration, verify_after } = request;
        let statement = LeaseTask {
            verify_at: to_sql(now.after(verify_after)),
            verify_until: to_sql(now),
            token,
            lease_until: to_sql(now.after(lease_duration)),
            key: key.to_string(),
            now: to_sql(now),
        };
        let leased: Option<(i64, i32)> = self.load_one(statement).await?;
        Ok(leased.map(|(generation, attempts)| Lease { key: key.clone(), token, generation, attempts }))
    }

    async fn enqueue_and_lease(
        &mut self,
        key: &TaskKey,
        request: LeaseRequest,
    ) -> Result<(i64, Option<Lease>), RecordError> {
        let LeaseRequest { token, now, lease_duration, verify_after } = request;
        let statement = EnqueueAndLeaseTask {
            key: key.to_string(),
            not_before: to_sql(now),
            now: to_sql(now),
            token,
            lease_until: to_sql(now.after(lease_duration)),
            verify_at: to_sql(now.after(verify_after)),
        };
        let row: Option<(i64, i32, Uuid)> = self.load_one(statement).await?;
        let (generation, attempts, holder) = row.ok_or_else(|| unreadable("an upsert returned no row"))?;
        let lease = (holder == token).then(|| Lease { key: key.clone(), token, generation, attempts });
        Ok((generation, lease))
    }

    async fn complete(&mut self, lease: &Lease) -> Result<bool, RecordError> {
        let statement = CompleteTask { done: lease.generation, key: lease.key.to_string(), token: lease.token };
        Ok(self.execute(statement).await? > 0)
    }

    async fn release(&mut self, lease: &Lease, error: &str, retry_at: Timestamp) -> Result<bool, RecordError> {
        let statement = ReleaseTask {
            // NUL is the one character that a text of PostgreSQL cannot contain.
            error: error.replace('\0', "\u{fffd}"),
            not_before: to_sql(retry_at),
            verify_at: to_sql(retry_at),
            key: lease.key.to_string(),
            token: lease.token,
        };
        Ok(self.execute(statement).await? > 0)
    }

    async fn delete(&mut self, key: &TaskKey) -> Result<(), RecordError> {
        self.execute_later(DeleteTask { key: key.to_string() })
    }

    async fn list_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<PendingTask>, RecordError> {
        let now = to_sql(now);
        let statement =
            ListDue { leased_until: now, verify_at: now, lease_until: now, not_before: now, limit: limit.into() };
        self.load::<_, TaskRow>(statement).await?.into_iter().map(task).collect()
    }

    async fn list_pending(&mut self, limit: u16) -> Result<Vec<PendingTask>, RecordError> {
        self.load::<_, TaskRow>(ListPending { limit: limit.into() }).await?.into_iter().map(task).collect()
    }
}
