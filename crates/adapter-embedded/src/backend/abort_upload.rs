use storage_hub_s3_backend::Write;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::UploadRef;

use super::commit::{commit, confirm};
use crate::index::uploads::{self, UploadAt};
use crate::store::EmbeddedStore;

pub(super) async fn abort(store: &EmbeddedStore, write: Write<'_>, upload: UploadRef) -> S3Result<()> {
    let permit = confirm(write).await?;
    commit(store, permit, Vec::new(), move |connection, bucket| {
        let at = UploadAt { bucket: &bucket, key: &upload.key, id: &upload.upload_id };
        Ok(((), uploads::abort(connection, &at)?))
    })
    .await
}
