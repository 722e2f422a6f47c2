//! The probe of the store: one row, with or without a result, and with or without a lease.

use async_trait::async_trait;
use diesel::prelude::{OptionalExtension, RunQueryDsl};
use diesel::sql_types::{BigInt, Text};
use storage_hub_core::domain::{StoreId, StoreProbe, Timestamp};
use storage_hub_core::ports::{RecordError, StoreProbeRepository};
use storage_hub_sqlite_pool::statements;
use uuid::Uuid;

use crate::unit_of_work::SqliteTransaction;

statements! {
    FindProbe { } -> (Text, BigInt, Text) =
        "SELECT store_id, probed_at, result FROM store_probe WHERE result IS NOT NULL";

    LeaseProbe { token: String as Text, expires_at: i64 as BigInt, now: i64 as BigInt } -> () =
        "INSERT INTO store_probe (id, lease_token, lease_expires_at) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE \
         SET lease_token = excluded.lease_token, lease_expires_at = excluded.lease_expires_at \
         WHERE store_probe.lease_expires_at IS NULL OR store_probe.lease_expires_at <= ?";

    CompleteProbe {
        store_id: String as Text,
        probed_at: i64 as BigInt,
        result: String as Text,
        token: String as Text,
    } -> () =
        "UPDATE store_probe SET store_id = ?, probed_at = ?, result = ?, lease_token = NULL, lease_expires_at = NULL \
         WHERE lease_token = ?";

    ReleaseProbe { token: String as Text } -> () =
        "UPDATE store_probe SET lease_token = NULL, lease_expires_at = NULL WHERE lease_token = ?";
}

#[async_trait]
impl StoreProbeRepository for SqliteTransaction {
    async fn find(&mut self) -> Result<Option<StoreProbe>, RecordError> {
        let row: Option<(String, i64, String)> =
            self.run(|connection| FindProbe {}.get_result(connection).optional()).await?;
        let Some((store_id, probed_at, result)) = row else { return Ok(None) };
        let store_id: StoreId =
            store_id.parse().map_err(|_| RecordError::Unexpected("the probe has no valid store id".into()))?;
        Ok(Some(StoreProbe { store_id, probed_at: Timestamp::from_millis(probed_at), result }))
    }

    async fn lease(&mut self, token: Uuid, now: Timestamp, expires_at: Timestamp) -> Result<bool, RecordError> {
        let statement = LeaseProbe { token: token.to_string(), expires_at: expires_at.millis(), now: now.millis() };
        Ok(self.run(move |connection| statement.execute(connection)).await? > 0)
    }

    async fn complete(&mut self, token: Uuid, probe: &StoreProbe) -> Result<bool, RecordError> {
        let statement = CompleteProbe {
            store_id: probe.store_id.to_string(),
            probed_at: probe.probed_at.millis(),
            result: probe.result.clone(),
            token: token.to_string(),
        };
        Ok(self.run(move |connection| statement.execute(connection)).await? > 0)
    }

    async fn release(&mut self, token: Uuid) -> Result<bool, RecordError> {
        let statement = ReleaseProbe { token: token.to_string() };
        Ok(self.run(move |connection| statement.execute(connection)).await? > 0)
    }
}
