//! Requests whose bodies are small or absent, with time limits, and repeated where that is safe.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderName, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use storage_hub_s3_client::{Answer, Body, ClientError, KeyRefusal, Request, Response, S3Client, check_key};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::Operation;

use crate::error::{refused, unanswered};
use crate::gateway::Gateway;

/// Time limit of a request that makes the store copy or put together an object.
pub(crate) const LONG: Duration = Duration::from_secs(300);

/// A request about a bucket behind the gateway.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    /// The name of the bucket behind.
    pub(crate) bucket: &'a str,
    /// The key that the request must reach.
    pub(crate) key: Option<&'a str>,
    /// The bucket behind and the key that it must copy from.
    pub(crate) source: Option<(&'a str, &'a str)>,
    pub(crate) limit: Duration,
}

impl<'a> Call<'a> {
    pub(crate) fn new(gateway: &Gateway, operation: &'a Operation, bucket: &'a str, key: Option<&'a str>) -> Self {
        Self { operation, bucket, key, source: None, limit: gateway.timeout() }
    }

    fn request(&self) -> Result<Request<'a>, ClientError> {
        let template = S3Client::template(self.operation, Some(self.bucket))?;
        let mut request = Request::of(template, Some(self.bucket), self.key);
        request.copy_source = self.source;
        request.timeout = Some(self.limit);
        Ok(request)
    }
}

impl Gateway {
    /// Refuses a key that the store would fold into another one.
    pub(crate) fn check_key(&self, key: &str) -> S3Result<()> {
        let takes_backslashes = self.probed().is_some_and(|probed| probed.result.backslashes);
        check_key(key, takes_backslashes).map_err(|refusal| {
            let message = match refusal {
                KeyRefusal::Empty => "The key must not be empty.",
                KeyRefusal::EmptySegment => "The key must not begin with `/` or contain `//`.",
                KeyRefusal::DotSegment => "The key must not have `.` or `..` between two `/`.",
                KeyRefusal::Backslash => "The key must not contain a backslash.",
            };
            S3Error::with_message(ErrorCode::InvalidArgument, message)
        })
    }

    /// Sends a write once.
    pub(crate) async fn write_once(&self, call: Call<'_>) -> S3Result<Answer> {
        let _place = self.wait().await?;
        let answer = self.client.send(call.request().map_err(unanswered)?).await.map_err(unanswered)?;
        self.accept(answer, call.bucket, false).await
    }

    /// Sends a write with a document once, with the digest of it that stores demand.
    pub(crate) async fn write_digested(&self, call: Call<'_>) -> S3Result<Answer> {
        let _place = self.wait().await?;
        let mut request = call.request().map_err(unanswered)?;
        if let Body::Bytes(document) = &request.body
            && !document.is_empty()
        {
            let digest = BASE64.encode(Sha256::digest(document));
            let digest = HeaderValue::from_str(&digest);
            let digest = digest.map_err(|error| S3Error::new(ErrorCode::InternalError).caused_by(error))?;
            request.headers.insert(HeaderName::from_static("x-amz-checksum-sha256"), digest);
        }
        let answer = self.client.send(request).await.map_err(unanswered)?;
        self.accept(answer, call.bucket, false).await
    }

    /// Sends a read, and repeats it once when it was not answered.
    pub(crate) async fn read(&self, call: Call<'_>) -> S3Result<Answer> {
        let _place = self.wait().await?;
        let is_head = matches!(call.operation, Operation::HeadObject(_) | Operation::HeadBucket);
        let started = Instant::now();
        let mut answer = self.client.send(call.request().map_err(unanswered)?).await;
        if is_worth_repeating(&answer, started, call.limit) {
            answer = self.client.send(call.request().map_err(unanswered)?).await;
        }
        self.accept(answer.map_err(unanswered)?, call.bucket, is_head).await
    }

    /// Sends a read whose answer is streamed. It is repeated once before the first byte.
    pub(crate) async fn open(&self, call: Call<'_>) -> S3Result<Response> {
        let place = self.wait().await?;
        let started = Instant::now();
        let mut response = self.open_once(&call).await;
        if response.is_err() && started.elapsed() < call.limit / 2 {
            response = self.open_once(&call).await;
        }
        let response = response.map_err(unanswered)?;
        drop(place);
        if response.is_success() {
            return Ok(response);
        }
        let answer = tokio::time::timeout(call.limit, response.read()).await;
        let answer = answer.map_err(|_| S3Error::new(ErrorCode::ServiceUnavailable))?.map_err(unanswered)?;
        Err(refused(&answer, call.bucket))
    }

    async fn open_once(&self, call: &Call<'_>) -> Result<Response, ClientError> {
        let response = tokio::time::timeout(call.limit, self.client.open(call.request()?)).await;
        response.map_err(|elapsed| ClientError::Unavailable(elapsed.into()))?
    }

    async fn accept(&self, answer: Answer, behind: &str, is_head: bool) -> S3Result<Answer> {
        if answer.is_success() {
            return Ok(answer);
        }
        // The answer to HEAD has no document, so that it does not say what was not found.
        if is_head && answer.status == StatusCode::NOT_FOUND && answer.code.is_none() {
            let request = Request::new(http::Method::HEAD, Some(behind), None);
            let bucket = self.client.send(request).await.map_err(unanswered)?;
            if bucket.status == StatusCode::NOT_FOUND {
                return Err(ErrorCode::NoSuchBucket.into());
            }
        }
        Err(refused(&answer, behind))
    }
}

/// Whether a read that failed may succeed at once: it was not answered, and not because of the time limit.
fn is_worth_repeating(answer: &Result<Answer, ClientError>, started: Instant, limit: Duration) -> bool {
    let failed = match answer {
        Ok(answer) => matches!(answer.status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT),
        Err(ClientError::Unavailable(_)) => true,
        Err(_) => false,
    };
    failed && started.elapsed() < limit / 2
}
