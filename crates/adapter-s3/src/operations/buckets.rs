use std::sync::Arc;

use http::Response;
use storage_hub_core::domain::{BucketName, BucketRef};
use storage_hub_core::s3_action::S3Action;
use storage_hub_core::use_cases::buckets::BucketError;
use storage_hub_core::use_cases::s3::{S3Caller, S3UseCases};
use storage_hub_s3_backend::{BucketSetting, BucketSettingKind, S3Backend, Write};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::object_lock::ObjectLockConfiguration;
use storage_hub_s3_protocol::operation::{ListBuckets, Operation};
use storage_hub_s3_protocol::response::{self, ListedBucket};
use storage_hub_s3_protocol::versioning::VersioningState;

use super::{no_content, reply};
use crate::answer_body::Content;
use crate::authorization::{Authorization, failed};
use crate::endpoint::Endpoint;
use crate::request::Request;

/// Maximum number of buckets of one page.
const MAX_BUCKETS: u16 = 10_000;
/// The region that has no name in an answer. As a location constraint it stands for the region of the endpoint, because
/// clients that were not configured send it.
const NAMELESS_REGION: &str = "us-east-1";

impl Endpoint {
    pub(super) async fn list_buckets(&self, request: &Request, input: &ListBuckets) -> S3Result<Response<Content>> {
        self.decide_service(request)?;
        request.body.expect_none()?;
        let Some(caller) = &request.access.caller else { return Err(ErrorCode::AccessDenied.into()) };
        let other_region = input.region.as_ref().is_some_and(|region| *region != self.options.region);
        let (buckets, more) = if other_region {
            (Vec::new(), false)
        } else {
            let limit = input.max_buckets.and_then(|max| u16::try_from(max).ok()).unwrap_or(MAX_BUCKETS);
            // A continuation token is a name. One that is not was not issued here.
            let after = input.after.as_deref().map(BucketName::parse).transpose();
            let after = after
                .map_err(|_| S3Error::with_message(ErrorCode::InvalidArgument, "The continuation token is invalid."))?;
            let listed = self.use_cases.list_buckets(caller, &input.prefix, after.as_ref(), limit.min(MAX_BUCKETS));
            listed.await.map_err(failed)?
        };
        let buckets: Vec<_> = buckets
            .into_iter()
            .map(|(name, created_at)| ListedBucket { name: name.as_str().to_owned(), created_at: created_at.millis() })
            .collect();
        Ok(reply(response::list_buckets(input, &buckets, more, &self.options.region, &self.owner)))
    }

    /// Creates a bucket through the hub, as the REST API does.
    pub(super) async fn create_bucket(&self, request: Request, operation: Operation) -> S3Result<Response<Content>> {
        self.decide_service(&request)?;
        let access = request.access.clone();
        let Some(caller) = access.caller.clone() else { return Err(ErrorCode::AccessDenied.into()) };
        let name = request.head.target().bucket().unwrap_or_default();
        let name = BucketName::parse(name).map_err(|_| S3Error::new(ErrorCode::InvalidBucketName))?;
        let Operation::CreateBucket(input) = self.accept_document(request, operation).await? else {
            return Err(ErrorCode::InternalError.into());
        };
        if let Some(location) = input.location.as_deref()
            && !matches!(location, "" | NAMELESS_REGION)
            && location != self.options.region
        {
            let message = format!("The location constraint must be {:?}, or absent.", self.options.region);
            let error = S3Error::with_message(ErrorCode::InvalidLocationConstraint, message);
            return Err(error.with_element("LocationConstraint", location));
        }
        if input.object_lock {
            self.backend.capabilities().check_bucket_setting(BucketSettingKind::ObjectLock)?;
        }
        let (use_cases, answer) = (self.use_cases.clone(), response::create_bucket(name.as_str()));
        let backend = Arc::clone(&self.backend);
        let creation = async move {
            let bucket = use_cases.create_bucket(&caller, name).await.map_err(creation_failed)?;
            if input.object_lock {
                enable_object_lock(&use_cases, backend.as_ref(), &caller, &bucket.reference()).await?;
            }
            // Clients take `BucketAlreadyOwnedByYou` for a success, so a repetition need not be answered as the first was.
            if let Err(error) = use_cases.mark_bucket_answered(bucket.id).await {
                tracing::debug!(%error, bucket.id = %bucket.id, "could not mark the bucket {} as answered", bucket.id);
            }
            Ok(())
        };
        self.write(creation).await?;
        Ok(reply(answer))
    }

