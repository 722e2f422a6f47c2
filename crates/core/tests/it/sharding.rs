use futures::executor::block_on;
use storage_hub_core::policy::{PolicyName, PolicyPrefix};
use storage_hub_core::ports::PrincipalStore as _;

use crate::hub::Hub;

const MINIO_LIMIT: usize = 20 * 1024;

#[test]
fn a_user_with_a_thousand_buckets_has_them_all_in_policies_that_the_store_takes() {
    let hub = Hub::new();
    let user = hub.user("ann");
    let ann = hub.session("ann");
    for number in 0..1000 {
        hub.bucket(&ann, &format!("bucket-of-ann-{number}"));
    }
    let key = hub.credentials(&ann);
    for number in 0..1000 {
        assert!(hub.store_lets_put(&key, &format!("bucket-of-ann-{number}")), "{number}");
    }
    let state = block_on(hub.store.find_principal(&user.access_key)).unwrap().unwrap();
    assert!(state.policies.len() > 1);
    for name in &state.policies {
        let document = block_on(hub.store.find_policy(name)).unwrap().unwrap();
        assert!(document.to_string().len() < MINIO_LIMIT, "{name}");
    }
}

#[test]
fn room_that_a_deleted_bucket_leaves_is_used_again() {
    let hub = Hub::new();
    let user = hub.user("ann");
    let ann = hub.session("ann");
    for round in 0..400 {
        hub.bucket(&ann, &format!("bucket-of-ann-{round}"));
        hub.delete(&ann, &format!("bucket-of-ann-{round}")).unwrap();
    }
    let state = block_on(hub.store.find_principal(&user.access_key)).unwrap().unwrap();
    let prefix = PolicyPrefix::parse("hub").unwrap();
    assert_eq!(state.policies, [PolicyName::shard(&prefix, &user.own_grant(), 0)]);
}
