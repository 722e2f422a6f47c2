//! The identity of the installation: one row.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use storage_hub_core::domain::{HubId, Installation, StoreId, StoreKind};
use storage_hub_core::ports::{InstallationRepository, RecordError};
use uuid::Uuid;

use crate::error::unreadable;
use crate::statement::statements;
use crate::unit_of_work::PgTransaction;

type Columns = (SqlUuid, BigInt, Text, SqlUuid, Bool, BigInt);

/// A row with these columns.
pub(crate) type Row = (Uuid, i64, String, Uuid, bool, i64);

statements! {
    ReadInstallation { } -> Columns =
        "SELECT hub_id, starts, store_kind, store_id, store_claimed, policy_revision FROM installation";

    FindInstallation { } -> Columns =
        "SELECT hub_id, starts, store_kind, store_id, store_claimed, policy_revision FROM installation \
         FOR NO KEY UPDATE";

    InsertInstallation {
        hub_id: Uuid as SqlUuid,
        starts: i64 as BigInt,
        store_kind: &'static str as Text,
        store_id: Uuid as SqlUuid,
        store_claimed: bool as Bool,
        policy_revision: i64 as BigInt,
    } -> () =
        "INSERT INTO installation (id, hub_id, starts, store_kind, store_id, store_claimed, policy_revision) \
         VALUES (1, ?, ?, ?, ?, ?, ?)";

    UpdateInstallation {
        starts: i64 as BigInt,
        store_kind: &'static str as Text,
        store_id: Uuid as SqlUuid,
        store_claimed: bool as Bool,
        policy_revision: i64 as BigInt,
    } -> () =
        "UPDATE installation SET starts = ?, store_kind = ?, store_id = ?, store_claimed = ?, policy_revision = ?";
}

/// Reads the identity from its row.
pub(crate) fn installation(row: Row) -> Result<Installation, RecordError> {
    let (hub_id, starts, store_kind, store_id, store_claimed, policy_revision) = row;
    Ok(Installation {
        hub_id: HubId::new(hub_id),
        starts,
        store_kind: StoreKind::parse(&store_kind).map_err(unreadable)?,
        store_id: StoreId::new(store_id),
        store_claimed,
        policy_revision,
    })
}

#[async_trait]
impl InstallationRepository for PgTransaction {
    async fn find(&mut self) -> Result<Option<Installation>, RecordError> {
        let row: Option<Row> = self.load_one(FindInstallation {}).await?;
        row.map(installation).transpose()
    }

    async fn insert(&mut self, installation: &Installation) -> Result<(), RecordError> {
        let statement = InsertInstallation {
            hub_id: installation.hub_id.uuid(),
            starts: installation.starts,
            store_kind: installation.store_kind.as_str(),
            store_id: installation.store_id.uuid(),
            store_claimed: installation.store_claimed,
            policy_revision: installation.policy_revision,
        };
        self.execute(statement).await.map(drop)
    }

    async fn update(&mut self, installation: &Installation) -> Result<(), RecordError> {
        self.execute_one(UpdateInstallation {
            starts: installation.starts,
            store_kind: installation.store_kind.as_str(),
            store_id: installation.store_id.uuid(),
            store_claimed: installation.store_claimed,
            policy_revision: installation.policy_revision,
        })
        .await
    }
}
