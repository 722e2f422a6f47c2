//! The probe of the store: who runs it, and whose result counts.

use std::time::Duration;

use futures::executor::block_on;
use storage_hub_core::domain::{HubId, StoreId, StoreKind};
use storage_hub_core::use_cases::installation::{Start, adopt, record_start};
use storage_hub_core::use_cases::store_probe::{
    VALIDITY, complete_probe, find_probe, is_due, lease_probe, release_probe,
};
use uuid::Uuid;

use crate::hub::Hub;

fn start(store: u128) -> Start {
    Start {
        hub_id: HubId::new(Uuid::from_u128(1)),
        number: None,
        store_kind: StoreKind::Gateway,
        store_id: StoreId::new(Uuid::from_u128(store)),
    }
}

fn hub() -> Hub {
    let hub = Hub::in_process();
    block_on(record_start(hub.ports.unit_of_work.as_ref(), &start(1))).unwrap();
    hub
}

#[test]
fn one_process_probes_and_every_process_reads_the_result() {
    let hub = hub();
    assert!(is_due(&hub.ports, block_on(find_probe(&hub.ports)).unwrap().as_ref()));
    let lease = block_on(lease_probe(&hub.ports)).unwrap().unwrap();
    assert!(block_on(lease_probe(&hub.ports)).unwrap().is_none(), "another process is probing");
    let written = block_on(complete_probe(&hub.ports, lease, "found".to_owned())).unwrap().unwrap();
    let found = block_on(find_probe(&hub.ports)).unwrap().unwrap();
    assert_eq!((&found, found.result.as_str()), (&written, "found"));
    assert!(!is_due(&hub.ports, Some(&found)));
}

#[test]
fn a_result_is_renewed_after_a_day_and_stays_in_use_until_then() {
    let hub = hub();
    let lease = block_on(lease_probe(&hub.ports)).unwrap().unwrap();
    block_on(complete_probe(&hub.ports, lease, "found".to_owned())).unwrap();
    hub.clock.advance(VALIDITY - Duration::from_secs(1));
    assert!(!is_due(&hub.ports, block_on(find_probe(&hub.ports)).unwrap().as_ref()));
    hub.clock.advance(Duration::from_secs(1));
    let known = block_on(find_probe(&hub.ports)).unwrap();
    assert!(is_due(&hub.ports, known.as_ref()));
    assert_eq!(known.unwrap().result, "found");
}

#[test]
fn a_failed_probe_can_be_repeated_without_waiting() {
    let hub = hub();
    let lease = block_on(lease_probe(&hub.ports)).unwrap().unwrap();
    block_on(release_probe(&hub.ports, lease)).unwrap();
    assert!(block_on(lease_probe(&hub.ports)).unwrap().is_some());
    assert_eq!(block_on(find_probe(&hub.ports)).unwrap(), None);
}

#[test]
fn a_process_that_lost_its_lease_takes_the_result_of_the_other() {
    let hub = hub();
    let slow = block_on(lease_probe(&hub.ports)).unwrap().unwrap();
    hub.clock.advance(Duration::from_secs(3600));
    let quick = block_on(lease_probe(&hub.ports)).unwrap().unwrap();
    block_on(complete_probe(&hub.ports, quick, "quick".to_owned())).unwrap();
    let found = block_on(complete_probe(&hub.ports, slow, "slow".to_owned())).unwrap().unwrap();
    assert_eq!(found.result, "quick");
}

#[test]
fn a_probe_of_another_store_says_nothing() {
    let hub = hub();
    let lease = block_on(lease_probe(&hub.ports)).unwrap().unwrap();
    block_on(complete_probe(&hub.ports, lease, "found".to_owned())).unwrap();
    block_on(adopt(hub.ports.unit_of_work.as_ref(), &start(2))).unwrap();
    assert_eq!(block_on(find_probe(&hub.ports)).unwrap(), None);
}
