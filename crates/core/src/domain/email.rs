use std::fmt;

use email_address::{EmailAddress, Options};

/// An email address, in lower case: addresses that differ in case alone are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why a string is not an [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than [`Email::MAX_BYTES`].
    #[error("an email has at most {max} bytes, this one has {0}", max = Email::MAX_BYTES)]
    TooLong(usize),
    /// Spaces, tabs or line breaks before or after the address.
    #[error("email must not begin or end with a space")]
    SurroundingSpace,
    /// Not of the form name@domain.
    #[error("an email has the form name@example.com")]
    Malformed,
}

impl Email {
    /// The longest address that mail can be sent to, in bytes (RFC 5321).
    pub const MAX_BYTES: usize = 254;

    /// Reads an address: a bare `name@domain.tld`, without a display name, a quoted name or an address literal.
    ///
    /// # Errors
    /// [`EmailError`] when it is too long or malformed.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.len() > Self::MAX_BYTES {
            return Err(EmailError::TooLong(text.len()));
        }
        if text.trim() != text {
            return Err(EmailError::SurroundingSpace);
        }
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        let forbidden = |c: char| c.is_control() || c.is_whitespace() || c == '"';
        if text.contains(forbidden) {
            return Err(EmailError::Malformed);
        }
        // It is the lower case that is kept and read again: it may be longer, or no address any more.
        let text = text.to_lowercase();
        if text.len() > Self::MAX_BYTES {
            return Err(EmailError::TooLong(text.len()));
        }
        if EmailAddress::parse_with_options(&text, options).is_err() {
            return Err(EmailError::Malformed);
        }
        Ok(Self(text))
    }

    /// The address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_are_one_whatever_their_case() {
        assert_eq!(Email::parse("User@Example.COM"), Email::parse("user@example.com"));
    }

    #[test]
    fn what_no_mail_reaches_is_refused() {
        for text in [
            "",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.de",
            "a@b.c d",
            "<a@b.cd>",
            "A <a@b.cd>",
            "\"a b\"@c.de",
            "a@[1.2.3.4]",
            "a@b.c\nd",
        ] {
            assert_eq!(Email::parse(text), Err(EmailError::Malformed), "{text:?}");
        }
        for text in [" a@b.cd", "a@b.cd ", "a@b.cd\n", "\ta@b.cd"] {
            assert_eq!(Email::parse(text), Err(EmailError::SurroundingSpace), "{text:?}");
        }
        // Its lower case has a dot above the last letter of the domain, where no letter is left.
        assert_eq!(Email::parse("s@s.\u{130}"), Err(EmailError::Malformed));
        let long = format!("a@{}.de", "b".repeat(250));
        assert_eq!(Email::parse(&long), Err(EmailError::TooLong(255)));
        // Each of them is a byte longer in lower case.
        let grows = format!("{}@example.com", "\u{130}".repeat(121));
        assert_eq!((grows.len(), Email::parse(&grows)), (254, Err(EmailError::TooLong(375))));
    }
}
