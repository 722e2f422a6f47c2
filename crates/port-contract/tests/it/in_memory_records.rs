use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_core::testing::InMemoryRecords;
use storage_hub_port_contract::{Records, RecordsHarness, records_contract};

struct InMemory;

#[async_trait]
impl RecordsHarness for InMemory {
    async fn fresh(&self) -> Option<Records> {
        let records = Arc::new(InMemoryRecords::new());
        Some(Records { unit_of_work: records.clone(), directory: records, keep: Arc::new(()) })
    }
}

records_contract!(InMemory);
