//! A hub with a few users and buckets, a backend in memory, and its endpoint on a socket.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_adapter_s3::{S3Endpoint, S3Options};
use storage_hub_core::acl::{Access, Grant, GrantSet};
use storage_hub_core::context::{Enforcement, Ports, Settings};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketRef, BucketState, Email, PasswordHash, SecretKey,
    Timestamp, User, UserId, UserRecord,
};
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::ports::{Clock, SecretVault as _, UnitOfWork as _};
use storage_hub_core::testing::{InMemoryRecords, InMemoryStore, PlainHasher, PlainTokens, PlainVault, SequentialIds};
use storage_hub_core::use_cases::s3::S3UseCases;
use storage_hub_s3_backend::testing::{InMemoryS3Backend, verified_body};
use storage_hub_s3_backend::{CommitGuard, Permit, S3Backend as _, Write};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{DeleteEntry, PutObject};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::client::Client;
use crate::directory::FailingDirectory;
use crate::store::BackendStore;

pub(crate) const REGION: &str = "us-east-1";

/// Users `owner`, `writer` (grant `editors`), `reader` (grant `team`), `stranger`, `admin` and the disabled `gone`;
/// buckets `photos` (the owner's; `team` reads, `editors` write), `open` (the owner's; everyone reads) and `other`
/// (the stranger's).
pub(crate) struct Hub {
    pub(crate) backend: InMemoryS3Backend,
    pub(crate) directory: Arc<FailingDirectory>,
    pub(crate) records: InMemoryRecords,
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<tokio::task::JoinHandle<()>>,
}

impl Hub {
    pub(crate) async fn start() -> Self {
        Self::start_with(S3Options::default()).await
    }

    pub(crate) async fn start_with(options: S3Options) -> Self {
        let (records, vault) = (InMemoryRecords::new(), PlainVault::default());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let backend = InMemoryS3Backend::new(clock.clone());
        let mut transaction = records.begin().await.unwrap();
        let users: [(&str, &[&str], bool); 6] = [
            ("owner", &[], true),
            ("writer", &["editors"], true),
            ("reader", &["team"], true),
            ("stranger", &[], true),
            ("admin", &["admin"], true),
            ("gone", &["admin"], false),
        ];
        for (name, grants, enabled) in users {
            transaction.users().insert(&user(&vault, name, grants, enabled)).await.unwrap();
        }
        let buckets: [(&str, &str, &[(&str, Access)]); 3] = [
            ("photos", "owner", &[("team", Access::Read), ("editors", Access::Write)]),
            ("open", "owner", &[("public", Access::Read)]),
            ("other", "stranger", &[]),
        ];
        for (name, owner, shared) in buckets {
            let (bucket, entries) = bucket(name, owner, shared);
            transaction.buckets().insert(&bucket, &entries).await.unwrap();
            assert!(backend.create_bucket(&bucket.reference()));
        }
        transaction.commit().await.unwrap();
        let directory = Arc::new(FailingDirectory::new(records.clone()));
        let prefix = PolicyPrefix::parse("hub").unwrap();
        let ports = Ports {
            unit_of_work: Arc::new(records.clone()),
            directory: directory.clone(),
            store: Arc::new(BackendStore { backend: backend.clone(), rest: InMemoryStore::new() }),
            enforcement: Enforcement::InProcess,
            passwords: Arc::new(PlainHasher::default()),
            tokens: Arc::new(PlainTokens::default()),
            vault: Arc::new(vault),
            clock,
            ids: Arc::new(SequentialIds::default()),
            settings: Arc::new(Settings::new(prefix, "http://s3.test:9000".into(), REGION.into())),
            progress: Arc::default(),
            decisions: Arc::default(),
        };
        let use_cases = S3UseCases::new(ports);
        let endpoint = S3Endpoint::new(use_cases, Arc::new(backend.clone()), options, Handle::current()).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or_default() };
            endpoint.serve(listener, None, shutdown).await.unwrap();
        });
        Self { backend, directory, records, address, stop: Some(stop), serving: Some(serving) }
    }

    /// A client of one of the users.
    pub(crate) fn client(&self, user: &str) -> Client {
        Client::new(self.address, Some((access_key(user).as_str(), secret(user))))
    }

    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.address, None)
    }

    /// Stores an object, without the endpoint.
    pub(crate) async fn put(&self, bucket: &str, key: &str, body: &'static [u8]) {
        let bucket = reference(bucket);
        let write = Write { bucket: &bucket, guard: &Always(bucket.id) };
        let input = PutObject { key: key.to_owned(), ..PutObject::default() };
        self.backend.put_object(write, input, verified_body(body, None)).await.unwrap();
    }

    /// Deletes an object, without the endpoint.
    pub(crate) async fn delete(&self, bucket: &str, key: &str) {
        let bucket = reference(bucket);
        let write = Write { bucket: &bucket, guard: &Always(bucket.id) };
        let entry = DeleteEntry { key: key.to_owned(), ..DeleteEntry::default() };
        self.backend.delete_objects(write, vec![entry]).await.unwrap();
    }

    /// Ends the endpoint.
    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.take().unwrap().await.unwrap();
    }
}

