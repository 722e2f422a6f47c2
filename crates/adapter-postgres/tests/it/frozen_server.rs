//! A server that falls silent in the middle, behind a proxy that can be stopped.

use std::num::NonZeroUsize;
use std::time::Duration;

use storage_hub_adapter_postgres::{PgOptions, PgRecords};
use storage_hub_core::domain::{Timestamp, UserId};
use storage_hub_core::ports::{Directory, RecordError, TaskKey, UnitOfWork};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

use crate::database::TestDatabase;

const TASK: TaskKey = TaskKey::Principal(UserId::new(Uuid::from_u128(7)));
const NOW: Timestamp = Timestamp::from_millis(1_767_323_045_678);
/// A guard against a test that hangs, far beyond every promise.
const FOREVER: Duration = Duration::from_secs(60);

/// Carries bytes to a server and back while it flows.
struct Proxy {
    url: String,
    flows: watch::Sender<bool>,
}

impl Proxy {
    async fn before(database: &TestDatabase) -> Self {
        let url = database.url();
        let (_, rest) = url.split_once('@').unwrap();
        let server = rest.split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url.replace(&server, &listener.local_addr().unwrap().to_string());
        let (flows, watched) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (near, far) = (near.into_split(), TcpStream::connect(&server).await.unwrap().into_split());
                tokio::spawn(carry(near.0, far.1, watched.clone()));
                tokio::spawn(carry(far.0, near.1, watched.clone()));
            }
        });
        Self { url, flows }
    }

    fn set_flowing(&self, flowing: bool) {
        self.flows.send(flowing).unwrap();
    }
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut flows: watch::Receiver<bool>) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if flows.wait_for(|flows| *flows).await.is_err() || to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_end_while_the_server_is_silent_and_succeed_when_it_is_back() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let proxy = Proxy::before(&database).await;
    let options = PgOptions { pool_size: NonZeroUsize::MIN.saturating_add(2), ..PgOptions::default() };
    let records = PgRecords::connect(&proxy.url, options).unwrap();
    let mut open = records.begin().await.unwrap();
    open.outbox().enqueue(&TASK, NOW).await.unwrap();
    let mut written = records.begin().await.unwrap();
    written.outbox().enqueue(&TaskKey::Principal(UserId::new(Uuid::from_u128(8))), NOW).await.unwrap();
    records.ping().await.unwrap();

    proxy.set_flowing(false);
    let calls = async { tokio::join!(records.ping(), open.outbox().enqueue(&TASK, NOW), written.commit()) };
    let (ping, enqueued, committed) =
        tokio::time::timeout(FOREVER, calls).await.expect("no call waits without a limit");
    for result in [ping, enqueued.map(drop), committed] {
        assert!(matches!(result, Err(RecordError::Unavailable(_))), "{result:?}");
    }
    let begun = tokio::time::timeout(FOREVER, records.begin()).await.expect("no call waits without a limit");
    assert!(matches!(begun.map(drop), Err(RecordError::Unavailable(_))));

    proxy.set_flowing(true);
    records.ping().await.unwrap();
    let again = open.outbox().enqueue(&TASK, NOW).await;
    assert!(again.is_err(), "a transaction that was given up does not go on");
    assert!(open.commit().await.is_err());
    loop {
        // The server notices that the given-up connection is gone once it has answered into the void.
        match records.begin().await.unwrap().outbox().enqueue(&TASK, NOW).await {
            Ok(generation) => break assert_eq!(generation, 1),
            Err(RecordError::Conflict(_) | RecordError::Unavailable(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}
