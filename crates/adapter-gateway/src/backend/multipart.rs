use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::{PartsPage, VerifiedBody, Write};
use storage_hub_s3_client::S3Client;
use storage_hub_s3_protocol::checksum::etag_of_parts;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CreateMultipartUpload, GetObject, ListParts, Operation, UploadPart, UploadRef,
};
use storage_hub_s3_protocol::response::{
    parse_complete_multipart_upload, parse_create_multipart_upload, parse_list_parts, parse_object_head,
};
use storage_hub_s3_protocol::types::Written;

use super::writes::written;
use super::{GatewayS3Backend, require_conditions};
use crate::calls::{Call, LONG};
use crate::error::unanswered;
use crate::upload::{Target, check_algorithm, read_whole};
use crate::upload_checksums::UploadChecksum;

/// Maximum length of a part whose length is not announced. Requests always announce it.
const UNMEASURED_PART: u64 = 16 * 1024 * 1024;

impl GatewayS3Backend {
    pub(super) async fn create_upload(&self, write: Write<'_>, input: CreateMultipartUpload) -> S3Result<String> {
        let probed = self.gateway.ready()?;
        self.gateway.check_key(&input.key)?;
        probed.capabilities.check_options(Some(&input.tags), &input.lock)?;
        check_algorithm(&probed.capabilities.checksums, input.checksum.map(|(algorithm, _)| algorithm))?;
        let behind = self.gateway.behind(write.bucket);
        let (key, checksum) = (input.key.clone(), input.checksum);
        write.guard.permit().await?;
        let operation = Operation::CreateMultipartUpload(input);
        let answer = self.gateway.write_once(Call::new(&self.gateway, &operation, &behind, Some(&key))).await?;
        let upload_id = parse_create_multipart_upload(&answer.body)?;
        self.gateway.upload_checksums().remember(&upload_id, checksum);
        Ok(upload_id)
    }

    pub(super) async fn write_part(
        &self,
        write: Write<'_>,
        input: UploadPart,
        mut body: VerifiedBody,
    ) -> S3Result<Written> {
        let probed = self.gateway.ready()?;
        self.gateway.check_key(&input.upload.key)?;
        let asked = body.checksum_algorithm();
        let of_upload = self.checksum_of_upload(write.bucket, &input.upload).await?;
        if let Some((algorithm, _)) = of_upload {
            body.require_checksum(algorithm)?;
        }
        check_algorithm(&probed.capabilities.checksums, body.checksum_algorithm())?;
        let told = asked.or(of_upload.map(|(algorithm, _)| algorithm));
        let behind = self.gateway.behind(write.bucket);
        let key = input.upload.key.clone();
        let operation = Operation::UploadPart(input);
        let template = S3Client::template(&operation, Some(&behind)).map_err(unanswered)?;
        let target = Target { template, bucket: &behind, key: &key };
        if body.announced_length().is_none() {
            let (bytes, digests) = read_whole(body, UNMEASURED_PART).await?;
            // An upload without an algorithm does not keep the checksum, which was verified here.
            let kept = digests.checksum.as_ref().filter(|_| of_upload.is_some());
            let answer = self.gateway.send_whole(target, bytes, kept, write.guard).await?;
            return Ok(written(&answer.headers, &digests, told));
        }
        let (answer, digests) = self.gateway.upload(target, body, write.guard).await?;
        Ok(written(&answer.headers, &digests, told))
    }

    /// The checksum that an upload was started with.
    async fn checksum_of_upload(&self, bucket: &BucketRef, upload: &UploadRef) -> S3Result<UploadChecksum> {
        if let Some(known) = self.gateway.upload_checksums().find(&upload.upload_id) {
            return Ok(known);
        }
        let page = self.parts(bucket, &ListParts { upload: upload.clone(), after: 0, max_parts: 1 }).await?;
        self.gateway.upload_checksums().remember(&upload.upload_id, page.checksum);
        Ok(page.checksum)
    }

