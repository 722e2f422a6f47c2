//! A hub in memory, for the tests.

use std::sync::Arc;

use futures::executor::block_on;
use storage_hub_core::context::{Enforcement, Ports, Settings};
use storage_hub_core::domain::{
    Bucket, BucketId, BucketName, BucketRef, Credentials, Email, Password, Session, Timestamp, User,
};
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::testing::{
    InMemoryRecords, InMemoryStore, ManualClock, PlainHasher, PlainTokens, PlainVault, SequentialIds,
};
use storage_hub_core::use_cases::accounts::{self, AccountError, LogIn, SignUp};
use storage_hub_core::use_cases::buckets::{self, BucketError};
use storage_hub_core::use_cases::session::read_token;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct Hub {
    pub(crate) ports: Ports,
    pub(crate) store: Arc<InMemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Hub {
    /// With a store that keeps policies, as MinIO does.
    pub(crate) fn new() -> Self {
        let store = Arc::new(InMemoryStore::new());
        Self::with(store.clone(), Enforcement::Policies(store))
    }

    /// With a store that asks for every request, as the embedded one does.
    pub(crate) fn in_process() -> Self {
        Self::with(Arc::new(InMemoryStore::new()), Enforcement::InProcess)
    }

    fn with(store: Arc<InMemoryStore>, enforcement: Enforcement) -> Self {
        let records = Arc::new(InMemoryRecords::new());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_700_000_000_000)));
        let prefix = PolicyPrefix::parse("hub").unwrap();
        let settings = Settings::new(prefix, "http://s3.test".to_owned(), "us-east-1".to_owned());
        let ports = Ports {
            unit_of_work: records.clone(),
            directory: records,
            store: store.clone(),
            enforcement,
            passwords: Arc::new(PlainHasher::default()),
            tokens: Arc::new(PlainTokens::default()),
            vault: Arc::new(PlainVault::new(1)),
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::default()),
            settings: Arc::new(settings),
            progress: Arc::default(),
            decisions: Arc::default(),
        };
        Self { ports, store, clock }
    }

    pub(crate) fn sign_up(&self, who: &str) -> Result<User, AccountError> {
        self.sign_up_with(who, PASSWORD)
    }

    pub(crate) fn sign_up_with(&self, who: &str, word: &str) -> Result<User, AccountError> {
        block_on(accounts::sign_up(&self.ports, SignUp { email: email(who), password: password(word) }))
    }

    /// Signs up, and has been answered.
    pub(crate) fn user(&self, who: &str) -> User {
        let user = self.sign_up(who).unwrap();
        block_on(accounts::mark_sign_up_answered(&self.ports, user.id)).unwrap();
        user
    }

    pub(crate) fn log_in(&self, who: &str, word: &str) -> Result<Session, AccountError> {
        let command = LogIn { email: email(who), password: Some(password(word)) };
        let logged_in = block_on(accounts::log_in(&self.ports, command))?;
        Ok(read_token(&self.ports, logged_in.token.expose()).unwrap())
    }

    pub(crate) fn session(&self, who: &str) -> Session {
        self.log_in(who, PASSWORD).unwrap()
    }

    pub(crate) fn create(&self, session: &Session, bucket: &str) -> Result<Bucket, BucketError> {
        block_on(buckets::create_bucket(&self.ports, &(*session).into(), name(bucket)))
    }

    /// Makes a bucket, and has been answered.
    pub(crate) fn bucket(&self, session: &Session, bucket: &str) -> Bucket {
        let made = self.create(session, bucket).unwrap();
        block_on(buckets::mark_bucket_answered(&self.ports, made.id)).unwrap();
        made
    }

    pub(crate) fn delete(&self, session: &Session, bucket: &str) -> Result<(), BucketError> {
        block_on(buckets::delete_bucket(&self.ports, &(*session).into(), &name(bucket)))
    }

    pub(crate) fn credentials(&self, session: &Session) -> Credentials {
        block_on(accounts::get_credentials(&self.ports, session)).unwrap().credentials
    }

    /// Whether the store, going by its own principals and policies, lets the key put an object into the bucket.
    pub(crate) fn store_lets_put(&self, key: &Credentials, bucket: &str) -> bool {
        self.store_allows(key, "s3:PutObject", &format!("arn:aws:s3:::{bucket}/key"))
    }

    pub(crate) fn store_allows(&self, key: &Credentials, action: &str, resource: &str) -> bool {
        self.store.allows(key.access_key.as_str(), key.secret_key.expose(), action, resource)
    }
}

pub(crate) fn email(who: &str) -> Email {
    Email::parse(&format!("{who}@example.com")).unwrap()
}

pub(crate) fn password(text: &str) -> Password {
    Password::parse(text.to_owned()).unwrap()
}

/// The bucket of this name. The store in memory goes by names, so that any id will do.
pub(crate) fn at(text: &str) -> BucketRef {
    BucketRef { id: BucketId::new(Uuid::nil()), name: name(text) }
}

pub(crate) fn name(text: &str) -> BucketName {
    BucketName::parse(text).unwrap()
}
