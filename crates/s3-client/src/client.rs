use storage_hub_s3_protocol::operation::{Operation, RequestTemplate};

use crate::answer::Answer;
use crate::connection::Connection;
use crate::error::ClientError;
use crate::identity::Identity;
use crate::request::Request;
use crate::response::Response;

/// An S3 client that signs as one identity. It returns what was answered and judges nothing.
#[derive(Clone, Debug)]
pub struct S3Client {
    connection: Connection,
    identity: Identity,
}

impl S3Client {
    /// A client over a connection, which others may share.
    #[must_use]
    pub const fn new(connection: Connection, identity: Identity) -> Self {
        Self { connection, identity }
    }

    /// A client that signs as somebody else, over the same connection.
    #[must_use]
    pub fn signing_as(&self, identity: Identity) -> Self {
        Self { connection: self.connection.clone(), identity }
    }

    /// The connection.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Who signs.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Sends a request once and returns the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`ClientError::Target`], before anything is sent; [`ClientError::Unavailable`] without an answer in time.
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, ClientError> {
        self.connection.send(&self.identity, request).await
    }

    /// Sends a request once and returns the head of the answer. The caller limits the time: dropping the future cuts the
    /// connection.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn open(&self, request: Request<'_>) -> Result<Response, ClientError> {
        self.connection.open(&self.identity, request).await
    }

    /// Sends an operation without a streamed body, which must reach this bucket and key.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`ClientError::Unsendable`] for an operation that has no request.
    pub async fn call(
        &self,
        operation: &Operation,
        bucket: Option<&str>,
        key: Option<&str>,
    ) -> Result<Answer, ClientError> {
        self.send(Request::of(Self::template(operation, bucket)?, bucket, key)).await
    }

    /// The request of an operation.
    ///
    /// # Errors
    /// [`ClientError::Unsendable`] for an operation that has no request.
    pub fn template(operation: &Operation, bucket: Option<&str>) -> Result<RequestTemplate, ClientError> {
        let template = operation.to_request(bucket);
        template.ok_or_else(|| ClientError::Unsendable("this operation has no request".into()))
    }
}
