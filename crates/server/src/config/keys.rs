//! The table of all keys, from which sources are read, the configuration is printed, and the README is checked.

use super::values::{Given, Mismatch, Setting};
use super::{
    Admin, Api, Auth, Config, Database, Limits, Log, LogFormat, Metrics, ProxyHeader, Reconcile, S3, Secret,
    SignUpMode, Store, StoreKind, Traces,
};

/// One key of the configuration.
pub(crate) struct Key {
    /// The dotted name, such as `api.listen`.
    pub(crate) name: &'static str,
    /// The value as a TOML literal, secrets masked; `None` when it is absent.
    pub(crate) show: fn(&Config) -> Option<String>,
    /// Parses a value and stores it.
    pub(super) set: fn(&mut Config, &Given) -> Result<(), Mismatch>,
}

/// Writes the table, and code that does not compile when a field of the configuration is missing in it.
macro_rules! keys {
    ($($top:ident),+; $($section:ident: $type:ident { $($field:ident),* $(,)? })*) => {
        /// All keys, in the order in which they are printed.
        pub(crate) const KEYS: &[Key] = &[
            $(Key {
                name: stringify!($top),
                show: |config| config.$top.show(),
                set: |config, given| {
                    config.$top = Setting::read(given)?;
                    Ok(())
                },
            },)*
            $($(Key {
                name: concat!(stringify!($section), ".", stringify!($field)),
                show: |config| config.$section.$field.show(),
                set: |config, given| {
                    config.$section.$field = Setting::read(given)?;
                    Ok(())
                },
            },)*)*
        ];

        const _: fn(&Config) = |config| {
            let Config { $($top: _,)* $($section: _,)* } = config;
            $(let $type { $($field: _),* } = &config.$section;)*
        };
    };
}

keys! {
    data_dir;
    api: Api {
        listen, public_url, workers, cors_origins, docs, trusted_proxies, proxy_header, tls_cert_file, tls_key_file,
    }
    s3: S3 {
        listen, public_url, region, domain, upload_expiry_seconds, lifecycle_interval_seconds, tls_cert_file, tls_key_file,
    }
    database: Database { url, url_file, pool_size }
    store: Store { kind, endpoint, access_key, secret_key, secret_key_file, ca_file, region, bucket_prefix, timeout_seconds, policy_prefix, name_reservation_seconds }
    auth: Auth {
        jwt_secret, jwt_secret_file, token_seconds, vault_key, vault_key_file, bcrypt_cost, hashing_threads, sign_up,
    }
    admin: Admin { email, password, password_file }
    reconcile: Reconcile { interval_seconds, lease_seconds, verify_seconds }
    limits: Limits {
        enabled, sign_ups_per_minute, logins_per_minute, attempts_per_minute, requests_per_second,
        s3_failures_per_minute, s3_attempts_per_minute, s3_connections_per_address, s3_buffered_bodies, buckets_per_user,
    }
    metrics: Metrics { listen }
    traces: Traces { otlp_endpoint, service_name }
    log: Log { format, level }
}

/// Finds a key by its exact name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Implements [`super::values::Scalar`] for an enum of words.
macro_rules! words {
    ($type:ident, $form:literal, $($word:literal => $variant:ident),+) => {
        impl super::values::Scalar for $type {
            const FORM: &'static str = $form;

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            fn literal(&self) -> String {
                match self {
                    $(Self::$variant => concat!("\"", $word, "\"").to_owned(),)+
                }
            }
        }
    };
}

words!(StoreKind, "embedded, gateway or minio", "embedded" => Embedded, "gateway" => Gateway, "minio" => Minio);
words!(SignUpMode, "open or closed", "open" => Open, "closed" => Closed);
words!(ProxyHeader, "x-forwarded-for or forwarded", "x-forwarded-for" => XForwardedFor, "forwarded" => Forwarded);
words!(LogFormat, "text or json", "text" => Text, "json" => Json);

impl super::values::Scalar for Secret {
    const FORM: &'static str = "text";
    const SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        Some(Self::from(text.to_owned()))
    }

    fn literal(&self) -> String {
        format!("{:?}", Self::MASK)
    }
}
