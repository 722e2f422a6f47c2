use async_trait::async_trait;

use super::transaction::InMemoryTransaction;
use crate::domain::{Email, UserId, UserRecord};
use crate::ports::{RecordError, UniqueKey, UserRepository};

impl InMemoryTransaction {
    /// The unique key of the record that another user has, if any.
    fn taken_key(&self, record: &UserRecord) -> Option<UniqueKey> {
        let user = &record.user;
        self.tables.users.values().map(|other| &other.user).filter(|other| other.id != user.id).find_map(|other| {
            if other.email.key() == user.email.key() {
                Some(UniqueKey::Email)
            } else if other.access_key == user.access_key {
                Some(UniqueKey::AccessKey)
            } else {
                None
            }
        })
    }
}

#[async_trait]
impl UserRepository for InMemoryTransaction {
    async fn insert(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        if let Some(key) = self.taken_key(record) {
            return Err(self.already_exists(key));
        }
        if self.tables.users.contains_key(&record.user.id) {
            return Err(self.unexpected("the user id is taken"));
        }
        self.tables.users.insert(record.user.id, record.clone());
        Ok(())
    }

    async fn find(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        Ok(self.tables.users.get(&id).cloned())
    }

    async fn find_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        Ok(self.tables.user_by_email(email).cloned())
    }

    async fn list_enabled_admins(&mut self) -> Result<Vec<UserId>, RecordError> {
        let admins = self.tables.users.values().filter(|record| record.user.enabled && record.user.is_admin());
        Ok(admins.map(|record| record.user.id).collect())
    }

    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError> {
        let taken = self.taken_key(record);
        let row = self.tables.users.get_mut(&record.user.id).ok_or(RecordError::NotFound)?;
        if let Some(key) = taken {
            return Err(self.already_exists(key));
        }
        let created_at = row.user.created_at;
        row.clone_from(record);
        row.user.created_at = created_at;
        Ok(())
    }
}
