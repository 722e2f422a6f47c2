use std::fs;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};

use super::{Config, Secret, StoreKind, Traces};
use crate::traces;

/// The file that is read when there is one and none is named.
const DEFAULT_FILE: &str = "storage-hub.toml";
const ENV_PREFIX: &str = "STORAGE_HUB_";
/// Variables with this prefix belong to the tests.
const TEST_PREFIX: &str = "test_";

/// What the flags of a command set, over everything else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// The file named by `--config`.
    pub(crate) file: Option<PathBuf>,
    /// Keys and values, in the order that they were given.
    pub(crate) values: Vec<(String, String)>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A key is unknown, or its value is of the wrong type.
    #[error("the configuration does not fit: {0}")]
    Figment(#[from] Box<figment::Error>),
    /// The file named by `--config` is not there.
    #[error("the configuration file {0} is not there; name another with --config")]
    NoFile(PathBuf),
    /// A file of a secret cannot be read.
    #[error("the file {path} of {key} cannot be read: {source}")]
    SecretFile {
        /// Which key.
        key: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A secret stands in two places.
    #[error("{0} and {0}_file are both given; give one of them")]
    Both(&'static str),
    /// A value is missing, or goes with no other.
    #[error("{0}")]
    Invalid(String),
}

/// Reads the configuration.
///
/// # Errors
/// [`ConfigError`], which names the key, where it was given, and what would be right.
pub(crate) fn load(overrides: &Overrides) -> Result<Config, ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    match &overrides.file {
        Some(file) if !file.is_file() => return Err(ConfigError::NoFile(file.clone())),
        Some(file) => figment = figment.merge(Toml::file_exact(file)),
        None if Path::new(DEFAULT_FILE).is_file() => figment = figment.merge(Toml::file_exact(DEFAULT_FILE)),
        None => {}
    }
    figment = figment.merge(Env::prefixed(ENV_PREFIX).filter(|key| !key.starts_with(TEST_PREFIX)).split("__"));
    for (key, value) in &overrides.values {
        // The syntax of the environment: `["a"]` is a list, `7` a number, anything else a string.
        let value: figment::value::Value = value.parse().unwrap_or_else(|_| value.as_str().into());
        figment = figment.merge((key.as_str(), value));
    }
    let mut config: Config = figment.extract().map_err(Box::new)?;
    read_secret_files(&mut config)?;
    validate(&config)?;
    Ok(config)
}

fn read_secret_files(config: &mut Config) -> Result<(), ConfigError> {
    read_secret_file("database.url", &mut config.database.url, config.database.url_file.as_deref())?;
    read_secret_file("store.secret_key", &mut config.store.secret_key, config.store.secret_key_file.as_deref())?;
    read_secret_file("auth.jwt_secret", &mut config.auth.jwt_secret, config.auth.jwt_secret_file.as_deref())?;
    read_secret_file("auth.vault_key", &mut config.auth.vault_key, config.auth.vault_key_file.as_deref())?;
    read_secret_file("admin.password", &mut config.admin.password, config.admin.password_file.as_deref())
}

fn read_secret_file(key: &'static str, secret: &mut Option<Secret>, file: Option<&Path>) -> Result<(), ConfigError> {
    let Some(path) = file else { return Ok(()) };
    if secret.is_some() {
        return Err(ConfigError::Both(key));
    }
    let text = fs::read_to_string(path);
    let text = text.map_err(|source| ConfigError::SecretFile { key, path: path.to_owned(), source })?;
    *secret = Some(Secret::from(text.trim_end_matches(['\r', '\n']).to_owned()));
    Ok(())
}

fn validate(config: &Config) -> Result<(), ConfigError> {
    let invalid = |text: &str| Err(ConfigError::Invalid(text.to_owned()));
    let url = config.database.url.as_ref().map(Secret::expose);
    if url.is_some_and(|url| !url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
        return invalid("database.url begins with postgres://; leave it out for SQLite in the data folder");
    }
    if config.auth.token_seconds == 0 || config.auth.token_seconds > 31_536_000 {
        return invalid("auth.token_seconds is from 1 to 31536000 (a year)");
    }
    if !(4..=31).contains(&config.auth.bcrypt_cost) {
        return invalid("auth.bcrypt_cost is from 4 to 31");
    }
    if config.reconcile.interval_seconds == 0 {
        return invalid("reconcile.interval_seconds is at least 1");
    }
    if config.reconcile.lease_seconds == 0 || config.reconcile.lease_seconds > 3600 {
        return invalid("reconcile.lease_seconds is from 1 to 3600");
    }
    if config.reconcile.verify_seconds == 0 || config.reconcile.verify_seconds > 86_400 {
        return invalid("reconcile.verify_seconds is from 1 to 86400 (a day)");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if config.s3.region.is_empty() || !config.s3.region.chars().all(plain) {
        return invalid(
            "s3.region is letters, digits, '-', '_' and '.'; us-east-1 is what clients take unless told otherwise",
        );
    }
    if config.api.tls_cert_file.is_some() != config.api.tls_key_file.is_some() {
        return invalid("api.tls_cert_file and api.tls_key_file go together; give both");
    }
    if config.s3.tls_cert_file.is_some() != config.s3.tls_key_file.is_some() {
        return invalid("s3.tls_cert_file and s3.tls_key_file go together; give both");
    }
    check_traces(&config.traces, traces::BUILT_IN)?;
    match config.store.kind {
        StoreKind::Embedded if url.is_some() => invalid(
            "the embedded store goes with SQLite alone: its objects are in one machine's folder, which other replicas \
             on the same PostgreSQL would not have; set store.kind = \"minio\", or leave database.url out",
        ),
        StoreKind::Minio
            if config.store.endpoint.is_none()
                || config.store.access_key.is_none()
                || config.store.secret_key.is_none() =>
        {
            invalid("store.kind = \"minio\" needs store.endpoint, store.access_key and store.secret_key (or …_file)")
        }
        StoreKind::Embedded | StoreKind::Minio => Ok(()),
    }
}

fn check_traces(traces: &Traces, built_in: bool) -> Result<(), ConfigError> {
    if traces.otlp_endpoint.is_some() && !built_in {
        return Err(ConfigError::Invalid(
            "traces.otlp_endpoint is set, but this build sends no traces: build it with --features otlp, or leave it out"
                .to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use storage_hub_adapter_http::RateLimits;

    use super::*;

    fn with(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        load(&Overrides { file: None, values })
    }

    fn message(values: &[(&str, &str)]) -> String {
        with(values).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_the_embedded_store_on_loopback() {
        let config = with(&[]).unwrap();
        assert_eq!(config.store.kind, StoreKind::Embedded);
        assert_eq!(config.api.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.s3.listen.to_string(), "127.0.0.1:9000");
    }

    #[test]
    fn unknown_keys_and_wrong_types_are_refused_by_name() {
        assert!(message(&[("api.lisen", "127.0.0.1:1")]).contains("lisen"));
        assert!(message(&[("api.listen", "nowhere")]).contains("listen"));
        assert!(message(&[("store.kind", "gcs")]).contains("minio"));
        assert!(message(&[("s3.region", "")]).contains("us-east-1"));
    }

    #[test]
    fn the_embedded_store_on_postgresql_is_refused_with_the_reason() {
        assert!(message(&[("database.url", "postgres://h/d")]).contains("replicas"));
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        assert!(message(&[("api.tls_cert_file", "cert.pem")]).contains("api.tls_key_file"));
        assert!(message(&[("s3.tls_key_file", "key.pem")]).contains("s3.tls_cert_file"));
    }

    #[test]
    fn what_may_be_asked_for_can_be_set_and_switched_off() {
        let config = with(&[("limits.attempts_per_minute", "7"), ("api.trusted_proxies", "[\"10.0.0.0/8\"]")]).unwrap();
        assert_eq!(config.limits.rates().attempts_per_minute, 7);
        assert_eq!(config.api.trusted_proxies, ["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(with(&[("limits.enabled", "false")]).unwrap().limits.rates(), RateLimits::OFF);
        assert!(message(&[("api.trusted_proxies", "[\"10.0.0.0/40\"]")]).contains("trusted_proxies"));
        assert!(message(&[("api.proxy_header", "x-real-ip")]).contains("forwarded"));
    }

    #[test]
    fn traces_are_refused_by_a_build_that_cannot_send_them() {
        let traces = Traces { otlp_endpoint: Some("http://127.0.0.1:4318".to_owned()), ..Traces::default() };
        assert!(check_traces(&traces, false).unwrap_err().to_string().contains("--features otlp"));
        assert!(check_traces(&traces, true).is_ok());
        assert!(check_traces(&Traces::default(), false).is_ok());
        assert_eq!(with(&[("traces.otlp_endpoint", "http://127.0.0.1:4318")]).is_ok(), cfg!(feature = "otlp"));
    }

    #[test]
    fn minio_without_its_key_is_refused() {
        assert!(message(&[("store.kind", "minio"), ("store.endpoint", "http://h:9000")]).contains("store.secret_key"));
    }

    #[test]
    fn a_secret_comes_from_a_file_without_its_line_end_and_is_masked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, "hunter22hunter22\n").unwrap();
        let path = file.to_str().unwrap();
        let config = with(&[("admin.password_file", path)]).unwrap();
        assert_eq!(config.admin.password.as_ref().unwrap().expose(), "hunter22hunter22");
        assert!(!toml::to_string(&config).unwrap().contains("hunter22"));
        assert!(!format!("{config:?}").contains("hunter22"));
        assert!(message(&[("admin.password_file", path), ("admin.password", "x")]).contains("both"));
        assert!(message(&[("admin.password_file", "/nowhere/at/all")]).contains("/nowhere/at/all"));
    }
}
