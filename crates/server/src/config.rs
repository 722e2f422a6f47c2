//! The configuration: defaults, overridden by a TOML file, then `STORAGE_HUB_…` environment variables, then flags.
//!
//! [`load()`] reads the sources, finds each key in the table of `keys`, parses its text (`values`), and checks what can
//! be checked without opening anything (`validate`). Every message names the key and the source that gave its value,
//! and none contains the value of a [`Secret`].

mod file;
mod keys;
mod load;
mod log_level;
mod origins;
mod protection;
mod public_url;
mod s3_endpoint;
mod secret;
mod sources;
mod suggestion;
mod validate;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;

pub(crate) use keys::KEYS;
pub(crate) use load::{Loaded, Overrides, load};
pub(crate) use protection::{Limits, Metrics, ProxyHeader, Traces};
pub(crate) use secret::Secret;

/// Everything that can be configured. The key `a.b` is `STORAGE_HUB_A__B` in the environment and `--set a.b=…` as a
/// flag; a secret can be read from the file that the key with the suffix `_file` names. A new field needs a line in the
/// table of `keys`, which the compiler asks for, and a row in the README, which a test asks for.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Folder of the records, the objects and the generated vault key.
    pub(crate) data_dir: PathBuf,
    /// The REST API.
    pub(crate) api: Api,
    /// The S3 endpoint of the hub, and what S3 clients are told.
    pub(crate) s3: S3,
    /// The records.
    pub(crate) database: Database,
    /// The object store.
    pub(crate) store: Store,
    /// Passwords, tokens and secrets.
    pub(crate) auth: Auth,
    /// The first admin.
    pub(crate) admin: Admin,
    /// The worker that applies pending tasks to the store.
    pub(crate) reconcile: Reconcile,
    /// Rate limits.
    pub(crate) limits: Limits,
    /// Metrics for Prometheus.
    pub(crate) metrics: Metrics,
    /// Export of traces.
    pub(crate) traces: Traces,
    /// Logs.
    pub(crate) log: Log,
}

/// The REST API.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    /// Address that it listens on.
    pub(crate) listen: SocketAddr,
    /// URL at which people reach it; derived from `listen` when absent.
    pub(crate) public_url: Option<String>,
    /// Number of worker threads (0: one per core).
    pub(crate) workers: usize,
    /// Origins whose pages may call it (`["*"]`: all).
    pub(crate) cors_origins: Vec<String>,
    /// Whether `/docs/` and `/openapi.json` are served.
    pub(crate) docs: bool,
    /// Networks of the reverse proxies whose forwarding header is trusted.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// The forwarding header that they set.
    pub(crate) proxy_header: ProxyHeader,
    /// PEM file with the certificate chain; enables HTTPS, and disables HTTP.
    pub(crate) tls_cert_file: Option<PathBuf>,
    /// PEM file with the private key.
    pub(crate) tls_key_file: Option<PathBuf>,
}

/// The S3 endpoint of the hub, and what S3 clients are told.
#[derive(Clone, Debug)]
pub(crate) struct S3 {
    /// Address that the endpoint listens on.
    pub(crate) listen: SocketAddr,
    /// URL at which S3 clients reach the store; derived from `listen` or `store.endpoint` when absent.
    pub(crate) public_url: Option<String>,
    /// Region that S3 clients sign for.
    pub(crate) region: String,
    /// Domain of virtual-hosted-style requests to the endpoint; path style always works.
    pub(crate) domain: Option<String>,
    /// Age at which an unfinished multipart upload of the embedded store is aborted, in seconds (0: never).
    pub(crate) upload_expiry_seconds: u64,
    /// Seconds between two passes of the lifecycle rules of the embedded store (0: none).
    pub(crate) lifecycle_interval_seconds: u64,
    /// PEM file with the certificate chain of the endpoint; enables HTTPS, and disables HTTP.
    pub(crate) tls_cert_file: Option<PathBuf>,
    /// PEM file with the private key.
    pub(crate) tls_key_file: Option<PathBuf>,
}

/// The records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Database {
    /// `postgres://user:password@host/name`; SQLite in the data folder when absent.
    pub(crate) url: Option<Secret>,
    /// File that contains the URL.
    pub(crate) url_file: Option<PathBuf>,
    /// Maximum number of connections (0: a default that suits the database).
    pub(crate) pool_size: usize,
}

/// The kind of object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreKind {
    /// In this process, objects in the data folder.
    Embedded,
    /// A MinIO server.
    Minio,
    /// Any S3 service, behind the S3 endpoint of this process.
    Gateway,
}

