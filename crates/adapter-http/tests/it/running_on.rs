//! Writes run to their end, also if the client has disconnected.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use async_trait::async_trait;
use futures::FutureExt as _;
use serde_json::json;
use storage_hub_core::domain::{Email, Password, PasswordHash};
use storage_hub_core::ports::{HashError, PasswordHasher, RecordError, Transaction, UnitOfWork};
use storage_hub_core::testing::PlainHasher;
use tokio::sync::{Notify, Semaphore};

use crate::harness::{Hub, PASSWORD, Parts};

/// Holds back the begin of transactions while the gate is shut, and notifies when one waits.
pub(crate) struct GatedUnitOfWork {
    inner: Arc<dyn UnitOfWork>,
    gate: Semaphore,
    pub(crate) waiting: Notify,
}

#[async_trait]
impl UnitOfWork for GatedUnitOfWork {
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError> {
        self.waiting.notify_one();
        self.gate.acquire().await.unwrap().forget();
        self.inner.begin().await
    }
}

impl GatedUnitOfWork {
    /// Puts an open gate before the records.
    pub(crate) fn install(parts: &mut Parts) -> Arc<Self> {
        let inner = parts.ports.unit_of_work.clone();
        let gate = Semaphore::new(Semaphore::MAX_PERMITS >> 1);
        let gated = Arc::new(Self { inner, gate, waiting: Notify::new() });
        parts.ports.unit_of_work = gated.clone();
        gated
    }

    pub(crate) fn shut(&self) {
        self.gate.forget_permits(usize::MAX >> 4);
    }

    pub(crate) fn open(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS >> 1);
    }
}

async fn gated(time_limit: Duration) -> (Hub, Arc<GatedUnitOfWork>) {
    let mut parts = Parts::new();
    let gate = GatedUnitOfWork::install(&mut parts);
    parts.options.time_limit = time_limit;
    (parts.serve().await, gate)
}

/// Asks until the answer is there: the task that makes it so is under way.
async fn until_bucket_is_there(hub: &Hub, token: &str) {
    while hub.get("/api/buckets/my-bucket", token).await.status != 200 {
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn a_client_that_disconnects_does_not_interrupt_a_write() {
    let (hub, gate) = gated(Duration::from_secs(60)).await;
    let token = hub.user("a@example.com").await;
    hub.create_bucket(&token, "other-bucket").await;
    hub.create_bucket(&token, "other-bucket").await;
    gate.shut();
    let _ = gate.waiting.notified().now_or_never();

    let hub_again = hub.clone();
    let request = async { hub_again.create_bucket(&token, "my-bucket").await };
    let mut request = Box::pin(request);
    tokio::select! {
        _ = &mut request => panic!("the gate is shut"),
        () = gate.waiting.notified() => {}
    }
    drop(request);
    gate.open();
    until_bucket_is_there(&hub, &token).await;
    // Nobody was answered, so that the repeat is.
    assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 201);
}

#[actix_web::test]
async fn a_write_over_the_time_limit_is_answered_503_and_completes() {
    // Enough for the sign-up, also on a busy machine.
    let (hub, gate) = gated(Duration::from_secs(1)).await;
    let token = hub.user("a@example.com").await;
    gate.shut();
    let reply = hub.create_bucket(&token, "my-bucket").await;
    let message = "The change was accepted and will be applied shortly; retry in a moment";
    reply.assert_error(503, "Store is catching up", message);
    assert_eq!(reply.header("retry-after"), Some("1"));
    gate.open();
    until_bucket_is_there(&hub, &token).await;
}

/// Never finishes, or panics.
struct BadHasher {
    panics: bool,
}

#[async_trait]
impl PasswordHasher for BadHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        assert!(!self.panics, "a hasher of a test, on hashing");
        PlainHasher::default().hash(password).await
    }

    async fn verify(&self, _: &Password, _: Option<&PasswordHash>) -> Result<bool, HashError> {
        assert!(!self.panics, "a hasher of a test, on verifying");
        std::future::pending().await
    }

    fn is_outdated(&self, _: &PasswordHash) -> bool {
        false
    }
}

#[actix_web::test]
async fn a_read_over_the_time_limit_is_answered_503() {
    let mut parts = Parts::new();
    parts.ports.passwords = Arc::new(BadHasher { panics: false });
    parts.options.time_limit = Duration::from_millis(20);
    let hub = parts.serve().await;
    let reply = hub.log_in("a@example.com", PASSWORD).await;
    let message = "The service is temporarily unavailable; retry in a moment";
    reply.assert_error(503, "Service unavailable", message);
    assert_eq!(reply.header("retry-after"), Some("1"));
}

#[actix_web::test]
async fn a_panic_is_answered_500_without_its_message() {
    let mut parts = Parts::new();
    parts.ports.passwords = Arc::new(BadHasher { panics: true });
    let hub = parts.serve().await;
    let message = "The service failed; its log has the reason under the X-Request-Id of this response";
    hub.log_in("a@example.com", PASSWORD).await.assert_error(500, "Internal server error", message);
    hub.sign_up("a@example.com").await.assert_error(500, "Internal server error", message);
    assert_eq!(hub.send(TestRequest::get().uri("/health")).await.status, 200);
    let found = hub.ports.directory.find_record_by_email(&Email::parse("a@example.com").unwrap()).await.unwrap();
    assert_eq!(found, None);
}

#[actix_web::test]
async fn a_repetition_waits_until_the_first_answer_is_recorded() {
    let (hub, gate) = gated(Duration::from_secs(60)).await;
    let token = hub.user("a@example.com").await;
    assert_eq!(hub.sign_up("a@example.com").await.status, 409);
    assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 201);
    gate.shut();
    let body = json!({"name": "my-bucket"});
    let repeat = hub.post("/api/buckets", &token, body);
    let mut repeat = Box::pin(repeat);
    for _ in 0..100 {
        assert!(repeat.as_mut().now_or_never().is_none(), "the note has not been written");
        tokio::task::yield_now().await;
    }
    gate.open();
    assert_eq!(repeat.await.status, 409);
}
