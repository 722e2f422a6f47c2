use async_trait::async_trait;

use super::transaction::InMemoryTransaction;
use crate::domain::Installation;
use crate::ports::{InstallationRepository, RecordError, UniqueKey};

#[async_trait]
impl InstallationRepository for InMemoryTransaction {
    async fn find(&mut self) -> Result<Option<Installation>, RecordError> {
        Ok(self.tables.installation.clone())
    }

    async fn insert(&mut self, installation: &Installation) -> Result<(), RecordError> {
        if self.tables.installation.is_some() {
            return Err(self.already_exists(UniqueKey::Installation));
        }
        self.tables.installation = Some(installation.clone());
        Ok(())
    }

    async fn update(&mut self, installation: &Installation) -> Result<(), RecordError> {
        let row = self.tables.installation.as_mut().ok_or(RecordError::NotFound)?;
        *row = Installation { hub_id: row.hub_id, ..installation.clone() };
        Ok(())
    }
}
