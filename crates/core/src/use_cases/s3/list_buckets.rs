use super::{S3Caller, S3Fault, S3UseCases};
use crate::acl::{Grant, GrantSet};
use crate::domain::{BucketName, Timestamp};
use crate::ports::S3BucketQuery;

impl S3UseCases {
    /// Lists at most `limit` buckets in byte order of their names, with the moments of their creation, and whether there
    /// are more: for administrators every bucket of the hub, for others those that they reach through another entry than
    /// `public`.
    ///
    /// # Errors
    /// [`S3Fault`].
    pub async fn list_buckets(
        &self,
        caller: &S3Caller,
        prefix: &str,
        after: Option<&BucketName>,
        limit: u16,
    ) -> Result<(Vec<(BucketName, Timestamp)>, bool), S3Fault> {
        let public = Grant::public();
        let grants = || caller.subject.grants().iter().filter(|grant| **grant != public).cloned().collect::<GrantSet>();
        let query = S3BucketQuery {
            grants: (!caller.is_admin()).then(grants),
            prefix: prefix.to_owned(),
            after: after.cloned(),
            // One bucket more than the limit shows whether there are more.
            limit: limit.saturating_add(1),
        };
        let mut found = self.ports.directory.list_s3_buckets(&query).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        Ok((found, has_more))
    }
}
