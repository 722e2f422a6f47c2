//! Deletion of versions through the hub.

use futures::executor::block_on;
use storage_hub_core::domain::{ObjectKey, ObjectVersion, Session, VersionId};
use storage_hub_core::ports::{ObjectStore as _, VersionOutcome};
use storage_hub_core::testing::StoreCall;
use storage_hub_core::use_cases::buckets::{self, BucketError, MAX_VERSIONS};

use crate::hub::{Hub, at, name};

fn version(key: &str) -> ObjectVersion {
    ObjectVersion { key: ObjectKey::parse(key).unwrap(), version_id: VersionId::parse("null").unwrap() }
}

fn delete(hub: &Hub, session: &Session, versions: &[ObjectVersion]) -> Result<Vec<VersionOutcome>, BucketError> {
    block_on(buckets::delete_versions(&hub.ports, &(*session).into(), &name("photos"), versions))
}

#[test]
fn whoever_manages_a_bucket_deletes_versions_in_it_and_nobody_else_does() {
    let hub = Hub::new();
    for who in ["ann", "bob"] {
        hub.user(who);
    }
    let (ann, bob) = (hub.session("ann"), hub.session("bob"));
    hub.bucket(&ann, "photos");
    let put = || block_on(hub.store.put_object(&at("photos"), "key", b"body".to_vec())).unwrap();
    put();
    assert!(matches!(delete(&hub, &bob, &[version("key")]), Err(BucketError::NotFound)));
    let stale = Session { epoch: ann.epoch + 1, ..ann };
    assert!(matches!(delete(&hub, &stale, &[version("key")]), Err(BucketError::Session(_))));
    assert_eq!(hub.store.calls(StoreCall::DeleteVersions), 0);
    assert_eq!(delete(&hub, &ann, &[version("key")]).unwrap(), [VersionOutcome::Deleted]);
    assert!(block_on(hub.store.get_object(&at("photos"), "key")).is_err());
}

#[test]
fn a_request_with_a_key_that_the_store_would_take_for_another_deletes_nothing() {
    let hub = Hub::new();
    hub.user("ann");
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    for key in ["/key", "../photos/key", "a/../key", "a//key", "\\key"] {
        let refused = delete(&hub, &ann, &[version("key"), version(key)]).unwrap_err();
        assert!(matches!(&refused, BucketError::InvalidVersions(_)), "{key}: {refused:?}");
        assert!(refused.to_string().starts_with("objects[1].key: object key must"), "{refused}");
    }
    let too_many = vec![version("key"); MAX_VERSIONS + 1];
    for versions in [&[][..], &too_many] {
        let refused = delete(&hub, &ann, versions).unwrap_err();
        let got = versions.len();
        assert_eq!(refused.to_string(), format!("objects must have 1 to 1000 items, got {got}"));
    }
    assert_eq!(hub.store.calls(StoreCall::DeleteVersions), 0);
}

#[test]
fn versions_in_a_bucket_that_is_gone_from_the_store_are_not_found() {
    let hub = Hub::new();
    hub.user("ann");
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    block_on(hub.store.delete_bucket(&at("photos"))).unwrap();
    assert!(matches!(delete(&hub, &ann, &[version("key")]), Err(BucketError::NotFound)));
}
