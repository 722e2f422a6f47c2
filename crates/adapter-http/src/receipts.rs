//! Records which creations have been answered.
//!
//! Until a creation has been answered, the same caller's repetition succeeds; after that it is refused. A creation counts
//! as answered once its whole response body was handed to the connection. That is recorded after the response, so that
//! the client does not wait for it; every later request about the same account or bucket waits for the record instead
//! ([`Receipts::wait_for_bucket`]), so that an immediate repetition sees it.

mod receipt;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::Shared;
use storage_hub_core::domain::{BucketId, BucketName, Email, UserId};
use storage_hub_core::failpoint::{Failpoint, reach};
use storage_hub_core::use_cases::accounts::{self, AccountError};
use storage_hub_core::use_cases::buckets::{self, BucketError};

pub(crate) use receipt::Receipt;

use crate::AppState;
use crate::error::ApiError;

/// How long to wait before each further attempt to record an answer.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// What was created, with the name that a repetition of the request would have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Created {
    User(Email, UserId),
    Bucket(BucketName, BucketId),
}

impl Created {
    /// The name that a repetition of the request would have. Emails and bucket names share one map, because an email
    /// contains an `@` and no bucket name does.
    fn key(&self) -> &str {
        match self {
            Self::User(email, _) => email.as_str(),
            Self::Bucket(name, _) => name.as_str(),
        }
    }
}

/// The answers that are being recorded at the moment.
#[derive(Default)]
pub(crate) struct Receipts {
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    last: u64,
    records: HashMap<String, Record>,
}

struct Record {
    number: u64,
    written: Shared<oneshot::Receiver<()>>,
}

impl Receipts {
    /// Waits until the answer to a sign-up with this email has been recorded, if one is being recorded.
    pub(crate) async fn wait_for_user(&self, email: &Email) {
        self.wait_for(email.as_str()).await;
    }

    /// Waits until the answer to the creation of a bucket of this name has been recorded, if one is being recorded.
    pub(crate) async fn wait_for_bucket(&self, name: &BucketName) {
        self.wait_for(name.as_str()).await;
    }

    async fn wait_for(&self, key: &str) {
        let written = self.lock().records.get(key).map(|record| record.written.clone());
        if let Some(written) = written {
            // An error means that the sender was dropped, because its task has ended.
            let _ = written.await;
        }
    }

    fn begin(&self, key: &str) -> (u64, oneshot::Sender<()>) {
        let (sender, written) = oneshot::channel();
        let mut pending = self.lock();
        pending.last += 1;
        let number = pending.last;
        pending.records.insert(key.to_owned(), Record { number, written: written.shared() });
        (number, sender)
    }

    fn end(&self, key: &str, number: u64) {
        let mut pending = self.lock();
        if pending.records.get(key).is_some_and(|record| record.number == number) {
            pending.records.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records in a task of its own that the creation was answered.
fn record(state: &AppState, created: Created) {
    let (number, written) = state.receipts().begin(created.key());
    let owned = state.clone();
    state.spawn(async move {
        reach(Failpoint::AnswerAfter);
        if let Err(error) = persistently(|| write(&owned, &created)).await {
            tracing::warn!(
                error = error.chain(),
                "could not record a creation as answered; a repetition of it will succeed"
            );
        }
        reach(Failpoint::AnswerNoted);
        owned.receipts().end(created.key(), number);
        drop(written);
    });
}

async fn write(state: &AppState, created: &Created) -> Result<(), ApiError> {
    match created {
        Created::User(_, id) => {
            accounts::mark_sign_up_answered(state.ports(), *id).await.map_err(AccountError::from)?;
        }
        Created::Bucket(_, id) => {
            buckets::mark_bucket_answered(state.ports(), *id).await.map_err(BucketError::from)?;
        }
    }
    Ok(())
}

async fn persistently<F: Future<Output = Result<(), ApiError>>>(attempt: impl Fn() -> F) -> Result<(), ApiError> {
    for wait in RETRIES {
        if attempt().await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(wait).await;
    }
    attempt().await
}
