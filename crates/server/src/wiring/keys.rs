//! The keys that protect tokens and S3 secrets: configured, or generated once into the data folder.

use anyhow::{Context as _, bail};
use storage_hub_adapter_crypto::{JwtSecret, KeyFileError, VaultKey};
use storage_hub_core::context::Ports;
use storage_hub_core::ports::Directory;

use crate::config::{Config, Secret};

/// Number of users that are read per query.
const PAGE: u16 = 1000;

/// The keys.
pub(crate) struct Keys {
    /// Signs tokens.
    pub(crate) jwt_secret: JwtSecret,
    /// Encrypts the users' S3 secrets.
    pub(crate) vault_key: VaultKey,
}

/// Reads the keys, or generates the vault key if the records are still empty.
///
/// # Errors
/// When a key is malformed, or missing although the records hold secrets that it encrypts.
pub(crate) async fn load(config: &Config, records: &dyn Directory) -> anyhow::Result<Keys> {
    let vault_key = match &config.auth.vault_key {
        Some(key) => VaultKey::parse(key.expose()).context("auth.vault_key is invalid")?,
        None => load_generated(config, records).await?,
    };
    let jwt_secret = match config.auth.jwt_secret.as_ref().map(Secret::expose) {
        Some(secret) => JwtSecret::parse(secret).context("auth.jwt_secret is invalid")?,
        None => JwtSecret::derived_from(&vault_key),
    };
    Ok(Keys { jwt_secret, vault_key })
}

/// Reads the vault key that is configured or in the data folder. Generates none.
///
/// # Errors
/// When there is none, or it is malformed.
pub(crate) fn load_existing(config: &Config) -> anyhow::Result<VaultKey> {
    if let Some(key) = &config.auth.vault_key {
        return VaultKey::parse(key.expose()).context("auth.vault_key is invalid");
    }
    match VaultKey::load(&config.data_dir.join("vault.key")) {
        Err(KeyFileError::Missing(path)) => {
            bail!("there is no vault key: put it into {}, or set auth.vault_key; nothing was changed", path.display())
        }
        other => Ok(other?),
    }
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

/// Checks that the vault key is the one that the records are encrypted with, by decrypting the first secret.
///
/// # Errors
/// When it cannot be decrypted.
pub(crate) async fn check(ports: &Ports, fingerprint: &str) -> anyhow::Result<()> {
    let first = ports.directory.list_users(None, 1).await.context("the records cannot be read")?;
    if let Some(record) = first.first()
        && ports.vault.open(record.user.id, &record.sealed_secret).is_err()
    {
        bail!(
            "the vault key (fingerprint {fingerprint}) is not the one that the records are encrypted with: restore the \
             vault.key of this database, or set auth.vault_key or auth.vault_key_file to it; nothing has been changed"
        );
    }
    Ok(())
}

/// Decrypts every secret of the records, and returns their number in a sentence.
///
/// # Errors
/// When one cannot be decrypted: it was encrypted with another key, for example by a replica with another
/// configuration.
pub(crate) async fn check_all(ports: &Ports, fingerprint: &str) -> anyhow::Result<String> {
    let (mut decrypted, mut after, mut failed) = (0_u64, None, Vec::new());
    loop {
        let page = ports.directory.list_users(after, PAGE).await.context("the records cannot be read")?;
        let Some(last) = page.last() else { break };
        after = Some(last.user.id);
        for record in &page {
            match ports.vault.open(record.user.id, &record.sealed_secret) {
                Ok(_) => decrypted += 1,
                Err(_) => failed.push(record.user.email.to_string()),
            }
        }
    }
    if let Some(one) = failed.first() {
        bail!(
            "the vault key (fingerprint {fingerprint}) cannot decrypt {} of {} secrets, such as that of {one}; if a \
             replica with another key encrypted them, restore that key, or rotate the secrets",
            failed.len(),
            decrypted + failed.len() as u64
        );
    }
    Ok(format!("the vault key (fingerprint {fingerprint}) decrypts all {decrypted} secrets of the records"))
}
