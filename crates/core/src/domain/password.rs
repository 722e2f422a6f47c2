use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// A password in Unicode's composed form (NFC): never shown, wiped when dropped.
///
/// Keyboards and systems send one visible password as different bytes; hashes are made of the composed form
/// (NIST SP 800-63B, RFC 8265). Hashes of earlier versions may be of the bytes as they were sent:
/// [`as_sent`](Self::as_sent) keeps them.
#[derive(Clone)]
pub struct Password {
    composed: Zeroizing<String>,
    as_sent: Option<Zeroizing<String>>,
}

/// Why a string is not a [`Password`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`Password::MIN_CHARS`] characters.
    #[error("password must be at least {min} characters long", min = Password::MIN_CHARS)]
    TooShort,
    /// More than [`Password::MAX_BYTES`] bytes.
    #[error("password must be at most {max} bytes long in UTF-8", max = Password::MAX_BYTES)]
    TooLong,
    /// A NUL character, at which bcrypt would stop reading.
    #[error("password must not contain a NUL character")]
    Nul,
}

impl Password {
    /// The shortest password, in characters.
    pub const MIN_CHARS: usize = 8;
    /// The longest password, in bytes: bcrypt reads no further.
    pub const MAX_BYTES: usize = 72;

    /// Takes a password that somebody chooses.
    ///
    /// # Errors
    /// [`PasswordError`] when it is too short, too long or holds a NUL.
    pub fn parse(text: String) -> Result<Self, PasswordError> {
        let sent = Zeroizing::new(text);
        // With room for three times the bytes, the longest that composing can give, the buffer never moves: a move
        // would leave a copy that is not wiped.
        let mut composed = Zeroizing::new(String::with_capacity(sent.len().saturating_mul(3)));
        composed.extend(sent.nfc());
        if composed == sent {
            return validate(&sent).map(|()| Self { composed: sent, as_sent: None });
        }
        match (validate(&composed), validate(&sent)) {
            (Ok(()), valid) => Ok(Self { composed, as_sent: valid.is_ok().then_some(sent) }),
            // An account of an earlier version may have it, and no other bytes would open it.
            (Err(_), Ok(())) => Ok(Self { composed: sent, as_sent: None }),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// A password to verify against no hash, so that an unknown account takes as long as a known one.
    pub(crate) fn of_nobody() -> Self {
        Self { composed: Zeroizing::new("of nobody".to_owned()), as_sent: None }
    }

    /// The password with the bytes that were sent, where they differ from the composed form and could have been chosen.
    #[must_use]
    pub fn as_sent(&self) -> Option<Self> {
        self.as_sent.clone().map(|sent| Self { composed: sent, as_sent: None })
    }

    /// The password itself, for hashing alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.composed
    }
}

fn validate(text: &str) -> Result<(), PasswordError> {
    if text.len() > Password::MAX_BYTES {
        Err(PasswordError::TooLong)
    } else if text.chars().count() < Password::MIN_CHARS {
        Err(PasswordError::TooShort)
    } else if text.contains('\0') {
        Err(PasswordError::Nul)
    } else {
        Ok(())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What a password is checked against: a hash in the format of its algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash made by the password hasher.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The hash as text, for adapters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_counted_in_characters_and_the_most_in_bytes() {
        let parse = |text: &str| Password::parse(text.to_owned()).map(|_| ());
        assert_eq!(parse("1234567"), Err(PasswordError::TooShort));
        assert_eq!(parse("ääääääää"), Ok(()));
        assert_eq!(parse(&"x".repeat(72)), Ok(()));
        assert_eq!(parse(&"x".repeat(73)), Err(PasswordError::TooLong));
        assert_eq!(parse(&"ä".repeat(37)), Err(PasswordError::TooLong));
        assert_eq!(parse("1234567\0"), Err(PasswordError::Nul));
    }

    #[test]
    fn a_password_is_composed_and_keeps_what_was_sent() {
        let password = Password::parse("contrasen\u{303}a".to_owned()).unwrap();
        assert_eq!(password.expose(), "contraseña");
        assert_eq!(password.as_sent().unwrap().expose(), "contrasen\u{303}a");
        assert!(Password::parse("contraseña".to_owned()).unwrap().as_sent().is_none());
        assert!(Password::parse("correct horse".to_owned()).unwrap().as_sent().is_none());
    }

    #[test]
    fn the_limits_hold_for_the_composed_form() {
        // 7 characters when composed, 8 as sent: an account of an earlier version may have it.
        let short = Password::parse("pass12e\u{301}".to_owned()).unwrap();
        assert_eq!(short.expose(), "pass12e\u{301}");
        // 108 bytes as sent, 72 composed.
        let long = Password::parse("e\u{301}".repeat(36)).unwrap();
        assert_eq!((long.expose(), long.as_sent().is_some()), ("é".repeat(36).as_str(), false));
        // 70 bytes as sent; composing makes two characters of each.
        let grows = "\u{344}".repeat(35);
        assert_eq!(Password::parse(grows.clone()).unwrap().expose(), grows);
    }

    #[test]
    fn a_password_is_not_shown() {
        let password = Password::parse("correct horse".to_owned()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
