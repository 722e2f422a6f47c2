use std::fmt;

use crate::domain::{AccessKey, BucketName};
use crate::policy::PolicyName;
use crate::ports::TaskKey;

/// Something that the store has otherwise than the records say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A change that has not been carried out.
    Pending {
        /// Which task.
        task: TaskKey,
        /// What it failed with last.
        last_error: Option<String>,
    },
    /// The store lacks a bucket.
    BucketMissing(BucketName),
    /// The store has another policy on a bucket, or none.
    BucketPolicy(BucketName),
    /// The store lacks a principal.
    PrincipalMissing(AccessKey),
    /// A principal is enabled that should not be, or the other way round.
    PrincipalStatus(AccessKey),
    /// A principal has other policies.
    PrincipalPolicies(AccessKey),
    /// The store takes another secret for the principal than the records have.
    PrincipalSecret(AccessKey),
    /// A policy is missing or says something else.
    Policy(PolicyName),
    /// A bucket of a store that is this hub's alone, but that the records do not know.
    BucketUnknown(String),
    /// A principal that has a policy of this hub, but that the records do not know.
    PrincipalUnknown(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending { task, last_error: None } => write!(f, "{task}: waits to be carried out"),
            Self::Pending { task, last_error: Some(error) } => {
                write!(f, "{task}: waits to be carried out; it failed last with: {error}")
            }
            Self::BucketMissing(name) => write!(f, "bucket {name}: the store does not have it"),
            Self::BucketPolicy(name) => write!(f, "bucket {name}: its bucket policy is another"),
            Self::PrincipalMissing(key) => write!(f, "principal {key}: the store does not have it"),
            Self::PrincipalStatus(key) => write!(f, "principal {key}: enabled in one, disabled in the other"),
            Self::PrincipalPolicies(key) => write!(f, "principal {key}: it has other policies"),
            Self::PrincipalSecret(key) => write!(f, "principal {key}: the store does not take its secret"),
            Self::Policy(name) => write!(f, "policy {name}: missing or another"),
            Self::BucketUnknown(name) => write!(f, "bucket {name}: unknown to the records"),
            Self::PrincipalUnknown(key) => write!(f, "principal {key}: unknown to the records"),
        }
    }
}
