//! The keys that tokens and principals' secrets depend on: configured, or generated once into the data folder.

use anyhow::{Context as _, bail};
use storage_hub_adapter_crypto::{JwtSecret, KeyFileError, VaultKey};
use storage_hub_core::ports::{Directory, Ports};

use crate::config::{Config, Secret};

/// The keys.
pub(crate) struct Keys {
    /// Signs tokens.
    pub(crate) jwt_secret: JwtSecret,
    /// Encrypts principals' secrets.
    pub(crate) vault_key: VaultKey,
}

/// Reads the keys, or generates the vault key where the records are still empty.
///
/// # Errors
/// When a key is malformed, or missing though there are secrets that only it opens.
pub(crate) async fn load(config: &Config, records: &dyn Directory) -> anyhow::Result<Keys> {
    let vault_key = match &config.auth.vault_key {
        Some(key) => VaultKey::parse(key.expose()).context("auth.vault_key does not fit")?,
        None => load_generated(config, records).await?,
    };
    let jwt_secret = match config.auth.jwt_secret.as_ref().map(Secret::expose) {
        Some(secret) => JwtSecret::parse(secret).context("auth.jwt_secret does not fit")?,
        None => JwtSecret::derived_from(&vault_key),
    };
    Ok(Keys { jwt_secret, vault_key })
}

async fn load_generated(config: &Config, records: &dyn Directory) -> anyhow::Result<VaultKey> {
    let path = config.data_dir.join("vault.key");
    let first_start = records.list_users(None, 1).await.context("the records cannot be read")?.is_empty();
    let key = if first_start { VaultKey::load_or_generate(&path) } else { VaultKey::load(&path) };
    match key {
        Err(KeyFileError::Missing(path)) => bail!(
            "the records hold secrets that are encrypted with a vault key, and there is none: restore the file {}, or \
             set auth.vault_key or auth.vault_key_file; nothing has been changed",
            path.display()
        ),
        other => Ok(other?),
    }
}

/// Makes sure that the vault key is the one that the records are encrypted with.
///
/// # Errors
/// When it opens nothing.
pub(crate) async fn check(ports: &Ports) -> anyhow::Result<()> {
    let first = ports.directory.list_users(None, 1).await.context("the records cannot be read")?;
    if let Some(record) = first.first()
        && ports.vault.open(record.user.id, &record.sealed_secret).is_err()
    {
        bail!(
            "the vault key is not the one that the records are encrypted with: restore the vault.key of this database, \
             or set auth.vault_key or auth.vault_key_file to it; nothing has been changed"
        );
    }
    Ok(())
}
