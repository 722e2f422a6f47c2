use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use storage_hub_core::context::Settings;
use storage_hub_core::domain::{AccessKey, BucketState, PageLimit, PageRequest};
use storage_hub_core::ports::{ObjectStore as _, StoreError};
use storage_hub_core::testing::StoreCall;
use storage_hub_core::use_cases::admission::Actor;
use storage_hub_core::use_cases::buckets::{self, BucketError};
use storage_hub_core::use_cases::fault::Fault;
use storage_hub_core::use_cases::session::SessionError;
use storage_hub_core::use_cases::{administration, reconcile};

use crate::hub::{Hub, at, email, name};

#[test]
fn a_user_owns_no_more_buckets_than_the_maximum() {
    for max in [2, 150] {
        let mut hub = Hub::in_process();
        hub.ports.settings = Arc::new(Settings { buckets_per_user: max, ..(*hub.ports.settings).clone() });
        hub.user("ann");
        hub.user("bob");
        let (ann, bob) = (hub.session("ann"), hub.session("bob"));
        for number in 0..max {
            hub.bucket(&ann, &format!("bucket-{number}"));
        }
        let refused = hub.create(&ann, "one-more");
        assert!(matches!(refused, Err(BucketError::LimitReached(found)) if found == max), "{refused:?}");
        hub.bucket(&bob, "one-more");
        hub.delete(&ann, "bucket-0").unwrap();
        hub.bucket(&ann, "another");
    }
}

#[test]
fn a_bucket_is_its_owners_alone() {
    let hub = Hub::new();
    hub.user("ann");
    hub.user("bob");
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    hub.bucket(&ann, "photos");
    assert!(hub.store_lets_put(&hub.credentials(&ann), "photos"));
    assert!(!hub.store_lets_put(&hub.credentials(&bob), "photos"));
    assert!(matches!(
        block_on(buckets::get_bucket(&hub.ports, &bob.into(), &name("photos"))),
        Err(BucketError::NotFound)
    ));
    let policy = block_on(buckets::get_bucket_policy(&hub.ports, &bob.into(), &name("photos")));
    assert!(matches!(policy, Err(BucketError::NotFound)));
    assert!(matches!(hub.delete(&bob, "photos"), Err(BucketError::NotFound)));
    assert!(block_on(buckets::get_bucket(&hub.ports, &ann.into(), &name("photos"))).is_ok());
}

#[test]
fn an_admin_sees_and_deletes_the_buckets_of_others() {
    let hub = Hub::new();
    hub.user("ann");
    hub.user("root");
    block_on(administration::promote(&hub.ports, &email("root"))).unwrap();
    let root = hub.session("root");
    hub.bucket(&hub.session("ann"), "photos");
    assert!(block_on(buckets::get_bucket_policy(&hub.ports, &root.into(), &name("photos"))).is_ok());
    hub.delete(&root, "photos").unwrap();
    assert!(matches!(
        block_on(buckets::get_bucket(&hub.ports, &root.into(), &name("photos"))),
        Err(BucketError::NotFound)
    ));
}

#[test]
fn the_policy_of_the_api_is_the_one_in_the_store_and_names_the_owners_key() {
    let hub = Hub::new();
    hub.user("ann");
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    let shown = block_on(buckets::get_bucket_policy(&hub.ports, &ann.into(), &name("photos"))).unwrap();
    let stored = block_on(hub.store.find_bucket_policy(&at("photos"))).unwrap().unwrap();
    assert_eq!(shown, stored);
    assert!(shown.to_string().contains(hub.credentials(&ann).access_key.as_str()));
}

#[test]
fn a_name_is_taken_for_everyone_once_its_creation_was_answered() {
    let hub = Hub::new();
    hub.user("ann");
    hub.user("bob");
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    let first = hub.create(&ann, "photos").unwrap();
    assert!(matches!(hub.create(&bob, "photos"), Err(BucketError::NameTaken)));
    assert_eq!(hub.create(&ann, "photos").unwrap(), first, "an unanswered creation can be repeated");
    block_on(buckets::mark_bucket_answered(&hub.ports, first.id)).unwrap();
    assert!(matches!(hub.create(&ann, "photos"), Err(BucketError::AlreadyOwned)));
    assert!(matches!(hub.create(&bob, "photos"), Err(BucketError::NameTaken)));
}

#[test]
fn a_bucket_that_the_hub_did_not_make_is_handed_to_nobody() {
    let hub = Hub::new();
    hub.user("ann");
    let ann = hub.session("ann");
    block_on(hub.store.create_bucket(&at("foreign"))).unwrap();
    block_on(hub.store.put_object(&at("foreign"), "kept", b"x".to_vec())).unwrap();
    assert!(matches!(hub.create(&ann, "foreign"), Err(BucketError::NameTaken)));
    assert!(!hub.store_lets_put(&hub.credentials(&ann), "foreign"));
    assert!(block_on(hub.ports.directory.find_bucket(&name("foreign"))).unwrap().is_none());
    assert_eq!(block_on(hub.store.get_object(&at("foreign"), "kept")).unwrap(), b"x");
}

