use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::client_rate::ClientRate;
use crate::options::S3Limits;

/// How long what a client still sends is read after the last answer.
const LINGER_TIME: Duration = Duration::from_secs(2);
/// How much of it.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// A connection that ends when its client does not read its answers.
///
/// When the server closes it, what the client is still sending is read and dropped for a moment: closing a socket with
/// unread data resets the connection, and the client might lose the answer that it was sent.
pub(crate) struct TimedStream<S> {
    stream: S,
    rate: ClientRate,
    pause: Duration,
    timer: Pin<Box<Sleep>>,
    lingering: Option<usize>,
}

impl<S> TimedStream<S> {
    pub(crate) fn new(stream: S, limits: &S3Limits) -> Self {
        Self {
            stream,
            rate: ClientRate::new(limits.min_bytes_per_window, limits.rate_window),
            pause: limits.pause,
            timer: Box::pin(sleep_until(Instant::now())),
            lingering: None,
        }
    }

    fn wrote(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) if !self.rate.moved(bytes) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads too slowly")))
            }
            Poll::Ready(written) => Poll::Ready(written),
            Poll::Pending => {
                if self.rate.wait() {
                    self.timer.as_mut().reset(Instant::now() + self.pause);
                }
                ready!(self.timer.as_mut().poll(context));
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.wrote(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let mut read = match this.lingering {
            Some(read) => read,
            None => {
                ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
                this.timer.as_mut().reset(Instant::now() + LINGER_TIME);
                0
            }
        };
        loop {
            this.lingering = Some(read);
            let mut dropped = [0; 8192];
            let mut dropped = ReadBuf::new(&mut dropped);
            match Pin::new(&mut this.stream).poll_read(context, &mut dropped) {
                Poll::Ready(Ok(())) if !dropped.filled().is_empty() && read < LINGER_BYTES => {
                    read = read.saturating_add(dropped.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return this.timer.as_mut().poll(context).map(Ok),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_given_up() {
        let (server, client) = duplex(16);
        let mut server = TimedStream::new(server, &S3Limits::default());
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(client);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_a_byte_at_a_time_is_given_up() {
        let (server, mut client) = duplex(1);
        let mut server = TimedStream::new(server, &S3Limits::default());
        let reading = async {
            while client.read_u8().await.is_ok() {
                tokio::time::sleep(Duration::from_secs(50)).await;
            }
        };
        let writing = async { server.write_all(&[0; 1000]).await.unwrap_err().kind() };
        tokio::select! {
            kind = writing => assert_eq!(kind, io::ErrorKind::TimedOut),
            () = reading => panic!("the writer did not end"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_client_still_sends_is_read_before_the_end() {
        let (server, mut client) = duplex(16);
        let mut server = TimedStream::new(server, &S3Limits::default());
        let sending = async {
            let sent = client.write_all(&[0; 1000]).await;
            drop(client);
            sent
        };
        let (shut, sent) = futures::join!(server.shutdown(), sending);
        shut.unwrap();
        sent.unwrap();
    }
}
