//! How a contributor forces a failure that no fake has: the fakes of a whole hub, with one port replaced by a mock.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use storage_hub_core::context::Ports;
use storage_hub_core::ports::{BucketPresence, ObjectStore as _, StoreError, VaultError};
use storage_hub_core::testing::{MockObjectStore, MockSecretVault};
use storage_hub_core::use_cases::accounts::{self, AccountError};
use storage_hub_core::use_cases::buckets::{self, BucketError};
use storage_hub_core::use_cases::fault::Fault;
use storage_hub_core::use_cases::reconcile::{self, Difference};

use crate::hub::{Hub, name};

#[test]
fn a_store_that_refuses_the_hub_fails_a_creation_and_gives_the_name_to_nobody_else() {
    let mut hub = Hub::in_process();
    hub.user("ann");
    hub.user("bob");
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    let working = hub.ports.store.clone();

    let mut store = MockObjectStore::new();
    store.expect_find_bucket().times(1).returning(|_| Ok(BucketPresence::Absent));
    store
        .expect_create_bucket()
        .withf(|bucket| bucket.name == name("photos"))
        .times(1)
        .returning(|_| Err(StoreError::AccessDenied("the hub's key was changed".into())));
    hub.ports.store = Arc::new(store);
    let refused = hub.create(&ann, "photos").unwrap_err();
    assert!(matches!(&refused, BucketError::Fault(Fault::Store(StoreError::AccessDenied(_)))), "{refused:?}");

    hub.ports.store = working;
    assert!(matches!(hub.create(&bob, "photos"), Err(BucketError::NameTaken)));
}

#[test]
fn a_name_that_may_be_somebody_elses_is_not_asked_of_the_store_to_be_made() {
    let mut hub = Hub::in_process();
    hub.user("ann");
    let ann = hub.session("ann");
    // A mock fails the test on any call that was not announced: nothing is created, no policy is written.
    let mut store = MockObjectStore::new();
    store.expect_find_bucket().times(1).returning(|_| Ok(BucketPresence::Present));
    hub.ports.store = Arc::new(store);
    assert!(matches!(hub.create(&ann, "photos"), Err(BucketError::NameTaken)));
}

#[test]
fn a_secret_that_does_not_open_is_a_fault_and_never_another_secret() {
    let mut hub = Hub::new();
    hub.user("ann");
    let ann = hub.session("ann");
    let mut vault = MockSecretVault::new();
    vault.expect_open().times(1).returning(|_, _| Err(VaultError::DoesNotOpen));
    hub.ports.vault = Arc::new(vault);
    let refused = block_on(accounts::get_credentials(&hub.ports, &ann)).unwrap_err();
    assert!(matches!(&refused, AccountError::Fault(_)), "{refused:?}");
}

#[test]
fn a_bucket_policy_that_lands_on_the_next_owners_bucket_is_put_right() {
    let mut hub = Hub::new();
    hub.user("ann");
    hub.user("bob");
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    let others = Hub { ports: hub.ports.clone(), store: hub.store.clone(), clock: hub.clock.clone() };
    let working = hub.store.clone();

    // The worker that makes Ann's bucket stands still in the middle of its last call. Meanwhile another one finishes the
    // bucket, Ann deletes it, and Bob has its name.
    let mut store = MockObjectStore::new();
    store.expect_find_bucket().returning(|_| Ok(BucketPresence::Absent));
    let makes = working.clone();
    store.expect_create_bucket().times(1).returning(move |bucket| block_on_aside(makes.create_bucket(bucket)));
    store.expect_put_bucket_policy().times(1).returning(move |bucket, policy| {
        let settings = &others.ports.settings;
        others.clock.advance(settings.lease_duration + Duration::from_secs(1));
        block_on_aside(async { buckets::delete_bucket(&others.ports, &ann.into(), &bucket.name).await.unwrap() });
        block_on_aside(async {
            buckets::create_bucket(&others.ports, &bob.into(), bucket.name.clone()).await.unwrap()
        });
        block_on_aside(working.put_bucket_policy(bucket, policy))
    });
    let ports = Ports { store: Arc::new(store), ..hub.ports.clone() };
    let late = block_on(buckets::create_bucket(&ports, &hub.session("ann").into(), name("photos")));
    assert!(matches!(late, Err(BucketError::NameTaken)), "{late:?}");
    hub.ports.store = hub.store.clone();
    assert!(block_on(reconcile::check(&hub.ports)).unwrap().contains(&Difference::BucketPolicy(name("photos"))));

    hub.clock.advance(Duration::from_secs(1));
    while block_on(reconcile::run_due(&hub.ports)).unwrap().done > 0 {}
    assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);
}

/// A mock's closure waits on its own thread, because executors cannot be nested.
fn block_on_aside<T: Send>(future: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| scope.spawn(|| block_on(future)).join().unwrap())
}
