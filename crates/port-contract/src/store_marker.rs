//! What every [`StoreMarker`] does: [`store_marker_contract!`](crate::store_marker_contract) makes a test of each
//! function here.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use storage_hub_core::domain::{HubId, StoreId};
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::ports::{StoreError, StoreMark, StoreMarker};
use uuid::Uuid;

/// An adapter under test, with whatever has to live as long as it.
pub trait StoreMarkerHarness: Send + Sync {
    /// The adapter.
    fn store(&self) -> &dyn StoreMarker;

    /// The same adapter with its store out of reach.
    fn away(&self) -> &dyn StoreMarker;
}

/// Makes a test of every behaviour of the port, from the path of an `async fn() -> Option<impl StoreMarkerHarness>`
/// (`None`: what it needs is missing). The crate needs `tokio` for it.
#[macro_export]
macro_rules! store_marker_contract {
    ($harness:path) => {
        $crate::contract_tests! { store_marker, $harness:
            a_mark_is_found_as_it_was_put,
            a_mark_is_written_over,
            hubs_of_other_prefixes_have_marks_of_their_own,
            a_mark_of_a_store_that_is_away_is_unavailable,
        }
    };
}

fn prefix() -> PolicyPrefix {
    PolicyPrefix::parse(&Uuid::new_v4().simple().to_string()).unwrap()
}

fn mark() -> StoreMark {
    StoreMark { hub_id: HubId::new(Uuid::new_v4()), store_id: StoreId::new(Uuid::new_v4()) }
}

/// `find_mark` and `put_mark`.
pub async fn a_mark_is_found_as_it_was_put(harness: &impl StoreMarkerHarness) {
    let (store, prefix, mark) = (harness.store(), prefix(), mark());
    assert_eq!(store.find_mark(&prefix).await.unwrap(), None);
    store.put_mark(&prefix, &mark).await.unwrap();
    assert_eq!(store.find_mark(&prefix).await.unwrap(), Some(mark));
}

/// `put_mark` twice, the same and another.
pub async fn a_mark_is_written_over(harness: &impl StoreMarkerHarness) {
    let (store, prefix, first, second) = (harness.store(), prefix(), mark(), mark());
    for mark in [first, first, second] {
        store.put_mark(&prefix, &mark).await.unwrap();
        assert_eq!(store.find_mark(&prefix).await.unwrap(), Some(mark));
    }
}

/// Two hubs on one store.
pub async fn hubs_of_other_prefixes_have_marks_of_their_own(harness: &impl StoreMarkerHarness) {
    let (store, one, other, mark) = (harness.store(), prefix(), prefix(), mark());
    store.put_mark(&one, &mark).await.unwrap();
    assert_eq!(store.find_mark(&other).await.unwrap(), None);
}

/// Both calls.
pub async fn a_mark_of_a_store_that_is_away_is_unavailable(harness: &impl StoreMarkerHarness) {
    let (away, prefix) = (harness.away(), prefix());
    assert!(matches!(away.find_mark(&prefix).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(away.put_mark(&prefix, &mark()).await, Err(StoreError::Unavailable(_))));
}
