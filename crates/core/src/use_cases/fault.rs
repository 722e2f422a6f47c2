//! Internal failures, which any use case can return.

use crate::ports::{HashError, RecordError, StoreError, TokenError, VaultError};

/// An internal failure that the caller cannot fix.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database failed.
    #[error("could not read or write the database")]
    Records(#[from] RecordError),
    /// The object store failed.
    #[error("the object store failed")]
    Store(#[from] StoreError),
    /// The password hasher failed.
    #[error("could not hash or verify a password")]
    Passwords(#[from] HashError),
    /// The secret vault failed.
    #[error("could not encrypt or decrypt a secret key")]
    Vault(#[from] VaultError),
    /// The token issuer failed.
    #[error("could not issue a token")]
    Tokens(#[from] TokenError),
    /// The change was committed and its task will be applied, but not within the time that a request waits.
    #[error("the change was accepted but not applied to the store yet")]
    Pending,
}

impl Fault {
    /// Whether the same request may succeed a little later without anybody's intervention.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Pending
            | Self::Records(RecordError::Conflict(_) | RecordError::Unavailable(_))
            | Self::Store(StoreError::Unavailable(_))
            | Self::Passwords(HashError::Overloaded) => true,
            Self::Records(RecordError::AlreadyExists(_) | RecordError::NotFound | RecordError::Unexpected(_))
            | Self::Store(
                StoreError::NotFound
                | StoreError::AlreadyOwned
                | StoreError::NotEmpty
                | StoreError::Refused(_)
                | StoreError::AccessDenied(_)
                | StoreError::Unexpected(_),
            )
            | Self::Passwords(HashError::Unexpected(_))
            | Self::Vault(_)
            | Self::Tokens(_) => false,
        }
    }
}

/// An error that may be a conflict with another transaction.
pub(super) trait MayConflict {
    /// Whether the same attempt may succeed when it is repeated.
    fn is_conflict(&self) -> bool;
}

impl MayConflict for RecordError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

impl MayConflict for Fault {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Records(error) if error.is_conflict())
    }
}

/// Lets `?` convert the errors of these ports to an area's error, and `retrying` see its conflicts.
macro_rules! from_ports {
    ($area:ty: $($port:ty),+) => {
        impl $crate::use_cases::fault::MayConflict for $area {
            fn is_conflict(&self) -> bool {
                matches!(self, Self::Fault(fault) if fault.is_conflict())
            }
        }

        $(impl From<$port> for $area {
            fn from(error: $port) -> Self {
                Self::Fault(error.into())
            }
        })+
    };
}
pub(super) use from_ports;
