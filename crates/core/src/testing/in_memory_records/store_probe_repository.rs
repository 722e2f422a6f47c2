use async_trait::async_trait;
use uuid::Uuid;

use super::transaction::InMemoryTransaction;
use crate::domain::{StoreProbe, Timestamp};
use crate::ports::{RecordError, StoreProbeRepository};

#[async_trait]
impl StoreProbeRepository for InMemoryTransaction {
    async fn find(&mut self) -> Result<Option<StoreProbe>, RecordError> {
        Ok(self.tables.store_probe.clone())
    }

    async fn lease(&mut self, token: Uuid, now: Timestamp, expires_at: Timestamp) -> Result<bool, RecordError> {
        let is_free = self.tables.probe_lease.is_none_or(|(_, expires_at)| expires_at <= now);
        if is_free {
            self.tables.probe_lease = Some((token, expires_at));
        }
        Ok(is_free)
    }

    async fn complete(&mut self, token: Uuid, probe: &StoreProbe) -> Result<bool, RecordError> {
        let is_held = self.release(token).await?;
        if is_held {
            self.tables.store_probe = Some(probe.clone());
        }
        Ok(is_held)
    }

    async fn release(&mut self, token: Uuid) -> Result<bool, RecordError> {
        let is_held = self.tables.probe_lease.is_some_and(|(held, _)| held == token);
        if is_held {
            self.tables.probe_lease = None;
        }
        Ok(is_held)
    }
}
