//! Signatures of requests: version 4 in headers, in presigned URLs and in forms, and version 2 in presigned URLs.

mod credential;
mod form;
mod hmac;
mod payload;
mod sign;
mod timestamp;
mod v2;
mod v4;
mod v4_claim;

pub use form::FormClaim;
pub use payload::unsigned_payload;
pub use sign::{SignedPayload, Signer, presign, sign, sign_for_service};

pub(crate) use hmac::hmac_sha256;

use zeroize::Zeroizing;

use crate::body::PayloadMode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use v2::V2Claim;
use v4_claim::V4Claim;

/// A secret key.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<String>);

impl SecretKey {
    /// Wraps a secret key.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The secret itself, for what signs by another implementation.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// The only thing that verification asks for.
pub trait Secrets {
    /// The secret key of an access key; `None` if there is no such key.
    fn secret_of(&self, access_key: &str) -> Option<SecretKey>;
}

/// The rules by which claims are judged, besides the secret.
#[derive(Clone, Debug)]
pub struct SignatureRules {
    /// The region that clients sign for. An empty region and `US` stand for it.
    pub region: String,
    /// The present time, in seconds since 1970.
    pub now: i64,
}

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureForm {
    /// Version 4 in the `Authorization` header.
    V4Header,
    /// Version 4 in the query.
    V4Presigned,
    /// Version 2 in the query: `GET`, `HEAD` and `PUT` of one object.
    V2Presigned,
    /// Version 4 in the fields of an HTML form.
    V4Form,
    /// Version 2 in the fields of an HTML form.
    V2Form,
}

/// Who claims to have sent a request. Nothing in it is proven until it is verified.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The access key that is named.
    pub access_key: String,
    /// How the request is signed.
    pub form: SignatureForm,
    security_token: Option<String>,
    proof: Proof,
}

/// What is verified with the secret key.
#[derive(Clone, Debug)]
enum Proof {
    V4(V4Claim),
    V2(V2Claim),
}

/// The proof that a request was signed with the secret key of this access key, at an acceptable time, with everything that
/// changes its effect signed.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The access key.
    pub access_key: String,
    /// How the body is protected, with what chunk signatures are chained to.
    pub payload: PayloadMode,
}

impl Claim {
    /// Reads the claim of a request; `None` if it is anonymous.
    ///
    /// # Errors
    /// 400 for a malformed or ambiguous claim: two kinds of signature, version 2 in headers, a scope of another region
    /// (`AuthorizationHeaderMalformed` with `Region`; not for `ListBuckets` and `GetBucketLocation`), a missing date,
    /// an expiry out of range; 403 for one that is expired or not yet valid.
    pub fn read(head: &RequestHead, rules: &SignatureRules) -> S3Result<Option<Self>> {
        let query = head.query();
        let authorization = head.header("authorization");
        let has_v4 = ["X-Amz-Signature", "X-Amz-Credential", "X-Amz-Algorithm"].iter().any(|name| query.has(name));
        let has_v2 = ["Signature", "AWSAccessKeyId"].iter().any(|name| query.has(name));
        let (form, (access_key, proof)) = match (authorization, has_v4, has_v2) {
            (None, false, false) => {
                unsigned_payload(head)?;
                return Ok(None);
            }
            (Some(text), false, false) => {
                // Their requests have no time that is checked: one that was overheard could be repeated forever.
                if text == "AWS" || text.starts_with("AWS ") {
                    let message = "Signature version 2 is not supported in headers. Use AWS4-HMAC-SHA256.";
                    return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
                }
                let (access_key, claim) = V4Claim::read_header(head, text, rules)?;
                (SignatureForm::V4Header, (access_key, Proof::V4(claim)))
            }
            (None, true, false) => {
                let (access_key, claim) = V4Claim::read_query(head, rules)?;
                (SignatureForm::V4Presigned, (access_key, Proof::V4(claim)))
            }
            (None, false, true) => {
                let (access_key, claim) = V2Claim::read(head, rules)?;
                (SignatureForm::V2Presigned, (access_key, Proof::V2(claim)))
            }
            _ => {
                let message = "Only one kind of signature is allowed: in the query, or in the `Authorization` header.";
                return Err(S3Error::with_message(ErrorCode::InvalidArgument, message));
            }
        };
        let security_token = match (head.header("x-amz-security-token"), query.get("X-Amz-Security-Token")) {
            (Some(_), Some(_)) => {
                let message =
                    "The security token must be sent once: in the query, or in the `x-amz-security-token` header.";
                return Err(S3Error::with_message(ErrorCode::InvalidArgument, message));
            }
            (by_header, by_query) => by_header.or(by_query).map(str::to_owned),
        };
        Ok(Some(Self { access_key, form, security_token, proof }))
    }

    /// The token of temporary credentials that comes with the claim. Once the claim is verified, the token is known to be
    /// signed.
    #[must_use]
    pub fn security_token(&self) -> Option<&str> {
        self.security_token.as_deref()
    }

    /// Verifies the claim.
    ///
    /// # Errors
    /// `InvalidAccessKeyId` for an unknown key; `SignatureDoesNotMatch`; `AccessDenied` if a header or parameter that
    /// changes the effect is not signed.
    pub fn verify(&self, head: &RequestHead, secrets: &dyn Secrets) -> S3Result<Verified> {
        let secret = secrets.secret_of(&self.access_key).ok_or(ErrorCode::InvalidAccessKeyId)?;
        let payload = match &self.proof {
            Proof::V4(claim) => claim.verify(head, &secret)?,
            Proof::V2(claim) => claim.verify(head, &secret)?,
        };
        Ok(Verified { access_key: self.access_key.clone(), payload })
    }
}

#[cfg(test)]
mod tests;
