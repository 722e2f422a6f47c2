use storage_hub_s3_backend::Write;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::CompleteMultipartUpload;
use storage_hub_s3_protocol::types::Written;

use super::commit::{commit, confirm};
use crate::index::uploads;
use crate::store::{EmbeddedStore, now};

pub(super) async fn complete(
    store: &EmbeddedStore,
    write: Write<'_>,
    input: CompleteMultipartUpload,
) -> S3Result<Written> {
    let permit = confirm(write).await?;
    commit(store, permit, Vec::new(), move |connection, bucket| uploads::complete(connection, &bucket, &input, now()))
        .await
}
