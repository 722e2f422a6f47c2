use serde_json::json;

use super::PolicyDocument;
use super::shard::bucket_resources;
use crate::acl::Grant;
use crate::domain::BucketRecord;
use crate::s3_action::S3Action;

/// The bucket policy: the rights of the owner's access key and of everyone.
///
/// The API shows it, the store applies it to anonymous requests, and engines that evaluate bucket policies for signed-in
/// users apply it to them. It contains no grants that several users hold, because it can only name principals.
#[must_use]
pub fn bucket_policy(record: &BucketRecord) -> PolicyDocument {
    let owner = Grant::author(record.bucket.owner);
    let statements: Vec<_> = record
        .entries
        .iter()
        .filter_map(|entry| {
            let (principal, is_public) = if entry.grant == owner {
                (format!("arn:aws:iam:::user/{}", record.owner_access_key), false)
            } else if entry.grant == Grant::public() {
                ("*".to_owned(), true)
            } else {
                return None;
            };
            let actions: Vec<_> = S3Action::allowed_by(entry.access)
                .filter(|action| !is_public || action.is_given_by_public())
                .map(S3Action::iam_name)
                .collect();
            Some(json!({
                "Effect": "Allow",
                "Principal": { "AWS": [principal] },
                "Action": actions,
                "Resource": bucket_resources(&record.bucket.name),
            }))
        })
        .collect();
    PolicyDocument::new(json!({ "Version": "2012-10-17", "Statement": statements }))
}
