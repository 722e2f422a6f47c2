//! A small S3 client that signs what it is told to and sends it as it is.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use sha1::Sha1;
use tokio::net::TcpStream;

use crate::hub::REGION;

#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    host: String,
    credentials: Option<Credentials>,
    region: &'static str,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    /// A header, empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The code of an error, empty when it is none.
    pub(crate) fn code(&self) -> String {
        self.all("Code").into_iter().next().unwrap_or_default()
    }

    /// The texts of all elements of this name.
    pub(crate) fn all(&self, element: &str) -> Vec<String> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let text = self.text();
        let found = text.split(&open).skip(1).filter_map(|rest| rest.split_once(&close));
        found
            .map(|(text, _)| {
                text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
            })
            .collect()
    }

    /// Asserts an error, and that it says nothing of the inside.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code().as_str()), (status, code), "{}", self.text());
    }

    #[track_caller]
    pub(crate) fn assert_ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self
    }
}

/// A key as it stands in a path.
pub(crate) fn encode(key: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/".contains(&b);
    key.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

impl Client {
    pub(crate) fn new(address: SocketAddr, key: Option<(&str, String)>) -> Self {
        let credentials = key.map(|(key, secret)| Credentials::new(key, secret, None, None, "test"));
        Self { address, host: address.to_string(), credentials, region: REGION }
    }

    /// The same client, with another secret.
    pub(crate) fn with_secret(&self, secret: &str) -> Self {
        let key = self.credentials.as_ref().unwrap().access_key_id();
        Self { credentials: Some(Credentials::new(key, secret, None, None, "test")), ..self.clone() }
    }

    /// The same client, signing for another region.
    pub(crate) fn with_region(&self, region: &'static str) -> Self {
        Self { region, ..self.clone() }
    }

    /// The same client, addressing this host.
    pub(crate) fn with_host(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    pub(crate) async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, &[], b"").await
    }

    pub(crate) async fn put(&self, target: &str, body: &[u8]) -> Reply {
        self.send("PUT", target, &[], body).await
    }

    pub(crate) async fn post(&self, target: &str, body: &str) -> Reply {
        self.send("POST", target, &[], body.as_bytes()).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Reply {
        self.send("DELETE", target, &[], b"").await
    }

    /// Signs a request and sends it. The target is a path with a query, percent-encoded already.
    pub(crate) async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let request = self.sign(method, target, headers, SignableBody::Bytes(body), body);
        self.exchange(request).await
    }

    /// As [`send`](Self::send), with a body that was encoded for a transfer.
    pub(crate) async fn send_streaming(
        &self,
        target: &str,
        headers: &[(&str, &str)],
        signed: &str,
        body: &[u8],
    ) -> Reply {
        let request = self.sign("PUT", target, headers, SignableBody::Precomputed(signed.to_owned()), body);
        self.exchange(request).await
    }

    /// A presigned target.
    pub(crate) fn presign(&self, method: &str, target: &str, life: Duration) -> String {
        self.presign_at(SystemTime::now(), method, target, life)
    }

    /// A target that was presigned at this time.
    pub(crate) fn presign_at(&self, time: SystemTime, method: &str, target: &str, life: Duration) -> String {
        let request = self.sign_at(time, method, target, &[], SignableBody::UnsignedPayload, Some(life), b"");
        request.uri().path_and_query().unwrap().to_string()
    }

    /// A target that was presigned as the second version of signatures does, until this second.
    pub(crate) fn presign_by_v2(&self, method: &str, path: &str, expires: u64) -> String {
        let credentials = self.credentials.as_ref().unwrap();
        let mut mac = Hmac::<Sha1>::new_from_slice(credentials.secret_access_key().as_bytes()).unwrap();
        mac.update(format!("{method}\n\n\n{expires}\n{path}").as_bytes());
        let signature = encode(&BASE64.encode(mac.finalize().into_bytes())).replace('/', "%2F");
        format!("{path}?AWSAccessKeyId={}&Signature={signature}&Expires={expires}", credentials.access_key_id())
    }

    /// A signed PUT.
    pub(crate) fn sign_put(&self, target: &str, body: &[u8]) -> Request<Full<Bytes>> {
        self.sign("PUT", target, &[], SignableBody::Bytes(body), body)
    }

    /// A signed POST.
    pub(crate) fn sign_post(&self, target: &str, body: &[u8]) -> Request<Full<Bytes>> {
        self.sign("POST", target, &[], SignableBody::Bytes(body), body)
    }

    /// Signs a request for one target and sends it for another spelling of it.
    pub(crate) async fn send_as(&self, method: &str, signed: &str, sent: &str, body: &[u8]) -> Reply {
        let mut request = self.sign(method, signed, &[], SignableBody::Bytes(body), body);
        *request.uri_mut() = sent.parse().unwrap();
        self.exchange(request).await
    }

    /// Sends a request as it is, unsigned.
    pub(crate) async fn send_plain(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.exchange(self.build(method, target, headers, body)).await
    }

    fn build(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request<Full<Bytes>> {
        let mut request = Request::builder().method(method).uri(target).header("host", &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::new(Bytes::copy_from_slice(body))).unwrap()
    }

    fn sign(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        signed: SignableBody<'_>,
        body: &[u8],
    ) -> Request<Full<Bytes>> {
        self.sign_at(SystemTime::now(), method, target, headers, signed, None, body)
    }

    #[expect(clippy::too_many_arguments, reason = "these are the parts of a request")]
    fn sign_at(
        &self,
        time: SystemTime,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        signed: SignableBody<'_>,
        life: Option<Duration>,
        body: &[u8],
    ) -> Request<Full<Bytes>> {
        let mut request = self.build(method, target, headers, body);
        let Some(credentials) = &self.credentials else { return request };
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        if life.is_some() {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
            settings.expires_in = life;
        }
        let identity = credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("s3")
            .time(time)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let url = format!("http://{}{target}", self.host);
        let signed_headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let signable = SignableRequest::new(method, &url, signed_headers, signed).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request
    }

    async fn exchange(&self, mut request: Request<Full<Bytes>>) -> Reply {
        // On the wire a request to an origin has a path alone.
        *request.uri_mut() = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let is_head = request.method() == Method::HEAD;
        let response = sender.send_request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        assert!(!is_head || body.is_empty());
        drop(sender);
        let _ = connection.await;
        Reply { status: parts.status, headers: parts.headers, body }
    }
}
