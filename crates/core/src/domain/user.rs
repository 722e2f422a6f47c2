use super::{AccessKey, Email, PasswordHash, SealedSecret, Timestamp, UserId};
use crate::acl::{Grant, GrantSet, Subject};

/// An account, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Which user.
    pub id: UserId,
    /// The address that it logs in with; no two users share one.
    pub email: Email,
    /// The grants that it was given; `public` and its own are not among them.
    pub grants: GrantSet,
    /// The public half of its principal's key; no two users share one.
    pub access_key: AccessKey,
    /// Whether it may do anything at all.
    pub enabled: bool,
    /// Grows with everything that ends the tokens issued before.
    pub token_epoch: i64,
    /// When it signed up.
    pub created_at: Timestamp,
}

impl User {
    /// Who it is to the ACL: its grants, `public` and its own.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(&self.grants, Some(&self.id.to_string()))
    }

    /// The grant that is this user's alone.
    #[must_use]
    pub fn own_grant(&self) -> Grant {
        Grant::author(self.id)
    }

    /// Whether it holds `admin`.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.grants.contains(&Grant::admin())
    }
}

/// All that the database keeps of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The account.
    pub user: User,
    /// What its password is checked against.
    pub password_hash: PasswordHash,
    /// The secret half of its principal's key, encrypted.
    pub sealed_secret: SealedSecret,
    /// Whether temporary credentials that were made before the last rotation are still to be ended in the store.
    pub revoke_sessions: bool,
    /// Whether its sign-up has been answered: until then the same person's repeat succeeds.
    pub answered: bool,
}
