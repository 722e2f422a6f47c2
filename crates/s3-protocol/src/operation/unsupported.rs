//! Headers that ask for a feature that does not exist here. They are refused, because a client that asks for encryption or a
//! lock must not believe that it has it.

use std::collections::BTreeMap;

use super::fields::{all_amz, invalid, not_implemented};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;

/// Features whose headers all begin alike.
const PREFIXES: [&str; 4] =
    ["x-amz-server-side-encryption", "x-amz-copy-source-server-side", "x-amz-object-lock-", "x-amz-grant-"];

/// Refuses what does not exist here. `x-amz-acl: private` and `bucket-owner-full-control` state what is the case anyway.
pub(super) fn refuse_unsupported(head: &RequestHead) -> S3Result<()> {
    let mut values = BTreeMap::new();
    for (name, value) in all_amz(head) {
        // boto3 repeats headers in the query of a presigned URL.
        if values.insert(name.clone(), value).is_some_and(|other| other != value) {
            let message = format!("`{name}` must have one value only, be it a header or a parameter.");
            return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
        }
        let value = value.trim();
        let is_supported = match name.as_str() {
            "x-amz-acl" => matches!(value, "private" | "bucket-owner-full-control"),
            "x-amz-storage-class" => value == "STANDARD",
            "x-amz-tagging" => value.is_empty(),
            "x-amz-bucket-object-lock-enabled" => value.eq_ignore_ascii_case("false"),
            "x-amz-object-ownership" => value == "BucketOwnerEnforced",
            "x-amz-website-redirect-location" | "x-amz-write-offset-bytes" | "x-amz-mfa" => false,
            name => !PREFIXES.iter().any(|prefix| name.starts_with(prefix)),
        };
        if !is_supported {
            return Err(not_implemented(format!("The `{name}` header asks for a feature that is not implemented.")));
        }
    }
    match head.amz("x-amz-tagging-directive") {
        None | Some("COPY" | "REPLACE") => Ok(()),
        Some(_) => Err(invalid("`x-amz-tagging-directive` must be COPY or REPLACE.")),
    }
}
