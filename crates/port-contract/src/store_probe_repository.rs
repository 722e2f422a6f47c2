//! The contract of [`StoreProbeRepository`](storage_hub_core::ports::StoreProbeRepository).

#![expect(clippy::unwrap_used, missing_docs, reason = "these are tests")]

use futures::future::join_all;
use storage_hub_core::domain::{StoreId, StoreProbe, Timestamp};
use storage_hub_core::ports::RecordError;
use uuid::Uuid;

use crate::records::Records;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_060_000);

fn probe(number: u128) -> StoreProbe {
    StoreProbe {
        store_id: StoreId::new(Uuid::from_u128(number)),
        probed_at: Timestamp::from_millis(1_700_000_000_123),
        result: format!("{{\"number\":{number}}}"),
    }
}

fn token(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn lease(records: &Records, number: u128, now: Timestamp) -> Result<bool, RecordError> {
    let mut transaction = records.unit_of_work.begin().await?;
    let expires_at = Timestamp::from_millis(now.millis() + 60_000);
    let leased = transaction.store_probe().lease(token(number), now, expires_at).await?;
    transaction.commit().await?;
    Ok(leased)
}

async fn complete(records: &Records, number: u128) -> bool {
    let mut transaction = records.begin().await;
    let completed = transaction.store_probe().complete(token(number), &probe(number)).await.unwrap();
    transaction.commit().await.unwrap();
    completed
}

async fn find(records: &Records) -> Option<StoreProbe> {
    records.begin().await.store_probe().find().await.unwrap()
}

pub async fn every_field_of_a_probe_comes_back(records: &Records) {
    assert_eq!(find(records).await, None);
    assert!(lease(records, 1, NOW).await.unwrap());
    assert_eq!(find(records).await, None, "a lease alone gives no result");
    assert!(complete(records, 1).await);
    assert_eq!(find(records).await, Some(probe(1)));
}

pub async fn a_later_probe_replaces_the_result(records: &Records) {
    for number in 1..3 {
        assert!(lease(records, number, NOW).await.unwrap(), "the lease before was ended");
        assert!(complete(records, number).await);
    }
    assert_eq!(find(records).await, Some(probe(2)));
}

pub async fn a_leased_probe_is_leased_to_nobody_else(records: &Records) {
    assert!(lease(records, 1, NOW).await.unwrap());
    assert!(!lease(records, 2, NOW).await.unwrap());
    assert!(!complete(records, 2).await);
    assert_eq!(find(records).await, None);
}

pub async fn an_expired_lease_of_a_probe_is_taken_over(records: &Records) {
    assert!(lease(records, 1, NOW).await.unwrap());
    assert!(lease(records, 2, LATER).await.unwrap());
    assert!(!complete(records, 1).await, "the lease was lost");
    assert!(complete(records, 2).await);
    assert_eq!(find(records).await, Some(probe(2)));
}

pub async fn a_released_probe_keeps_the_result_before(records: &Records) {
    assert!(lease(records, 1, NOW).await.unwrap());
    assert!(complete(records, 1).await);
    assert!(lease(records, 2, NOW).await.unwrap());
    for (number, is_held) in [(1, false), (2, true), (2, false)] {
        let mut transaction = records.begin().await;
        assert_eq!(transaction.store_probe().release(token(number)).await.unwrap(), is_held);
        transaction.commit().await.unwrap();
    }
    assert_eq!(find(records).await, Some(probe(1)));
    assert!(lease(records, 3, NOW).await.unwrap());
}

pub async fn racing_leases_of_a_probe_give_one(records: &Records) {
    let racers = (1..=6).map(|number| {
        let records = records.clone();
        tokio::spawn(async move {
            loop {
                let leased = lease(&records, number, NOW).await;
                if !matches!(leased, Err(RecordError::Conflict(_))) {
                    return leased.unwrap();
                }
            }
        })
    });
    let leased: Vec<bool> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(leased.iter().filter(|leased| **leased).count(), 1, "{leased:?}");
}
