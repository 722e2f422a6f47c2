//! Which creations have been answered.
//!
//! Until a creation has been answered, the same caller's repeat succeeds; after that it is refused. An answer counts
//! once its whole body was handed to the connection. The note of that is written behind the answer, but before
//! anything more is done to what was created: so an immediate repeat meets it.

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

/// How long to wait before each further attempt at a note.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// What was created, by what a repeat would ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Created {
    /// An account.
    User(Email, UserId),
    /// A bucket.
    Bucket(BucketName, BucketId),
}

impl Created {
    /// Identifies the creation by what a repeat would ask for: an email contains an `@`, which no bucket name does.
    fn key(&self) -> &str {
        match self {
            Self::User(email, _) => email.as_str(),
            Self::Bucket(name, _) => name.as_str(),
        }
    }
}

/// The notes that are being written.
#[derive(Default)]
pub(crate) struct Answered {
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    last: u64,
    notes: HashMap<String, Note>,
}

struct Note {
    number: u64,
    written: Shared<oneshot::Receiver<()>>,
}

impl Answered {
    /// Waits until the note on an account that was made with this email is written, if there is one.
    pub(crate) async fn settle_user(&self, email: &Email) {
        self.settle(email.as_str()).await;
    }

    /// Waits until the note on a bucket that was made by this name is written, if there is one.
    pub(crate) async fn settle_bucket(&self, name: &BucketName) {
        self.settle(name.as_str()).await;
    }

    async fn settle(&self, key: &str) {
        let written = self.lock().notes.get(key).map(|note| note.written.clone());
        if let Some(written) = written {
            // A sender that was dropped is as good: its task has ended.
            let _ = written.await;
        }
    }

    fn begin(&self, key: &str) -> (u64, oneshot::Sender<()>) {
        let (sender, written) = oneshot::channel();
        let mut pending = self.lock();
        pending.last += 1;
        let number = pending.last;
        pending.notes.insert(key.to_owned(), Note { number, written: written.shared() });
        (number, sender)
    }

    fn end(&self, key: &str, number: u64) {
        let mut pending = self.lock();
        if pending.notes.get(key).is_some_and(|note| note.number == number) {
            pending.notes.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes, behind the answer, that the creation was answered.
fn note(state: &AppState, created: Created) {
    let (number, written) = state.answered().begin(created.key());
    let owned = state.clone();
    state.spawn(async move {
        reach(Failpoint::AnswerAfter);
        if let Err(error) = persistently(|| write(&owned, &created)).await {
            tracing::warn!(error = error.chain(), "a creation is not noted as answered: a repeat of it will succeed");
        }
        reach(Failpoint::AnswerNoted);
        owned.answered().end(created.key(), number);
        drop(written);
    });
}

async fn write(state: &AppState, created: &Created) -> Result<(), ApiError> {
    match created {
        Created::User(_, id) => {
            accounts::mark_sign_up_answered(state.ports(), *id).await.map_err(AccountError::from)?
        }
        Created::Bucket(_, id) => buckets::mark_bucket_answered(state.ports(), *id).await.map_err(BucketError::from)?,
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
