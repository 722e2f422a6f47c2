use std::time::Duration;

use futures::executor::block_on;
use serde_json::json;
use storage_hub_core::acl::Grant;
use storage_hub_core::domain::{Credentials, HubId, Installation, SecretKey, StoreId, StoreKind};
use storage_hub_core::policy::{POLICY_REVISION, PolicyDocument, PolicyName, shard_policy};
use storage_hub_core::ports::{LeaseRequest, ObjectStore as _, PrincipalSettings, PrincipalStore as _, TaskKey};
use storage_hub_core::use_cases::reconcile::{self, Difference};
use uuid::Uuid;

use crate::hub::{Hub, at, name};

#[test]
fn every_kind_of_tampering_is_found_and_mended() {
    let hub = Hub::new();
    let user = hub.user("ann");
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    hub.bucket(&ann, "videos");
    assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);

    let key = hub.credentials(&ann);
    let shard = PolicyName::shard(&hub.ports.settings.policy_prefix, &user.own_grant(), 0);
    let settings = PrincipalSettings { credentials: key.clone(), enabled: true, policies: vec![shard.clone()] };
    let other = Credentials { secret_key: SecretKey::parse("another-secret").unwrap(), ..key.clone() };
    type Tamper<'a> = Box<dyn Fn() + 'a>;
    let principal = || user.access_key.clone();
    let tampering: Vec<(Tamper<'_>, Difference)> = vec![
        (
            Box::new(|| block_on(hub.store.delete_principal(&user.access_key)).unwrap()),
            Difference::PrincipalMissing(principal()),
        ),
        (
            Box::new(|| {
                block_on(hub.store.put_principal(&PrincipalSettings { enabled: false, ..settings.clone() })).unwrap();
            }),
            Difference::PrincipalStatus(principal()),
        ),
        (
            Box::new(|| {
                block_on(hub.store.put_principal(&PrincipalSettings { policies: vec![], ..settings.clone() })).unwrap();
            }),
            Difference::PrincipalPolicies(principal()),
        ),
        (
            Box::new(|| {
                let credentials = other.clone();
                block_on(hub.store.put_principal(&PrincipalSettings { credentials, ..settings.clone() })).unwrap();
            }),
            Difference::PrincipalSecret(principal()),
        ),
        (
            Box::new(|| block_on(hub.store.put_policy(&shard, &shard_policy(&[]))).unwrap()),
            Difference::Policy(shard.clone()),
        ),
        (
            Box::new(|| {
                let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*"});
                let open = PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": [statement]}));
                block_on(hub.store.put_bucket_policy(&at("photos"), &open)).unwrap();
            }),
            Difference::BucketPolicy(name("photos")),
        ),
        (
            Box::new(|| block_on(hub.store.delete_bucket(&at("videos"))).unwrap()),
            Difference::BucketMissing(name("videos")),
        ),
    ];
    for (tamper, difference) in tampering {
        tamper();
        assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), [difference]);
        let pass = block_on(reconcile::repair(&hub.ports)).unwrap();
        assert_eq!(pass.failed, 0);
        assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);
        assert!(hub.store_lets_put(&key, "photos") && hub.store_lets_put(&key, "videos"));
    }
}

#[test]
fn a_principal_that_the_records_do_not_know_is_told() {
    let hub = Hub::new();
    let access_key = storage_hub_core::domain::AccessKey::parse("user_1600000000_stranger").unwrap();
    let credentials = Credentials { access_key, secret_key: SecretKey::parse("some-secret").unwrap() };
    let foreign = PrincipalSettings { credentials, enabled: true, policies: vec![] };
    block_on(hub.store.put_principal(&foreign)).unwrap();
    assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), [], "not of this hub");
    let shard = PolicyName::shard(&hub.ports.settings.policy_prefix, &Grant::author("gone"), 0);
    block_on(hub.store.put_policy(&shard, &shard_policy(&[]))).unwrap();
    block_on(hub.store.put_principal(&PrincipalSettings { policies: vec![shard], ..foreign })).unwrap();
    let found = block_on(reconcile::check(&hub.ports)).unwrap();
    assert_eq!(found, [Difference::PrincipalUnknown("user_1600000000_stranger".to_owned())]);
}

