//! Names of deleted buckets, which stay their last owners' for a while.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use storage_hub_core::context::Settings;
use storage_hub_core::ports::ObjectStore as _;
use storage_hub_core::testing::StoreCall;
use storage_hub_core::use_cases::buckets::BucketError;
use storage_hub_core::use_cases::reconcile;
use storage_hub_core::use_cases::released_names::{ReleaseNameError, release_name};

use crate::hub::{Hub, at, name};

const HOUR: Duration = Duration::from_secs(3600);

/// With a store whose requests may last for an hour.
fn reserving_hub() -> Hub {
    let hub = Hub::new();
    hub.store.set_name_reservation(HOUR);
    for who in ["ann", "bob"] {
        hub.user(who);
    }
    hub
}

fn is_reserved(hub: &Hub, bucket: &str) -> bool {
    let mut transaction = block_on(hub.ports.unit_of_work.begin()).unwrap();
    block_on(transaction.released_names().find(&name(bucket))).unwrap().is_some()
}

#[test]
fn a_freed_name_stays_its_last_owners_until_its_time_has_come() {
    let hub = reserving_hub();
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    hub.bucket(&ann, "photos");
    hub.delete(&ann, "photos").unwrap();
    assert!(matches!(hub.create(&bob, "photos"), Err(BucketError::NameTaken)));
    hub.bucket(&ann, "photos");
    hub.delete(&ann, "photos").unwrap();
    hub.clock.advance(HOUR - Duration::from_millis(1));
    assert!(matches!(hub.create(&bob, "photos"), Err(BucketError::NameTaken)));
    assert!(is_reserved(&hub, "photos"));
    hub.clock.advance(Duration::from_millis(1));
    hub.bucket(&bob, "photos");
    assert!(matches!(hub.create(&ann, "photos"), Err(BucketError::NameTaken)));
}

#[test]
fn a_bucket_that_an_admin_deletes_leaves_its_name_to_its_owner() {
    let hub = reserving_hub();
    hub.user("root");
    block_on(storage_hub_core::use_cases::administration::promote(&hub.ports, &crate::hub::email("root"))).unwrap();
    let (ann, root) = (hub.session("ann"), hub.session("root"));
    hub.bucket(&ann, "photos");
    hub.delete(&root, "photos").unwrap();
    assert!(matches!(hub.create(&root, "photos"), Err(BucketError::NameTaken)));
    hub.create(&ann, "photos").unwrap();
}

#[test]
fn a_store_whose_writes_are_bound_to_the_bucket_reserves_nothing_unless_told_to() {
    let mut hub = Hub::in_process();
    for who in ["ann", "bob"] {
        hub.user(who);
    }
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    hub.bucket(&ann, "photos");
    hub.delete(&ann, "photos").unwrap();
    assert!(!is_reserved(&hub, "photos"));
    hub.bucket(&bob, "photos");

    hub.ports.settings = Arc::new(Settings { name_reservation: Some(HOUR), ..Settings::clone(&hub.ports.settings) });
    hub.delete(&bob, "photos").unwrap();
    assert!(matches!(hub.create(&ann, "photos"), Err(BucketError::NameTaken)));
}

#[test]
fn a_bucket_is_not_deleted_while_the_store_does_not_say_how_long_its_name_is_to_be_kept() {
    let hub = reserving_hub();
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    hub.bucket(&ann, "photos");
    hub.store.fail_next_of(StoreCall::NameReservation, 1);
    assert!(matches!(hub.delete(&ann, "photos"), Err(BucketError::Fault(_))));
    assert_eq!(hub.store.calls(StoreCall::DeleteBucket), 0);
    hub.clock.advance(HOUR);
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    assert_eq!(hub.store.calls(StoreCall::DeleteBucket), 1);
    assert!(matches!(hub.create(&bob, "photos"), Err(BucketError::NameTaken)), "reserved since it was deleted");
}

#[test]
fn the_reconciler_deletes_reservations_that_have_expired() {
    let hub = reserving_hub();
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    hub.delete(&ann, "photos").unwrap();
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    assert!(is_reserved(&hub, "photos"));
    hub.clock.advance(HOUR);
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    assert!(!is_reserved(&hub, "photos"));
}

#[test]
fn an_operator_releases_a_reserved_name_and_no_other() {
    let hub = reserving_hub();
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    let release = |bucket| block_on(release_name(&hub.ports, &name(bucket)));
    assert!(matches!(release("photos"), Err(ReleaseNameError::NotReserved(_))));
    hub.bucket(&ann, "photos");
    assert!(matches!(release("photos"), Err(ReleaseNameError::InUse(_))));
    hub.store.fail_next_of(StoreCall::DeleteBucket, 1);
    assert!(hub.delete(&ann, "photos").is_err());
    assert!(matches!(release("photos"), Err(ReleaseNameError::InUse(_))), "its deletion is under way");
    hub.clock.advance(HOUR);
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    let released = release("photos").unwrap();
    assert_eq!(released.reserved_until, released.released_at.after(HOUR));
    assert!(matches!(release("photos"), Err(ReleaseNameError::NotReserved(_))));
    hub.create(&bob, "photos").unwrap();
}

#[test]
fn a_name_of_somebody_elses_bucket_is_reserved_for_nobody() {
    let hub = reserving_hub();
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    block_on(hub.store.create_bucket(&at("foreign"))).unwrap();
    assert!(matches!(hub.create(&ann, "foreign"), Err(BucketError::NameTaken)));
    block_on(hub.store.delete_bucket(&at("foreign"))).unwrap();
    hub.create(&bob, "foreign").unwrap();
}
