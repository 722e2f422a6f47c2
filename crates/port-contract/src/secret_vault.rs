//! The contract of `SecretVault`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a case fails by panicking")]

use storage_hub_core::domain::{SealedSecret, SecretKey, UserId};
use storage_hub_core::ports::{SecretVault, VaultError};
use uuid::Uuid;

/// Expands to the tests of every case, each on two vaults of different keys that the expressions make.
#[macro_export]
macro_rules! secret_vault_contract {
    ($vault:expr, $other_key:expr) => {
        $crate::secret_vault_contract! { @cases $vault, $other_key;
            what_was_sealed_opens,
            what_was_sealed_opens_for_its_user_alone,
            what_was_sealed_opens_with_its_key_alone,
            two_seals_of_one_secret_differ,
            a_change_of_any_byte_is_found,
            what_is_cut_or_lengthened_does_not_open,
        }
    };
    (@cases $vault:expr, $other_key:expr; $($case:ident),+ $(,)?) => {
        $(#[test]
        fn $case() {
            $crate::secret_vault::$case(&$vault, &$other_key);
        })+
    };
}

const USER: UserId = UserId::new(Uuid::from_u128(0x7000_0000_0000_0000_0000_0000_0000_0007));
const OTHER_USER: UserId = UserId::new(Uuid::from_u128(0x7000_0000_0000_0000_0000_0000_0000_0008));

/// Secrets of every length come back as they were.
pub fn what_was_sealed_opens(vault: &dyn SecretVault, _: &dyn SecretVault) {
    for length in [8, 40, 64] {
        let secret = SecretKey::parse("aB3~".repeat(length / 4)).unwrap();
        let sealed = vault.seal(USER, &secret).unwrap();
        assert_eq!(vault.open(USER, &sealed), Ok(secret));
    }
}

/// A row's secret that is moved to another row does not open.
pub fn what_was_sealed_opens_for_its_user_alone(vault: &dyn SecretVault, _: &dyn SecretVault) {
    assert_eq!(vault.open(OTHER_USER, &sealed(vault)), Err(VaultError::DoesNotOpen));
}

/// Another key opens nothing.
pub fn what_was_sealed_opens_with_its_key_alone(vault: &dyn SecretVault, other_key: &dyn SecretVault) {
    assert_eq!(other_key.open(USER, &sealed(vault)), Err(VaultError::DoesNotOpen));
}

/// Who reads the table cannot tell that two secrets are the same.
pub fn two_seals_of_one_secret_differ(vault: &dyn SecretVault, _: &dyn SecretVault) {
    assert_ne!(sealed(vault), sealed(vault));
}

/// No bit can be turned.
pub fn a_change_of_any_byte_is_found(vault: &dyn SecretVault, _: &dyn SecretVault) {
    let sealed = sealed(vault);
    for place in 0..sealed.as_bytes().len() {
        for bit in [0x01, 0x80] {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[place] ^= bit;
            assert_eq!(vault.open(USER, &SealedSecret::new(bytes)), Err(VaultError::DoesNotOpen), "byte {place}");
        }
    }
}

/// Neither a part nor more than the whole opens.
pub fn what_is_cut_or_lengthened_does_not_open(vault: &dyn SecretVault, _: &dyn SecretVault) {
    let sealed = sealed(vault);
    for length in 0..sealed.as_bytes().len() {
        let cut = SealedSecret::new(sealed.as_bytes()[..length].to_vec());
        assert_eq!(vault.open(USER, &cut), Err(VaultError::DoesNotOpen), "{length} bytes");
    }
    let longer = SealedSecret::new([sealed.as_bytes(), &[0]].concat());
    assert_eq!(vault.open(USER, &longer), Err(VaultError::DoesNotOpen));
}

fn sealed(vault: &dyn SecretVault) -> SealedSecret {
    vault.seal(USER, &SecretKey::parse("s3cr3t-s3cr3t").unwrap()).unwrap()
}

#[cfg(test)]
mod tests {
    use storage_hub_core::testing::PlainVault;

    secret_vault_contract!(PlainVault::new(1), PlainVault::new(2));
}
