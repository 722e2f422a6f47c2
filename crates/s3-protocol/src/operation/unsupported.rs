//! Headers that ask for a feature that does not exist here. They are refused, because a client that asks for encryption or a
//! lock must not believe that it has it.

use super::fields::{all_amz, amz, invalid, not_implemented};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;

/// Features whose headers all begin alike.
const PREFIXES: [&str; 4] =
    ["x-amz-server-side-encryption", "x-amz-copy-source-server-side", "x-amz-object-lock-", "x-amz-grant-"];

/// Refuses what does not exist here. `x-amz-acl: private` and `bucket-owner-full-control` state what is the case anyway.
pub(super) fn refuse_unsupported(head: &RequestHead) -> S3Result<()> {
    for (name, value) in all_amz(head) {
        if head.query().has(name) && head.headers().contains_key(name) {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                format!("`{name}` must not be both a header and a parameter."),
            ));
        }
        let value = value.trim();
        let is_supported = match name {
            "x-amz-acl" => matches!(value, "private" | "bucket-owner-full-control"),
            "x-amz-storage-class" => value == "STANDARD",
            "x-amz-tagging" => value.is_empty(),
            "x-amz-bucket-object-lock-enabled" => value.eq_ignore_ascii_case("false"),
            "x-amz-object-ownership" => value == "BucketOwnerEnforced",
            "x-amz-website-redirect-location" | "x-amz-write-offset-bytes" | "x-amz-mfa" => false,
            name => !PREFIXES.iter().any(|prefix| name.starts_with(prefix)),
        };
        if !is_supported {
            return Err(not_implemented(format!("The header {name} asks for a feature that is not implemented.")));
        }
    }
    match amz(head, "x-amz-tagging-directive") {
        None | Some("COPY" | "REPLACE") => Ok(()),
        Some(_) => Err(invalid("`x-amz-tagging-directive` must be COPY or REPLACE.")),
    }
}
