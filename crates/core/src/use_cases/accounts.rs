//! People and their keys: signing up, logging in, credentials, passwords.

mod change_password;
mod get_credentials;
mod get_me;
mod log_in;
mod password_check;
mod rotate_credentials;
mod sign_up;

pub use change_password::{ChangePassword, change_password};
pub use get_credentials::{IssuedCredentials, get_credentials};
pub use get_me::get_me;
pub use log_in::{LogIn, LoggedIn, log_in};
pub use rotate_credentials::rotate_credentials;
pub use sign_up::{SignUp, mark_sign_up_answered, sign_up};

pub(super) use sign_up::{InsertUserError, insert_user};

use super::fault::Fault;
use super::session::SessionError;
use crate::ports::{HashError, RecordError, StoreError, TokenError, VaultError};

/// Why a use case of this area did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Another account has this email.
    #[error("the email is taken")]
    EmailTaken,
    /// Only administrators create accounts here.
    #[error("sign-up is closed")]
    SignUpClosed,
    /// No account has this email, or the password is another.
    #[error("the email or the password is wrong")]
    InvalidCredentials,
    /// The account may not do anything at the moment.
    #[error("the account is disabled")]
    Disabled,
    /// Nobody is signed in.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Nothing that the caller did.
    #[error(transparent)]
    Fault(#[from] Fault),
}

super::fault::from_ports!(AccountError: RecordError, HashError, VaultError, TokenError, StoreError);
super::admission::from_admission!(AccountError);