impl StoreKind {
    /// The kind as the records name it.
    pub(crate) const fn recorded(self) -> storage_hub_core::domain::StoreKind {
        match self {
            Self::Embedded => storage_hub_core::domain::StoreKind::Embedded,
            Self::Minio => storage_hub_core::domain::StoreKind::Minio,
            Self::Gateway => storage_hub_core::domain::StoreKind::Gateway,
        }
    }

    /// Whether this process has an S3 endpoint, through which all objects pass.
    pub(crate) const fn serves_s3(self) -> bool {
        !matches!(self, Self::Minio)
    }
}

/// The object store.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    /// `embedded`, `gateway` or `minio`.
    pub(crate) kind: StoreKind,
    /// URL at which the hub reaches the S3 service or MinIO.
    pub(crate) endpoint: Option<String>,
    /// Access key of the hub: at the S3 service, one that may create buckets; on MinIO, that of the root user or of a
    /// user who may manage users, policies and buckets.
    pub(crate) access_key: Option<String>,
    /// Secret key that belongs to `access_key`.
    pub(crate) secret_key: Option<Secret>,
    /// File that contains the secret key.
    pub(crate) secret_key_file: Option<PathBuf>,
    /// PEM file with the certificate authority of the service, when the system does not trust it already.
    pub(crate) ca_file: Option<PathBuf>,
    /// Region that the hub signs its own requests to the service for; that of `s3.region` when absent.
    pub(crate) region: Option<String>,
    /// Beginning of the names of this hub's buckets at the S3 service behind the gateway.
    pub(crate) bucket_prefix: String,
    /// Time that a request to the S3 service behind the gateway may wait for its answer, in seconds.
    pub(crate) timeout_seconds: u64,
    /// Prefix of the names of this hub's policies in MinIO.
    pub(crate) policy_prefix: String,
    /// How long the name of a deleted bucket stays reserved for its last owner, in seconds.
    pub(crate) name_reservation_seconds: Option<u64>,
}

/// Passwords, tokens and secrets.
#[derive(Clone, Debug)]
pub(crate) struct Auth {
    /// Secret that signs tokens, at least 32 bytes; derived from the vault key when absent.
    pub(crate) jwt_secret: Option<Secret>,
    /// File that contains the secret.
    pub(crate) jwt_secret_file: Option<PathBuf>,
    /// Lifetime of a token, in seconds.
    pub(crate) token_seconds: u64,
    /// Key that encrypts the users' S3 secrets, 64 hexadecimal digits; generated into the data folder when absent.
    pub(crate) vault_key: Option<Secret>,
    /// File that contains the key.
    pub(crate) vault_key_file: Option<PathBuf>,
    /// Cost of bcrypt, 4 to 31; each step doubles the time of a login.
    pub(crate) bcrypt_cost: u32,
    /// Number of threads that hash passwords (0: one per core).
    pub(crate) hashing_threads: usize,
    /// Who may create accounts.
    pub(crate) sign_up: SignUpMode,
}

/// Who may create accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignUpMode {
    /// Anybody.
    Open,
    /// Administrators only.
    Closed,
}

/// The first administrator, created when there is no account yet.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    /// Email address of the account.
    pub(crate) email: String,
    /// Password of the account; generated and printed once when absent.
    pub(crate) password: Option<Secret>,
    /// File that contains the password.
    pub(crate) password_file: Option<PathBuf>,
}

/// The worker that applies pending tasks to the store.
#[derive(Clone, Debug)]
pub(crate) struct Reconcile {
    /// Time between two searches for pending tasks, in seconds.
    pub(crate) interval_seconds: u64,
    /// Duration of the lease on a task, in seconds; a worker that takes longer, or dies, loses the task to another.
    pub(crate) lease_seconds: u64,
    /// Delay after a lost lease before the task is applied once more, in seconds; a write that the first worker sent
    /// late is corrected then.
    pub(crate) verify_seconds: u64,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// Text, for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Logs.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    /// `text` or `json`.
    pub(crate) format: LogFormat,
    /// `off`, `error`, `warn`, `info`, `debug` or `trace`, optionally by module: `info,storage_hub_core=debug`.
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
            public_url: None,
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
            lifecycle_interval_seconds: 60 * 60,
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
            region: None,
            bucket_prefix: "hub-".to_owned(),
            timeout_seconds: 10,
            policy_prefix: "storage-hub".to_owned(),
            name_reservation_seconds: None,
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
            sign_up: SignUpMode::Open,
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
