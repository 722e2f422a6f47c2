use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use super::{Created, record};
use crate::AppState;

/// The response body of a creation. Once the connection has taken all of it, the creation counts as answered; a connection
/// that ends before leaves it unanswered.
pub(crate) struct Receipt {
    body: Bytes,
    signed: Option<(AppState, Created)>,
}

impl Receipt {
    /// A body that answers the creation of `created`.
    pub(crate) const fn new(body: Bytes, state: AppState, created: Created) -> Self {
        Self { body, signed: Some((state, created)) }
    }
}

impl MessageBody for Receipt {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.body.len() as u64)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = self.get_mut();
        if !this.body.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut this.body))));
        }
        // A poll after the last chunk means that the connection has taken that chunk.
        if let Some((state, created)) = this.signed.take() {
            record(&state, created);
        }
        Poll::Ready(None)
    }
}
