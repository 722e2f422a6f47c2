use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use http::{HeaderMap, StatusCode};

use crate::answer::Answer;
use crate::error::ClientError;

/// The bytes of an answer. An error breaks them off.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, ClientError>> + Send>>;

/// Maximum length of an answer that is read as a whole: a list of 1,000 keys of 1 KiB, percent-encoded, with room.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// An answer whose body is not yet read.
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: ByteStream,
}

impl Response {
    pub(crate) fn new(response: reqwest::Response, idle: Duration) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let chunks = response.bytes_stream();
        let body = futures::stream::try_unfold(Box::pin(chunks), move |mut chunks| async move {
            match tokio::time::timeout(idle, chunks.next()).await {
                Err(elapsed) => Err(ClientError::Unavailable(elapsed.into())),
                Ok(None) => Ok(None),
                Ok(Some(chunk)) => chunk.map(|chunk| Some((chunk, chunks))).map_err(ClientError::unavailable),
            }
        });
        Self { status, headers, body: Box::pin(body) }
    }

    /// Whether the request succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The body, as it arrives. It breaks off when nothing arrives within the time limit of the connection.
    #[must_use]
    pub fn into_body(self) -> ByteStream {
        self.body
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// [`ClientError::Unavailable`] if it breaks off or is longer than any answer may be.
    pub async fn read(mut self) -> Result<Answer, ClientError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.body.next().await {
            let chunk = chunk?;
            if body.len().saturating_add(chunk.len()) > MAX_ANSWER {
                return Err(ClientError::Unavailable("the answer is too long".into()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer::new(self.status, self.headers, body.freeze()))
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}
