use std::fmt;

use crate::domain::{AccessKey, BucketName};
use crate::policy::PolicyName;
use crate::ports::TaskKey;

/// A difference between the store and the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A task that is pending.
    Pending {
        /// The task.
        task: TaskKey,
        /// The error of its last failure.
        last_error: Option<String>,
    },
    /// The store lacks a bucket.
    BucketMissing(BucketName),
    /// The policy of a bucket is missing or differs.
    BucketPolicy(BucketName),
    /// The store lacks a principal.
    PrincipalMissing(AccessKey),
    /// A principal is enabled but must not be, or the other way round.
    PrincipalStatus(AccessKey),
    /// The policies that are attached to a principal differ.
    PrincipalPolicies(AccessKey),
    /// The store does not accept the secret key that the records have for a principal.
    PrincipalSecret(AccessKey),
    /// A policy is missing or differs.
    Policy(PolicyName),
    /// A bucket of a store that belongs to this hub alone, but that the records do not contain.
    BucketUnknown(String),
    /// A principal has a policy of this hub, but no user has its access key.
    PrincipalUnknown(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending { task, last_error: None } => write!(f, "{task}: pending"),
            Self::Pending { task, last_error: Some(error) } => {
                write!(f, "{task}: pending; its last attempt failed: {error}")
            }
            Self::BucketMissing(name) => write!(f, "bucket {name}: missing in the store"),
            Self::BucketPolicy(name) => write!(f, "bucket {name}: its bucket policy differs"),
            Self::PrincipalMissing(key) => write!(f, "principal {key}: missing in the store"),
            Self::PrincipalStatus(key) => write!(f, "principal {key}: its status differs (enabled or disabled)"),
            Self::PrincipalPolicies(key) => write!(f, "principal {key}: its attached policies differ"),
            Self::PrincipalSecret(key) => write!(f, "principal {key}: the store does not accept its secret key"),
            Self::Policy(name) => write!(f, "policy {name}: missing or different"),
            Self::BucketUnknown(name) => write!(f, "bucket {name}: not in the records"),
            Self::PrincipalUnknown(key) => write!(f, "principal {key}: no user has this access key"),
        }
    }
}
