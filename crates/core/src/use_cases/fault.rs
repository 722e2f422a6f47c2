//! What can go wrong in any use case, whatever it does.

use crate::ports::{HashError, RecordError, StoreError, TokenError, VaultError};

/// A fault of what the hub stands on; nothing that the caller did.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The records.
    #[error("the records cannot be read or written")]
    Records(#[from] RecordError),
    /// The object store.
    #[error("the object store does not do its part")]
    Store(#[from] StoreError),
    /// The password hasher.
    #[error("a password cannot be checked")]
    Passwords(#[from] HashError),
    /// The secret vault.
    #[error("a secret cannot be encrypted or decrypted")]
    Vault(#[from] VaultError),
    /// The token issuer.
    #[error("a token cannot be issued")]
    Tokens(#[from] TokenError),
    /// The change is written down and will be carried out, but not within the time that a request waits.
    #[error("the change is written down, but the store has not followed yet")]
    Pending,
}

impl Fault {
    /// Whether the same request may succeed a little later, without anybody's doing.
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

/// An error that may say that another transaction was in the way.
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
