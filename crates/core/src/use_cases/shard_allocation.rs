//! In which policy shard a bucket stands: chosen once, by bytes, and never again.

use crate::acl::Grant;
use crate::domain::BucketName;
use crate::policy::{SHARD_BYTES, entry_bytes};
use crate::ports::{RecordError, Shard, Transaction};
use crate::use_cases::admission::ActiveUser;

/// Takes room for a bucket in the first shard of its owner that has enough, or in a new one, and returns its number.
pub(super) async fn take_room(
    transaction: &mut dyn Transaction,
    owner: &ActiveUser,
    bucket: &BucketName,
) -> Result<i32, RecordError> {
    let bytes = entry_bytes(bucket);
    let grant = owner.own_grant();
    let shards = transaction.shards().list(&grant).await?;
    let next = shards.last().map_or(0, |last| last.number + 1);
    let roomy = shards.into_iter().find(|shard| shard.bytes + bytes <= SHARD_BYTES);
    let mut shard = roomy.unwrap_or_else(|| Shard { grant, number: next, bytes: 0, written: false });
    shard.bytes += bytes;
    transaction.shards().upsert(&shard).await?;
    Ok(shard.number)
}

/// Gives back the room of a bucket that stands in no policy any more.
pub(super) async fn give_back_room(
    transaction: &mut dyn Transaction,
    grant: &Grant,
    number: i32,
    bucket: &BucketName,
) -> Result<(), RecordError> {
    transaction.shards().give_back(grant, number, entry_bytes(bucket)).await
}
