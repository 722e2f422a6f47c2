//! Headers that ask for a feature that does not exist here. They are refused, because a client that asks for encryption or a
//! lock must not believe that it has it.

use std::collections::BTreeMap;

use super::fields::{all_amz, not_implemented};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::operation_name::OperationName;

/// Features whose headers all begin alike.
const PREFIXES: [&str; 3] = ["x-amz-server-side-encryption", "x-amz-copy-source-server-side", "x-amz-grant-"];

/// Refuses what does not exist here. `x-amz-acl: private` and `bucket-owner-full-control` state what is the case anyway.
pub(super) fn refuse_unsupported(head: &RequestHead, name: OperationName) -> S3Result<()> {
    use OperationName as Op;
    let creates_object = matches!(name, Op::PutObject | Op::PostObject | Op::CopyObject | Op::CreateMultipartUpload);
    let mut values = BTreeMap::new();
    for (header, value) in all_amz(head) {
        // boto3 repeats headers in the query of a presigned URL.
        if values.insert(header.clone(), value).is_some_and(|other| other != value) {
            let message = format!("`{header}` must have one value only, be it a header or a parameter.");
            return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
        }
        let value = value.trim();
        let is_supported = match header.as_str() {
            "x-amz-acl" => matches!(value, "private" | "bucket-owner-full-control"),
            "x-amz-storage-class" => value == "STANDARD",
            "x-amz-tagging" => creates_object || value.is_empty(),
            "x-amz-bucket-object-lock-enabled" => name == Op::CreateBucket || value.eq_ignore_ascii_case("false"),
            "x-amz-object-ownership" => value == "BucketOwnerEnforced",
            "x-amz-website-redirect-location" | "x-amz-write-offset-bytes" | "x-amz-mfa" => false,
            lock if lock.starts_with("x-amz-object-lock-") => creates_object,
            other => !PREFIXES.iter().any(|prefix| other.starts_with(prefix)),
        };
        if !is_supported {
            return Err(not_implemented(format!("The `{header}` header asks for a feature that is not implemented.")));
        }
    }
    Ok(())
}
