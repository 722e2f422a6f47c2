//! The computation of version 4: canonical request, string to sign, signature. The path is not normalized, as S3 has it.

use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::SecretKey;
use super::hmac::hmac_sha256;
use super::timestamp::Timestamp;
use crate::body::ChunkSigning;
use crate::uri;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a signature is made for: a day, a region and a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
}

impl Scope {
    pub(super) fn of_s3(time: &Timestamp, region: &str) -> Self {
        Self::of_service(time, region, "s3")
    }

    pub(super) fn of_service(time: &Timestamp, region: &str, service: &str) -> Self {
        Self { date: time.date().to_owned(), region: region.to_owned(), service: service.to_owned() }
    }

    /// `<date>/<region>/<service>/aws4_request`
    pub(super) fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }

    fn signing_key(&self, secret: &SecretKey) -> Zeroizing<[u8; 32]> {
        let start = Zeroizing::new([b"AWS4", secret.expose().as_bytes()].concat());
        let day = Zeroizing::new(hmac_sha256(&start, self.date.as_bytes()));
        let region = Zeroizing::new(hmac_sha256(&*day, self.region.as_bytes()));
        let service = Zeroizing::new(hmac_sha256(&*region, self.service.as_bytes()));
        Zeroizing::new(hmac_sha256(&*service, b"aws4_request"))
    }

    /// Signs a text, such as the policy of a form.
    pub(super) fn sign(&self, secret: &SecretKey, text: &[u8]) -> String {
        hex::encode(hmac_sha256(&*self.signing_key(secret), text))
    }

    /// Signs a canonical request.
    pub(super) fn sign_request(&self, secret: &SecretKey, time: &Timestamp, canonical: &[u8]) -> ChunkSigning {
        let signing_key = self.signing_key(secret);
        let (timestamp, scope) = (time.text.clone(), self.text());
        let hash = hex::encode(Sha256::digest(canonical));
        let text = format!("{ALGORITHM}\n{timestamp}\n{scope}\n{hash}");
        let seed_signature = hex::encode(hmac_sha256(&*signing_key, text.as_bytes()));
        ChunkSigning { signing_key, timestamp, scope, seed_signature }
    }
}

/// The parts of a canonical request.
pub(super) struct CanonicalRequest<'a> {
    pub(super) method: &'a str,
    /// The path as it is signed, encoded.
    pub(super) path: &'a str,
    /// All parameters but the signature, decoded, in any order.
    pub(super) query: Vec<(&'a str, &'a str)>,
    pub(super) headers: &'a HeaderMap,
    /// In ascending order, in lower case.
    pub(super) signed_headers: &'a [String],
    pub(super) payload: &'a str,
}

impl CanonicalRequest<'_> {
    /// The canonical request; `None` if a signed header was not sent.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut query: Vec<_> =
            self.query.iter().map(|(name, value)| (uri::encode(name), uri::encode(value))).collect();
        query.sort_unstable();
        let query: Vec<_> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut canonical = format!("{}\n{}\n{}\n", self.method, self.path, query.join("&")).into_bytes();
        for name in self.signed_headers {
            let value = self.headers.get(name)?;
            canonical.extend_from_slice(name.as_bytes());
            canonical.push(b':');
            push_collapsed(&mut canonical, value.as_bytes());
            canonical.push(b'\n');
        }
        canonical.push(b'\n');
        canonical.extend_from_slice(self.signed_headers.join(";").as_bytes());
        canonical.push(b'\n');
        canonical.extend_from_slice(self.payload.as_bytes());
        Some(canonical)
    }
}

/// Appends a value without the blanks around it, each run of blanks inside as one space.
fn push_collapsed(to: &mut Vec<u8>, value: &[u8]) {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    for (at, word) in value.split(is_blank).filter(|word| !word.is_empty()).enumerate() {
        if at > 0 {
            to.push(b' ');
        }
        to.extend_from_slice(word);
    }
}
