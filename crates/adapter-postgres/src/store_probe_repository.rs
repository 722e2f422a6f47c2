//! The probe of the store: one row, with or without a result, and with or without a lease.

use async_trait::async_trait;
use diesel::data_types::PgTimestamp;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use storage_hub_core::domain::{StoreId, StoreProbe, Timestamp};
use storage_hub_core::ports::{RecordError, StoreProbeRepository};
use uuid::Uuid;

use crate::rows::{from_sql, to_sql};
use crate::statement::statements;
use crate::unit_of_work::PgTransaction;

statements! {
    FindProbe { } -> (SqlUuid, Timestamptz, Text) =
        "SELECT store_id, probed_at, result FROM store_probe WHERE result IS NOT NULL FOR NO KEY UPDATE";

    LeaseProbe { token: Uuid as SqlUuid, expires_at: PgTimestamp as Timestamptz, now: PgTimestamp as Timestamptz } -> () =
        "INSERT INTO store_probe (id, lease_token, lease_expires_at) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE \
         SET lease_token = excluded.lease_token, lease_expires_at = excluded.lease_expires_at \
         WHERE store_probe.lease_expires_at IS NULL OR store_probe.lease_expires_at <= ?";

    CompleteProbe {
        store_id: Uuid as SqlUuid,
        probed_at: PgTimestamp as Timestamptz,
        result: String as Text,
        token: Uuid as SqlUuid,
    } -> () =
        "UPDATE store_probe SET store_id = ?, probed_at = ?, result = ?, lease_token = NULL, lease_expires_at = NULL \
         WHERE lease_token = ?";

    ReleaseProbe { token: Uuid as SqlUuid } -> () =
        "UPDATE store_probe SET lease_token = NULL, lease_expires_at = NULL WHERE lease_token = ?";
}

#[async_trait]
impl StoreProbeRepository for PgTransaction {
    async fn find(&mut self) -> Result<Option<StoreProbe>, RecordError> {
        let row: Option<(Uuid, PgTimestamp, String)> = self.load_one(FindProbe {}).await?;
        Ok(row.map(|(store_id, probed_at, result)| StoreProbe {
            store_id: StoreId::new(store_id),
            probed_at: from_sql(probed_at),
            result,
        }))
    }

    async fn lease(&mut self, token: Uuid, now: Timestamp, expires_at: Timestamp) -> Result<bool, RecordError> {
        Ok(self.execute(LeaseProbe { token, expires_at: to_sql(expires_at), now: to_sql(now) }).await? > 0)
    }

    async fn complete(&mut self, token: Uuid, probe: &StoreProbe) -> Result<bool, RecordError> {
        let statement = CompleteProbe {
            store_id: probe.store_id.uuid(),
            probed_at: to_sql(probe.probed_at),
            result: probe.result.clone(),
            token,
        };
        Ok(self.execute(statement).await? > 0)
    }

    async fn release(&mut self, token: Uuid) -> Result<bool, RecordError> {
        Ok(self.execute(ReleaseProbe { token }).await? > 0)
    }
}