    /// Deletes an empty bucket through the hub.
    pub(super) async fn delete_bucket(&self, request: &Request) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let Some(caller) = request.access.caller.clone() else { return Err(ErrorCode::AccessDenied.into()) };
        let (use_cases, bucket) = (self.use_cases.clone(), authorization.bucket().clone());
        self.write(async move { use_cases.delete_bucket(&caller, &bucket).await.map_err(deletion_failed) }).await?;
        Ok(no_content())
    }

    pub(super) fn head_bucket(&self, request: &Request) -> S3Result<Response<Content>> {
        self.decide_without_body(request)?;
        Ok(reply(response::head_bucket(&self.options.region)))
    }

    pub(super) fn get_bucket_location(&self, request: &Request) -> S3Result<Response<Content>> {
        self.decide_without_body(request)?;
        Ok(reply(response::get_bucket_location(&self.options.region)))
    }

    /// The policy that the hub rendered from the bucket's entries.
    pub(super) fn get_bucket_policy(&self, request: &Request) -> S3Result<Response<Content>> {
        self.decide_without_body(request)?;
        let bucket = request.access.bucket.as_ref().ok_or(ErrorCode::NoSuchBucketPolicy)?;
        Ok(reply(response::get_bucket_policy(bucket.policy().to_string())))
    }

    pub(super) fn get_bucket_policy_status(&self, request: &Request) -> S3Result<Response<Content>> {
        self.decide_without_body(request)?;
        let is_public = request.access.bucket.as_ref().is_some_and(|bucket| bucket.is_public());
        Ok(reply(response::get_bucket_policy_status(is_public)))
    }
}

/// Enables object lock in a bucket that was just created. A repeated creation that was not answered finds it enabled.
async fn enable_object_lock(
    use_cases: &S3UseCases,
    backend: &dyn S3Backend,
    caller: &S3Caller,
    bucket: &BucketRef,
) -> S3Result<()> {
    let access_key = caller.access_key.as_str();
    let access = Arc::new(use_cases.authenticate(Some(access_key), Some(&bucket.name)).await.map_err(failed)?);
    let authorization = Authorization::decide(use_cases, &access, S3Action::PutBucketObjectLockConfiguration)?;
    if authorization.bucket().id != bucket.id {
        return Err(ErrorCode::OperationAborted.into());
    }
    if backend.find_bucket_setting(bucket, BucketSettingKind::ObjectLock).await?.is_some() {
        return Ok(());
    }
    let write = Write { bucket, guard: &authorization };
    backend.put_bucket_setting(write, BucketSetting::Versioning(VersioningState::Enabled)).await?;
    backend.put_bucket_setting(write, BucketSetting::ObjectLock(ObjectLockConfiguration::default())).await
}

fn creation_failed(error: BucketError) -> S3Error {
    match error {
        BucketError::AlreadyOwned => ErrorCode::BucketAlreadyOwnedByYou.into(),
        BucketError::NameTaken => ErrorCode::BucketAlreadyExists.into(),
        BucketError::LimitReached(max) => {
            let message = format!("You own {max} buckets already, which is the maximum.");
            S3Error::with_message(ErrorCode::TooManyBuckets, message)
        }
        error => bucket_failed(error),
    }
}

fn deletion_failed(error: BucketError) -> S3Error {
    match error {
        BucketError::NotEmpty => ErrorCode::BucketNotEmpty.into(),
        error => bucket_failed(error),
    }
}

pub(super) fn bucket_failed(error: BucketError) -> S3Error {
    match error {
        BucketError::NotFound => ErrorCode::NoSuchBucket.into(),
        // The key ended, or its user was disabled, after the signature was verified.
        BucketError::Forbidden | BucketError::Session(_) => ErrorCode::AccessDenied.into(),
        BucketError::Fault(fault) if fault.is_temporary() => {
            S3Error::new(ErrorCode::ServiceUnavailable).caused_by(fault)
        }
        BucketError::Fault(_)
        | BucketError::NameTaken
        | BucketError::AlreadyOwned
        | BucketError::LimitReached(_)
        | BucketError::NotEmpty
        | BucketError::InvalidVersions(_) => S3Error::new(ErrorCode::InternalError).caused_by(error),
    }
}
