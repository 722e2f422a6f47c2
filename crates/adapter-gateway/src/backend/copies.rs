use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::{Write, conditions};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{CopyObject, Operation, UploadPartCopy};
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
        write.guard.permit().await?;
        let operation = Operation::CopyObject(input);
        let call = Call {
            source: Some((&source, &source_key)),
            limit: LONG,
            ..Call::new(&self.gateway, &operation, &behind, Some(&key))
        };
        let answer = self.gateway.write_once(call).await?;
        parse_copy_object(&answer.headers, &answer.body)
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
        write.guard.permit().await?;
        let operation = Operation::UploadPartCopy(input);
        let call = Call {
            source: Some((&source, &source_key)),
            limit: LONG,
            ..Call::new(&self.gateway, &operation, &behind, Some(&key))
        };
        let answer = self.gateway.write_once(call).await?;
        parse_copy_object(&answer.headers, &answer.body)
    }
}
