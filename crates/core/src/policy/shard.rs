use serde_json::{Value, json};

use super::PolicyDocument;
use crate::acl::Access;
use crate::domain::BucketName;
use crate::s3_action::S3Action;

/// How many bytes of buckets one shard takes. With the fixed parts of the document (below 4 KiB, see the test) it stays
/// below the 20 KiB that MinIO takes.
pub const SHARD_BYTES: i64 = 16_000;

/// How many bytes a bucket takes in a shard's document.
#[must_use]
pub fn entry_bytes(name: &BucketName) -> i64 {
    let resources = bucket_resources(name);
    let quotes_and_commas = 3;
    resources.iter().map(|arn| arn.len() as i64 + quotes_and_commas).sum()
}

/// The policy of a shard: what each of its buckets gives, and the denials of what the hub keeps for itself.
///
/// A shard without buckets has the denials alone, so that it can stay attached.
#[must_use]
pub fn shard_policy(buckets: &[(BucketName, Access)]) -> PolicyDocument {
    let mut statements = denials();
    for level in Access::ALL {
        let resources: Vec<String> = buckets
            .iter()
            .filter(|(_, access)| *access == level)
            .flat_map(|(name, _)| bucket_resources(name))
            .collect();
        if !resources.is_empty() {
            statements.push(json!({ "Effect": "Allow", "Action": actions(level), "Resource": resources }));
        }
    }
    document(statements)
}

/// The policy of the admins: everything in every bucket of the store, the hub's or not, but what the hub keeps for
/// itself.
#[must_use]
pub fn admin_policy() -> PolicyDocument {
    let mut statements = denials();
    statements.push(json!({ "Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"] }));
    document(statements)
}

fn document(statements: Vec<Value>) -> PolicyDocument {
    PolicyDocument::new(json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// What principals are denied directly, the admins' too: a deny wins over every allow.
fn denials() -> Vec<Value> {
    let kept: Vec<_> = S3Action::kept_by_hub().map(S3Action::iam_name).collect();
    vec![
        json!({ "Effect": "Deny", "Action": kept, "Resource": ["arn:aws:s3:::*"] }),
        json!({ "Effect": "Deny", "Action": ["admin:*"] }),
    ]
}

pub(super) fn actions(access: Access) -> Vec<&'static str> {
    S3Action::allowed_by(access).map(S3Action::iam_name).collect()
}

/// The bucket itself and all that is in it.
pub(super) fn bucket_resources(name: &BucketName) -> [String; 2] {
    [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIO_LIMIT: usize = 20 * 1024;

    fn name(length: usize, number: usize) -> BucketName {
        BucketName::parse(&format!("{number:0>length$}")).unwrap()
    }

    #[test]
    fn a_full_shard_stays_below_the_limit_of_the_store_whatever_the_names_and_levels() {
        for length in [3, 10, 63] {
            let per_bucket = entry_bytes(&name(length, 1)) as usize;
            let buckets: Vec<_> = (0..SHARD_BYTES as usize / per_bucket)
                .map(|number| (name(length, number), Access::ALL[number % 3]))
                .collect();
            let size = shard_policy(&buckets).to_string().len();
            assert!(size < MINIO_LIMIT, "{size} bytes with names of {length}");
        }
    }

    #[test]
    fn an_empty_shard_denies_and_allows_nothing() {
        let document = shard_policy(&[]).to_string();
        assert!(document.contains("Deny") && !document.contains("Allow"), "{document}");
    }
}
