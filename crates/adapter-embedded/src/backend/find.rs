use bytes::Bytes;
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::versions::{current_is_marker, is_marker, source_is_marker};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::CopySource;

use crate::index::objects::{Found, VersionAt};
use crate::object::Object;
use crate::store::EmbeddedStore;

/// Finds a version of an object.
pub(super) async fn find(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    key: &str,
    version: Option<&str>,
) -> S3Result<Object> {
    let at = VersionAt { key: key.to_owned(), version: version.map(str::to_owned) };
    object(store.find_in(bucket.id, at).await?, version.is_some())
}

/// As [`find`], with the bytes of the object if they are in the index.
pub(super) async fn find_with_data(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    key: &str,
    version: Option<&str>,
) -> S3Result<(Object, Option<Bytes>)> {
    let at = VersionAt { key: key.to_owned(), version: version.map(str::to_owned) };
    let (found, data) = store.find_with_data(bucket.id, at).await?;
    Ok((object(found, version.is_some())?, data))
}

/// Finds the source of a copy.
pub(super) async fn find_source(store: &EmbeddedStore, from: &BucketRef, source: &CopySource) -> S3Result<Object> {
    let at = VersionAt { key: source.key.clone(), version: source.version_id.clone() };
    match store.find_in(from.id, at).await? {
        Found::DeleteMarker { .. } if source.version_id.is_some() => Err(source_is_marker()),
        found => object(found, false),
    }
}

/// The object that was found; a delete marker is none.
pub(super) fn object(found: Found, by_version: bool) -> S3Result<Object> {
    match found {
        Found::Object(object) => Ok(*object),
        Found::DeleteMarker { version_id } if by_version => Err(is_marker(&version_id)),
        Found::DeleteMarker { version_id } => Err(current_is_marker(&version_id)),
    }
}
