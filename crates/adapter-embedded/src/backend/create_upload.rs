use storage_hub_s3_backend::Write;
use storage_hub_s3_backend::object_lock::lock_of_write;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::CreateMultipartUpload;
use uuid::Uuid;

use super::commit::{commit, confirm};
use crate::index::uploads::{self, Upload, UploadAt};
use crate::object::Extras;
use crate::store::{EmbeddedStore, now};

pub(super) async fn create(store: &EmbeddedStore, write: Write<'_>, input: CreateMultipartUpload) -> S3Result<String> {
    let permit = confirm(write).await?;
    // Its first digits are the time, and later ones of the same process are greater: lists are in the order of ids.
    let id = Uuid::now_v7().simple().to_string();
    let upload = Upload {
        description: input.description.into(),
        checksum: input.checksum,
        extras: Extras::new(&input.tags, input.lock),
    };
    let (key, upload_id) = (input.key, id.clone());
    commit(store, permit, Vec::new(), move |connection, bucket| {
        // What the completion would refuse.
        lock_of_write(bucket.object_lock.as_ref(), upload.extras.lock(), now())?;
        uploads::insert(connection, &UploadAt { bucket: &bucket, key: &key, id: &upload_id }, &upload, now())?;
        Ok(((), Vec::new()))
    })
    .await?;
    Ok(id)
}
