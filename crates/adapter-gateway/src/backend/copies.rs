use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::{Write, conditions};
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{CopyObject, GetObject, Operation, UploadPartCopy};
use storage_hub_s3_protocol::response::parse_copy_object;
use storage_hub_s3_protocol::types::Written;

use super::{GatewayS3Backend, check_version, require_conditions};
use crate::calls::{Call, LONG};
use crate::upload::check_algorithm;

impl GatewayS3Backend {
    pub(super) async fn copy(&self, from: &BucketRef, write: Write<'_>, mut input: CopyObject) -> S3Result<Written> {
        let probed = self.gateway.ready()?;
        self.gateway.check_key(&input.key)?;
        self.gateway.check_key(&input.source.key)?;
        check_version(input.source.version_id.as_deref())?;
        conditions::check_copy_changes(from, write.bucket, &input)?;
        require_conditions(&input.conditions, probed.result.conditional_copies, "Conditional copies")?;
        probed.capabilities.check_options(input.tags.as_ref(), &input.lock)?;
        check_algorithm(&probed.capabilities.checksums, input.checksum_algorithm)?;
        let (source, behind) = (self.gateway.behind(from), self.gateway.behind(write.bucket));
        input.source.bucket = source.clone();
        let (key, source_key) = (input.key.clone(), input.source.key.clone());
        let version = input.source.version_id.clone();
        input.conditions = self.narrow(&behind, &key, input.conditions).await?;
        write.guard.permit().await?;
        let operation = Operation::CopyObject(input);
        let call = Call {
            source: Some((&source, &source_key)),
            limit: LONG,
            ..Call::new(&self.gateway, &operation, &behind, Some(&key))
        };
        let answer = self.gateway.write_once(call).await.map_err(of_source)?;
        let mut written = parse_copy_object(&answer.headers, &answer.body).map_err(of_source)?;
        written.source_version_id = written.source_version_id.or(version);
        if written.checksum.is_none() {
            written.checksum = self.find_checksum(write.bucket, &key, written.version_id.clone()).await;
        }
        Ok(written)
    }

    /// The checksum of a copy, which some services do not tell with it. The copy is made: an error here is none of it.
    async fn find_checksum(&self, bucket: &BucketRef, key: &str, version_id: Option<String>) -> Option<Checksum> {
        let head = GetObject { key: key.to_owned(), version_id, checksum_mode: true, ..GetObject::default() };
        self.read_head(bucket, head).await.ok()?.checksum
    }

    pub(super) async fn copy_part(
        &self,
        from: &BucketRef,
        write: Write<'_>,
        mut input: UploadPartCopy,
    ) -> S3Result<Written> {
        self.gateway.ready()?;
        self.gateway.check_key(&input.upload.key)?;
        self.gateway.check_key(&input.source.key)?;
        check_version(input.source.version_id.as_deref())?;
        let (source, behind) = (self.gateway.behind(from), self.gateway.behind(write.bucket));
        input.source.bucket = source.clone();
        let (key, source_key) = (input.upload.key.clone(), input.source.key.clone());
        let (has_range, version) = (input.range.is_some(), input.source.version_id.clone());
        write.guard.permit().await?;
        let operation = Operation::UploadPartCopy(input);
        let call = Call {
            source: Some((&source, &source_key)),
            limit: LONG,
            ..Call::new(&self.gateway, &operation, &behind, Some(&key))
        };
        let answer = self.gateway.write_once(call).await.map_err(|error| match error.code() {
            ErrorCode::InvalidArgument if has_range => ErrorCode::InvalidRange.into(),
            _ => of_source(error),
        })?;
        let mut written = parse_copy_object(&answer.headers, &answer.body).map_err(of_source)?;
        written.source_version_id = written.source_version_id.or(version);
        Ok(written)
    }
}

/// A condition on the source fails with `PreconditionFailed`, where some services answer 304.
fn of_source(error: S3Error) -> S3Error {
    match error.code() {
        ErrorCode::NotModified => ErrorCode::PreconditionFailed.into(),
        _ => error,
    }
}
