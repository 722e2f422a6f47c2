//! Unfinished uploads in parts, which MinIO keeps when it deletes their bucket.
//!
//! MinIO stores the parts under a hash of bucket and key. Without a prefix it lists the uploads that the answering node
//! has accepted since its start, from memory; those of another node, or from before a restart, are listed only when the
//! prefix is their whole key. Therefore [`abort_uploads`](MinioStore::abort_uploads) aborts what is listed, and the
//! reservation of the freed name (see [`name_reservation`](crate::name_reservation)) covers the rest: MinIO removes
//! every upload itself once `stale_uploads_expiry` has passed.

use futures::{StreamExt as _, stream};
use percent_encoding::percent_decode_str;
use storage_hub_core::domain::BucketName;
use storage_hub_core::ports::StoreError;

use crate::error::success;
use crate::store::MinioStore;
use crate::xml;

/// How often a bucket's uploads are listed and aborted, at most: its owner may start further ones meanwhile.
const ROUNDS: usize = 3;
/// How many uploads are aborted concurrently.
const CONCURRENT: usize = 8;

/// An upload as MinIO lists it.
#[derive(Debug)]
struct Upload {
    key: String,
    id: String,
}

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

    async fn list_uploads(&self, bucket: &BucketName) -> Result<Vec<Upload>, StoreError> {
        let answer = success(self.s3.list_multipart_uploads(bucket).await?)?;
        let uploads = xml::children(&answer.body, "Upload").into_iter().map(|mut fields| {
            let (key, id) = (fields.remove("Key")?, fields.remove("UploadId")?);
            // The answer is form-encoded: a plus sign stands for a blank.
            let key = percent_decode_str(&key.replace('+', " ")).decode_utf8().ok()?.into_owned();
            Some(Upload { key, id })
        });
        let uploads: Option<Vec<_>> = uploads.collect();
        uploads.ok_or_else(|| StoreError::Unexpected("the list of unfinished uploads cannot be read".into()))
    }

    /// Returns whether there was such an upload.
    async fn abort_upload(&self, bucket: &BucketName, upload: Upload) -> Result<bool, StoreError> {
        match success(self.s3.abort_multipart_upload(bucket, &upload.key, &upload.id).await?) {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
