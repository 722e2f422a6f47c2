//! The body of a request as it arrives: how long a client may pause or take, and what an XML document must not contain.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::body_fault::BodyFault;
use super::visitor::Known;

/// How long a client may take to send a body that is read whole.
const WHOLE_TIME: Duration = Duration::from_secs(30);
/// How long a client may pause within a body that is streamed.
const PAUSE: Duration = Duration::from_secs(60);
/// How long a client may take to send a body that is streamed.
const STREAM_TIME: Duration = Duration::from_secs(24 * 60 * 60);
/// Maximum number of `<` in a document: 10,000 parts with all their fields have fewer.
const MAX_TAGS: usize = 200_000;
const CDATA: &[u8] = b"<![CDATA[";

/// A body that ends with a [`BodyFault`] when its client is too slow or its document is refused.
pub(super) struct GuardedBody<B> {
    body: B,
    known: Known,
    document: Option<Document>,
    pause: Duration,
    end: Instant,
    /// Runs only while bytes are awaited from the client, so that a slow disk is not held against it.
    timer: Pin<Box<Sleep>>,
    awaiting: bool,
    failed: bool,
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> GuardedBody<B> {
    /// Guards the body of a request. Documents are posted; all other bodies are streamed.
    pub(super) fn new(method: &Method, body: B, known: &Known) -> Self {
        let document = (*method == Method::POST).then(Document::default);
        let (pause, time) = if document.is_some() { (WHOLE_TIME, WHOLE_TIME) } else { (PAUSE, STREAM_TIME) };
        let end = Instant::now() + time;
        let timer = Box::pin(sleep_until(end));
        Self { body, known: known.clone(), document, pause, end, timer, awaiting: false, failed: false }
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        self.failed = true;
        self.known.set_fault(fault);
        Poll::Ready(Some(Err(fault)))
    }
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> Body for GuardedBody<B> {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        if self.failed {
            return Poll::Ready(None);
        }
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            if !self.awaiting {
                self.awaiting = true;
                let until = self.end.min(Instant::now() + self.pause);
                self.timer.as_mut().reset(until);
            }
            ready!(self.timer.as_mut().poll(context));
            return self.fail(BodyFault::TooSlow);
        };
        self.awaiting = false;
        let Some(frame) = frame else { return Poll::Ready(None) };
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => {
                tracing::debug!(%error, "the body of an S3 request ended early");
                return self.fail(BodyFault::Incomplete);
            }
        };
        if Instant::now() > self.end {
            return self.fail(BodyFault::TooSlow);
        }
        if let (Some(document), Some(bytes)) = (&mut self.document, frame.data_ref())
            && let Err(fault) = document.read(bytes)
        {
            return self.fail(fault);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What has been seen of an XML document.
#[derive(Default)]
struct Document {
    tags: usize,
    /// How many bytes of the start of a CDATA section were just read.
    matched: usize,
}

impl Document {
    /// Refuses what s3s would read as something else: it drops CDATA sections, and so takes a key for another one. It
    /// also keeps an object for each element, and looks at their number only afterwards.
    fn read(&mut self, bytes: &[u8]) -> Result<(), BodyFault> {
        for byte in bytes {
            if CDATA.get(self.matched) == Some(byte) {
                self.matched += 1;
            } else {
                self.matched = usize::from(*byte == b'<');
            }
            self.tags += usize::from(*byte == b'<');
            if self.matched == CDATA.len() {
                return Err(BodyFault::Cdata);
            }
        }
        if self.tags > MAX_TAGS { Err(BodyFault::TooManyElements) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{Interval, interval};

    use super::*;

    /// So many bytes, one by one.
    struct Dripping(Interval, usize);

    impl Body for Dripping {
        type Data = Bytes;
        type Error = hyper::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
            if self.1 == 0 {
                return Poll::Ready(None);
            }
            ready!(self.0.poll_tick(context));
            self.1 -= 1;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
        }
    }

    /// How many bytes came of twenty, one each 20 ms, and why no more did.
    async fn receive(method: Method, pause: u64, time: u64) -> (usize, Option<BodyFault>) {
        let known = Known::default();
        let mut body = GuardedBody::new(&method, Dripping(interval(Duration::from_millis(20)), 20), &known);
        body.pause = Duration::from_millis(pause);
        body.end = Instant::now() + Duration::from_millis(time);
        let mut received = 0;
        while let Some(Ok(_)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            received += 1;
        }
        (received, known.fault())
    }

    #[tokio::test]
    async fn who_sends_slowly_but_steadily_is_waited_for_and_who_pauses_is_not() {
        assert_eq!(receive(Method::PUT, 200, 60_000).await, (20, None));
        let (received, fault) = receive(Method::PUT, 1, 60_000).await;
        assert_eq!(fault, Some(BodyFault::TooSlow));
        assert!(received < 20);
    }

    #[tokio::test]
    async fn a_body_has_an_end_however_steadily_it_comes() {
        for method in [Method::PUT, Method::POST] {
            let (received, fault) = receive(method, 60_000, 100).await;
            assert_eq!(fault, Some(BodyFault::TooSlow));
            assert!(received < 20);
        }
    }

    fn read(pieces: &[&[u8]]) -> Result<(), BodyFault> {
        let mut document = Document::default();
        pieces.iter().try_for_each(|piece| document.read(piece))
    }

    #[test]
    fn a_cdata_section_is_found_wherever_the_body_is_split() {
        let whole = b"<Key>a<![CDATA[b]]></Key>";
        for at in 0..whole.len() {
            assert_eq!(read(&[&whole[..at], &whole[at..]]), Err(BodyFault::Cdata), "{at}");
        }
        assert_eq!(read(&[b"<<![CDATA[x]]>"]), Err(BodyFault::Cdata));
        assert_eq!(read(&[b"<Key>&lt;![CDATA[b]]&gt;</Key><!-- a ![CDATA[ -->"]), Ok(()));
    }

    #[test]
    fn ten_thousand_parts_with_all_fields_pass_and_a_million_elements_do_not() {
        let part = b"<Part><PartNumber>1</PartNumber><ETag>e</ETag><ChecksumCRC32>c</ChecksumCRC32><ChecksumCRC32C>c\
                     </ChecksumCRC32C><ChecksumCRC64NVME>c</ChecksumCRC64NVME><ChecksumSHA1>c</ChecksumSHA1>\
                     <ChecksumSHA256>c</ChecksumSHA256></Part>";
        assert_eq!(read(&vec![&part[..]; 10_000]), Ok(()));
        assert_eq!(read(&vec![&b"<a/>"[..]; 1_000_000]), Err(BodyFault::TooManyElements));
    }
}
