//! The contract of the records on a real PostgreSQL, and what only a real one does.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

mod database;
mod faults;
mod frozen_server;
mod messages;
mod migrations;
mod runtimes;

use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_port_contract::{Records, RecordsHarness};

use crate::database::TestDatabase;

struct PgHarness;

#[async_trait]
impl RecordsHarness for PgHarness {
    async fn fresh(&self) -> Option<Records> {
        let database = TestDatabase::migrated().await?;
        let records = Arc::new(database.records());
        Some(Records { unit_of_work: records.clone(), directory: records, keep: Arc::new(database) })
    }
}

storage_hub_port_contract::records_contract!(PgHarness);
