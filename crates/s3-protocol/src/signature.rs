//! Signatures of requests: version 4 in headers, in presigned URLs and in forms, and version 2 in presigned URLs.

use zeroize::Zeroizing;

use crate::body::PayloadMode;
use crate::error::S3Result;
use crate::head::RequestHead;

/// A secret key.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<String>);

impl SecretKey {
    /// Wraps a secret key.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
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
}

/// Who claims to have sent a request. Nothing in it is proven until it is verified.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The access key that is named.
    pub access_key: String,
    /// How the request is signed.
    pub form: SignatureForm,
    // Private: scope, time, signed headers, signature.
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
        let _ = (head, rules);
        unimplemented!()
    }

    /// Verifies the claim.
    ///
    /// # Errors
    /// `InvalidAccessKeyId` for an unknown key; `SignatureDoesNotMatch`; `AccessDenied` if a header or parameter that
    /// changes the effect is not signed.
    pub fn verify(&self, head: &RequestHead, secrets: &dyn Secrets) -> S3Result<Verified> {
        let _ = (head, secrets);
        unimplemented!()
    }
}
