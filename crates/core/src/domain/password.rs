use std::fmt;

use zeroize::Zeroizing;

/// A password as somebody typed it: never shown, wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Why a string is not a [`Password`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`Password::MIN_CHARS`] characters.
    #[error("a password has at least {min} characters", min = Password::MIN_CHARS)]
    TooShort,
    /// More than [`Password::MAX_BYTES`] bytes.
    #[error("a password has at most {max} bytes in UTF-8", max = Password::MAX_BYTES)]
    TooLong,
    /// A NUL character, at which bcrypt would stop reading.
    #[error("a password holds no NUL character")]
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
        let text = Zeroizing::new(text);
        if text.len() > Self::MAX_BYTES {
            Err(PasswordError::TooLong)
        } else if text.chars().count() < Self::MIN_CHARS {
            Err(PasswordError::TooShort)
        } else if text.contains('\0') {
            Err(PasswordError::Nul)
        } else {
            Ok(Self(text))
        }
    }

    /// One to be checked against no hash, for the time that it takes.
    pub(crate) fn of_nobody() -> Self {
        Self(Zeroizing::new("of nobody".to_owned()))
    }

    /// The password itself, for hashing alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
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
    fn a_password_is_not_shown() {
        let password = Password::parse("correct horse".to_owned()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
