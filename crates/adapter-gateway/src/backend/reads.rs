use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::{HeaderName, HeaderValue, header};
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::ByteStream;
use storage_hub_s3_client::protocol::response::{parse_get_object_attributes, parse_object_head};
use storage_hub_s3_protocol::checksum::ChecksumKind;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{GetObject, GetObjectAttributes, ObjectAttribute, Operation};
use storage_hub_s3_protocol::response::ObjectAttributes;
use storage_hub_s3_protocol::types::{EtagCondition, ObjectHead};

use super::{GatewayS3Backend, check_version, require};
use crate::calls::Call;
use crate::error::unanswered;

const ALL_ATTRIBUTES: [ObjectAttribute; 5] = [
    ObjectAttribute::Etag,
    ObjectAttribute::Checksum,
    ObjectAttribute::ObjectParts,
    ObjectAttribute::StorageClass,
    ObjectAttribute::ObjectSize,
];
/// How often a range with `If-Range` is resolved again because the object changed meanwhile.
const ROUNDS: usize = 3;

impl GatewayS3Backend {
    pub(super) async fn read_object(
        &self,
        bucket: &BucketRef,
        mut input: GetObject,
    ) -> S3Result<(ObjectHead, ByteStream)> {
        self.check_read(&input)?;
        for _ in 0..ROUNDS {
            let pinned = self.resolve_if_range(bucket, &mut input).await?;
            let behind = self.gateway.behind(bucket);
            let (key, checksums) = (input.key.clone(), input.checksum_mode);
            input.conditions = self.narrow_read(&behind, &key, input.conditions).await?;
            let operation = Operation::GetObject(input.clone());
            let opened = self.gateway.open(Call::new(&self.gateway, &operation, &behind, Some(&key))).await;
            let response = match opened {
                Err(error) if pinned.is_some() && error.code() == ErrorCode::PreconditionFailed => {
                    pinned.into_iter().for_each(|original| input = original);
                    continue;
                }
                Ok(response) => response,
                Err(error) => return Err(self.refused_read(bucket, error, &input).await),
            };
            let head = told(parse_object_head(response.status, &response.headers)?, checksums);
            let length = head.bytes.end.saturating_sub(head.bytes.start);
            let body = response.into_body().map(|chunk| chunk.map_err(unanswered));
            return Ok((head, Box::pin(exact(body, length))));
        }
        Err(ErrorCode::OperationAborted.into())
    }

    pub(super) async fn read_head(&self, bucket: &BucketRef, mut input: GetObject) -> S3Result<ObjectHead> {
        self.check_read(&input)?;
        self.resolve_if_range(bucket, &mut input).await?;
        let behind = self.gateway.behind(bucket);
        input.conditions = self.narrow_read(&behind, &input.key, input.conditions).await?;
        let operation = Operation::HeadObject(input.clone());
        let answer = match self.gateway.read(Call::new(&self.gateway, &operation, &behind, Some(&input.key))).await {
            Ok(answer) => answer,
            Err(error) => return Err(self.refused_read(bucket, about_version(error, &input), &input).await),
        };
        Ok(told(parse_object_head(answer.status, &answer.headers)?, input.checksum_mode))
    }

    pub(super) async fn read_attributes(
        &self,
        bucket: &BucketRef,
        mut input: GetObjectAttributes,
    ) -> S3Result<ObjectAttributes> {
        self.gateway.check_key(&input.key)?;
        check_version(input.version_id.as_deref())?;
        let probed = self.gateway.probed();
        require(probed.is_none_or(|probed| probed.result.attributes), "The attributes of objects")?;
        let behind = self.gateway.behind(bucket);
        let key = input.key.clone();
        if input.attributes.is_empty() {
            input.attributes = ALL_ATTRIBUTES.into();
        }
        let operation = Operation::GetObjectAttributes(input);
        let answer = self.gateway.read(Call::new(&self.gateway, &operation, &behind, Some(&key))).await?;
        let mut attributes = parse_get_object_attributes(&answer.headers, &answer.body)?;
        // Parts are told only where they have checksums of their own.
        attributes.parts.retain(|part| part.checksum.is_some());
        // Some services count an object that was written as a whole as one part.
        if !attributes.etag.contains('-') {
            attributes.parts_count = None;
        }
        // Some services leave the number of parts out of a composite checksum here.
        if let (Some(checksum), Some(count)) = (&mut attributes.checksum, attributes.parts_count)
            && checksum.kind == ChecksumKind::Composite
            && !checksum.value.contains('-')
        {
            checksum.value = format!("{}-{count}", checksum.value);
        }
        Ok(attributes)
    }

