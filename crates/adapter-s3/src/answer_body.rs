use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use storage_hub_s3_backend::ByteStream;
use storage_hub_s3_protocol::error::S3Error;

use crate::access_log::Finish;

/// The body of an answer. When it ends, or is given up, the request is complete, and its log line is written.
pub(crate) struct AnswerBody {
    content: Content,
    /// The connection does not ask whether there is more after as many bytes.
    length: Option<u64>,
    finish: Option<Finish>,
}

/// What an answer consists of besides its head.
pub(crate) enum Content {
    /// A document; empty for none.
    Document(Bytes),
    /// The bytes of an object, whose number the head states.
    Object(ByteStream),
}

impl AnswerBody {
    /// `length` is the length that the head states.
    pub(crate) fn new(content: Content, length: Option<u64>, mut finish: Finish) -> Self {
        if matches!(content, Content::Document(_)) {
            // It is not asked for when it is empty, or the request is a HEAD.
            finish.ended();
        }
        Self { content, length, finish: Some(finish) }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = S3Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, S3Error>>> {
        let this = &mut *self;
        let next = match &mut this.content {
            Content::Document(bytes) if bytes.is_empty() => None,
            Content::Document(bytes) => Some(Ok(std::mem::take(bytes))),
            Content::Object(stream) => std::task::ready!(stream.as_mut().poll_next(context)),
        };
        let Some(finish) = &mut this.finish else { return Poll::Ready(None) };
        match next {
            Some(Ok(bytes)) => {
                finish.sent(bytes.len());
                if this.length.is_some_and(|length| finish.has_sent(length)) {
                    finish.ended();
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Err(error)) => {
                finish.broke_off(&error);
                this.finish = None;
                Poll::Ready(Some(Err(error)))
            }
            None => {
                finish.ended();
                this.finish = None;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Document(bytes) => bytes.is_empty(),
            Content::Object(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Document(bytes) => SizeHint::with_exact(bytes.len().try_into().unwrap_or(u64::MAX)),
            Content::Object(_) => SizeHint::default(),
        }
    }
}
