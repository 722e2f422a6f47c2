//! What can be checked about the values without opening anything.

use storage_hub_adapter_crypto::{JwtSecret, VaultKey};
use storage_hub_core::domain::{AccessKey, Email, Password, SecretKey};
use storage_hub_core::policy::PolicyPrefix;

use super::{Config, Secret, StoreKind, log_level, origins, public_url};
use crate::traces;

/// A key whose value is refused, and the rest of the sentence that begins with the key.
pub(super) type Problem = (&'static str, String);

/// Finds the first value that a server could not use.
pub(super) fn validate(config: &Config) -> Result<(), Problem> {
    values(config)?;
    secrets(config)?;
    combinations(config)
}

fn values(config: &Config) -> Result<(), Problem> {
    let Config { api, s3, auth, reconcile, .. } = config;
    for origin in &api.cors_origins {
        at("api.cors_origins", origins::check(origin))?;
    }
    let public = [("api.public_url", &api.public_url), ("s3.public_url", &s3.public_url)];
    for (key, url) in public.into_iter().chain([("store.endpoint", &config.store.endpoint)]) {
        at(key, url.as_deref().map_or(Ok(()), public_url::check_base))?;
    }
    at("traces.otlp_endpoint", config.traces.otlp_endpoint.as_deref().map_or(Ok(()), public_url::check))?;
    at("s3.region", check_region(&s3.region))?;
    at("store.region", config.store.region.as_deref().map_or(Ok(()), check_region))?;
    at("store.bucket_prefix", check_bucket_prefix(&config.store.bucket_prefix))?;
    range("store.timeout_seconds", config.store.timeout_seconds, 1, 300, " (5 minutes)")?;
    at("s3.domain", s3.domain.as_deref().map_or(Ok(()), check_domain))?;
    range("auth.token_seconds", auth.token_seconds, 1, 31_536_000, " (a year)")?;
    range("auth.bcrypt_cost", auth.bcrypt_cost.into(), 4, 31, "")?;
    range("reconcile.interval_seconds", reconcile.interval_seconds, 1, 86_400, " (a day)")?;
    range("reconcile.lease_seconds", reconcile.lease_seconds, 1, 3600, "")?;
    range("reconcile.verify_seconds", reconcile.verify_seconds, 1, 86_400, " (a day)")?;
    let reservation = config.store.name_reservation_seconds.unwrap_or_default();
    range("store.name_reservation_seconds", reservation, 0, 31_536_000, " (a year)")?;
    at("store.policy_prefix", PolicyPrefix::parse(&config.store.policy_prefix))?;
    at("admin.email", Email::parse(&config.admin.email))?;
    at("log.level", log_level::check(&config.log.level))
}

/// No message of these types contains the secret.
fn secrets(config: &Config) -> Result<(), Problem> {
    let url = config.database.url.as_ref().map(Secret::expose);
    if url.is_some_and(|url| !url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
        let problem = "must begin with postgres://; leave it out to use SQLite in the data folder";
        return Err(("database.url", problem.to_owned()));
    }
    if let Some(key) = &config.store.access_key {
        at("store.access_key", AccessKey::parse(key.as_str()))?;
    }
    if let Some(secret) = &config.store.secret_key {
        at("store.secret_key", SecretKey::parse(secret.expose()))?;
    }
    if let Some(secret) = &config.auth.jwt_secret {
        at("auth.jwt_secret", JwtSecret::parse(secret.expose()))?;
    }
    if let Some(key) = &config.auth.vault_key {
        at("auth.vault_key", VaultKey::parse(key.expose()))?;
    }
    if let Some(password) = &config.admin.password {
        at("admin.password", Password::parse(password.expose().to_owned()))?;
    }
    Ok(())
}

fn combinations(config: &Config) -> Result<(), Problem> {
    let Config { api, s3, store, .. } = config;
    let pairs = [
        ("api.tls_cert_file", &api.tls_cert_file, "api.tls_key_file", &api.tls_key_file),
        ("s3.tls_cert_file", &s3.tls_cert_file, "s3.tls_key_file", &s3.tls_key_file),
    ];
    for (cert_key, cert, key_key, key) in pairs {
        match (cert, key) {
            (Some(_), None) => return Err((cert_key, format!("needs {key_key} too"))),
            (None, Some(_)) => return Err((key_key, format!("needs {cert_key} too"))),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    check_traces(config.traces.otlp_endpoint.as_deref(), traces::BUILT_IN)?;
    if store.kind == StoreKind::Embedded && config.database.url.is_some() {
        return Err((
            "database.url",
            "cannot be combined with the embedded store, whose objects are in one machine's folder: other replicas on \
             the same PostgreSQL would not have them; set store.kind to gateway or minio, or leave database.url out"
                .to_owned(),
        ));
    }
    if store.kind != StoreKind::Embedded {
        for (key, missing) in [
            ("store.endpoint", store.endpoint.is_none()),
            ("store.access_key", store.access_key.is_none()),
            ("store.secret_key", store.secret_key.is_none()),
        ] {
            if missing {
                return Err((key, format!("is required when store.kind is {}", store.kind.recorded())));
            }
        }
    }
    Ok(())
}

pub(super) fn check_traces(endpoint: Option<&str>, built_in: bool) -> Result<(), Problem> {
    if endpoint.is_some() && !built_in {
        let problem = "needs a build with --features otlp; this build cannot send traces";
        return Err(("traces.otlp_endpoint", problem.to_owned()));
    }
    Ok(())
}

fn check_region(region: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match !region.is_empty() && region.chars().all(plain) {
        true => Ok(()),
        false => {
            let got = region.escape_debug();
            Err(format!("must contain only a-z, 0-9 and hyphens, such as us-east-1, got `{got}`"))
        }
    }
}

/// The name of a bucket is the prefix and 32 digits, and S3 allows 63 characters.
fn check_bucket_prefix(prefix: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match (1..=31).contains(&prefix.len()) && prefix.chars().all(plain) && !prefix.starts_with('-') {
        true => Ok(()),
        false => {
            let got = prefix.escape_debug();
            Err(format!("must be 1 to 31 of a-z, 0-9 and hyphens, without a hyphen at the beginning, got `{got}`"))
        }
    }
}

fn check_domain(domain: &str) -> Result<(), String> {
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    match domain.split('.').all(label) {
        true => Ok(()),
        false => {
            let got = domain.escape_debug();
            Err(format!("must be a domain name without a port, such as s3.example.com, got `{got}`"))
        }
    }
}

fn range(key: &'static str, value: u64, min: u64, max: u64, meaning: &str) -> Result<(), Problem> {
    match (min..=max).contains(&value) {
        true => Ok(()),
        false => Err((key, format!("must be from {min} to {max}{meaning}, got {value}"))),
    }
}

fn at<T, E: ToString>(key: &'static str, outcome: Result<T, E>) -> Result<(), Problem> {
    outcome.map(drop).map_err(|error| (key, error.to_string()))
}
