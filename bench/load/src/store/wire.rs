//! A connection whose bodies are sent and received in pieces and never kept.

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Size of the pieces.
const PIECE: usize = 256 * 1024;

/// A keep-alive connection.
pub(crate) struct Wire {
    address: String,
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    /// Whether the server closes the connection after the response.
    closing: bool,
}

/// The head of a response.
struct Head {
    status: u16,
    length: Length,
    closing: bool,
    /// Where the body starts in the buffer.
    end: usize,
}

enum Length {
    Known(u64),
    Chunked,
}

impl Wire {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("{address} does not answer"))?;
        stream.set_nodelay(true)?;
        Ok(Self { address: address.to_owned(), stream, buffer: vec![0; PIECE], filled: 0, closing: false })
    }

    /// Sends a request, and returns the status and the length of the response's body, which is read and dropped.
    pub(crate) async fn exchange(&mut self, head: &[u8], body: &[u8], has_body: bool) -> Result<(u16, u64)> {
        if self.closing {
            *self = Self::open(&self.address).await?;
        }
        self.stream.write_all(head).await?;
        self.stream.write_all(body).await?;
        let head = self.head().await?;
        self.closing = head.closing;
        let length = match head.length {
            _ if !has_body || head.status == 204 => 0,
            Length::Known(length) => self.skip(head.end, length).await?,
            Length::Chunked => self.skip_chunks(head.end).await?,
        };
        Ok((head.status, length))
    }

    /// Sends the head of a request and as much of its body, and then closes the connection.
    pub(crate) async fn send_part(mut self, head: &[u8], piece: &[u8], pieces: usize) -> Result<()> {
        self.stream.write_all(head).await?;
        for _ in 0..pieces {
            self.stream.write_all(piece).await?;
        }
        Ok(())
    }

    /// Sends a request, reads as much of the body of the response, and then closes the connection.
    pub(crate) async fn receive_part(mut self, request: &[u8], length: u64) -> Result<()> {
        self.stream.write_all(request).await?;
        let head = self.head().await?;
        ensure!(head.status == 200, "{}", head.status);
        self.skip(head.end, length).await?;
        Ok(())
    }

    async fn head(&mut self) -> Result<Head> {
        self.filled = 0;
        loop {
            let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
            let read = self.stream.read(free).await?;
            ensure!(read > 0, "the server closed the connection");
            self.filled += read;
            let bytes = self.buffer.get(..self.filled).unwrap_or_default();
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                return parse(std::str::from_utf8(bytes.get(..end).unwrap_or_default())?, end + 4);
            }
        }
    }

    async fn skip(&mut self, from: usize, length: u64) -> Result<u64> {
        let mut left = length.saturating_sub(u64::try_from(self.filled - from)?);
        while left > 0 {
            let read = self.stream.read(&mut self.buffer).await?;
            ensure!(read > 0, "the response was cut {left} bytes before its end");
            left = left.saturating_sub(u64::try_from(read)?);
        }
        Ok(length)
    }

    /// Reads until the last chunk. Lists only: their text holds no empty chunk.
    async fn skip_chunks(&mut self, from: usize) -> Result<u64> {
        let mut bytes = self.buffer.get(from..self.filled).unwrap_or_default().to_vec();
        while !bytes.ends_with(b"\r\n0\r\n\r\n") {
            let read = self.stream.read(&mut self.buffer).await?;
            ensure!(read > 0, "the response was cut");
            bytes.extend(self.buffer.get(..read).unwrap_or_default());
        }
        Ok(u64::try_from(bytes.len())?)
    }
}

fn parse(text: &str, end: usize) -> Result<Head> {
    let status = text.get(9..12).context("no status")?.parse()?;
    let header = |wanted: &str| {
        let mut headers = text.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let length = match (header("content-length"), header("transfer-encoding")) {
        (Some(length), _) => Length::Known(length.parse()?),
        (None, Some(_)) => Length::Chunked,
        (None, None) if status == 204 || status == 304 => Length::Known(0),
        (None, None) => bail!("a response without a length: {text}"),
    };
    let closing = header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    Ok(Head { status, length, closing, end })
}
