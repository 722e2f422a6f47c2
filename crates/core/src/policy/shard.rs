//! IAM policies: one document per shard of a grant, and one for the admins.
//!
//! MinIO's evaluation of a request is linear in the resources of a user's policies and quadratic in their *different*
//! statements. Therefore a shard has one statement per access level, and the denials are the same two statements in
//! every document: MinIO drops duplicates before it compares.

use serde_json::{Value, json};

use super::PolicyDocument;
use crate::acl::Access;
use crate::domain::BucketName;
use crate::s3_action::S3Action;

/// The revision of this rendering. Raise it with every change of what [`shard_policy`] or [`admin_policy`] returns: the
/// next start then renders the policies of every installation again.
pub const POLICY_REVISION: i64 = 3;

/// Maximum size of the buckets of one shard, in bytes. With the fixed parts of the document (below 4 KiB, see the test) it
/// stays below MinIO's limit of 20 KiB.
pub const SHARD_BYTES: i64 = 16_000;

/// The size of a bucket in the document of a shard, in bytes.
#[must_use]
pub fn entry_bytes(name: &BucketName) -> i64 {
    let resources = bucket_resources(name);
    let quotes_and_commas = 3;
    resources.iter().map(|arn| arn.len() as i64 + quotes_and_commas).sum()
}

/// The policy of a shard: the access to each of its buckets, and the denials of every principal.
///
/// A shard without buckets contains only the denials, so that it can stay attached.
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
            let actions: Vec<_> = S3Action::allowed_by(level)
                .filter(|action| !action.denied_on_minio())
                .map(S3Action::iam_name)
                .collect();
            statements.push(json!({ "Effect": "Allow", "Action": actions, "Resource": resources }));
        }
    }
    document(statements)
}

/// The policy of the admins: everything in every bucket of the store, the hub's or not, except the denials of every
/// principal.
#[must_use]
pub fn admin_policy() -> PolicyDocument {
    let mut statements = denials();
    statements.push(json!({ "Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"] }));
    document(statements)
}

fn document(statements: Vec<Value>) -> PolicyDocument {
    PolicyDocument::new(json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// The denials of every principal, including those of admins: a deny wins over every allow. No statement has a condition,
/// because a request header can forge the value that MinIO compares.
fn denials() -> Vec<Value> {
    let denied: Vec<_> =
        S3Action::ALL.iter().copied().filter(|action| action.denied_on_minio()).map(S3Action::iam_name).collect();
    vec![
        json!({ "Effect": "Deny", "Action": denied, "Resource": ["arn:aws:s3:::*"] }),
        json!({ "Effect": "Deny", "Action": ["admin:*"] }),
    ]
}

/// The bucket itself and everything in it.
pub(super) fn bucket_resources(name: &BucketName) -> [String; 2] {
    [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::{env, fs};

    use super::*;

    const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policies.txt");
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

    #[test]
    fn a_principal_has_two_different_statements_and_one_more_for_each_full_shard_and_level() {
        let shard = |number| shard_policy(&[(name(10, number), Access::Manage)]);
        let documents = [shard(1), shard(2), shard(3), admin_policy()];
        let statements = documents.iter().flat_map(|document| document.json()["Statement"].as_array().unwrap());
        let different: BTreeSet<_> = statements.map(Value::to_string).collect();
        assert_eq!(different.len(), 2 + 3 + 1);
    }

    #[test]
    fn no_statement_has_a_condition() {
        for document in [shard_policy(&[(name(10, 1), Access::Read)]), admin_policy()] {
            assert!(!document.to_string().contains("Condition"));
        }
    }

    /// `UPDATE_GOLDEN=1 cargo test` rewrites the file, once the revision is raised.
    #[test]
    fn the_rendering_is_the_committed_one_of_its_revision() {
        let levels = Access::ALL.map(|level| (name(10, level as usize), level));
        let rendered = [shard_policy(&[]), shard_policy(&levels), admin_policy()];
        let rendered: Vec<_> = rendered.iter().map(|document| format!("{:#}\n", document.json())).collect();
        let text = format!("revision {POLICY_REVISION}\n{}", rendered.concat());
        let committed = fs::read_to_string(GOLDEN).unwrap_or_default();
        if env::var_os("UPDATE_GOLDEN").is_some() && committed != text {
            let revision = |text: &str| text.lines().next().map(str::to_owned);
            assert_ne!(revision(&committed), revision(&text), "raise POLICY_REVISION: the rendering has changed");
            fs::write(GOLDEN, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(GOLDEN).unwrap(), text);
    }
}
