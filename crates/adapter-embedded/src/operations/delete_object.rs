use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use s3s::dto::{DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::translate::{etag_match, only_null_version};
use crate::endpoint::{Permission, body_digests, said_checksum};
use crate::index::{IndexError, objects};
use crate::object::{EtagMatch, WriteCondition};

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
    let condition = WriteCondition { matches: input.if_match.as_ref().map(etag_match), matches_not: None };
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
    let delete = move |connection: &mut _| {
        let (mut output, mut released) = (DeleteObjectsOutput::default(), Vec::new());
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in wanted {
            let failed = |code: &str, message: &str| Error {
                code: Some(code.to_owned()),
                key: Some(object.key.clone()),
                message: Some(message.to_owned()),
                version_id: object.version_id.clone(),
            };
            if only_null_version(object.version_id.as_deref()).is_err() {
                errors.push(failed("NoSuchVersion", "The specified version does not exist."));
                continue;
            }
            if object.last_modified_time.is_some() || object.size.is_some() {
                errors.push(failed("NotImplemented", "Of the conditions of a deletion only the ETag is there."));
                continue;
            }
            let matches = object.e_tag.as_ref().map(|etag| EtagMatch::Is(etag.value().to_owned()));
            let condition = WriteCondition { matches, matches_not: None };
            match objects::delete(connection, permit.bucket(), &object.key, &condition) {
                Ok(blobs) => {
                    released.extend(blobs);
                    deleted.push(DeletedObject {
                        key: Some(object.key.clone()),
                        version_id: object.version_id.clone(),
                        ..Default::default()
                    });
                }
                Err(error @ IndexError::PreconditionFailed) => {
                    errors.push(failed("PreconditionFailed", &error.to_string()));
                }
                Err(error @ IndexError::NoSuchKey) => errors.push(failed("NoSuchKey", &error.to_string())),
                // All of them or none: the transaction is over.
                Err(error) => return Err(error),
            }
        }
        output.deleted = (!quiet).then_some(deleted);
        output.errors = (!errors.is_empty()).then_some(errors);
        Ok((output, released))
    };
    Ok(S3Response::new(this.store.commit(Vec::new(), delete).await?))
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
    if let (Some(said), Some((algorithm, computed))) = (said, &digests.checksum)
        && said != computed
    {
        return Err(s3_error!(BadDigest, "The {} you specified did not match what we received.", algorithm.header()));
    }
    Ok(())
}
