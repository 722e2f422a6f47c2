//! Emails: an address has one canonical form, which is an address again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use storage_hub_core::domain::Email;

fuzz_target!(|text: &str| {
    let Ok(email) = Email::parse(text) else { return };
    assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(&email), "the canonical form of {text:?} is not an address");
    assert!(email.as_str().len() <= Email::MAX_BYTES);
    assert!(!email.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || c.is_ascii_uppercase()));
    assert!(email.as_str().rsplit_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.')));
    if text.is_ascii() {
        assert_eq!(Email::parse(&text.to_ascii_uppercase()), Ok(email));
    }
});
