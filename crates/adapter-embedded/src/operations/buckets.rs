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
use crate::index::buckets::{self, BucketRowId};

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
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = input.continuation_token.unwrap_or_default();
    let other_region = input.bucket_region.is_some_and(|region| region != *this.region);
    let most = usize::try_from(input.max_buckets.unwrap_or(MAX_BUCKETS)).unwrap_or(usize::MAX);
    // One more than the page has tells whether there is a next page.
    let (rows, truncated, last) = match visible {
        _ if other_region => (Vec::new(), false, None),
        VisibleBuckets::All => {
            let page = move |connection: &mut _| buckets::list_page(connection, &prefix, &after, most + 1);
            let mut rows = this.store.index().read(page).await?;
            let truncated = rows.len() > most;
            rows.truncate(most);
            let last = rows.last().map(|row| row.name.clone());
            (rows, truncated, last)
        }
        VisibleBuckets::Only(names) => {
            let names = names.into_iter().map(|name| name.to_string());
            let mut names: Vec<_> =
                names.filter(|name| name.starts_with(&prefix) && *name > after).take(most + 1).collect();
            let truncated = names.len() > most;
            names.truncate(most);
            let last = names.last().cloned();
            (this.store.index().read(move |connection| buckets::list_named(connection, &names)).await?, truncated, last)
        }
    };
    let found = rows.into_iter().map(|row| Bucket {
        creation_date: Some(moment(row.created_at)),
        name: Some(row.name),
        bucket_region: input.max_buckets.map(|_| this.region.to_string()),
    });
    Ok(S3Response::new(ListBucketsOutput {
        buckets: Some(found.collect()),
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
    let policy = this
        .store
        .index()
        .read(move |connection| {
            let bucket = BucketRowId::get(connection, &bucket)?;
            buckets::find_policy(connection, bucket)
        })
        .await?;
    match policy {
        Some(policy) => Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy) })),
        None => Err(s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist")),
    }
}

async fn exists(this: &Operations, bucket: String) -> S3Result<()> {
    Ok(this.store.index().read(move |connection| buckets::get_id(connection, &bucket)).await.map(|_| ())?)
}
