//! A hub with a few users and buckets, and its endpoint on a socket.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedStore, S3Options, s3_service};
use storage_hub_core::acl::{Access, Grant, GrantSet};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketRef, BucketState, Email, PasswordHash, SecretKey,
    Timestamp, User, UserId, UserRecord,
};
use storage_hub_core::ports::{ObjectStore as _, SecretVault as _, UnitOfWork as _};
use storage_hub_core::testing::{InMemoryRecords, PlainVault};
use storage_hub_core::use_cases::s3_gate::S3Gate;
use tempfile::TempDir;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::client::Client;
use crate::directory::FailingDirectory;

pub(crate) const REGION: &str = "us-east-1";

/// Users `owner`, `writer` (grant `editors`), `reader` (grant `team`), `stranger`, `admin` and the disabled `gone`;
/// buckets `photos` (the owner's; `team` reads, `editors` write), `open` (the owner's; everyone reads) and `other`
/// (the stranger's).
pub(crate) struct Hub {
    pub(crate) embedded: EmbeddedStore,
    pub(crate) store: EmbeddedObjectStore,
    pub(crate) directory: Arc<FailingDirectory>,
    pub(crate) records: InMemoryRecords,
    pub(crate) address: SocketAddr,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<tokio::task::JoinHandle<()>>,
}

impl Hub {
    pub(crate) async fn start() -> Self {
        Self::start_with_domain(None).await
    }

    pub(crate) async fn start_with_domain(domain: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let embedded = EmbeddedStore::open(folder.path()).await.unwrap();
        embedded.recover().await;
        let store = EmbeddedObjectStore::new(embedded.clone());
        let records = InMemoryRecords::new();
        let vault = PlainVault::default();
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
            store.create_bucket(&bucket.reference()).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let directory = Arc::new(FailingDirectory::new(records.clone()));
        let options =
            S3Options { region: REGION.to_owned(), domain: domain.map(str::to_owned), ..S3Options::default() };
        let gate = S3Gate::new(directory.clone(), Arc::new(vault));
        let endpoint = s3_service(embedded.clone(), gate, options).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or_default() };
            endpoint.serve(listener, None, shutdown).await.unwrap();
        });
        Self { embedded, store, directory, records, address, folder, stop: Some(stop), serving: Some(serving) }
    }

    /// A client of one of the users.
    pub(crate) fn client(&self, user: &str) -> Client {
        Client::new(self.address, Some((access_key(user).as_str(), secret(user))))
    }

    /// Has the records know a bucket that the store was asked for alone, as the owner's.
    pub(crate) async fn adopt(&self, reference: &BucketRef) {
        let mut transaction = self.records.begin().await.unwrap();
        let (bucket, entries) = bucket(reference.name.as_str(), "owner", &[]);
        let bucket = Bucket { id: reference.id, ..bucket };
        if transaction.buckets().insert(&bucket, &entries).await.is_ok() {
            transaction.commit().await.unwrap();
        }
    }

    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.address, None)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All files of blobs: being written, committed and released.
    pub(crate) fn blob_files(&self) -> Vec<String> {
        blob_files(self.folder())
    }

    /// Ends the endpoint and the store; the folder stays.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.take().unwrap().await.unwrap();
        self.folder
    }
}

/// All files of blobs in a folder: being written, committed and released.
pub(crate) fn blob_files(folder: &Path) -> Vec<String> {
    let names = |folder: &Path| -> Vec<_> { std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect() };
    let aside = ["incoming", "released"].into_iter().flat_map(|aside| names(&folder.join(aside)));
    let mut files: Vec<_> = aside.map(|entry| entry.path()).collect();
    for shard in names(&folder.join("blobs")) {
        files.extend(names(&shard.path()).iter().map(|entry| entry.path()));
    }
    files.into_iter().map(|path| path.display().to_string()).collect()
}

/// The file of the blob with these bytes.
pub(crate) fn blob_of(folder: &Path, body: &str) -> String {
    let is = |path: &String| std::fs::read(path).unwrap() == body.as_bytes();
    blob_files(folder).into_iter().find(is).unwrap()
}

pub(crate) fn name(text: &str) -> BucketName {
    BucketName::parse(text).unwrap()
}

/// The bucket of this name.
pub(crate) fn at(text: &str) -> BucketRef {
    BucketRef { id: BucketId::new(uuid(text)), name: name(text) }
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
