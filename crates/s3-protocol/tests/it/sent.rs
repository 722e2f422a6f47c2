//! A request as it was sent, and every change of it that a signature must notice.

use bytes::Bytes;
use http::{HeaderValue, Request};
use storage_hub_s3_protocol::body::{BodyVerifier, PayloadMode};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error};
use storage_hub_s3_protocol::head::{RequestHead, Target, VirtualHosts};
use storage_hub_s3_protocol::signature::{Claim, SecretKey, Secrets, SignatureRules, Verified};

/// The key of Amazon's documentation, which signs everything in these tests.
pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

pub(crate) struct OneKey;

impl Secrets for OneKey {
    fn secret_of(&self, access_key: &str) -> Option<SecretKey> {
        (access_key == ACCESS_KEY).then(|| SecretKey::new(SECRET))
    }
}

/// A request as it was sent, with the time at which it was signed.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Bytes,
    /// In seconds since 1970.
    pub(crate) at: i64,
}

impl Sent {
    pub(crate) fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8], at: i64) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        Self { method: method.to_owned(), target: target.to_owned(), headers, body: Bytes::copy_from_slice(body), at }
    }

    pub(crate) fn head(&self) -> Result<RequestHead, S3Error> {
        let mut request = Request::builder().method(self.method.as_str()).uri(self.target.as_str());
        for (name, value) in &self.headers {
            request = request.header(name, HeaderValue::from_bytes(value).unwrap());
        }
        let hosts = VirtualHosts::new(["s3.amazonaws.com", "s3.example.com"]).unwrap();
        RequestHead::parse(&request.body(()).unwrap().into_parts().0, &hosts)
    }

    /// Whether the target and the headers can be sent at all.
    pub(crate) fn is_possible(&self) -> bool {
        let headers = self.headers.iter().all(|(_, value)| HeaderValue::from_bytes(value).is_ok());
        headers && Request::builder().method(self.method.as_str()).uri(self.target.as_str()).body(()).is_ok()
    }

    /// Verifies the claim alone; `None` for an anonymous request.
    pub(crate) fn claim(&self, region: &str) -> Result<Option<Verified>, S3Error> {
        let head = self.head()?;
        let rules = SignatureRules { region: region.to_owned(), now: self.at };
        let Some(claim) = Claim::read(&head, &rules)? else { return Ok(None) };
        claim.verify(&head, &OneKey).map(Some)
    }

    /// Verifies the claim and the whole body. An anonymous request is not accepted.
    pub(crate) fn verify(&self) -> Result<(), ErrorCode> {
        self.verify_body().map_err(|error| error.code())
    }

    fn verify_body(&self) -> Result<(), S3Error> {
        let verified = self.claim("us-east-1")?.ok_or(ErrorCode::AccessDenied)?;
        let head = self.head()?;
        let mut body = match self.header("content-length") {
            Some(_) => BodyVerifier::new(&head, verified.payload, 1 << 30)?,
            None => BodyVerifier::for_document(&head, verified.payload, 1 << 30)?,
        };
        let (first, second) = self.body.split_at(self.body.len() / 2);
        body.push(self.body.slice_ref(first))?;
        body.push(self.body.slice_ref(second))?;
        body.finish().map(|_| ())
    }

    /// The body without its framing. Nothing but its digests is verified.
    pub(crate) fn decoded_body(&self) -> Result<Vec<u8>, S3Error> {
        let payload = self.claim("us-east-1").ok().flatten().map_or(PayloadMode::Unsigned, |verified| verified.payload);
        let mut body = BodyVerifier::for_document(&self.head()?, payload, 1 << 30)?;
        let decoded = body.push(self.body.clone())?.concat();
        body.finish().map(|_| decoded)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| std::str::from_utf8(value).unwrap())
    }

    /// The names of the headers whose values are signed, and `authorization`.
    fn signed_headers(&self) -> Vec<String> {
        let head = self.head().unwrap();
        let query = head.query();
        let listed = match (self.header("authorization"), query.get("X-Amz-SignedHeaders")) {
            (Some(authorization), _) => {
                let (_, rest) = authorization.split_once("SignedHeaders=").unwrap();
                rest.split_once(',').unwrap().0.to_owned() + ";authorization"
            }
            (None, Some(names)) => names.to_owned(),
            (None, None) => "content-type;content-md5".to_owned(),
        };
        let listed: Vec<_> = listed.split(';').collect();
        let names = self.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
        names.filter(|name| listed.contains(&name.as_str()) || name.starts_with("x-amz-")).collect()
    }

    /// Whether a change of the body must be noticed.
    fn has_protected_body(&self) -> bool {
        let hash = self.header("x-amz-content-sha256").unwrap_or("UNSIGNED-PAYLOAD");
        let has_digest = self.headers.iter().any(|(name, _)| {
            let name = name.to_ascii_lowercase();
            let is_checksum = name.starts_with("x-amz-checksum-") && !name.ends_with("-algorithm");
            name == "content-md5" || (is_checksum && !name.ends_with("-mode") && !name.ends_with("-type"))
        });
        !self.body.is_empty() && (hash != "UNSIGNED-PAYLOAD" || has_digest)
    }

    /// Every request that differs from this one in one signed place.
    pub(crate) fn changes(&self) -> Vec<Self> {
        self.sampled_changes(0, 1)
    }

    /// The same, but of all bytes only those at `first` and each `step` further on are changed.
    pub(crate) fn sampled_changes(&self, first: usize, step: usize) -> Vec<Self> {
        let sample = |bytes: std::ops::Range<usize>| bytes.filter(move |at| at % step == first % step);
        let mut changes = Vec::new();
        let mut change = |edit: &dyn Fn(&mut Self)| {
            let mut changed = self.clone();
            edit(&mut changed);
            changes.push(changed);
        };
        for method in ["GET", "HEAD", "PUT", "POST", "DELETE"].into_iter().filter(|method| *method != self.method) {
            change(&|sent| sent.method = method.to_owned());
        }
        for added in ["x-amz-acl", "x-amz-copy-source", "x-amz-meta-added", "x-amz-security-token", "x-amz-tagging"] {
            if self.header(added).is_none() {
                change(&|sent| sent.headers.push((added.to_owned(), b"/b/k".to_vec())));
            }
        }
        for added in ["acl", "versionId=null", "X-Amz-Added=1", "uploads="] {
            let separator = if self.target.contains('?') { '&' } else { '?' };
            change(&|sent| sent.target = format!("{}{separator}{added}", self.target));
        }
        for at in sample(1..self.target.len()) {
            // A repeated `&` separates nothing.
            for byte in *b"x+/" {
                change(&|sent| sent.target = with_byte(self.target.as_bytes(), at, byte));
            }
            change(&|sent| sent.target.replace_range(at..=at, ""));
        }
        for name in self.signed_headers() {
            let at = self.headers.iter().position(|(known, _)| known.eq_ignore_ascii_case(&name)).unwrap();
            change(&|sent| drop(sent.headers.remove(at)));
            change(&|sent| sent.headers[at].1.push(b'x'));
            for byte in sample(0..self.headers[at].1.len()) {
                change(&|sent| sent.headers[at].1[byte] = if sent.headers[at].1[byte] == b'x' { b'y' } else { b'x' });
            }
        }
        if self.has_protected_body() {
            // Long bodies are sampled; the beginning and the end, where chunks have their heads, are changed byte by byte.
            let length = self.body.len();
            let sampled = sample(0..length).filter(|at| *at < 120 || at + 120 > length || at % 9973 == 0);
            for at in sampled {
                change(&|sent| {
                    let mut body = sent.body.to_vec();
                    body[at] ^= 1;
                    sent.body = body.into();
                });
            }
            change(&|sent| sent.body.truncate(length - 1));
        }
        let effect = self.effect();
        let differs = |changed: &Self| {
            let differs = changed.body != self.body || changed.headers != self.headers || changed.effect() != effect;
            changed.is_possible() && differs
        };
        changes.retain(differs);
        changes
    }

    #[expect(clippy::type_complexity, reason = "the parts are compared, and nothing else")]
    /// What the head is about, so that another spelling of the same target is not taken for a change.
    fn effect(&self) -> Option<(String, Target, Vec<(String, String)>)> {
        let head = self.head().ok()?;
        let mut query: Vec<_> = head.query().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        query.sort();
        Some((self.method.clone(), head.target().clone(), query))
    }
}

fn with_byte(text: &[u8], at: usize, byte: u8) -> String {
    let mut text = text.to_vec();
    text[at] = byte;
    String::from_utf8_lossy(&text).into_owned()
}