#[test]
fn a_full_bucket_stays_with_its_owner() {
    let hub = Hub::new();
    hub.user("ann");
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    block_on(hub.store.put_object(&at("photos"), "a", b"x".to_vec())).unwrap();
    assert!(matches!(hub.delete(&ann, "photos"), Err(BucketError::NotEmpty)));
    let bucket = block_on(buckets::get_bucket(&hub.ports, &ann.into(), &name("photos"))).unwrap();
    assert_eq!(bucket.state, BucketState::Active);
    assert!(hub.store_lets_put(&hub.credentials(&ann), "photos"));
    block_on(hub.store.delete_object(&at("photos"), "a")).unwrap();
    hub.delete(&ann, "photos").unwrap();
}

#[test]
fn the_next_owner_of_a_name_shares_nothing_with_the_last() {
    let hub = Hub::new();
    hub.user("ann");
    hub.user("bob");
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    hub.bucket(&ann, "photos");
    hub.delete(&ann, "photos").unwrap();
    hub.bucket(&bob, "photos");
    assert!(!hub.store_lets_put(&hub.credentials(&ann), "photos"));
    assert!(hub.store_lets_put(&hub.credentials(&bob), "photos"));
}

#[test]
fn a_name_is_not_free_before_the_old_owners_policy_has_lost_it() {
    let hub = Hub::new();
    hub.user("ann");
    hub.user("bob");
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    hub.bucket(&ann, "photos");
    hub.store.fail_next_of(StoreCall::PutPolicy, 1);
    assert!(matches!(hub.delete(&ann, "photos"), Err(BucketError::Fault(Fault::Store(StoreError::Unavailable(_))))));
    assert!(matches!(hub.create(&bob, "photos"), Err(BucketError::NameTaken)));
    hub.clock.advance(Duration::from_secs(60));
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    hub.clock.advance(Duration::from_secs(60));
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    hub.bucket(&bob, "photos");
    assert!(!hub.store_lets_put(&hub.credentials(&ann), "photos"));
}

#[test]
fn whatever_call_of_a_creation_fails_the_repeat_makes_the_bucket() {
    use StoreCall::{CreateBucket, FindBucket, PutBucketPolicy, PutPolicy};
    for call in [FindBucket, CreateBucket, PutBucketPolicy, PutPolicy] {
        for lost in [false, true] {
            let hub = Hub::new();
            hub.user("ann");
            let ann = hub.session("ann");
            match lost {
                true => hub.store.lose_next_answers_of(call, 1),
                false => hub.store.fail_next_of(call, 1),
            }
            let error = hub.create(&ann, "photos").unwrap_err();
            assert!(matches!(&error, BucketError::Fault(fault) if fault.is_temporary()), "{call:?}: {error:?}");
            hub.clock.advance(Duration::from_secs(60));
            hub.create(&ann, "photos").unwrap_or_else(|error| panic!("{call:?}, answer lost: {lost}: {error}"));
            assert!(hub.store_lets_put(&hub.credentials(&ann), "photos"));
            assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);
        }
    }
}

#[test]
fn a_deletion_whose_answer_from_the_store_was_lost_is_finished() {
    let hub = Hub::new();
    hub.user("ann");
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    hub.store.lose_next_answers_of(StoreCall::DeleteBucket, 1);
    assert!(matches!(hub.delete(&ann, "photos"), Err(BucketError::Fault(_))));
    hub.clock.advance(Duration::from_secs(60));
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    assert!(matches!(hub.delete(&ann, "photos"), Err(BucketError::NotFound)));
    assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);
}

#[test]
fn buckets_come_in_pages_of_their_names() {
    let hub = Hub::in_process();
    hub.user("ann");
    hub.user("bob");
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    for bucket in ["c-c", "a-a", "b-b"] {
        hub.bucket(&ann, bucket);
    }
    hub.bucket(&bob, "b-0");
    let list = |page: PageRequest| {
        let page = block_on(buckets::list_buckets(&hub.ports, &ann.into(), &page)).unwrap();
        (page.items.iter().map(|bucket| bucket.name.to_string()).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(list(PageRequest::default()), (vec!["a-a".into(), "b-b".into(), "c-c".into()], None));
    let limit = Some(PageLimit::new(2).unwrap());
    let (first, next) = list(PageRequest { limit, after: None });
    assert_eq!(first, ["a-a", "b-b"]);
    assert_eq!(list(PageRequest { limit, after: next }), (vec!["c-c".into()], None));
}

#[test]
fn an_access_key_acts_for_its_enabled_user_and_for_nobody_else() {
    let hub = Hub::new();
    let (ann, bob) = (hub.user("ann"), hub.user("bob"));
    let signed = |access_key: &AccessKey| Actor::AccessKey { claimed_user: ann.id, access_key: access_key.clone() };
    let (own, other) = (signed(&ann.access_key), signed(&bob.access_key));

    assert!(block_on(buckets::create_bucket(&hub.ports, &own, name("photos"))).is_ok());
    let refused = block_on(buckets::get_bucket(&hub.ports, &other, &name("photos")));
    assert!(matches!(refused, Err(BucketError::Session(SessionError::Ended))), "{refused:?}");

    block_on(administration::disable(&hub.ports, &email("ann"))).unwrap();
    let refused = block_on(buckets::delete_bucket(&hub.ports, &own, &name("photos")));
    assert!(matches!(refused, Err(BucketError::Session(SessionError::Disabled))), "{refused:?}");
}
