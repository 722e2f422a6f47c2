use std::collections::VecDeque;
use std::net::IpAddr;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::Response;
use hyper::body::Incoming;
use storage_hub_core::domain::BucketName;
use storage_hub_s3_backend::{VerifiedBody, Write};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::form::{FormEvent, FormFields, FormReader, PostObject};
use storage_hub_s3_protocol::head::RequestHead;
use storage_hub_s3_protocol::operation_name::OperationName;
use storage_hub_s3_protocol::signature::FormClaim;
use tokio::time::timeout;

use super::RequestBody;
use crate::access::{Needed, needed};
use crate::access_log::Exchange;
use crate::answer_body::Content;
use crate::authorization::Authorization;
use crate::cors::CorsAnswer;
use crate::endpoint::Endpoint;
use crate::operations::reply;
use crate::received_body::{BodyTime, ReceivedBody};

impl Endpoint {
    /// Stores the file of an HTML form. Who has signed it, and where it goes, is in its fields, so these are read before the
    /// decision, and nothing of the file is.
    pub(super) async fn post_object(
        &self,
        head: RequestHead,
        bucket: Option<BucketName>,
        body: RequestBody,
        exchange: &mut Exchange,
        cors: &mut CorsAnswer,
    ) -> S3Result<Response<Content>> {
        let bucket = bucket.ok_or(ErrorCode::MethodNotAllowed)?;
        let (fields, file) = self.read_fields(&head, body, exchange.client).await?;
        let rules = self.signature_rules();
        let claim = FormClaim::read(|name| fields.get(name), &rules)?.ok_or(ErrorCode::AccessDenied)?;
        if claim.security_token().is_some() {
            return Err(super::no_temporary_credentials());
        }
        let verify = |secrets: &super::OneSecret| claim.verify(secrets);
        let (access, ()) = self.verify(&claim.access_key, Some(&bucket), exchange, verify).await?;
        cors.allow_by_rules(&head, &access);
        let form = PostObject::read(&fields, bucket.as_str(), rules.now)?;
        let Needed::Bucket(action) = needed(OperationName::PostObject, false) else {
            return Err(ErrorCode::AccessDenied.into());
        };
        let authorization = Authorization::decide(&self.use_cases, &access, action)?;
        let authorization = authorization.also_options(Some(&form.object.tags), &form.object.lock)?;
        self.check_key(&form.object.key)?;
        let verifier = form.verifier(self.backend.capabilities().max_body_bytes)?;
        let write = Write { bucket: authorization.bucket(), guard: &authorization };
        let body = VerifiedBody::new(file.into_stream(), verifier);
        let written = self.backend.put_object(write, form.object.clone(), body).await?;
        Ok(reply(form.answer(&self.base_url(&head), bucket.as_str(), &written)))
    }

    /// Reads the fields of a form, up to its file.
    async fn read_fields(&self, head: &RequestHead, body: RequestBody, client: IpAddr) -> S3Result<(FormFields, File)> {
        let reader = FormReader::new(head)?;
        let place = self.buffered_place(client).await?;
        let received = body.received(self, BodyTime::streamed(self.limits()));
        let mut file = File { received, reader: Some(reader), pending: VecDeque::new() };
        let fields = timeout(self.limits().buffered_body_time, file.read_fields()).await;
        drop(place);
        let fields = fields.map_err(|_| S3Error::new(ErrorCode::RequestTimeout))??;
        Ok((fields, file))
    }
}

/// A form, up to the end of its file.
struct File {
    received: ReceivedBody<Incoming>,
    reader: Option<FormReader>,
    /// What was read already.
    pending: VecDeque<Bytes>,
}

impl File {
    async fn read_fields(&mut self) -> S3Result<FormFields> {
        loop {
            if let Some(fields) = self.read().await? {
                return Ok(fields);
            }
            if self.reader.is_none() {
                return Err(ErrorCode::IncompleteBody.into());
            }
        }
    }

    /// Reads what arrives next. Returns the fields once they are complete.
    async fn read(&mut self) -> S3Result<Option<FormFields>> {
        let Some(received) = self.received.next().await.transpose()? else {
            if let Some(reader) = self.reader.take() {
                reader.finish()?;
            }
            return Ok(None);
        };
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let mut complete = None;
        for event in reader.push(received)? {
            match event {
                FormEvent::Fields(fields) => complete = Some(fields),
                FormEvent::File(bytes) => self.pending.push_back(bytes),
            }
        }
        Ok(complete)
    }

    /// The bytes of the file.
    fn into_stream(self) -> impl Stream<Item = S3Result<Bytes>> + Send + 'static {
        futures::stream::try_unfold(self, |mut file| async move {
            loop {
                if let Some(bytes) = file.pending.pop_front() {
                    return Ok(Some((bytes, file)));
                }
                if file.reader.is_none() {
                    return Ok(None);
                }
                file.read().await?;
            }
        })
    }
}
