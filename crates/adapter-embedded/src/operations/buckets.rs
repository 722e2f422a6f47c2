use s3s::dto::{
    Bucket, BucketLocationConstraint, GetBucketLocationInput, GetBucketLocationOutput, GetBucketPolicyInput,
    GetBucketPolicyOutput, GetBucketVersioningInput, GetBucketVersioningOutput, HeadBucketInput, HeadBucketOutput,
    ListBucketsInput, ListBucketsOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};
use storage_hub_core::use_cases::s3_gate::VisibleBuckets;

use super::Operations;
use super::translate::{moment, owner};
use crate::endpoint::Visitor;
use crate::error::gate_error;
use crate::index::buckets;

/// The most buckets of one page.
const MAX_BUCKETS: i32 = 10_000;
/// The region that has no name in an answer.
const NAMELESS_REGION: &str = "us-east-1";

/// The buckets that the caller may see.
pub(super) async fn list(
    this: &Operations,
    request: S3Request<ListBucketsInput>,
) -> S3Result<S3Response<ListBucketsOutput>> {
    let visitor = Visitor::of(&request)?;
    let Some(caller) = &visitor.0 else { return Err(s3_error!(AccessDenied, "Access Denied.")) };
    let input = request.input;
    if input.max_buckets.is_some_and(|most| !(1..=MAX_BUCKETS).contains(&most)) {
        return Err(s3_error!(InvalidArgument, "max-buckets is between 1 and {MAX_BUCKETS}."));
    }
    let visible = this.gate.visible_buckets(caller).await.map_err(gate_error)?;
    let rows = this.store.index().read(buckets::list).await?;
    let is_visible = |name: &str| match &visible {
        VisibleBuckets::All => true,
        VisibleBuckets::Only(names) => names.binary_search_by(|visible| visible.as_str().cmp(name)).is_ok(),
    };
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = input.continuation_token.unwrap_or_default();
    let other_region = input.bucket_region.is_some_and(|region| region != *this.region);
    let mut found: Vec<_> = rows
        .into_iter()
        .filter(|row| !other_region && row.name.starts_with(&prefix) && row.name > after && is_visible(&row.name))
        .map(|row| Bucket {
            creation_date: Some(moment(row.created_at)),
            name: Some(row.name),
            bucket_region: input.max_buckets.map(|_| this.region.to_string()),
        })
        .collect();
    let most = usize::try_from(input.max_buckets.unwrap_or(i32::MAX)).unwrap_or(usize::MAX);
    let truncated = found.len() > most;
    found.truncate(most);
    let last = found.last().and_then(|bucket| bucket.name.clone());
    Ok(S3Response::new(ListBucketsOutput {
        buckets: Some(found),
        continuation_token: last.filter(|_| truncated),
        owner: Some(owner()),
        prefix: input.prefix,
    }))
}

pub(super) async fn head(
    this: &Operations,
    request: S3Request<HeadBucketInput>,
) -> S3Result<S3Response<HeadBucketOutput>> {
    exists(this, request.input.bucket).await?;
    let bucket_region = Some(this.region.to_string());
    Ok(S3Response::new(HeadBucketOutput { bucket_region, ..Default::default() }))
}

pub(super) async fn location(
    this: &Operations,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    exists(this, request.input.bucket).await?;
    let named = (&*this.region != NAMELESS_REGION).then(|| BucketLocationConstraint::from(this.region.to_string()));
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint: named }))
}

/// No status: the bucket never had versioning.
pub(super) async fn versioning(
    this: &Operations,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    exists(this, request.input.bucket).await?;
    Ok(S3Response::new(GetBucketVersioningOutput::default()))
}

pub(super) async fn policy(
    this: &Operations,
    request: S3Request<GetBucketPolicyInput>,
) -> S3Result<S3Response<GetBucketPolicyOutput>> {
    let bucket = request.input.bucket;
    let policy = this.store.index().read(move |connection| buckets::find_policy(connection, &bucket)).await?;
    match policy {
        Some(policy) => Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy) })),
        None => Err(s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist")),
    }
}

async fn exists(this: &Operations, bucket: String) -> S3Result<()> {
    Ok(this.store.index().read(move |connection| buckets::get_id(connection, &bucket)).await.map(|_| ())?)
}
