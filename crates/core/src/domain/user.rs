use super::{AccessKey, Email, PasswordHash, SealedSecret, Timestamp, UserId};
use crate::acl::{Grant, GrantSet, Subject};

/// An account, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address that the user logs in with, unique among the users.
    pub email: Email,
    /// The grants that the user was given, without `public` and the user's own.
    pub grants: GrantSet,
    /// The access key of the user's principal, unique among the users.
    pub access_key: AccessKey,
    /// Whether the user can log in and make requests.
    pub enabled: bool,
    /// Incremented by everything that ends the sessions that were begun before.
    pub token_epoch: i64,
    /// When the account was created.
    pub created_at: Timestamp,
}

impl User {
    /// The user as a subject of the ACL: its grants, `public` and its own.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(&self.grants, Some(&self.id.to_string()))
    }

    /// The grant that only this user holds.
    #[must_use]
    pub fn own_grant(&self) -> Grant {
        Grant::author(self.id)
    }

    /// Whether the user holds `admin`.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.grants.contains(&Grant::admin())
    }
}

/// Everything that the database stores about a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The account.
    pub user: User,
    /// The hash that the password is verified against.
    pub password_hash: PasswordHash,
    /// The secret key of the user's principal, encrypted.
    pub sealed_secret: SealedSecret,
    /// Whether temporary credentials that were issued before the last rotation must still be revoked in the store.
    pub revoke_sessions: bool,
    /// Whether the sign-up was answered. Until then, a repetition with the same password succeeds.
    pub answered: bool,
}