    pub(super) async fn complete(&self, write: Write<'_>, mut input: CompleteMultipartUpload) -> S3Result<Written> {
        let probed = self.gateway.ready()?;
        self.gateway.check_key(&input.upload.key)?;
        require_conditions(&input.conditions, probed.result.conditional_completions, "Conditional completions")?;
        if !input.parts.windows(2).all(|pair| matches!(pair, [one, next] if one.number < next.number)) {
            return Err(ErrorCode::InvalidPartOrder.into());
        }
        if input.parts.is_empty() {
            return Err(ErrorCode::MalformedXML.into());
        }
        self.check_completion(write.bucket, &input).await?;
        let behind = self.gateway.behind(write.bucket);
        input.conditions = self.narrow(&behind, &input.upload.key, input.conditions).await?;
        write.guard.permit().await?;
        let operation = Operation::CompleteMultipartUpload(input.clone());
        let call = Call { limit: LONG, ..Call::new(&self.gateway, &operation, &behind, Some(&input.upload.key)) };
        match self.gateway.write_once(call).await {
            Ok(answer) => parse_complete_multipart_upload(&answer.headers, &answer.body),
            Err(error) if error.code() == ErrorCode::NoSuchUpload => {
                self.find_completed(write.bucket, &input).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Compares the announced size and kind of checksum with the parts, because several services ignore them.
    async fn check_completion(&self, bucket: &BucketRef, input: &CompleteMultipartUpload) -> S3Result<()> {
        if input.object_size.is_none() && input.checksum_kind.is_none() {
            return Ok(());
        }
        let (mut size, mut after) = (0_u64, 0);
        loop {
            let list = ListParts { upload: input.upload.clone(), after, max_parts: 1000 };
            let page = match self.parts(bucket, &list).await {
                // It may have been completed before.
                Err(error) if error.code() == ErrorCode::NoSuchUpload => return Ok(()),
                page => page?,
            };
            if let (Some(wanted), Some((_, kind))) = (input.checksum_kind, page.checksum)
                && wanted != kind
            {
                let message = format!("The upload has a checksum of the type {}, not {}.", kind.name(), wanted.name());
                return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
            }
            let named = |number| input.parts.binary_search_by_key(&number, |part| part.number).is_ok();
            size = page
                .parts
                .iter()
                .filter(|part| named(part.number))
                .fold(size, |size, part| size.saturating_add(part.size));
            match page.next {
                Some(next) if next > after => after = next,
                _ => break,
            }
        }
        match input.object_size {
            Some(announced) if announced != size => Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                format!("The parts have {size} bytes, but `x-amz-mp-object-size` announces {announced}."),
            )),
            _ => Ok(()),
        }
    }

    /// What a completion that was repeated made before: an object whose ETag is that of exactly these parts. Stores forget
    /// completed uploads, and a client whose connection broke would take its object for lost.
    async fn find_completed(&self, bucket: &BucketRef, input: &CompleteMultipartUpload) -> S3Result<Option<Written>> {
        let Some(expected) = etag_of_parts(input.parts.iter().map(|part| part.etag.as_str())) else { return Ok(None) };
        let behind = self.gateway.behind(bucket);
        let key = &input.upload.key;
        let head = GetObject { key: key.clone(), checksum_mode: true, ..GetObject::default() };
        let operation = Operation::HeadObject(head);
        let answer = match self.gateway.read(Call::new(&self.gateway, &operation, &behind, Some(key))).await {
            Err(error) if error.code() == ErrorCode::NoSuchKey => return Ok(None),
            answer => answer?,
        };
        let head = parse_object_head(answer.status, &answer.headers)?;
        Ok((head.etag == expected).then(|| Written {
            etag: head.etag,
            modified_at: head.modified_at,
            version_id: head.version_id,
            checksum: head.checksum,
            ..Written::default()
        }))
    }

    pub(super) async fn abort(&self, write: Write<'_>, input: UploadRef) -> S3Result<()> {
        self.gateway.ready()?;
        self.gateway.check_key(&input.key)?;
        let behind = self.gateway.behind(write.bucket);
        let key = input.key.clone();
        write.guard.permit().await?;
        let operation = Operation::AbortMultipartUpload(input);
        self.gateway.write_once(Call::new(&self.gateway, &operation, &behind, Some(&key))).await.map(drop)
    }

    pub(super) async fn parts(&self, bucket: &BucketRef, input: &ListParts) -> S3Result<PartsPage> {
        self.gateway.check_key(&input.upload.key)?;
        let behind = self.gateway.behind(bucket);
        let sent = ListParts { max_parts: input.max_parts.max(1), ..input.clone() };
        let operation = Operation::ListParts(sent);
        let call = Call::new(&self.gateway, &operation, &behind, Some(&input.upload.key));
        let answer = self.gateway.read(call).await?;
        let mut page = parse_list_parts(&answer.body)?;
        if input.max_parts == 0 {
            (page.parts, page.next) = (Vec::new(), None);
        }
        // Some stores list checksums that the upload does not keep.
        if page.checksum.is_none() {
            page.parts.iter_mut().for_each(|part| part.checksum = None);
        }
        // Some stores name a last part where there is none.
        if page.parts.is_empty() {
            page.next = None;
        }
        Ok(page)
    }
}
