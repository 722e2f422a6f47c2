//! The contract of `PasswordHasher`.

#![expect(clippy::unwrap_used, reason = "a case fails by panicking")]

use storage_hub_core::domain::{Password, PasswordHash};
use storage_hub_core::ports::{HashError, PasswordHasher};

/// Expands to the tests of every case, each on a hasher that the expression makes.
#[macro_export]
macro_rules! password_hasher_contract {
    ($hasher:expr) => {
        $crate::password_hasher_contract! { @cases $hasher;
            a_hash_verifies_its_password_and_nothing_else,
            two_hashes_of_one_password_differ,
            the_longest_password_is_checked_to_its_last_byte,
            no_hash_is_answered_no,
            what_is_no_hash_is_an_error,
            many_at_once_are_all_answered,
            a_new_hash_is_not_outdated,
        }
    };
    (@cases $hasher:expr; $($case:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $case() {
            $crate::password_hasher::$case(&$hasher).await;
        })+
    };
}

/// A hash verifies the password it was made from, and no other one.
pub async fn a_hash_verifies_its_password_and_nothing_else(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, "correct horse").await;
    assert!(verify(hasher, "correct horse", Some(&hash)).await);
    for other in ["correct horsE", "correct hors", "correct horse ", "battery staple", "correct hörse"] {
        assert!(!verify(hasher, other, Some(&hash)).await, "{other:?}");
    }
}

/// Hashes are salted, and each of them verifies.
pub async fn two_hashes_of_one_password_differ(hasher: &dyn PasswordHasher) {
    let (one, two) = (hash(hasher, "correct horse").await, hash(hasher, "correct horse").await);
    assert_ne!(one.as_str(), two.as_str());
    assert!(verify(hasher, "correct horse", Some(&one)).await);
    assert!(verify(hasher, "correct horse", Some(&two)).await);
}

/// Not one byte of the longest password is left out.
pub async fn the_longest_password_is_checked_to_its_last_byte(hasher: &dyn PasswordHasher) {
    let long = "x".repeat(Password::MAX_BYTES);
    let hash = hash(hasher, &long).await;
    assert!(verify(hasher, &long, Some(&hash)).await);
    let other_end = format!("{}y", &long[1..]);
    assert!(!verify(hasher, &other_end, Some(&hash)).await);
    assert!(!verify(hasher, &long[1..], Some(&hash)).await);
}

/// A user that does not exist has no right password.
pub async fn no_hash_is_answered_no(hasher: &dyn PasswordHasher) {
    assert!(!verify(hasher, "correct horse", None).await);
}

/// A hash of no known form is an error, neither yes nor no.
pub async fn what_is_no_hash_is_an_error(hasher: &dyn PasswordHasher) {
    for text in ["", "x", "correct horse"] {
        let hash = PasswordHash::new(text.to_owned());
        let answer = hasher.verify(&password("correct horse"), Some(&hash)).await;
        assert!(matches!(answer, Err(HashError::Unexpected(_))), "{text:?}: {answer:?}");
    }
}

/// Concurrent requests get their own results.
pub async fn many_at_once_are_all_answered(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, "correct horse").await;
    let answers = (0..20).map(|number| {
        let text = if number % 3 == 0 { "correct horse" } else { "battery staple" };
        verify(hasher, text, Some(&hash))
    });
    let answers = futures::future::join_all(answers).await;
    let expected: Vec<_> = (0..20).map(|number| number % 3 == 0).collect();
    assert_eq!(answers, expected);
}

/// What the hasher makes now has the settings that it has now.
pub async fn a_new_hash_is_not_outdated(hasher: &dyn PasswordHasher) {
    assert!(!hasher.is_outdated(&hash(hasher, "correct horse").await));
}

fn password(text: &str) -> Password {
    Password::parse(text.to_owned()).unwrap()
}

async fn hash(hasher: &dyn PasswordHasher, text: &str) -> PasswordHash {
    hasher.hash(&password(text)).await.unwrap()
}

async fn verify(hasher: &dyn PasswordHasher, text: &str, hash: Option<&PasswordHash>) -> bool {
    let password = Password::parse(text.to_owned()).unwrap();
    hasher.verify(&password, hash).await.unwrap()
}

#[cfg(test)]
mod tests {
    password_hasher_contract!(storage_hub_core::testing::PlainHasher::default());
}
