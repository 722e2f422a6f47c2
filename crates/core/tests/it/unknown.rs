//! What a store has and the records do not.

use futures::executor::block_on;
use storage_hub_core::domain::{AccessKey, Credentials, SecretKey};
use storage_hub_core::policy::{PolicyName, admin_policy};
use storage_hub_core::ports::{ObjectStore as _, PrincipalSettings, PrincipalStore as _};
use storage_hub_core::use_cases::reconcile::{self, Difference, Unknown, find_unknown};

use crate::hub::{Hub, at};

#[test]
fn buckets_of_a_store_of_ones_own_are_told_by_name() {
    let hub = Hub::in_process();
    hub.user("ann");
    hub.bucket(&hub.session("ann"), "photos");
    assert_eq!(block_on(find_unknown(&hub.ports)).unwrap(), Unknown::default());
    block_on(hub.store.create_bucket(&at("found"))).unwrap();
    let unknown = block_on(find_unknown(&hub.ports)).unwrap();
    assert_eq!(unknown, Unknown { buckets: vec!["found".to_owned()], ..Unknown::default() });
    let differences = block_on(reconcile::check(&hub.ports)).unwrap();
    assert_eq!(differences, [Difference::BucketUnknown("found".to_owned())]);
    block_on(reconcile::repair(&hub.ports)).unwrap();
    assert_eq!(block_on(hub.store.list_buckets()).unwrap(), ["found", "photos"], "nothing unknown is deleted");
}

#[test]
fn of_a_store_that_others_use_too_only_the_number_of_buckets_is_told() {
    let hub = Hub::new();
    hub.user("ann");
    hub.bucket(&hub.session("ann"), "photos");
    block_on(hub.store.create_bucket(&at("of-others"))).unwrap();
    let policy = PolicyName::admin(&hub.ports.settings.policy_prefix);
    block_on(hub.store.put_policy(&policy, &admin_policy())).unwrap();
    let credentials = |key: &str| Credentials {
        access_key: AccessKey::parse(key).unwrap(),
        secret_key: SecretKey::parse("a-secret-of-nobody").unwrap(),
    };
    for (key, policies) in [("of-this-hub", vec![policy]), ("of-others", vec![])] {
        let settings = PrincipalSettings { credentials: credentials(key), enabled: true, policies };
        block_on(hub.store.put_principal(&settings)).unwrap();
    }
    let unknown = block_on(find_unknown(&hub.ports)).unwrap();
    assert_eq!(unknown, Unknown { other_buckets: 1, principals: vec!["of-this-hub".to_owned()], ..Unknown::default() });
    let differences = block_on(reconcile::check(&hub.ports)).unwrap();
    assert_eq!(differences, [Difference::PrincipalUnknown("of-this-hub".to_owned())]);
}
