//! Signed S3 requests.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::fresh_client;

/// The credentials of a client.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) access: String,
    pub(crate) secret: String,
    pub(crate) session_token: Option<String>,
}

impl Key {
    pub(crate) fn from_answer(answer: &Value) -> Self {
        let field = |name: &str| answer["data"][name].as_str().expect("a key").to_owned();
        Self { access: field("accessKey"), secret: field("secretKey"), session_token: None }
    }
}

/// An S3 endpoint.
#[derive(Clone)]
pub(crate) struct S3 {
    pub(crate) url: String,
    client: Client,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) etag: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn succeeded(&self) -> bool {
        (200..300).contains(&self.status) && !self.body.contains("<Error>")
    }

    /// The text of the first element with this name.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0)
    }
}

impl From<storage_hub_s3_client::Answer> for Reply {
    fn from(answer: storage_hub_s3_client::Answer) -> Self {
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        Self { status: answer.status.as_u16(), etag: String::new(), body }
    }
}

/// A response with everything in it.
#[derive(Debug)]
pub(crate) struct WholeReply {
    pub(crate) status: u16,
    /// In the order of their names, which are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// One request.
#[derive(Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// `/bucket/key?query`, encoded.
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// The service of the signature; `s3` if empty.
    pub(crate) service: &'static str,
    /// What is signed instead of the body's hash, unless empty.
    pub(crate) signed_payload: &'static str,
}

/// A request of which something is held back.
pub(crate) struct Begun {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Begun {
    /// Sends what was held back, and returns the answer.
    pub(crate) async fn finish(mut self) -> Reply {
        // The answer may come before, with the connection closed.
        drop(self.stream.write_all(&self.rest).await);
        let mut answer = Vec::new();
        drop(self.stream.read_to_end(&mut answer).await);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Reply { status, etag: String::new(), body: body.to_owned() }
    }
}

impl Request {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), ..Self::default() }
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl S3 {
    pub(crate) fn new(url: String) -> Self {
        Self { url, client: fresh_client() }
    }

    /// Sends a request, signed in its headers if there is a key.
    pub(crate) async fn send(&self, key: Option<&Key>, request: Request) -> Reply {
        let request = self.sign(key, request, SignatureLocation::Headers);
        self.execute(request).await
    }

    /// Sends a presigned request.
    pub(crate) async fn send_presigned(&self, key: Option<&Key>, request: Request) -> Reply {
        let request = self.sign(key, request, SignatureLocation::QueryParams);
        self.execute(request).await
    }

    /// The URL of a presigned request.
    pub(crate) fn presigned_url(&self, key: &Key, request: Request) -> String {
        self.sign(Some(key), request, SignatureLocation::QueryParams).uri().to_string()
    }

    /// Sends a request to a store that may die meanwhile; `None` if there is no complete response.
    pub(crate) async fn try_send(&self, key: &Key, request: Request) -> Option<Reply> {
        let request = self.sign(Some(key), request, SignatureLocation::Headers);
        self.try_execute(request).await.ok()
    }

    /// Signs a request and sends all of it but the last byte of its body.
    pub(crate) async fn begin(&self, key: &Key, request: Request) -> Begun {
        let (parts, body) = self.sign(Some(key), request, SignatureLocation::Headers).into_parts();
        let authority = parts.uri.authority().expect("a host").as_str();
        let path = parts.uri.path_and_query().expect("a path");
        let length = body.len();
        let mut head = format!("{} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n", parts.method);
        for (name, value) in &parts.headers {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().expect("text")));
        }
        head.push_str(&format!("content-length: {length}\r\n\r\n"));
        let mut stream = TcpStream::connect(authority).await.expect("a connection");
        let (now, rest) = body.split_at(length.saturating_sub(1));
        stream.write_all(&[head.as_bytes(), now].concat()).await.expect("sent");
        Begun { stream, rest: rest.to_vec() }
    }

    /// As [`send`](Self::send), with the headers and the bytes of the answer.
    pub(crate) async fn send_whole(&self, key: Option<&Key>, request: Request) -> WholeReply {
        let (parts, body) = self.sign(key, request, SignatureLocation::Headers).into_parts();
        let request = self.client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let reply = request.send().await.expect("the store answers");
        let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<_> = reply.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        headers.sort();
        let status = reply.status().as_u16();
        WholeReply { status, headers, body: reply.bytes().await.expect("a whole answer").to_vec() }
    }

    async fn execute(&self, request: http::Request<Vec<u8>>) -> Reply {
        self.try_execute(request).await.expect("the store answers")
    }

    async fn try_execute(&self, request: http::Request<Vec<u8>>) -> reqwest::Result<Reply> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        let request = self.client.request(parts.method, url).headers(parts.headers).body(body);
        let reply = request.send().await?;
        let etag = reply.headers().get("etag").and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
        let status = reply.status().as_u16();
        Ok(Reply { status, etag, body: reply.text().await? })
    }

    /// A request signed in its headers, to be sent by other means.
    pub(crate) fn signed(&self, key: &Key, request: Request) -> http::Request<Vec<u8>> {
        self.sign(Some(key), request, SignatureLocation::Headers)
    }

    fn sign(&self, key: Option<&Key>, request: Request, location: SignatureLocation) -> http::Request<Vec<u8>> {
        let uri = format!("{}{}", self.url, request.path);
        let mut signed = http::Request::builder().method(request.method).uri(&uri);
        for (name, value) in request.headers {
            signed = signed.header(name, value);
        }
        let mut signed = signed.body(request.body).expect("a request");
        let Some(key) = key else { return signed };
        let token = key.session_token.clone();
        let identity = Credentials::new(&key.access, &key.secret, token, None, "test").into();
        let presigned = location == SignatureLocation::QueryParams;
        let mut settings = SigningSettings::default();
        settings.signature_location = location;
        settings.expires_in = presigned.then_some(Duration::from_secs(60));
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        if !presigned {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let service = if request.service.is_empty() { "s3" } else { request.service };
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name(service)
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .expect("complete")
            .into();
        let headers: Vec<(String, String)> = signed
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
            .collect();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = match presigned {
            true => SignableBody::UnsignedPayload,
            false if !request.signed_payload.is_empty() => SignableBody::Precomputed(request.signed_payload.to_owned()),
            false => SignableBody::Bytes(signed.body()),
        };
        let signable = SignableRequest::new(signed.method().as_str(), uri, headers, body).expect("a request");
        let (instructions, _) = sign(signable, &params).expect("a signature").into_parts();
        instructions.apply_to_request_http1x(&mut signed);
        signed
    }
}
