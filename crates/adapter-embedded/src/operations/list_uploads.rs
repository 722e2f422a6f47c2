use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CommonPrefix, Initiator, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    ListPartsInput, ListPartsOutput, MultipartUpload, Part, StorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::translate::{Names, etag, moment, owner, page_size, set_checksum};
use crate::index::buckets::BucketRowId;
use crate::index::listing::{self, After, Entry, Keyed as _, PageQuery};
use crate::index::uploads::{self, UploadAt};

pub(super) async fn parts(
    this: &Operations,
    request: S3Request<ListPartsInput>,
) -> S3Result<S3Response<ListPartsOutput>> {
    let input = request.input;
    let max_parts = page_size(input.max_parts, "max-parts")?;
    let after = input.part_number_marker.unwrap_or_default();
    let (bucket, id, key) = (input.bucket.clone(), input.upload_id.clone(), input.key.clone());
    let (upload, mut rows) = this
        .store
        .index()
        .read(move |connection| {
            let bucket = BucketRowId::get(connection, &bucket)?;
            let upload = uploads::get(connection, &UploadAt { bucket, key: &key, id: &id })?;
            Ok((upload, uploads::list_parts(connection, &id, after, i64::from(max_parts) + 1)?))
        })
        .await?;
    let most = usize::try_from(max_parts).unwrap_or_default();
    let truncated = rows.len() > most && most > 0;
    rows.truncate(most);
    let next = rows.last().map(|row| row.number).filter(|_| truncated);
    let parts = rows.into_iter().map(|row| {
        let mut part = Part {
            part_number: Some(row.number),
            size: Some(row.size),
            e_tag: Some(etag(&row.etag)),
            last_modified: Some(moment(row.modified_at)),
            ..Default::default()
        };
        if let Some(((algorithm, _), value)) = upload.checksum.zip(row.checksum) {
            set_checksum!(part, algorithm, value);
        }
        part
    });
    Ok(S3Response::new(ListPartsOutput {
        parts: Some(parts.collect()),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        max_parts: Some(max_parts),
        part_number_marker: Some(after),
        next_part_number_marker: next,
        is_truncated: Some(truncated),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: upload.checksum.map(|(_, kind)| ChecksumType::from_static(kind.name())),
        owner: Some(owner()),
        initiator: Some(initiator()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..Default::default()
    }))
}

pub(super) async fn uploads(
    this: &Operations,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let input = request.input;
    let names = Names::new(input.encoding_type.as_ref())?;
    let max_uploads = page_size(input.max_uploads, "max-uploads")?;
    if max_uploads == 0 {
        return Err(s3_error!(InvalidArgument, "max-uploads is between 1 and 1000."));
    }
    let key_marker = input.key_marker.clone().filter(|marker| !marker.is_empty());
    let after = match (key_marker, input.upload_id_marker.clone().filter(|marker| !marker.is_empty())) {
        (Some(key), Some(id)) => Some(After::Upload(key, id)),
        (Some(key), None) => Some(After::Entry(key)),
        (None, _) => None,
    };
    let query = PageQuery {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().filter(|delimiter| !delimiter.is_empty()),
        after,
        limit: usize::try_from(max_uploads).unwrap_or_default(),
    };
    let bucket = input.bucket.clone();
    let list = move |connection: &mut _| {
        let bucket = BucketRowId::get(connection, &bucket)?;
        listing::uploads(connection, bucket, &query)
    };
    let page = this.store.index().read(list).await?;
    let (next_key, next_id) = match page.entries.last().filter(|_| page.truncated) {
        Some(Entry::Item(upload)) => (Some(upload.key_text()), Some(upload.id.clone())),
        Some(Entry::CommonPrefix(prefix)) => (Some(prefix.clone()), None),
        None => (None, None),
    };
    let (mut found, mut common_prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::CommonPrefix(prefix) => {
                common_prefixes.push(CommonPrefix { prefix: Some(names.write(&prefix)) });
            }
            Entry::Item(upload) => found.push(MultipartUpload {
                key: Some(names.write(&upload.key_text())),
                upload_id: Some(upload.id),
                initiated: Some(moment(upload.created_at)),
                checksum_algorithm: upload.checksum_algorithm.map(ChecksumAlgorithm::from),
                checksum_type: upload.checksum_type.map(ChecksumType::from),
                owner: Some(owner()),
                initiator: Some(initiator()),
                storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            }),
        }
    }
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: input.prefix.map(|prefix| names.write(&prefix)),
        delimiter: input.delimiter.map(|delimiter| names.write(&delimiter)),
        key_marker: Some(names.write(&input.key_marker.unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        next_key_marker: next_key.map(|key| names.write(&key)),
        next_upload_id_marker: next_id,
        max_uploads: Some(max_uploads),
        is_truncated: Some(page.truncated),
        uploads: Some(found),
        common_prefixes: Some(common_prefixes),
        encoding_type: input.encoding_type,
        ..Default::default()
    }))
}

fn initiator() -> Initiator {
    let owner = owner();
    Initiator { display_name: owner.display_name, id: owner.id }
}
