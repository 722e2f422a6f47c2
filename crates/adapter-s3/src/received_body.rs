use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use hyper::body::Body;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::client_rate::ClientRate;
use crate::options::S3Limits;

/// What is known of the body of a request while it arrives, and after it was given up.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyProgress(Arc<Progress>);

#[derive(Debug, Default)]
struct Progress {
    received: AtomicU64,
    ended: AtomicBool,
}

impl BodyProgress {
    /// The number of bytes that were received.
    pub(crate) fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    /// Whether the body was received up to its end. If not, its connection cannot be used for another request.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }

    /// States that there is nothing to receive.
    pub(crate) fn set_ended(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

/// How long a client may take to send a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyTime {
    /// Between two chunks.
    pause: Duration,
    /// In all.
    total: Duration,
}

impl BodyTime {
    /// Of a body that is held in memory as a whole.
    pub(crate) fn buffered(limits: &S3Limits) -> Self {
        Self { pause: limits.buffered_body_time, total: limits.buffered_body_time }
    }

    /// Of a body that is streamed.
    pub(crate) fn streamed(limits: &S3Limits) -> Self {
        Self { pause: limits.pause, total: limits.upload_time }
    }
}

/// The body of a request as it arrives. It fails when its client is too slow: pauses too long, takes too long in all, or
/// sends too little while it is waited for.
///
/// The client is told to continue (`100 Continue`) when the body is first polled, so it must not be polled before the
/// request was decided about.
pub(crate) struct ReceivedBody<B> {
    body: B,
    progress: BodyProgress,
    rate: ClientRate,
    pause: Duration,
    end: Instant,
    /// Runs only while bytes are awaited from the client, so that a slow disk is not held against it.
    timer: Pin<Box<Sleep>>,
    done: bool,
}

impl<B: Body<Data = Bytes> + Unpin> ReceivedBody<B> {
    pub(crate) fn new(body: B, progress: BodyProgress, time: BodyTime, limits: &S3Limits) -> Self {
        let end = Instant::now() + time.total;
        Self {
            body,
            progress,
            rate: ClientRate::new(limits.min_bytes_per_window, limits.rate_window),
            pause: time.pause,
            end,
            timer: Box::pin(sleep_until(end)),
            done: false,
        }
    }

    fn fail(&mut self, error: S3Error) -> Poll<Option<S3Result<Bytes>>> {
        self.done = true;
        Poll::Ready(Some(Err(error)))
    }
}

impl<B> Stream for ReceivedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = S3Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S3Result<Bytes>>> {
        loop {
            if self.done {
                return Poll::Ready(None);
            }
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
                if self.rate.wait() {
                    let until = self.end.min(Instant::now() + self.pause);
                    self.timer.as_mut().reset(until);
                }
                ready!(self.timer.as_mut().poll(context));
                return self.fail(too_slow());
            };
            match frame {
                None => {
                    self.done = true;
                    self.progress.set_ended();
                    return Poll::Ready(None);
                }
                Some(Err(error)) => return self.fail(S3Error::new(ErrorCode::IncompleteBody).caused_by(error)),
                Some(Ok(frame)) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    if !self.rate.moved(bytes.len()) || Instant::now() > self.end {
                        return self.fail(too_slow());
                    }
                    let received = bytes.len().try_into().unwrap_or(u64::MAX);
                    self.progress.0.received.fetch_add(received, Ordering::Relaxed);
                    return Poll::Ready(Some(Ok(bytes)));
                }
            }
        }
    }
}

fn too_slow() -> S3Error {
    S3Error::with_message(
        ErrorCode::RequestTimeout,
        "Your socket connection to the server was not written to fast enough. Idle connections are closed.",
    )
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::*;

    /// Receives a body whose chunks are this long and this far apart.
    async fn receive(chunk: usize, pause: Duration, chunks: usize, time: BodyTime) -> (usize, Option<ErrorCode>) {
        let limits = S3Limits::default();
        let source = futures::stream::unfold(0, move |sent| async move {
            if sent == chunks {
                return None;
            }
            tokio::time::sleep(pause).await;
            Some((Ok::<_, std::io::Error>(Frame::data(Bytes::from(vec![0; chunk]))), sent + 1))
        });
        let progress = BodyProgress::default();
        let mut body = ReceivedBody::new(StreamBody::new(Box::pin(source)), progress.clone(), time, &limits);
        let mut received = 0;
        while let Some(item) = body.next().await {
            match item {
                Ok(_) => received += 1,
                Err(error) => {
                    assert!(body.next().await.is_none());
                    assert!(!progress.has_ended());
                    return (received, Some(error.code()));
                }
            }
        }
        assert!(progress.has_ended());
        (received, None)
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_but_steady_upload_is_received_to_its_end() {
        let time = BodyTime::streamed(&S3Limits::default());
        assert_eq!(receive(100 * 1024, Duration::from_secs(50), 100, time).await, (100, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_is_too_long_ends_an_upload() {
        let time = BodyTime::streamed(&S3Limits::default());
        let (received, fault) = receive(100 * 1024, Duration::from_secs(61), 100, time).await;
        assert_eq!((received, fault), (0, Some(ErrorCode::RequestTimeout)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_only_keeps_the_connection_busy_is_ended() {
        let time = BodyTime::streamed(&S3Limits::default());
        let (received, fault) = receive(1, Duration::from_secs(50), 100, time).await;
        assert_eq!(fault, Some(ErrorCode::RequestTimeout));
        assert!(received < 10);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_has_an_end_however_steadily_it_arrives() {
        let time = BodyTime::streamed(&S3Limits::default());
        let (_, fault) = receive(100 * 1024, Duration::from_secs(50), 2_000, time).await;
        assert_eq!(fault, Some(ErrorCode::RequestTimeout));
    }

    #[tokio::test(start_paused = true)]
    async fn a_buffered_body_has_thirty_seconds_in_all() {
        let time = BodyTime::buffered(&S3Limits::default());
        assert_eq!(receive(100, Duration::from_secs(10), 2, time).await, (2, None));
        assert_eq!(receive(100, Duration::from_secs(10), 5, time).await.1, Some(ErrorCode::RequestTimeout));
    }
}
