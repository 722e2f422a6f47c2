//! The contract of [`ShardRepository`](storage_hub_core::ports::ShardRepository).

#![expect(clippy::unwrap_used, missing_docs, reason = "these are tests")]

use futures::FutureExt;
use futures::future::join_all;
use storage_hub_core::ports::{RecordError, Shard, Transaction};

use crate::records::Records;
use crate::row_kept::{Second, second_writer};
use crate::sample_records::grant;

fn shard(text: &str, number: i32, bytes: i64, written: bool) -> Shard {
    Shard { grant: grant(text), number, bytes, written }
}

async fn upsert(records: &Records, shards: &[Shard]) {
    let mut transaction = records.begin().await;
    for shard in shards {
        transaction.shards().upsert(shard).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn list(records: &Records, text: &str) -> Vec<Shard> {
    records.begin().await.shards().list(&grant(text)).await.unwrap()
}

pub async fn every_field_of_a_shard_comes_back(records: &Records) {
    let shards = [shard("it's \"größe\"", 0, i64::MAX, true), shard("it's \"größe\"", 1, 0, false)];
    upsert(records, &shards).await;
    assert_eq!(list(records, "it's \"größe\"").await, shards);
}

pub async fn an_upsert_writes_over_the_shard_with_its_number(records: &Records) {
    upsert(records, &[shard("team", 0, 5, false), shard("team", 1, 6, true)]).await;
    upsert(records, &[shard("team", 0, 7, true), shard("team", 1, 3, false)]).await;
    assert_eq!(list(records, "team").await, [shard("team", 0, 7, true), shard("team", 1, 3, false)]);
}

pub async fn shards_come_in_the_order_of_their_numbers(records: &Records) {
    upsert(records, &[10, 2, 0, 1, 11].map(|number| shard("team", number, 1, true))).await;
    let numbers: Vec<_> = list(records, "team").await.iter().map(|shard| shard.number).collect();
    assert_eq!(numbers, [0, 1, 2, 10, 11]);
}

pub async fn a_grant_lists_its_own_shards_alone(records: &Records) {
    upsert(records, &["team", "Team", "team-a", "te_m"].map(|text| shard(text, 0, 1, true))).await;
    assert_eq!(list(records, "team").await, [shard("team", 0, 1, true)]);
    assert_eq!(list(records, "other").await, []);
}

pub async fn bytes_are_given_back_down_to_nothing(records: &Records) {
    upsert(records, &[shard("team", 0, 50, true), shard("team", 1, 50, false), shard("other", 0, 50, true)]).await;
    for (bytes, left) in [(20, 30), (31, 0), (1, 0)] {
        let mut transaction = records.begin().await;
        transaction.shards().give_back(&grant("team"), 0, bytes).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(list(records, "team").await, [shard("team", 0, left, true), shard("team", 1, 50, false)]);
    }
    let mut transaction = records.begin().await;
    transaction.shards().give_back(&grant("nobody's"), 0, 1).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(list(records, "nobody's").await, []);
    assert_eq!(list(records, "other").await, [shard("other", 0, 50, true)]);
}

pub async fn racing_writers_of_one_grant_see_each_other(records: &Records) {
    const WRITERS: i64 = 8;
    let writers = (0..WRITERS).map(|_| {
        let records = records.clone();
        tokio::spawn(async move { records.write(|transaction| count_up(transaction).boxed()).await })
    });
    for written in join_all(writers).await {
        written.unwrap();
    }
    assert_eq!(list(records, "team").await, [shard("team", 0, WRITERS, true)]);
}

/// Reads the shards of a grant that may have none, and writes what follows from them.
async fn count_up(transaction: &mut dyn Transaction) -> Result<(), RecordError> {
    let team = grant("team");
    let listed = transaction.shards().list(&team).await?;
    let bytes = listed.first().map_or(0, |shard| shard.bytes) + 1;
    transaction.shards().upsert(&shard("team", 0, bytes, true)).await
}

pub async fn listed_shards_stay_as_they_are(records: &Records) {
    // First with no shard at all, then with one.
    for before in [0, 2] {
        if before > 0 {
            upsert(records, &[shard("team", 0, before, true)]).await;
        }
        let mut first = records.begin().await;
        first.shards().list(&grant("team")).await.unwrap();
        let second = second_writer(records, |transaction| count_up(transaction).boxed()).await;
        count_up(first.as_mut()).await.unwrap();
        first.commit().await.unwrap();
        let counted = if second.end().await == Second::Wrote { 2 } else { 1 };
        assert_eq!(list(records, "team").await, [shard("team", 0, before + counted, true)]);
    }
}
