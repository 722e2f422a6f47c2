//! Unfinished uploads in parts, which MinIO keeps when it deletes their bucket.
//!
//! MinIO stores the parts under a hash of bucket and key. Without a prefix it lists the uploads that the answering node
//! has accepted since its start, from memory; those of another node, or from before a restart, are listed only when the
//! prefix is their whole key. Therefore [`abort_uploads`](MinioStore::abort_uploads) aborts what is listed, and the
//! reservation of the freed name (see [`name_reservation`](crate::name_reservation)) covers the rest: MinIO removes
//! every upload itself once `stale_uploads_expiry` has passed.

use futures::{StreamExt as _, stream};
use storage_hub_core::domain::BucketName;
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::protocol::response::parse_list_multipart_uploads;
use storage_hub_s3_client::protocol::types::ListedUpload;

use crate::error::success;
use crate::store::MinioStore;

/// How often a bucket's uploads are listed and aborted, at most: its owner may start further ones meanwhile.
const ROUNDS: usize = 3;
/// How many uploads are aborted concurrently.
const CONCURRENT: usize = 8;

impl MinioStore {
    /// Aborts the unfinished uploads of a bucket that MinIO lists.
    pub(crate) async fn abort_uploads(&self, bucket: &BucketName) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            let uploads = self.list_uploads(bucket).await?;
            let aborts = stream::iter(uploads).map(|upload| self.abort_upload(bucket, upload));
            let aborted: Vec<bool> =
                aborts.buffer_unordered(CONCURRENT).collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>()?;
            // What is listed but was gone already is a leftover of MinIO's memory, and is listed again.
            if !aborted.contains(&true) {
                break;
            }
        }
        Ok(())
    }

    async fn list_uploads(&self, bucket: &BucketName) -> Result<Vec<ListedUpload>, StoreError> {
        let answer = success(self.s3.list_multipart_uploads(bucket).await?)?;
        let listed = parse_list_multipart_uploads(&answer.body);
        listed.map(|listed| listed.page.items).map_err(|error| StoreError::Unexpected(error.into()))
    }

    /// Returns whether there was such an upload.
    async fn abort_upload(&self, bucket: &BucketName, upload: ListedUpload) -> Result<bool, StoreError> {
        match success(self.s3.abort_multipart_upload(bucket, &upload.key, &upload.upload_id).await?) {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
