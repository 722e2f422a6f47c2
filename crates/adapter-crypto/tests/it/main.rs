//! The contracts of the ports, and what the tokens must withstand.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod jwt_attacks;

use std::num::NonZeroUsize;
use std::time::Duration;

use storage_hub_adapter_crypto::{
    AeadVault, BcryptHasher, BcryptOptions, JwtIssuer, JwtSecret, JwtSettings, OsIdSource, VaultKey,
};
use storage_hub_port_contract::id_source::IdSourceLimits;

const LIFETIME: Duration = Duration::from_secs(900);

fn hasher() -> BcryptHasher {
    BcryptHasher::new(BcryptOptions { cost: 4, threads: NonZeroUsize::new(2).unwrap(), queue: 64 }).unwrap()
}

fn settings() -> JwtSettings {
    JwtSettings { issuer: "hub".to_owned(), audience: "hub-api".to_owned(), lifetime: LIFETIME }
}

fn issuer() -> JwtIssuer {
    JwtIssuer::new(settings(), &JwtSecret::generate())
}

fn vault() -> AeadVault {
    AeadVault::new(&VaultKey::generate())
}

mod password_hasher {
    storage_hub_port_contract::password_hasher_contract!(super::hasher());
}

mod secret_vault {
    storage_hub_port_contract::secret_vault_contract!(super::vault(), super::vault());
}

mod token_issuer {
    storage_hub_port_contract::token_issuer_contract!(super::issuer(), super::LIFETIME);
}

mod id_source {
    use super::{IdSourceLimits, OsIdSource};

    storage_hub_port_contract::id_source_contract!(OsIdSource, IdSourceLimits { predictable: false });
}
