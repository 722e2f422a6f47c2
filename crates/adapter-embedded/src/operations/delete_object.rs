use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use diesel::SqliteConnection;
use http::HeaderMap;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error,
    ObjectIdentifier,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::translate::{etag_match, only_null_version};
use crate::blobs::BlobName;
use crate::endpoint::{Permission, body_digests, said_checksum};
use crate::index::buckets::BucketRowId;
use crate::index::uploads::PARTS_PER_TRANSACTION;
use crate::index::{IndexError, objects};
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::types::{EtagCondition, WriteConditions};

/// The most objects of one request.
const MAX_OBJECTS: usize = 1000;

pub(super) async fn one(
    this: &Operations,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let bucket = Permission::of(&request)?.bucket()?;
    let input = request.input;
    only_null_version(input.version_id.as_deref())?;
    if input.if_match_last_modified_time.is_some() || input.if_match_size.is_some() {
        return Err(s3_error!(NotImplemented, "Of the conditions of a deletion only If-Match is there."));
    }
    let condition = WriteConditions { if_match: input.if_match.as_ref().map(etag_match), if_none_match: None };
    let key = input.key;
    this.store
        .commit(Vec::new(), move |connection| Ok(((), objects::delete(connection, bucket, &key, &condition)?)))
        .await?;
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) async fn many(
    this: &Operations,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let permission = Permission::of(&request)?;
    check_digests(&request.headers)?;
    let input = request.input;
    let quiet = input.delete.quiet.unwrap_or_default();
    let wanted = input.delete.objects;
    if wanted.is_empty() || wanted.len() > MAX_OBJECTS {
        return Err(s3_error!(MalformedXML, "A request deletes 1 to {MAX_OBJECTS} objects."));
    }
    let permit = permission.confirm(&this.gate).await?;
    let bucket = permit.bucket();
    let mut progress = Progress { remaining: wanted.into(), deleted: Vec::new(), errors: Vec::new() };
    // Every other writer waits for a transaction, and an object can have 10,000 parts.
    while !progress.remaining.is_empty() {
        let delete = move |connection: &mut _| progress.delete_some(connection, bucket);
        progress = this.store.commit(Vec::new(), delete).await?;
    }
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: (!quiet).then_some(progress.deleted),
        errors: (!progress.errors.is_empty()).then_some(progress.errors),
        ..Default::default()
    }))
}

/// A request that deletes many objects.
struct Progress {
    remaining: VecDeque<ObjectIdentifier>,
    deleted: Vec<DeletedObject>,
    errors: Vec<Error>,
}

impl Progress {
    /// Deletes objects in one transaction, until all are deleted or they had many parts.
    fn delete_some(
        mut self,
        connection: &mut SqliteConnection,
        bucket: BucketRowId,
    ) -> Result<(Self, Vec<BlobName>), IndexError> {
        let mut released = Vec::new();
        while released.len() < PARTS_PER_TRANSACTION
            && let Some(object) = self.remaining.pop_front()
        {
            let failed = |code: &str, message: &str| Error {
                code: Some(code.to_owned()),
                key: Some(object.key.clone()),
                message: Some(message.to_owned()),
                version_id: object.version_id.clone(),
            };
            if only_null_version(object.version_id.as_deref()).is_err() {
                self.errors.push(failed("NoSuchVersion", "The specified version does not exist."));
                continue;
            }
            if object.last_modified_time.is_some() || object.size.is_some() {
                self.errors.push(failed("NotImplemented", "Of the conditions of a deletion only the ETag is there."));
                continue;
            }
            let matches = object.e_tag.as_ref().map(|etag| EtagCondition::List(vec![etag.value().to_owned()]));
            let condition = WriteConditions { if_match: matches, if_none_match: None };
            match objects::delete(connection, bucket, &object.key, &condition) {
                Ok(blobs) => {
                    released.extend(blobs);
                    self.deleted.push(DeletedObject {
                        key: Some(object.key.clone()),
                        version_id: object.version_id.clone(),
                        ..Default::default()
                    });
                }
                Err(IndexError::Refused(error)) if error.code() == ErrorCode::PreconditionFailed => {
                    self.errors.push(failed("PreconditionFailed", error.message()));
                }
                Err(IndexError::Refused(error)) => self.errors.push(failed(error.code().name(), error.message())),
                // Nothing of this transaction is kept.
                Err(error) => return Err(error),
            }
        }
        Ok((self, released))
    }
}

/// Holds the body of a request against the digests that its headers say.
fn check_digests(headers: &HeaderMap) -> S3Result<()> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let said_md5 = text("content-md5").map(|text| BASE64.decode(text).ok().filter(|md5| md5.len() == 16));
    if said_md5 == Some(None) {
        return Err(s3_error!(InvalidDigest, "The Content-MD5 you specified is not valid."));
    }
    // A body in chunks of its own has others, which are not looked at.
    let Some(digests) = body_digests() else { return Ok(()) };
    if said_md5.flatten().is_some_and(|md5| md5 != digests.md5) {
        return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
    }
    let said = said_checksum(headers).and_then(|algorithm| text(algorithm.header()));
    if let (Some(said), Some(Checksum { algorithm, value: computed, .. })) = (said, &digests.checksum)
        && said != computed
    {
        return Err(s3_error!(BadDigest, "The {} you specified did not match what we received.", algorithm.header()));
    }
    Ok(())
}
