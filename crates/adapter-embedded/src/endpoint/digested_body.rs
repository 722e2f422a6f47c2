use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::body_fault::BodyFault;
use super::guarded_body::GuardedBody;
use super::visitor::Known;
use crate::digests::{Algorithm, Hasher};

/// A body whose digests are noted when it has come to its end: s3s gives an operation what it has read from it, not the
/// bytes.
pub(super) struct DigestedBody {
    body: GuardedBody<Incoming>,
    hasher: Option<Hasher>,
    known: Known,
}

impl DigestedBody {
    /// Takes the body of a document that says a digest of it, and else gives it back.
    ///
    /// Not to be asked for those of `aws-chunked`: they are digests of other bytes than these.
    pub(super) fn take(
        parts: &Parts,
        body: GuardedBody<Incoming>,
        known: &Known,
    ) -> Result<Self, GuardedBody<Incoming>> {
        let algorithm = said_checksum(&parts.headers);
        let says_one = algorithm.is_some() || parts.headers.contains_key("content-md5");
        if parts.method != http::Method::POST || !says_one {
            return Err(body);
        }
        Ok(Self { body, hasher: Some(Hasher::new(algorithm)), known: known.clone() })
    }
}

/// The algorithm of the checksum that the headers say.
pub(crate) fn said_checksum(headers: &HeaderMap) -> Option<Algorithm> {
    Algorithm::ALL.into_iter().find(|algorithm| headers.contains_key(algorithm.header()))
}

impl Body for DigestedBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        if let (Some(Ok(frame)), Some(hasher)) = (&frame, &mut self.hasher)
            && let Some(bytes) = frame.data_ref()
        {
            hasher.update(bytes);
        }
        if (frame.is_none() || self.body.is_end_stream())
            && let Some(hasher) = self.hasher.take()
        {
            self.known.set_digests(hasher.finish());
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.hasher.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
