//! Configuration: defaults < TOML file < `STORAGE_HUB_…` environment < flags.

mod load;
mod protection;
mod secret;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub(crate) use load::{Overrides, load};
pub(crate) use protection::{Limits, Metrics, ProxyHeader, Traces};
pub(crate) use secret::Secret;

/// Everything that can be configured. Any key `a.b` is `STORAGE_HUB_A__B` in the environment and `--set a.b=…` as a
/// flag; any secret can stand in a file named by the same key with `_file`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The folder of everything that the hub keeps itself: records, objects, generated keys.
    pub(crate) data_dir: PathBuf,
    /// The REST API.
    pub(crate) api: Api,
    /// The S3 endpoint of the embedded store, and what S3 clients are told.
    pub s3: S3,
    /// The records.
    pub(crate) database: Database,
    /// The object store.
    pub(crate) store: Store,
    /// Passwords, tokens and secrets.
    pub(crate) auth: Auth,
    /// The first admin.
    pub(crate) admin: Admin,
    /// Making the store follow.
    pub(crate) reconcile: Reconcile,
    /// How much one may ask for.
    pub(crate) limits: Limits,
    /// What is counted and timed.
    pub(crate) metrics: Metrics,
    /// Where traces go.
    pub(crate) traces: Traces,
    /// Logs.
    pub(crate) log: Log,
}

/// The REST API.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Api {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// How many threads serve it; 0: one a core.
    pub(crate) workers: usize,
    /// Which pages of other origins may call it; `["*"]` for all.
    pub(crate) cors_origins: Vec<String>,
    /// Whether `/docs/` and `/openapi.json` are served.
    pub(crate) docs: bool,
    /// The networks of proxies in front, which say for whom they ask.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// The header in which they say it.
    pub(crate) proxy_header: ProxyHeader,
    /// A PEM file with the certificate and those above it; with it, HTTPS only.
    pub(crate) tls_cert_file: Option<PathBuf>,
    /// A PEM file with its private key.
    pub(crate) tls_key_file: Option<PathBuf>,
}

/// The S3 endpoint of the embedded store, and what S3 clients are told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct S3 {
    /// Where the embedded store listens.
    pub(crate) listen: SocketAddr,
    /// Where S3 clients reach the store, as a URL; made from `listen` or `store.endpoint` when not given.
    pub(crate) public_url: Option<String>,
    /// The region that S3 clients sign for.
    pub(crate) region: String,
    /// The domain below which bucket names are host names, for the embedded store; path style always works.
    pub(crate) domain: Option<String>,
    /// How long an upload in parts may stay unfinished in the embedded store, in seconds; 0: for ever.
    pub(crate) upload_expiry_seconds: u64,
    /// A PEM file with the certificate of the embedded store and those above it; with it, HTTPS only.
    pub(crate) tls_cert_file: Option<PathBuf>,
    /// A PEM file with its private key.
    pub(crate) tls_key_file: Option<PathBuf>,
}

/// The records.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// `postgres://user:password@host/name`; SQLite in the data folder when not given.
    pub(crate) url: Option<Secret>,
    /// A file with the URL.
    pub(crate) url_file: Option<PathBuf>,
    /// How many connections at the most; 0: what suits the database.
    pub(crate) pool_size: usize,
}

/// Which object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// In this process, objects in the data folder.
    Embedded,
    /// A MinIO server.
    Minio,
}

/// The object store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    /// `embedded` or `minio`.
    pub(crate) kind: StoreKind,
    /// Where the hub reaches MinIO, as a URL.
    pub(crate) endpoint: Option<String>,
    /// The access key of MinIO's root user, or of one with the rights to manage users, policies and buckets.
    pub(crate) access_key: Option<String>,
    /// Its secret key.
    pub(crate) secret_key: Option<Secret>,
    /// A file with its secret key.
    pub(crate) secret_key_file: Option<PathBuf>,
    /// A PEM file with the authority that MinIO's certificate is signed by, when the system does not know it.
    pub(crate) ca_file: Option<PathBuf>,
    /// What the names of this hub's policies in MinIO begin with.
    pub(crate) policy_prefix: String,
}

/// Passwords, tokens and secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Auth {
    /// What tokens are signed with, at least 32 bytes; generated into the data folder when not given.
    pub(crate) jwt_secret: Option<Secret>,
    /// A file with it.
    pub(crate) jwt_secret_file: Option<PathBuf>,
    /// How long a token is good, in seconds.
    pub(crate) token_seconds: u64,
    /// The key that principals' secrets are encrypted with, 64 hexadecimal digits; generated into the data folder when
    /// not given.
    pub(crate) vault_key: Option<Secret>,
    /// A file with it.
    pub(crate) vault_key_file: Option<PathBuf>,
    /// The cost of bcrypt, 4 to 31: one more doubles the time of a login.
    pub(crate) bcrypt_cost: u32,
    /// How many threads hash passwords; 0: one a core.
    pub(crate) hashing_threads: usize,
}

/// The first admin, made when there is no account at all.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Admin {
    /// Its email.
    pub(crate) email: String,
    /// Its password; generated and printed once when not given.
    pub(crate) password: Option<Secret>,
    /// A file with it.
    pub(crate) password_file: Option<PathBuf>,
}

/// Making the store follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reconcile {
    /// How many seconds lie between two looks for work that was left over.
    pub(crate) interval_seconds: u64,
    /// How many seconds a worker has for one task; one that takes longer, or dies, loses it to another.
    pub(crate) lease_seconds: u64,
    /// How many seconds after a task was lost to another worker it is carried out once more, against a write of the
    /// first that arrives late.
    pub(crate) verify_seconds: u64,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `text` or `json`.
    pub(crate) format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`, also by module: `info,storage_hub_core=debug`.
    pub(crate) level: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            api: Api::default(),
            s3: S3::default(),
            database: Database::default(),
            store: Store::default(),
            auth: Auth::default(),
            admin: Admin::default(),
            reconcile: Reconcile::default(),
            limits: Limits::default(),
            metrics: Metrics::default(),
            traces: Traces::default(),
            log: Log::default(),
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            workers: 0,
            cors_origins: Vec::new(),
            docs: true,
            trusted_proxies: Vec::new(),
            proxy_header: ProxyHeader::default(),
            tls_cert_file: None,
            tls_key_file: None,
        }
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9000)),
            public_url: None,
            region: "us-east-1".to_owned(),
            domain: None,
            upload_expiry_seconds: 7 * 24 * 60 * 60,
            tls_cert_file: None,
            tls_key_file: None,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            kind: StoreKind::Embedded,
            endpoint: None,
            access_key: None,
            secret_key: None,
            secret_key_file: None,
            ca_file: None,
            policy_prefix: "storage-hub".to_owned(),
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            jwt_secret: None,
            jwt_secret_file: None,
            token_seconds: 24 * 60 * 60,
            vault_key: None,
            vault_key_file: None,
            bcrypt_cost: 10,
            hashing_threads: 0,
        }
    }
}

impl Default for Admin {
    fn default() -> Self {
        Self { email: "admin@storage-hub.localhost".to_owned(), password: None, password_file: None }
    }
}

impl Default for Reconcile {
    fn default() -> Self {
        Self { interval_seconds: 5, lease_seconds: 30, verify_seconds: 30 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}
