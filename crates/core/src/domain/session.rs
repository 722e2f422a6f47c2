use std::fmt;

use super::{Timestamp, UserId};
use zeroize::Zeroizing;

/// What a token says, once its signature, issuer, audience and expiry were found right.
///
/// It is valid only while the user is enabled and its `token_epoch` is unchanged, which admission checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user that the token names: whether the session is still valid is only known once this user was admitted.
    pub claimed_user: UserId,
    /// The user's `token_epoch` when the token was issued.
    pub epoch: i64,
    /// When it was issued; whole seconds.
    pub issued_at: Timestamp,
    /// When it ends; whole seconds.
    pub expires_at: Timestamp,
}

/// A signed token, as a client sends it back: never shown, wiped when dropped.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// A token made by the token issuer.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The token itself, for the one answer that hands it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
