//! The contract of [`InstallationRepository`](storage_hub_core::ports::InstallationRepository).

#![expect(clippy::unwrap_used, missing_docs, reason = "these are tests")]

use futures::FutureExt;
use futures::future::join_all;
use storage_hub_core::domain::{HubId, Installation, StoreId, StoreKind};
use storage_hub_core::ports::{RecordError, UniqueKey};
use uuid::Uuid;

use crate::records::Records;
use crate::row_kept::{Second, second_writer};

fn installation(number: u128, store_kind: StoreKind) -> Installation {
    Installation {
        hub_id: HubId::new(Uuid::from_u128(number)),
        starts: i64::MAX - 1,
        store_kind,
        store_id: StoreId::new(Uuid::from_u128(number << 64)),
        store_claimed: store_kind == StoreKind::Minio,
        policy_revision: 7,
    }
}

async fn insert(records: &Records, installation: &Installation) -> Result<(), RecordError> {
    let mut transaction = records.unit_of_work.begin().await?;
    transaction.installation().insert(installation).await?;
    transaction.commit().await
}

async fn find(records: &Records) -> Option<Installation> {
    records.begin().await.installation().find().await.unwrap()
}

pub async fn every_field_of_an_installation_comes_back(records: &Records) {
    assert_eq!(find(records).await, None);
    let first = installation(1, StoreKind::Embedded);
    insert(records, &first).await.unwrap();
    assert_eq!(find(records).await, Some(first));
}

pub async fn a_second_installation_is_refused(records: &Records) {
    let first = installation(1, StoreKind::Minio);
    insert(records, &first).await.unwrap();
    let refused = insert(records, &installation(2, StoreKind::Embedded)).await;
    assert!(matches!(refused, Err(RecordError::AlreadyExists(UniqueKey::Installation))), "{refused:?}");
    assert_eq!(find(records).await, Some(first));
}

pub async fn racing_installations_leave_one(records: &Records) {
    let racers = (1..=6).map(|number| {
        let records = records.clone();
        tokio::spawn(async move {
            loop {
                let inserted = insert(&records, &installation(number, StoreKind::Minio)).await;
                if !matches!(inserted, Err(RecordError::Conflict(_))) {
                    return inserted;
                }
            }
        })
    });
    let results: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    let refused = |result: &&Result<_, _>| matches!(result, Err(RecordError::AlreadyExists(UniqueKey::Installation)));
    let won = results.iter().position(Result::is_ok).unwrap();
    assert_eq!(results.iter().filter(refused).count(), 5, "{results:?}");
    let kept = installation(won as u128 + 1, StoreKind::Minio);
    assert_eq!(find(records).await, Some(kept));
}

pub async fn an_update_writes_every_field_but_the_id(records: &Records) {
    insert(records, &installation(1, StoreKind::Embedded)).await.unwrap();
    let mut changed = installation(2, StoreKind::Minio);
    (changed.starts, changed.policy_revision) = (3, 9);
    let mut transaction = records.begin().await;
    transaction.installation().update(&changed).await.unwrap();
    transaction.commit().await.unwrap();
    changed.hub_id = installation(1, StoreKind::Embedded).hub_id;
    assert_eq!(find(records).await, Some(changed));
}

pub async fn an_update_of_a_missing_installation_is_not_found(records: &Records) {
    let mut transaction = records.begin().await;
    let missing = transaction.installation().update(&installation(1, StoreKind::Minio)).await;
    assert!(matches!(missing, Err(RecordError::NotFound)), "{missing:?}");
}

pub async fn a_found_installation_stays_as_it_is(records: &Records) {
    let first = installation(1, StoreKind::Minio);
    insert(records, &first).await.unwrap();
    let mut transaction = records.begin().await;
    let mut found = transaction.installation().find().await.unwrap().unwrap();
    let second = second_writer(records, |transaction| {
        async move {
            let mut found = transaction.installation().find().await?.ok_or(RecordError::NotFound)?;
            found.policy_revision += 1;
            transaction.installation().update(&found).await
        }
        .boxed()
    })
    .await;
    found.policy_revision += 1;
    transaction.installation().update(&found).await.unwrap();
    transaction.commit().await.unwrap();
    let expected = if second.end().await == Second::Wrote { 9 } else { 8 };
    assert_eq!(find(records).await.unwrap().policy_revision, expected);
}
