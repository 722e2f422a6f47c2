use std::fmt;

use email_address::{EmailAddress, Options};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// An email address as its owner spells it, in lower case.
///
/// Two spellings of one mailbox (`x@bücher.example`, `x@xn--bcher-kva.example`) have the same [`key`](Self::key); the
/// records allow one account for each key. `==` compares the spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email {
    text: String,
    key: String,
}

/// Why a string is not an [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than [`Email::MAX_BYTES`].
    #[error("email must be at most {max} bytes long, got {0}", max = Email::MAX_BYTES)]
    TooLong(usize),
    /// Spaces, tabs or line breaks before or after the address.
    #[error("email must not begin or end with a space")]
    SurroundingSpace,
    /// Not of the form name@domain.
    #[error("email must look like `name@example.com`")]
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
        let text = compose_domain(text.to_lowercase());
        if text.len() > Self::MAX_BYTES {
            return Err(EmailError::TooLong(text.len()));
        }
        if EmailAddress::parse_with_options(&text, options).is_err() {
            return Err(EmailError::Malformed);
        }
        let key = key_of(&text);
        Ok(Self { text, key })
    }

    /// The address in lower case, as its owner spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What addresses are compared by: lower case, the domain in A-labels (RFC 5891).
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Composes the characters of the domain (NFC): some keyboards send them decomposed, which is not a valid domain.
fn compose_domain(text: String) -> String {
    match text.rsplit_once('@') {
        Some((local, domain)) if !is_nfc(domain) => format!("{local}@{}", domain.nfc()),
        _ => text,
    }
}

/// An address whose domain is not valid for IDNA is its own key: the records may hold one from before domains were
/// compared, and it must stay readable.
fn key_of(text: &str) -> String {
    let Some((local, domain)) = text.rsplit_once('@') else { return text.to_owned() };
    match idna::domain_to_ascii(domain) {
        Ok(domain) => format!("{local}@{domain}"),
        Err(_) => text.to_owned(),
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
    fn spellings_of_one_domain_have_one_key() {
        let key = |text: &str| Email::parse(text).unwrap().key().to_owned();
        assert_eq!(key("x@bücher.example"), "x@xn--bcher-kva.example");
        // Composed and decomposed, upper case, the A-label itself.
        for text in
            ["x@bu\u{308}cher.example", "X@BÜCHER.example", "x@xn--bcher-kva.example", "x@XN--BCHER-KVA.example"]
        {
            assert_eq!(key(text), "x@xn--bcher-kva.example", "{text:?}");
        }
        assert_eq!(key("ö@bücher.example"), "ö@xn--bcher-kva.example");
        assert_ne!(Email::parse("x@bücher.example"), Email::parse("x@xn--bcher-kva.example"));
    }

    #[test]
    fn an_address_with_a_domain_that_idna_refuses_is_its_own_key() {
        let email = Email::parse("x@xn--a.example").unwrap();
        assert_eq!(email.key(), "x@xn--a.example");
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
            "a\u{a0}b@c.de",
        ] {
            assert_eq!(Email::parse(text), Err(EmailError::Malformed), "{text:?}");
        }
        for text in [" a@b.cd", "a@b.cd ", "a@b.cd\n", "\ta@b.cd", "\u{a0}a@b.cd"] {
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
