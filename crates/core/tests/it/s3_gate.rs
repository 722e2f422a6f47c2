use futures::executor::block_on;
use storage_hub_core::s3_action::{Rule, S3Action};
use storage_hub_core::use_cases::administration;
use storage_hub_core::use_cases::s3_gate::{S3Gate, VisibleBuckets};

use crate::hub::{Hub, email, name};

fn gate(hub: &Hub) -> S3Gate {
    S3Gate::new(hub.ports.directory.clone(), hub.ports.vault.clone())
}

#[test]
fn the_gate_gives_each_caller_what_the_table_of_actions_says() {
    let hub = Hub::in_process();
    for name in ["ann", "bob", "root"] {
        hub.user(name);
    }
    block_on(administration::promote(&hub.ports, &email("root"))).unwrap();
    hub.bucket(&hub.session("ann"), "photos");
    let gate = gate(&hub);
    let caller = |who: &str| {
        let key = hub.credentials(&hub.session(who));
        let caller = block_on(gate.identify(key.access_key.as_str())).unwrap().unwrap();
        assert_eq!(caller.secret_key, key.secret_key);
        caller
    };
    let callers = [Some(caller("ann")), Some(caller("root")), Some(caller("bob")), None];
    for action in S3Action::ALL {
        let got =
            callers.each_ref().map(|caller| block_on(gate.allows(caller.as_ref(), *action, &name("photos"))).unwrap());
        let expected = match action {
            action if action.rule() == Rule::SignedIn => [true, true, true, false],
            action if matches!(action.rule(), Rule::Hub | Rule::Owner) => [false; 4],
            _ => [true, true, false, false],
        };
        assert_eq!(got, expected, "{action}");
    }
    let [ann, root, bob, _] =
        callers.map(|caller| caller.map(|caller| block_on(gate.visible_buckets(&caller)).unwrap()));
    assert_eq!(ann, Some(VisibleBuckets::Only(vec![name("photos")])));
    assert_eq!(bob, Some(VisibleBuckets::Only(vec![])));
    assert_eq!(root, Some(VisibleBuckets::All));
}

#[test]
fn nobody_is_known_by_a_key_that_was_never_given_or_is_disabled() {
    let hub = Hub::in_process();
    let user = hub.user("ann");
    let gate = gate(&hub);
    assert!(block_on(gate.identify("user_0_unknown")).unwrap().is_none());
    assert!(block_on(gate.identify("not a key")).unwrap().is_none());
    assert!(block_on(gate.identify(user.access_key.as_str())).unwrap().is_some());
    block_on(administration::disable(&hub.ports, &email("ann"))).unwrap();
    assert!(block_on(gate.identify(user.access_key.as_str())).unwrap().is_none());
}
