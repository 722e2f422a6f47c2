//! Rows for the tests of the records, with no field at a default.

#![expect(clippy::unwrap_used, reason = "this is for tests")]

use storage_hub_core::acl::{Access, Grant, GrantSet};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketState, Email, PasswordHash, SealedSecret, Timestamp,
    User, UserId, UserRecord,
};
use uuid::Uuid;

/// 2026-01-02T03:04:05.678Z: a moment whose milliseconds would be missed.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_767_323_045_678);

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + seconds * 1000)
}

pub(crate) fn user_id(number: u32) -> UserId {
    UserId::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)))
}

pub(crate) fn bucket_id(number: u32) -> BucketId {
    BucketId::new(Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 + u128::from(number)))
}

pub(crate) fn grant(text: &str) -> Grant {
    Grant::parse(text).unwrap()
}

pub(crate) fn grants<const N: usize>(texts: [&str; N]) -> GrantSet {
    texts.into_iter().map(grant).collect()
}

pub(crate) fn name(text: &str) -> BucketName {
    BucketName::parse(text).unwrap()
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub(crate) fn access_key(text: &str) -> AccessKey {
    AccessKey::parse(text).unwrap()
}

/// The user of this number: enabled or not, and all the other flags, by whether the number is even.
pub(crate) fn user(number: u32) -> UserRecord {
    let even = number.is_multiple_of(2);
    UserRecord {
        user: User {
            id: user_id(number),
            email: email(&format!("ann+{number}_x%y'z@exämple.com")),
            grants: grants(["team: \"red\"", "{curly}", "back\\slash", "größe", "it's", "admin"]),
            access_key: access_key(&format!("User_{number}-key")),
            enabled: even,
            token_epoch: i64::MAX - i64::from(number),
            created_at: at(i64::from(number)),
        },
        password_hash: PasswordHash::new(format!("$2b$10$hash-of-{number}")),
        sealed_secret: SealedSecret::new((0..=255).chain([0, number as u8]).collect()),
        revoke_sessions: !even,
        answered: even,
    }
}

/// The bucket of this number and name: its flags by whether the number is even.
pub(crate) fn bucket(number: u32, bucket_name: &str, owner: &UserRecord, state: BucketState) -> Bucket {
    let even = number.is_multiple_of(2);
    Bucket {
        id: bucket_id(number),
        name: name(bucket_name),
        owner: owner.user.id,
        state,
        seen_absent: even,
        answered: !even,
        created_at: at(-i64::from(number) - 1),
    }
}

pub(crate) fn entry(text: &str, access: Access, shard: Option<i32>) -> BucketEntry {
    BucketEntry { grant: grant(text), access, shard }
}