    /// The error of a read with what clients need and services leave out: the size of an object whose range was refused, and
    /// what can be done with a delete marker.
    async fn refused_read(&self, bucket: &BucketRef, error: S3Error, input: &GetObject) -> S3Error {
        let tells = |name: HeaderName| error.headers().iter().any(|(told, _)| *told == name);
        match error.code() {
            ErrorCode::InvalidRange if input.part_number.is_some() => ErrorCode::InvalidPartNumber.into(),
            ErrorCode::InvalidRange if !tells(header::CONTENT_RANGE) => {
                let behind = self.gateway.behind(bucket);
                let head =
                    GetObject { key: input.key.clone(), version_id: input.version_id.clone(), ..GetObject::default() };
                let operation = Operation::HeadObject(head);
                let answer = self.gateway.read(Call::new(&self.gateway, &operation, &behind, Some(&input.key))).await;
                let size =
                    answer.and_then(|answer| parse_object_head(answer.status, &answer.headers)).map(|head| head.size);
                match size.ok().and_then(|size| HeaderValue::from_str(&format!("bytes */{size}")).ok()) {
                    Some(value) => error.with_header(header::CONTENT_RANGE, value),
                    None => error,
                }
            }
            ErrorCode::NotModified if !tells(header::ETAG) => {
                let behind = self.gateway.behind(bucket);
                let head =
                    GetObject { key: input.key.clone(), version_id: input.version_id.clone(), ..GetObject::default() };
                let operation = Operation::HeadObject(head);
                let call = Call::new(&self.gateway, &operation, &behind, Some(&input.key));
                let Ok(answer) = self.gateway.read(call).await else { return error };
                let mut error = S3Error::new(ErrorCode::NotModified);
                for name in [header::ETAG, header::LAST_MODIFIED] {
                    if let Some(value) = answer.headers.get(&name) {
                        error = error.with_header(name, value.clone());
                    }
                }
                error
            }
            ErrorCode::MethodNotAllowed if !tells(header::ALLOW) => {
                error.with_header(header::ALLOW, HeaderValue::from_static("DELETE"))
            }
            _ => error,
        }
    }

    fn check_read(&self, input: &GetObject) -> S3Result<()> {
        self.gateway.check_key(&input.key)?;
        check_version(input.version_id.as_deref())?;
        if input.range.is_some() && input.part_number.is_some() {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                "Cannot specify both Range header and partNumber query parameter.",
            ));
        }
        Ok(())
    }

    /// Decides `If-Range` here, because many stores ignore it and would mix two objects: the range stays if the object is the
    /// one that is named, and the read is then bound to its ETag. Returns the input as it was, where it changed.
    async fn resolve_if_range(&self, bucket: &BucketRef, input: &mut GetObject) -> S3Result<Option<GetObject>> {
        if input.if_range.is_none() || input.range.is_none() {
            input.if_range = None;
            return Ok(None);
        }
        let original = input.clone();
        let behind = self.gateway.behind(bucket);
        let head = GetObject { key: input.key.clone(), version_id: input.version_id.clone(), ..GetObject::default() };
        let operation = Operation::HeadObject(head);
        let answer = self.gateway.read(Call::new(&self.gateway, &operation, &behind, Some(&input.key))).await;
        let answer = answer.map_err(|error| about_version(error, input))?;
        let head = parse_object_head(answer.status, &answer.headers)?;
        input.range = original.range_of(&head.etag, head.modified_at);
        input.if_range = None;
        if input.conditions.if_match.is_some() {
            return Ok(None);
        }
        input.conditions.if_match = Some(EtagCondition::List(vec![head.etag]));
        Ok(Some(original))
    }
}

/// The answer to HEAD has no document, so that it does not say that the version is what is missing.
fn about_version(error: S3Error, input: &GetObject) -> S3Error {
    match error.code() {
        ErrorCode::NoSuchKey | ErrorCode::InvalidRequest if input.version_id.is_some() => {
            ErrorCode::NoSuchVersion.into()
        }
        _ => error,
    }
}

/// A head without what is the transfer's, or was not requested.
fn told(mut head: ObjectHead, checksums: bool) -> ObjectHead {
    let encoding = head.description.headers.content_encoding.take();
    // Some stores keep the encoding of the upload as that of the object.
    let own = encoding.map(|encoding| {
        let codings = encoding.split(',').filter(|coding| !coding.trim().eq_ignore_ascii_case("aws-chunked"));
        codings.collect::<Vec<_>>().join(",").trim().to_owned()
    });
    head.description.headers.content_encoding = own.filter(|own| !own.is_empty());
    if !checksums {
        head.checksum = None;
    }
    if head.version_id.as_deref() == Some("") {
        head.version_id = None;
    }
    head
}

/// Ends with an error when the body is shorter or longer than the head says.
fn exact(
    body: impl Stream<Item = S3Result<Bytes>> + Send + 'static,
    length: u64,
) -> impl Stream<Item = S3Result<Bytes>> + Send + 'static {
    let broken = || S3Error::new(ErrorCode::ServiceUnavailable).caused_by("the store broke the answer off");
    futures::stream::try_unfold((Box::pin(body), length), move |(mut body, left)| async move {
        match body.next().await.transpose()? {
            Some(chunk) => match left.checked_sub(chunk.len() as u64) {
                Some(left) => Ok(Some((chunk, (body, left)))),
                None => Err(broken()),
            },
            None if left > 0 => Err(broken()),
            None => Ok(None),
        }
    })
}