#[test]
fn work_that_a_dead_worker_held_is_taken_over_and_verified_once_more() {
    let hub = Hub::new();
    let user = hub.user("ann");
    let key = TaskKey::Principal(user.id);
    let settings = &hub.ports.settings;
    // A worker takes the lease, and is never heard of again.
    block_on(async {
        let mut transaction = hub.ports.unit_of_work.begin().await.unwrap();
        let now = hub.ports.clock.now();
        transaction.outbox().enqueue(&key, now).await.unwrap();
        let token = hub.ports.ids.lease_token();
        let (lease_duration, verify_after) = (settings.lease_duration, settings.verify_after);
        let request = LeaseRequest { token, now, lease_duration, verify_after };
        let lease = transaction.outbox().lease(&key, request).await.unwrap();
        assert!(lease.is_some());
        transaction.commit().await.unwrap();
    });
    assert_eq!(block_on(reconcile::run_due(&hub.ports)).unwrap(), reconcile::Pass { done: 0, failed: 0 });

    hub.clock.advance(settings.lease_duration + Duration::from_secs(1));
    assert_eq!(block_on(reconcile::run_due(&hub.ports)).unwrap(), reconcile::Pass { done: 1, failed: 0 });
    assert_eq!(block_on(reconcile::run_due(&hub.ports)).unwrap(), reconcile::Pass { done: 0, failed: 0 });

    hub.clock.advance(settings.verify_after + Duration::from_secs(1));
    assert_eq!(block_on(reconcile::run_due(&hub.ports)).unwrap(), reconcile::Pass { done: 1, failed: 0 });
    hub.clock.advance(Duration::from_secs(3600));
    assert_eq!(block_on(reconcile::run_due(&hub.ports)).unwrap(), reconcile::Pass { done: 0, failed: 0 });
}

#[test]
fn work_that_fails_is_put_off_longer_each_time_and_done_when_the_store_is_back() {
    let hub = Hub::new();
    hub.store.set_available(false);
    hub.sign_up("ann").unwrap_err();
    let mut waits = Vec::new();
    for _ in 0..3 {
        let mut waited = 0;
        while block_on(reconcile::run_due(&hub.ports)).unwrap().failed == 0 {
            hub.clock.advance(Duration::from_secs(1));
            waited += 1;
        }
        waits.push(waited);
    }
    assert!(waits.is_sorted() && waits[0] < waits[2], "{waits:?}");
    assert!(matches!(block_on(reconcile::check(&hub.ports)), Err(storage_hub_core::use_cases::fault::Fault::Store(_))));
    hub.store.set_available(true);
    hub.clock.advance(Duration::from_secs(120));
    while block_on(reconcile::run_due(&hub.ports)).unwrap().done > 0 {}
    assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);
}

#[test]
fn policies_of_an_earlier_revision_are_rendered_again_once() {
    let hub = Hub::new();
    let user = hub.user("ann");
    let ann = hub.session("ann");
    hub.bucket(&ann, "photos");
    let installation = |policy_revision| Installation {
        hub_id: HubId::new(Uuid::from_u128(1)),
        starts: 1,
        store_kind: StoreKind::Minio,
        store_id: StoreId::new(Uuid::from_u128(2)),
        store_claimed: true,
        policy_revision,
    };
    block_on(async {
        let mut transaction = hub.ports.unit_of_work.begin().await.unwrap();
        transaction.installation().insert(&installation(POLICY_REVISION - 1)).await.unwrap();
        transaction.commit().await.unwrap();
    });
    // What the version before has written: no denials.
    let shard = PolicyName::shard(&hub.ports.settings.policy_prefix, &user.own_grant(), 0);
    let allow = json!({"Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}]});
    block_on(hub.store.put_policy(&shard, &PolicyDocument::new(allow))).unwrap();
    let key = hub.credentials(&ann);
    assert!(hub.store_allows(&key, "s3:DeleteObjectVersion", "arn:aws:s3:::photos/key"));

    assert!(block_on(reconcile::render_policies(&hub.ports)).unwrap());
    block_on(reconcile::run_due(&hub.ports)).unwrap();
    assert!(!hub.store_allows(&key, "s3:DeleteObjectVersion", "arn:aws:s3:::photos/key"));
    assert!(hub.store_allows(&key, "s3:DeleteObject", "arn:aws:s3:::photos/key"));
    assert_eq!(block_on(reconcile::check(&hub.ports)).unwrap(), []);
    assert!(!block_on(reconcile::render_policies(&hub.ports)).unwrap(), "once");
    let mut transaction = block_on(hub.ports.unit_of_work.begin()).unwrap();
    assert_eq!(block_on(transaction.installation().find()).unwrap(), Some(installation(POLICY_REVISION)));
}
