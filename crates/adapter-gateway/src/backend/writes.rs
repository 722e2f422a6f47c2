use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use storage_hub_s3_backend::{VerifiedBody, Write};
use storage_hub_s3_client::S3Client;
use storage_hub_s3_protocol::checksum::{BodyDigests, Checksum, ChecksumAlgorithm, ChecksumHasher, ChecksumKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, Operation, PutObject, UploadPart, UploadRef,
};
use storage_hub_s3_protocol::response::{
    parse_complete_multipart_upload, parse_create_multipart_upload, parse_put_object,
};
use storage_hub_s3_protocol::types::Written;

use super::{GatewayS3Backend, require_conditions};
use crate::calls::{Call, LONG};
use crate::error::unanswered;
use crate::upload::{Target, check_algorithm};

/// Size of the parts of a body whose length is not known before it ends, such as the file of a form.
const PART: usize = 8 * 1024 * 1024;

impl GatewayS3Backend {
    pub(super) async fn write_object(
        &self,
        write: Write<'_>,
        mut input: PutObject,
        body: VerifiedBody,
    ) -> S3Result<Written> {
        let probed = self.gateway.ready()?;
        self.gateway.check_key(&input.key)?;
        require_conditions(&input.conditions, probed.result.conditional_writes, "Conditional writes")?;
        probed.capabilities.check_options(Some(&input.tags), &input.lock)?;
        check_algorithm(&probed.capabilities.checksums, body.checksum_algorithm())?;
        let behind = self.gateway.behind(write.bucket);
        let key = input.key.clone();
        input.conditions = self.narrow(&behind, &key, input.conditions).await?;
        if body.announced_length().is_none() {
            return self.write_unmeasured(write, input, body).await;
        }
        let asked = body.checksum_algorithm();
        let operation = Operation::PutObject(input);
        let template = S3Client::template(&operation, Some(&behind)).map_err(unanswered)?;
        let target = Target { template, bucket: &behind, key: &key };
        let (answer, digests) = self.gateway.upload(target, body, write.guard).await?;
        Ok(written(&answer.headers, &digests, asked))
    }

    /// Writes a body whose length is not known before it ends: at once if it is short, otherwise as an upload in parts, which
    /// is completed after the permit.
    async fn write_unmeasured(&self, write: Write<'_>, input: PutObject, mut body: VerifiedBody) -> S3Result<Written> {
        let mut whole = BytesMut::new();
        loop {
            match body.chunk().await? {
                Some(chunk) => whole.extend_from_slice(&chunk),
                None => break,
            }
            if whole.len() > PART {
                return self.write_in_parts(write, input, whole.freeze(), body).await;
            }
        }
        let digests = body.digests().cloned().ok_or(ErrorCode::InternalError)?;
        let behind = self.gateway.behind(write.bucket);
        let key = input.key.clone();
        let operation = Operation::PutObject(input);
        let template = S3Client::template(&operation, Some(&behind)).map_err(unanswered)?;
        let target = Target { template, bucket: &behind, key: &key };
        let checksum = digests.checksum.as_ref();
        let answer = self.gateway.send_whole(target, whole.freeze(), checksum, write.guard).await?;
        Ok(written(&answer.headers, &digests, checksum.map(|checksum| checksum.algorithm)))
    }

    async fn write_in_parts(
        &self,
        write: Write<'_>,
        input: PutObject,
        first: Bytes,
        body: VerifiedBody,
    ) -> S3Result<Written> {
        let behind = self.gateway.behind(write.bucket);
        let checksum = body.checksum_algorithm().map(|algorithm| (algorithm, algorithm.default_kind()));
        let create = CreateMultipartUpload {
            key: input.key.clone(),
            description: input.description.clone(),
            checksum,
            tags: input.tags.clone(),
            lock: input.lock,
        };
        let operation = Operation::CreateMultipartUpload(create);
        let answer = self.gateway.write_once(Call::new(&self.gateway, &operation, &behind, Some(&input.key))).await?;
        let upload_id = parse_create_multipart_upload(&answer.body)?;
        let upload = UploadRef { key: input.key.clone(), upload_id };
        let algorithm = checksum.map(|(algorithm, _)| algorithm);
        let result = self.fill_and_complete(write, &input, &upload, algorithm, first, body).await;
        if result.is_err() {
            // What stays after an error here is removed with the bucket's unfinished uploads.
            let abort = Operation::AbortMultipartUpload(upload);
            let _ = self.gateway.write_once(Call::new(&self.gateway, &abort, &behind, Some(&input.key))).await;
        }
        result
    }

    async fn fill_and_complete(
        &self,
        write: Write<'_>,
        input: &PutObject,
        upload: &UploadRef,
        algorithm: Option<ChecksumAlgorithm>,
        first: Bytes,
        mut body: VerifiedBody,
    ) -> S3Result<Written> {
        let behind = self.gateway.behind(write.bucket);
        let mut buffer = BytesMut::from(first.as_ref());
        let mut parts: Vec<CompletedPart> = Vec::new();
        loop {
            let chunk = body.chunk().await?;
            let ended = chunk.is_none();
            if let Some(chunk) = chunk {
                buffer.extend_from_slice(&chunk);
            }
            if buffer.len() < PART && !ended {
                continue;
            }
            let number = u32::try_from(parts.len()).unwrap_or(u32::MAX).saturating_add(1);
            if number > 10_000 {
                return Err(ErrorCode::EntityTooLarge.into());
            }
            let bytes = buffer.split().freeze();
            let checksum = algorithm.map(|algorithm| checksum_of(algorithm, &bytes));
            let part = Operation::UploadPart(UploadPart { upload: upload.clone(), number });
            let template = S3Client::template(&part, Some(&behind)).map_err(unanswered)?;
            let target = Target { template, bucket: &behind, key: &input.key };
            // A part becomes visible only with the completion, which asks the guard.
            let answer = self.gateway.send_part(target, bytes, checksum.as_ref()).await?;
            parts.push(CompletedPart { number, etag: parse_put_object(&answer.headers).etag, checksum });
            if ended {
                break;
            }
        }
        let complete = CompleteMultipartUpload {
            upload: upload.clone(),
            parts,
            conditions: input.conditions.clone(),
            checksum_kind: algorithm.map(ChecksumAlgorithm::default_kind),
            ..CompleteMultipartUpload::default()
        };
        write.guard.permit().await?;
        let operation = Operation::CompleteMultipartUpload(complete);
        let call = Call { limit: LONG, ..Call::new(&self.gateway, &operation, &behind, Some(&input.key)) };
        let answer = self.gateway.write_once(call).await?;
        parse_complete_multipart_upload(&answer.headers, &answer.body)
    }
}

fn checksum_of(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Checksum {
    let mut hasher = ChecksumHasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

/// What was written, with the checksum that the client asked for: the one that protected the way to the store is not the
/// client's matter.
pub(super) fn written(headers: &HeaderMap, digests: &BodyDigests, asked: Option<ChecksumAlgorithm>) -> Written {
    let mut written = parse_put_object(headers);
    written.checksum = digests.checksum.clone().filter(|checksum| Some(checksum.algorithm) == asked);
    if let Some(checksum) = &mut written.checksum {
        checksum.kind = ChecksumKind::FullObject;
    }
    written
}
