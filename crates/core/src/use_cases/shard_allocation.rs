//! Allocation of buckets to policy shards. A bucket's shard is chosen once, by size, and stored.

use crate::acl::Grant;
use crate::domain::BucketName;
use crate::policy::{SHARD_BYTES, entry_bytes};
use crate::ports::{RecordError, Shard, Transaction};
use crate::use_cases::admission::ActiveUser;

/// Allocates room for a bucket in the owner's first shard that has enough, or in a new one, and returns the shard's number.
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
    let mut shard = roomy.unwrap_or(Shard { grant, number: next, bytes: 0, written: false });
    shard.bytes += bytes;
    transaction.shards().upsert(&shard).await?;
    Ok(shard.number)
}

/// Releases the room of a bucket that no policy contains any more.
pub(super) async fn give_back_room(
    transaction: &mut dyn Transaction,
    grant: &Grant,
    number: i32,
    bucket: &BucketName,
) -> Result<(), RecordError> {
    transaction.shards().give_back(grant, number, entry_bytes(bucket)).await
}
