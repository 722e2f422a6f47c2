//! Cross-origin requests: which web pages may use a bucket from a browser. The rules are in the records.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use storage_hub_core::domain::{BucketName, CorsMethod, CorsRule};
use storage_hub_core::use_cases::s3::S3Access;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::head::RequestHead;

use crate::answer_body::Content;
use crate::authorization::failed;
use crate::endpoint::Endpoint;

/// The headers that the hub's own pages may read.
const EXPOSED: &str = "ETag, x-amz-request-id, x-amz-version-id, x-amz-mp-parts-count, x-amz-checksum-crc32, \
    x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, x-amz-checksum-sha256, Content-Range, \
    Accept-Ranges";
/// How long browsers may remember the answer to a preflight of the hub's own pages, in seconds.
const CONSOLE_MAX_AGE: u32 = 600;

/// The headers that allow a web page to read an answer. None without an `Origin`, or when nothing allows it.
#[derive(Debug, Default)]
pub(crate) struct CorsAnswer {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl CorsAnswer {
    /// Allows the hub's own pages.
    pub(crate) fn allow_console(&mut self, head: &RequestHead, origins: &[String]) {
        if let Some(origin) = head.header("origin").filter(|origin| is_console(origins, origin)) {
            self.set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            self.set(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            self.vary();
        }
    }

    /// Allows what the rules of the bucket allow.
    pub(crate) fn allow_by_rules(&mut self, head: &RequestHead, access: &S3Access) {
        let rules = access.bucket.as_ref().and_then(|bucket| bucket.cors());
        let (Some(rules), Some(origin)) = (rules, head.header("origin")) else { return };
        // What is answered depends on the origin, also where it is not allowed.
        self.vary();
        if self.is_allowed() {
            return;
        }
        if let Some(rule) = rules.find_match(origin, head.method().as_str(), &[]) {
            self.set_rule(rule, origin);
        }
    }

    /// Adds the headers to an answer.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        for (name, value) in self.headers {
            if name == header::VARY {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
    }

    fn is_allowed(&self) -> bool {
        self.headers.iter().any(|(name, _)| name == header::ACCESS_CONTROL_ALLOW_ORIGIN)
    }

    fn vary(&mut self) {
        if !self.headers.iter().any(|(name, _)| name == header::VARY) {
            self.set(header::VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
        }
    }

    fn set_rule(&mut self, rule: &CorsRule, origin: &str) {
        // Like S3, the origin is named unless the rule allows every origin by a lone `*`.
        let any = rule.allowed_origins.iter().any(|allowed| allowed == "*");
        self.set(header::ACCESS_CONTROL_ALLOW_ORIGIN, if any { "*" } else { origin });
        let methods: Vec<_> = rule.allowed_methods.iter().copied().map(CorsMethod::as_str).collect();
        self.set(header::ACCESS_CONTROL_ALLOW_METHODS, &methods.join(", "));
        if !any {
            self.set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if !rule.expose_headers.is_empty() {
            self.set(header::ACCESS_CONTROL_EXPOSE_HEADERS, &rule.expose_headers.join(", "));
        }
        self.vary();
    }

    fn set(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
    }
}

impl Endpoint {
    /// Answers a preflight: whether a web page may send a request. Browsers send it without credentials, so it is answered
    /// before authentication. It costs one read, and tells no more than the rules of the bucket.
    pub(crate) async fn answer_preflight(
        &self,
        head: &RequestHead,
        bucket: Option<&BucketName>,
        cors: &mut CorsAnswer,
    ) -> S3Result<Response<Content>> {
        let Some(origin) = head.header("origin") else {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                "Insufficient information. Origin request header needed.",
            ));
        };
        let Some(method) = head.header("access-control-request-method") else {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                "Invalid Access-Control-Request-Method: the header is required.",
            ));
        };
        let requested = head.header("access-control-request-headers").unwrap_or_default();
        let requested: Vec<_> = requested.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if is_console(&self.options.console_origins, origin) {
            cors.allow_console(head, &self.options.console_origins);
            cors.set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, PUT, POST, DELETE, HEAD");
            cors.set(header::ACCESS_CONTROL_ALLOW_HEADERS, &requested.join(", "));
            cors.set(header::ACCESS_CONTROL_MAX_AGE, &CONSOLE_MAX_AGE.to_string());
            return Ok(preflight());
        }
        cors.vary();
        let Some(bucket) = bucket else { return Err(forbidden()) };
        let rules = self.use_cases.find_cors(bucket).await.map_err(failed)?;
        let rule = rules.as_ref().and_then(|rules| rules.find_match(origin, method, &requested));
        let Some(rule) = rule else { return Err(forbidden()) };
        cors.set_rule(rule, origin);
        if !requested.is_empty() {
            cors.set(header::ACCESS_CONTROL_ALLOW_HEADERS, &requested.join(", ").to_ascii_lowercase());
        }
        if let Some(seconds) = rule.max_age_seconds {
            cors.set(header::ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
        }
        Ok(preflight())
    }
}

fn is_console(origins: &[String], origin: &str) -> bool {
    origins.iter().any(|known| known == origin)
}

fn preflight() -> Response<Content> {
    let mut response = Response::new(Content::Document(Bytes::new()));
    *response.status_mut() = StatusCode::OK;
    response
}

/// One answer for a bucket without rules, without a matching rule, and one that does not exist.
fn forbidden() -> S3Error {
    S3Error::with_message(
        ErrorCode::AccessForbidden,
        "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / \
         Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    )
}
