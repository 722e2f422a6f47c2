//! Versioning, tags, lifecycle rules and object lock of a bucket, which the backend keeps.

use http::Response;
use storage_hub_s3_backend::{BucketSetting, BucketSettingKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::Operation;
use storage_hub_s3_protocol::response::{self, Answer};

use super::{empty, no_content, reply, write};
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn get_bucket_setting(
        &self,
        request: &Request,
        kind: BucketSettingKind,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let found = self.backend.find_bucket_setting(authorization.bucket(), kind).await?;
        answer(kind, found).map(reply)
    }

    pub(super) async fn put_bucket_setting(
        &self,
        request: Request,
        operation: Operation,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide(&request)?;
        let setting = match self.accept_document(request, operation).await? {
            Operation::PutBucketVersioning(input) => BucketSetting::Versioning(input.state),
            Operation::PutBucketTagging(input) => BucketSetting::Tags(input.tags),
            Operation::PutBucketLifecycle(input) => BucketSetting::Lifecycle(input.configuration),
            Operation::PutObjectLockConfiguration(input) => BucketSetting::ObjectLock(input.configuration),
            _ => return Err(ErrorCode::InternalError.into()),
        };
        self.backend.put_bucket_setting(write(&authorization), setting).await?;
        Ok(empty())
    }

    pub(super) async fn delete_bucket_setting(
        &self,
        request: &Request,
        kind: BucketSettingKind,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        self.backend.delete_bucket_setting(write(&authorization), kind).await?;
        Ok(no_content())
    }
}

/// The answer about a setting, which is an error where there is none.
fn answer(kind: BucketSettingKind, found: Option<BucketSetting>) -> S3Result<Answer> {
    Ok(match (kind, found) {
        (_, Some(BucketSetting::Versioning(state))) => response::get_bucket_versioning(Some(state)),
        (_, Some(BucketSetting::Tags(tags))) => response::get_bucket_tagging(&tags),
        (_, Some(BucketSetting::Lifecycle(rules))) => response::get_bucket_lifecycle(&rules),
        (_, Some(BucketSetting::ObjectLock(lock))) => response::get_object_lock_configuration(&lock),
        (BucketSettingKind::Versioning, None) => response::get_bucket_versioning(None),
        (BucketSettingKind::Tags, None) => return Err(ErrorCode::NoSuchTagSet.into()),
        (BucketSettingKind::Lifecycle, None) => return Err(ErrorCode::NoSuchLifecycleConfiguration.into()),
        (BucketSettingKind::ObjectLock, None) => return Err(ErrorCode::ObjectLockConfigurationNotFoundError.into()),
    })
}
