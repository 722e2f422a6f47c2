use http::{HeaderName, StatusCode, header};

use super::fields::{date_of, insert, parse_answer, required, unreadable, write_owner};
use super::{Answer, Owner, token};
use crate::error::S3Result;
use crate::operation::ListBuckets;
use crate::types::Millis;
use crate::xml::XmlWriter;
use crate::{dates, uri};

/// The region that has no name in an answer.
const NAMELESS_REGION: &str = "us-east-1";
const BUCKET_REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");

/// A bucket in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedBucket {
    /// The name.
    pub name: String,
    /// When it was created.
    pub created_at: Millis,
}

/// The answer to `ListBuckets`. `has_more` tells whether there is a next page, which begins after the last bucket.
#[must_use]
pub fn list_buckets(
    input: &ListBuckets,
    buckets: &[ListedBucket],
    has_more: bool,
    region: &str,
    owner: &Owner,
) -> Answer {
    Answer::ok(XmlWriter::answer("ListAllMyBucketsResult", |document| {
        write_owner(document, "Owner", owner);
        document.element("Buckets", |document| {
            for bucket in buckets {
                document.element("Bucket", |document| {
                    document.text("Name", &bucket.name);
                    document.text("CreationDate", &dates::write_iso_date(bucket.created_at));
                    // Told where the request has parameters of the paged form.
                    document.opt_text("BucketRegion", input.max_buckets.map(|_| region));
                });
            }
        });
        if let Some(last) = buckets.last().filter(|_| has_more) {
            document.text("ContinuationToken", &token::write(&last.name));
        }
        document.opt_text("Prefix", Some(input.prefix.as_str()).filter(|prefix| !prefix.is_empty()));
    }))
}

/// Reads the answer to `ListBuckets`: the buckets, and the token of the next page.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_list_buckets(document: &[u8]) -> S3Result<(Vec<ListedBucket>, Option<String>)> {
    let root = parse_answer("ListAllMyBucketsResult", document)?;
    let mut listed = Vec::new();
    for bucket in root.find("Buckets")?.map(|buckets| buckets.all("Bucket")).into_iter().flatten() {
        let name = required(bucket.text_of("Name")?)?.to_owned();
        listed.push(ListedBucket { name, created_at: date_of(bucket, "CreationDate")? });
    }
    let token = root.text_of("ContinuationToken")?.filter(|token| !token.is_empty()).map(str::to_owned);
    Ok((listed, token))
}

/// The answer to `CreateBucket`.
#[must_use]
pub fn create_bucket(bucket: &str) -> Answer {
    let mut answer = Answer::empty(StatusCode::OK);
    insert(&mut answer.headers, header::LOCATION, &uri::path_of(Some(bucket), None));
    answer
}

/// The answer to `HeadBucket`.
#[must_use]
pub fn head_bucket(region: &str) -> Answer {
    let mut answer = Answer::empty(StatusCode::OK);
    insert(&mut answer.headers, BUCKET_REGION, region);
    answer
}

/// The answer to `GetBucketLocation`. The region `us-east-1` has no name.
#[must_use]
pub fn get_bucket_location(region: &str) -> Answer {
    Answer::ok(XmlWriter::answer("LocationConstraint", |document| {
        if region != NAMELESS_REGION {
            document.escape(region);
        }
    }))
}

/// Reads the region in the answer to `GetBucketLocation`.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_get_bucket_location(document: &[u8]) -> S3Result<String> {
    let root = parse_answer("LocationConstraint", document)?;
    let region = root.text().map_err(|_| unreadable("the region is not a text"))?.trim();
    Ok(if region.is_empty() { NAMELESS_REGION } else { region }.to_owned())
}
