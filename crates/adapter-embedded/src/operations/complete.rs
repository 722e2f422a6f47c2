use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CompletedPart,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::put_object::write_condition;
use super::translate::{checksum_kind, etag, sent_checksum, set_checksum};
use crate::endpoint::Permission;
use crate::index::uploads::{self, UploadAt};
use crate::store::now;
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::operation::{CompleteMultipartUpload, CompletedPart as NamedPart, UploadRef};

pub(super) async fn complete(
    this: &Operations,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let permission = Permission::of(&request)?;
    let mut input = request.input;
    let named = input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default();
    if named.is_empty() {
        return Err(s3_error!(MalformedXML, "A completion names at least one part."));
    }
    let parts = named.into_iter().map(name_part).collect::<S3Result<Vec<_>>>()?;
    if !parts.is_sorted_by(|before, after| before.number < after.number) {
        return Err(s3_error!(InvalidPartOrder, "The list of parts was not in ascending order."));
    }
    let size = input.mpu_object_size.map(u64::try_from).transpose();
    let completion = CompleteMultipartUpload {
        upload: UploadRef { key: input.key.clone(), upload_id: input.upload_id.clone() },
        parts,
        conditions: write_condition(input.if_match.as_ref(), input.if_none_match.as_ref())?,
        object_size: size.map_err(|_| s3_error!(InvalidArgument, "A size is not negative."))?,
        checksum: sent_checksum!(input)?,
        checksum_kind: None,
    };
    let permit = permission.confirm(&this.gate).await?;
    let completed = this
        .store
        .commit(Vec::new(), move |connection| uploads::complete(connection, permit.bucket(), &completion, now()))
        .await?;
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(etag(&completed.etag)),
        ..Default::default()
    };
    if let Some(checksum) = completed.checksum {
        output.checksum_type = Some(checksum_kind(&checksum));
        set_checksum!(output, checksum.algorithm, checksum.value);
    }
    Ok(S3Response::new(output))
}

pub(super) async fn abort(
    this: &Operations,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let bucket = Permission::of(&request)?.bucket()?;
    let input = request.input;
    if input.if_match_initiated_time.is_some() {
        return Err(s3_error!(NotImplemented, "Conditions of an abort are not there."));
    }
    let (key, id) = (input.key, input.upload_id);
    let abort =
        move |connection: &mut _| Ok(((), uploads::abort(connection, &UploadAt { bucket, key: &key, id: &id })?));
    this.store.commit(Vec::new(), abort).await?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

fn name_part(mut part: CompletedPart) -> S3Result<NamedPart> {
    let checksum = sent_checksum!(part)?.map(|(algorithm, value)| Checksum::full_object(algorithm, value));
    let number = part.part_number.ok_or_else(|| s3_error!(MalformedXML, "A part has no number."))?;
    let etag = part.e_tag.ok_or_else(|| s3_error!(MalformedXML, "A part has no ETag."))?;
    Ok(NamedPart { number: number.unsigned_abs(), etag: etag.into_value(), checksum })
}
