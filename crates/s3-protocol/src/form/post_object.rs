use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};

use super::reader::malformed;
use super::{FormFields, PostPolicy};
use crate::body::BodyVerifier;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::{RequestHead, VirtualHosts};
use crate::operation::{Operation, PutObject};
use crate::tags::{TagOwner, Tags};
use crate::uri;

/// Maximum length of a key in bytes.
const MAX_KEY: usize = 1024;
/// The variable of a key for which the name of the file is put in.
const FILE_NAME: &str = "${filename}";
/// Fields that mean what the header of the same name means in `PutObject`.
const HEADERS: [&str; 9] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
    "if-match",
    "if-none-match",
];
/// Fields of the signature, and headers of the transfer, which are none of a form.
const NOT_HEADERS: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-trailer",
];

/// What a form asks for, as far as its policy allows it.
#[derive(Clone, Debug)]
pub struct PostObject {
    /// What is stored, besides the bytes.
    pub object: PutObject,
    /// What is answered.
    pub success: SuccessAction,
    /// The fields as the head of a `PutObject`.
    head: RequestHead,
    min_length: u64,
    max_length: u64,
}

/// What a form asks to be answered when its file was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuccessAction {
    /// 200 or 204 without a document, or 201 with one.
    Status(StatusCode),
    /// 303 to this URL, to which the bucket, the key and the ETag are added.
    Redirect(String),
}

impl PostObject {
    /// Reads the fields of a form for this bucket, after [`FormClaim`](crate::signature::FormClaim) was verified: its
    /// policy counts only then. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// `AccessDenied` without a policy (nobody may write anonymously), and if the policy does not allow what the fields ask
    /// for; `InvalidPolicyDocument`; `InvalidArgument` without a key; what `PutObject` refuses.
    pub fn read(fields: &FormFields, bucket: &str, now: i64) -> S3Result<Self> {
        let policy = PostPolicy::parse(fields.get("policy").ok_or(ErrorCode::AccessDenied)?)?;
        let key = fields
            .get("key")
            .ok_or_else(|| S3Error::with_message(ErrorCode::InvalidArgument, "A form must have the field `key`."))?;
        let key = expand(key, fields.file_name())?;
        if fields.get("bucket").is_some_and(|named| named != bucket) {
            return Err(S3Error::with_message(
                ErrorCode::AccessDenied,
                "The field `bucket` must name the bucket of the request.",
            ));
        }
        let expanded = fields.iter().map(|(name, value)| (name, if name == "key" { key.as_str() } else { value }));
        policy.check(now, bucket, &expanded.collect::<Vec<_>>())?;
        if key.is_empty() {
            return Err(S3Error::with_message(ErrorCode::InvalidArgument, "The key must not be empty."));
        }
        let head = head(fields, bucket, &key)?;
        let Operation::PutObject(object) = Operation::parse(&head)? else {
            return Err(malformed("A form must not ask for another operation than an upload."));
        };
        let (min_length, max_length) = policy.length_range();
        Ok(Self { object, success: SuccessAction::read(fields), head, min_length, max_length })
    }

    /// A verifier of the file: its length, `Content-MD5` and checksum.
    ///
    /// # Errors
    /// 400 for a malformed digest.
    pub fn verifier(&self, max_length: u64) -> S3Result<BodyVerifier> {
        BodyVerifier::for_form(&self.head, self.min_length, self.max_length.min(max_length))
    }
}

/// Replaces the variable of a key. Neither of the two is long, but their product could be.
fn expand(key: &str, file_name: &str) -> S3Result<String> {
    let count = key.matches(FILE_NAME).count();
    let fixed = key.len().saturating_sub(count.saturating_mul(FILE_NAME.len()));
    if fixed.saturating_add(count.saturating_mul(file_name.len())) > MAX_KEY {
        return Err(ErrorCode::KeyTooLongError.into());
    }
    Ok(key.replace(FILE_NAME, file_name))
}

/// The fields as the head of a `PutObject`, so that both have the same rules.
fn head(fields: &FormFields, bucket: &str, key: &str) -> S3Result<RequestHead> {
    let target: Uri = uri::path_of(Some(bucket), Some(key)).parse().map_err(|_| S3Error::new(ErrorCode::InvalidURI))?;
    let mut request = Request::new(());
    *request.method_mut() = Method::PUT;
    *request.uri_mut() = target;
    for (name, value) in fields.iter() {
        let tags;
        let (name, value) = match name {
            "acl" => ("x-amz-acl", value),
            // Unlike the header, the field is a document.
            "tagging" => {
                tags = Tags::parse_document(TagOwner::Object, value.as_bytes())?.to_header();
                ("x-amz-tagging", tags.as_str())
            }
            name if HEADERS.contains(&name) => (name, value),
            name if name.starts_with("x-amz-") && !NOT_HEADERS.contains(&name) => (name, value),
            _ => continue,
        };
        let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()));
        let (Ok(header), Ok(value)) = pair else {
            return Err(S3Error::with_message(
                ErrorCode::InvalidArgument,
                format!("The field `{name}` contains a character that a header must not contain."),
            ));
        };
        if request.headers_mut().insert(header, value).is_some() {
            return Err(malformed(format!("The field `{name}` must not be given more than once.")));
        }
    }
    let (parts, ()) = request.into_parts();
    RequestHead::parse(&parts, &VirtualHosts::default())
}

impl SuccessAction {
    fn read(fields: &FormFields) -> Self {
        let redirect = fields.get("success_action_redirect").or_else(|| fields.get("redirect"));
        if let Some(url) = redirect.filter(|url| is_web_page(url)) {
            return Self::Redirect(url.to_owned());
        }
        match fields.get("success_action_status") {
            Some("200") => Self::Status(StatusCode::OK),
            Some("201") => Self::Status(StatusCode::CREATED),
            // Another value counts as none.
            _ => Self::Status(StatusCode::NO_CONTENT),
        }
    }
}

fn is_web_page(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
}
