//! What is answered at this address besides S3: a page for people who open it in a browser, and health checks.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};

use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::options::HealthCheck;

/// How long a health check may take.
const CHECK_TIME: Duration = Duration::from_secs(5);

impl Endpoint {
    /// The answer to a request that is not one of S3; `None` for all others.
    pub(crate) async fn find_page(&self, parts: &Parts) -> Option<Response<Content>> {
        if !matches!(parts.method, Method::GET | Method::HEAD) || parts.headers.contains_key(header::AUTHORIZATION) {
            return None;
        }
        match parts.uri.path() {
            "/minio/health/live" => Some(status(true)),
            "/minio/health/ready" | "/minio/health/cluster/read" => Some(status(passes(&self.options.ready).await)),
            // As MinIO's, which asks for a quorum of writers.
            "/minio/health/cluster" => {
                Some(status(passes(&self.options.ready).await && passes(&self.options.writable).await))
            }
            "/" if parts.uri.query().is_none() && accepts_html(parts) => Some(self.home_page()),
            _ => None,
        }
    }

    fn home_page(&self) -> Response<Content> {
        let link = self.options.hub_url.as_deref().map(|url| {
            let url = escape(url);
            format!("<p>Your files, keys and buckets are at <a href=\"{url}\">{url}</a>.</p>\n")
        });
        let page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Storage Hub: S3 endpoint</title>\n\
             <h1>S3 endpoint</h1>\n<p>This address is for S3 clients, such as <code>aws</code>, <code>mc</code> or \
             <code>rclone</code>.</p>\n{}</html>\n",
            link.unwrap_or_default()
        );
        let mut response = Response::new(Content::Document(Bytes::from(page)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
        response
    }
}

async fn passes(check: &Option<HealthCheck>) -> bool {
    match check {
        None => true,
        Some(check) => tokio::time::timeout(CHECK_TIME, check()).await.unwrap_or(false),
    }
}

fn accepts_html(parts: &Parts) -> bool {
    let accept = parts.headers.get_all(header::ACCEPT).iter();
    accept.filter_map(|accept| accept.to_str().ok()).any(|accept| accept.contains("text/html"))
}

fn status(healthy: bool) -> Response<Content> {
    let mut response = Response::new(Content::Document(Bytes::new()));
    *response.status_mut() = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    response
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
