use async_trait::async_trait;

use super::{InMemoryStore, StoreCall};
use crate::policy::PolicyPrefix;
use crate::ports::{StoreError, StoreMark, StoreMarker};

#[async_trait]
impl StoreMarker for InMemoryStore {
    async fn find_mark(&self, prefix: &PolicyPrefix) -> Result<Option<StoreMark>, StoreError> {
        self.call(StoreCall::FindMark, |state| Ok(state.marks.get(prefix.as_str()).copied()))
    }

    async fn put_mark(&self, prefix: &PolicyPrefix, mark: &StoreMark) -> Result<(), StoreError> {
        self.call(StoreCall::PutMark, |state| {
            state.marks.insert(prefix.as_str().to_owned(), *mark);
            Ok(())
        })
    }
}