/// Permits every write.
struct Always(BucketId);

#[async_trait]
impl CommitGuard for Always {
    async fn permit(&self) -> S3Result<Permit> {
        Ok(Permit::granted(self.0))
    }
}

/// The system's clock, by which clients sign.
struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_millis(now.as_millis().try_into().unwrap())
    }

    async fn sleep(&self, duration: std::time::Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A bucket of the tests.
pub(crate) fn reference(text: &str) -> BucketRef {
    BucketRef { id: BucketId::new(uuid(text)), name: name(text) }
}

pub(crate) fn name(text: &str) -> BucketName {
    BucketName::parse(text).unwrap()
}

fn access_key(user: &str) -> AccessKey {
    AccessKey::parse(format!("user_{user}")).unwrap()
}

fn secret(user: &str) -> String {
    format!("secret-of-the-{user}")
}

pub(crate) fn id(user: &str) -> UserId {
    UserId::new(uuid(user))
}

/// Another for each name.
fn uuid(name: &str) -> Uuid {
    Uuid::from_u128(name.bytes().fold(0, |number, byte| number << 8 | u128::from(byte)))
}

fn user(vault: &PlainVault, name: &str, grants: &[&str], enabled: bool) -> UserRecord {
    let secret = SecretKey::parse(secret(name)).unwrap();
    UserRecord {
        user: User {
            id: id(name),
            email: Email::parse(&format!("{name}@example.com")).unwrap(),
            grants: grants.iter().map(|grant| Grant::parse(*grant).unwrap()).collect::<GrantSet>(),
            access_key: access_key(name),
            enabled,
            token_epoch: 0,
            created_at: Timestamp::from_millis(0),
        },
        password_hash: PasswordHash::new(String::new()),
        sealed_secret: vault.seal(id(name), &secret).unwrap(),
        revoke_sessions: false,
        answered: true,
    }
}

pub(crate) fn bucket(text: &str, owner: &str, shared: &[(&str, Access)]) -> (Bucket, Vec<BucketEntry>) {
    let own = [(Grant::admin(), Access::Manage), (Grant::author(id(owner)), Access::Manage)];
    let shared = shared.iter().map(|(grant, access)| (Grant::parse(*grant).unwrap(), *access));
    let entries = own.into_iter().chain(shared).map(|(grant, access)| BucketEntry { grant, access, shard: None });
    let bucket = Bucket {
        id: BucketId::new(uuid(text)),
        name: name(text),
        owner: id(owner),
        state: BucketState::Active,
        seen_absent: true,
        answered: true,
        created_at: Timestamp::from_millis(0),
    };
    (bucket, entries.collect())
}
