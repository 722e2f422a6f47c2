//! The contract of `TokenIssuer`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a case fails by panicking")]

use std::time::Duration;

use storage_hub_core::domain::{Timestamp, UserId};
use storage_hub_core::ports::{TokenError, TokenIssuer};
use uuid::Uuid;

/// Expands to the tests of every case, each on an issuer that the first expression makes, of tokens that are good for
/// the lifetime that the second one gives.
#[macro_export]
macro_rules! token_issuer_contract {
    ($issuer:expr, $lifetime:expr) => {
        $crate::token_issuer_contract! { @cases $issuer, $lifetime;
            a_token_gives_its_session_back,
            a_token_is_good_until_it_expires,
            every_user_and_epoch_has_its_own_token,
            what_was_not_issued_is_not_valid,
        }
    };
    (@cases $issuer:expr, $lifetime:expr; $($case:ident),+ $(,)?) => {
        $(#[test]
        fn $case() {
            $crate::token_issuer::$case(&$issuer, $lifetime);
        })+
    };
}

const USER: UserId = UserId::new(Uuid::from_u128(7));
const NOW: Timestamp = Timestamp::from_millis(1_704_067_200_789);
/// [`NOW`] in whole seconds, as tokens have it.
const NOW_SECOND: Timestamp = Timestamp::from_millis(1_704_067_200_000);

/// Whose, which epoch, from when, until when.
pub fn a_token_gives_its_session_back(issuer: &dyn TokenIssuer, lifetime: Duration) {
    for epoch in [0, 1, i64::MAX] {
        let token = issuer.issue(USER, epoch, NOW).unwrap();
        let session = issuer.verify(token.expose(), NOW).unwrap();
        assert_eq!((session.claimed_user, session.epoch), (USER, epoch));
        assert_eq!((session.issued_at, session.expires_at), (NOW_SECOND, NOW_SECOND.after(lifetime)));
    }
}

/// To the last second, and not one longer.
pub fn a_token_is_good_until_it_expires(issuer: &dyn TokenIssuer, lifetime: Duration) {
    let token = issuer.issue(USER, 1, NOW).unwrap();
    let end = NOW_SECOND.after(lifetime);
    let just_before = Timestamp::from_millis(end.millis() - 1);
    assert!(issuer.verify(token.expose(), just_before).is_ok());
    assert!(matches!(issuer.verify(token.expose(), end), Err(TokenError::Expired)));
    assert!(matches!(issuer.verify(token.expose(), end.after(lifetime)), Err(TokenError::Expired)));
}

/// Tokens of different sessions are different.
pub fn every_user_and_epoch_has_its_own_token(issuer: &dyn TokenIssuer, _: Duration) {
    let other = UserId::new(Uuid::from_u128(8));
    let sessions = [(USER, 1), (USER, 2), (other, 1)];
    let tokens = sessions.map(|(user, epoch)| issuer.issue(user, epoch, NOW).unwrap());
    for ((user, epoch), token) in sessions.into_iter().zip(&tokens) {
        let session = issuer.verify(token.expose(), NOW).unwrap();
        assert_eq!((session.claimed_user, session.epoch), (user, epoch));
    }
}

/// Neither garbage nor a token with a changed, missing or added letter.
pub fn what_was_not_issued_is_not_valid(issuer: &dyn TokenIssuer, _: Duration) {
    let invalid = |text: &str| matches!(issuer.verify(text, NOW), Err(TokenError::Invalid));
    for text in ["", ".", "..", "a.b.c", "Bearer", "null", "ü", "eyJ9.e30.", &"a".repeat(100_000)] {
        assert!(invalid(text), "{text:?}");
    }
    let token = issuer.issue(USER, 1, NOW).unwrap();
    let token = token.expose();
    assert!(invalid(&token[1..]) && invalid(&token[..token.len() - 1]), "cut");
    assert!(invalid(&format!("{token}A")) && invalid(&format!(" {token}")), "lengthened");
    for place in 0..token.len() {
        let mut changed = token.as_bytes().to_vec();
        // Far enough along the alphabet that it is not another spelling of the same bits.
        changed[place] = if changed[place].is_ascii_uppercase() { b'z' } else { b'Q' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(invalid(&changed), "letter {place}");
    }
}

#[cfg(test)]
mod tests {
    use storage_hub_core::testing::PlainTokens;

    token_issuer_contract!(PlainTokens::default(), PlainTokens::LIFETIME);
}
