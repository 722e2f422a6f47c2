//! Core's ports that need cryptography, randomness or the time of day.
//!
//! [`BcryptHasher`] hashes passwords, [`JwtIssuer`] signs tokens, [`AeadVault`] encrypts principals' secrets,
//! [`OsIdSource`] makes ids and keys, [`SystemClock`] tells the time.

mod aead_vault;
mod bcrypt_hasher;
mod jwt_issuer;
mod jwt_secret;
mod os_id_source;
mod system_clock;
mod vault_key;
mod vault_key_file;

pub use aead_vault::AeadVault;
pub use bcrypt_hasher::{BcryptHasher, BcryptHasherError, BcryptOptions};
pub use jwt_issuer::{JwtIssuer, JwtSettings};
pub use jwt_secret::{JwtSecret, JwtSecretError};
pub use os_id_source::OsIdSource;
pub use system_clock::SystemClock;
pub use vault_key::{VaultKey, VaultKeyError};
pub use vault_key_file::KeyFileError;
