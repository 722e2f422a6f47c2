//! The isolation test: real S3 requests by the owner of a bucket, by a stranger, and without a signature.

use anyhow::{Context as _, bail};
use storage_hub_adapter_minio::identity_of;
use storage_hub_adapter_minio::s3_client::S3Client;
use storage_hub_core::domain::{BucketName, Credentials};
use storage_hub_core::s3_action::S3Action;
use storage_hub_s3_client::{Connection, Identity};

/// The participants and buckets of the test.
pub(crate) struct Trial {
    /// The S3 endpoint.
    pub(crate) connection: Connection,
    /// The key of the bucket's owner.
    pub(crate) owner: Credentials,
    /// The key of a user without buckets.
    pub(crate) stranger: Credentials,
    /// The owner's bucket.
    pub(crate) bucket: BucketName,
    /// The name of a bucket that does not exist.
    pub(crate) free: BucketName,
    /// Whether the hub serves S3 itself, so that users create and delete their buckets by S3.
    pub(crate) in_process: bool,
}

pub(crate) const KEY: &str = "tried by the doctor";
const OWNERS: [S3Action; 3] = [S3Action::PutObject, S3Action::GetObject, S3Action::ListBucket];
const KEPT: [S3Action; 2] = [S3Action::PutBucketPolicy, S3Action::DeleteBucket];
const STRANGERS: [S3Action; 4] =
    [S3Action::ListBucket, S3Action::GetObject, S3Action::PutObject, S3Action::DeleteObject];

impl Trial {
    /// Sends all requests, and returns how many they were.
    ///
    /// # Errors
    /// When a response was not the expected one: the store does not isolate users.
    pub(crate) async fn run(&self) -> anyhow::Result<String> {
        let client = |identity| S3Client::new(self.connection.clone(), identity);
        let signed = |key: &Credentials| client(identity_of(key));
        let (owner, stranger, nobody) = (signed(&self.owner), signed(&self.stranger), client(Identity::Anonymous));
        let mut tried = 0;
        for action in OWNERS {
            self.expect("the owner", &owner, action, &self.bucket, true).await?;
            tried += 1;
        }
        for (who, client) in [("a stranger", &stranger), ("nobody", &nobody)] {
            for action in STRANGERS {
                self.expect(who, client, action, &self.bucket, false).await?;
                tried += 1;
            }
        }
        for (who, client) in [("the owner", &owner), ("a stranger", &stranger)] {
            let is_owner = who == "the owner";
            for action in KEPT {
                if self.in_process && is_owner && action == S3Action::DeleteBucket {
                    continue;
                }
                self.expect(who, client, action, &self.bucket, false).await?;
                tried += 1;
            }
            // Where the hub serves S3 itself, the stranger finds the name taken by the owner, which proves nothing.
            if !self.in_process || is_owner {
                self.expect(who, client, S3Action::CreateBucket, &self.free, self.in_process).await?;
                tried += 1;
            }
        }
        self.expect("the owner", &owner, S3Action::DeleteObject, &self.bucket, true).await?;
        Ok(format!(
            "the store isolates users: it answered {} requests of an owner, a stranger and nobody as expected",
            tried + 1
        ))
    }

    async fn expect(
        &self,
        who: &str,
        client: &S3Client,
        action: S3Action,
        bucket: &BucketName,
        allowed: bool,
    ) -> anyhow::Result<()> {
        let answer = client.attempt(action, bucket, KEY).await.context("this action cannot be tested")??;
        if allowed && !answer.is_success() {
            bail!("{who} should be allowed {action}, but the store answered {} {}", answer.status, answer.code());
        }
        if !allowed && !answer.is_denied() {
            bail!("{who} should be denied {action}, but the store answered {} {}", answer.status, answer.code());
        }
        Ok(())
    }
}
