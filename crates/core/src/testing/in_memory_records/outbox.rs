use async_trait::async_trait;
use uuid::Uuid;

use super::transaction::InMemoryTransaction;
use crate::domain::Timestamp;
use crate::ports::{Lease, LeaseRequest, Outbox, PendingTask, RecordError, TaskKey, TaskState};

/// A task of the outbox.
#[derive(Clone)]
pub(super) struct OutboxRow {
    state: TaskState,
    lease: Option<RowLease>,
    attempts: i32,
    not_before: Timestamp,
    last_error: Option<String>,
    verify_at: Option<Timestamp>,
    waiting_since: Timestamp,
}

#[derive(Clone, Copy)]
struct RowLease {
    token: Uuid,
    until: Timestamp,
}

impl OutboxRow {
    const fn new(now: Timestamp) -> Self {
        Self {
            state: TaskState { generation: 0, done: 0 },
            lease: None,
            attempts: 0,
            not_before: now,
            last_error: None,
            verify_at: None,
            waiting_since: now,
        }
    }

    pub(super) const fn waiting_since(&self) -> Timestamp {
        self.waiting_since
    }

    pub(super) const fn is_pending(&self) -> bool {
        self.state.done < self.state.generation
    }

    fn is_leased(&self, now: Timestamp) -> bool {
        self.lease.is_some_and(|lease| now < lease.until)
    }

    /// Whether its lease has expired.
    fn is_abandoned(&self, now: Timestamp) -> bool {
        self.lease.is_some_and(|lease| lease.until <= now)
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let wanted =
            self.is_pending() || self.is_abandoned(now) || self.verify_at.is_some_and(|verify_at| verify_at <= now);
        wanted && !self.is_leased(now) && self.not_before <= now
    }
}

impl InMemoryTransaction {
    /// The row of this lease, unless the lease was lost.
    fn leased_row(&mut self, lease: &Lease) -> Option<&mut OutboxRow> {
        self.tables
            .outbox
            .get_mut(&lease.key)
            .filter(|row| row.lease.is_some_and(|row_lease| row_lease.token == lease.token))
    }

    fn list_tasks(&self, limit: u16, wanted: impl Fn(&OutboxRow) -> bool) -> Vec<PendingTask> {
        let mut found: Vec<_> = self.tables.outbox.iter().filter(|(_, row)| wanted(row)).collect();
        found.sort_by_key(|(_, row)| row.waiting_since);
        found
            .into_iter()
            .take(usize::from(limit))
            .map(|(key, row)| PendingTask {
                key: key.clone(),
                state: row.state,
                attempts: row.attempts,
                last_error: row.last_error.clone(),
            })
            .collect()
    }
}

#[async_trait]
impl Outbox for InMemoryTransaction {
    async fn enqueue(&mut self, key: &TaskKey, now: Timestamp) -> Result<i64, RecordError> {
        let row = self.tables.outbox.entry(key.clone()).or_insert_with(|| OutboxRow::new(now));
        if !row.is_pending() {
            row.waiting_since = now;
        }
        row.state.generation += 1;
        Ok(row.state.generation)
    }

    async fn find(&mut self, key: &TaskKey) -> Result<Option<TaskState>, RecordError> {
        Ok(self.tables.outbox.get(key).map(|row| row.state))
    }

    async fn lease(&mut self, key: &TaskKey, request: LeaseRequest) -> Result<Option<Lease>, RecordError> {
        let LeaseRequest { token, now, lease_duration, verify_after } = request;
        let Some(row) = self.tables.outbox.get_mut(key).filter(|row| !row.is_leased(now)) else {
            return Ok(None);
        };
        if row.is_abandoned(now) {
            row.verify_at = Some(now.after(verify_after));
        } else if row.verify_at.is_some_and(|verify_at| verify_at <= now) {
            row.verify_at = None;
        }
        row.lease = Some(RowLease { token, until: now.after(lease_duration) });
        Ok(Some(Lease { key: key.clone(), token, generation: row.state.generation, attempts: row.attempts }))
    }

    async fn complete(&mut self, lease: &Lease) -> Result<bool, RecordError> {
        let Some(row) = self.leased_row(lease) else { return Ok(false) };
        row.state.done = lease.generation;
        row.lease = None;
        row.attempts = 0;
        row.last_error = None;
        row.not_before = row.waiting_since;
        Ok(true)
    }

    async fn release(&mut self, lease: &Lease, error: &str, retry_at: Timestamp) -> Result<bool, RecordError> {
        let Some(row) = self.leased_row(lease) else { return Ok(false) };
        row.lease = None;
        row.attempts += 1;
        row.last_error = Some(error.to_owned());
        row.not_before = retry_at;
        if !row.is_pending() {
            // It was leased to be verified, which is still to be done.
            row.verify_at = Some(row.verify_at.map_or(retry_at, |verify_at| verify_at.min(retry_at)));
        }
        Ok(true)
    }

    async fn delete(&mut self, key: &TaskKey) -> Result<(), RecordError> {
        self.tables.outbox.remove(key);
        Ok(())
    }

    async fn list_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<PendingTask>, RecordError> {
        Ok(self.list_tasks(limit, |row| row.is_due(now)))
    }

    async fn list_pending(&mut self, limit: u16) -> Result<Vec<PendingTask>, RecordError> {
        Ok(self.list_tasks(limit, OutboxRow::is_pending))
    }
}
