//! Signed requests.

use anyhow::Result;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use super::servers::Server;

/// The value of `x-amz-content-sha256` of a body that is not signed.
pub(crate) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// A request that is ready to be sent.
pub(crate) struct Request {
    pub(crate) head: Vec<u8>,
    /// Whether its response has a body.
    pub(crate) has_body: bool,
}

/// The hash of a body, as it is signed.
pub(crate) fn hash(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

#[expect(clippy::disallowed_methods, reason = "a request is signed for the time of the machine")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// A request for a path below the bucket (`/key`, or empty) with a query in canonical form, signed in its headers.
pub(crate) fn sign(
    server: &Server,
    method: &str,
    path: &str,
    query: &str,
    hash: &str,
    length: Option<usize>,
) -> Result<Request> {
    let Server { address, access, secret, bucket, .. } = server;
    let now = now().format(format_description!("[year][month][day]T[hour][minute][second]Z"))?;
    let day = now.get(..8).unwrap_or_default();
    let path = format!("/{bucket}{path}");
    let canonical = format!(
        "{method}\n{path}\n{query}\nhost:{address}\nx-amz-content-sha256:{hash}\nx-amz-date:{now}\n\n\
         host;x-amz-content-sha256;x-amz-date\n{hash}"
    );
    let scope = format!("{day}/us-east-1/s3/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{}", self::hash(canonical.as_bytes()));
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [day, "us-east-1", "s3", "aws4_request", &text] {
        key = Hmac::<Sha256>::new_from_slice(&key)?.chain_update(part).finalize().into_bytes().to_vec();
    }
    let signature = hex::encode(key);
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    let length = length.map(|length| format!("content-length: {length}\r\n")).unwrap_or_default();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\nx-amz-content-sha256: {hash}\r\nx-amz-date: {now}\r\n{length}\
         authorization: AWS4-HMAC-SHA256 Credential={access}/{scope}, \
         SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}\r\n\r\n"
    );
    Ok(Request { head: head.into_bytes(), has_body: method != "HEAD" })
}
