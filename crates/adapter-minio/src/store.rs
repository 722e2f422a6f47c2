use std::time::Duration;

use storage_hub_core::domain::SecretKey;
use storage_hub_s3_client::{Connection, ConnectionError, ConnectionOptions, Identity, StoreGate};
use tokio::sync::OnceCell;

use crate::admin_client::AdminClient;
use crate::s3_client::S3Client;

/// A MinIO server and the key of its administrator.
#[derive(Clone, Debug)]
pub struct MinioOptions {
    /// How to reach it.
    pub connection: ConnectionOptions,
    /// The access key of the root user, or of a user with the same rights.
    pub access_key: String,
    /// Its secret key.
    pub secret_key: SecretKey,
}

/// A MinIO server: the ports `ObjectStore` and `PrincipalStore`.
#[derive(Debug)]
pub struct MinioStore {
    pub(crate) connection: Connection,
    pub(crate) s3: S3Client,
    pub(crate) admin: AdminClient,
    pub(crate) name_reservation: OnceCell<Duration>,
}

impl MinioStore {
    /// Creates the clients of the store; sends nothing to the server yet.
    ///
    /// # Errors
    /// [`ConnectionError`] if the options are invalid.
    pub fn new(options: MinioOptions) -> Result<Self, ConnectionError> {
        let connection = Connection::new(&options.connection)?;
        Ok(Self::over(connection, options))
    }

    /// A store and the same one behind a gate, over one pool of connections.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn gated(options: MinioOptions, gate: StoreGate) -> Result<(Self, Self), ConnectionError> {
        let connection = Connection::new(&options.connection)?;
        Ok((Self::over(connection.clone(), options.clone()), Self::over(connection.behind(gate), options)))
    }

    fn over(connection: Connection, options: MinioOptions) -> Self {
        let identity = Identity::key(options.access_key.as_str(), options.secret_key.expose());
        Self {
            s3: S3Client::new(connection.clone(), identity),
            admin: AdminClient::new(connection.clone(), &options.access_key, options.secret_key),
            name_reservation: OnceCell::new(),
            connection,
        }
    }

    /// The connection to the server, for clients that sign with other keys.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }
}
