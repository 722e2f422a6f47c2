use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_adapter_sqlite::SqliteRecords;
use storage_hub_port_contract::{Records, RecordsHarness, records_contract};

struct Sqlite;

#[async_trait]
impl RecordsHarness for Sqlite {
    async fn fresh(&self) -> Option<Records> {
        let folder = tempfile::tempdir().unwrap();
        let records = Arc::new(SqliteRecords::open(&folder.path().join("records.sqlite")).await.unwrap());
        Some(Records { unit_of_work: records.clone(), directory: records, keep: Arc::new(folder) })
    }
}

records_contract!(Sqlite);
