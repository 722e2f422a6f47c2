use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::domain::{
    AccessKey, BucketId, Password, PasswordHash, SealedSecret, SecretKey, Session, Timestamp, Token, UserId,
};
use crate::ports::{Clock, HashError, IdSource, PasswordHasher, SecretVault, TokenError, TokenIssuer, VaultError};

/// "Hashes" passwords by storing them in plain text, which takes no time.
#[derive(Debug, Default)]
pub struct PlainHasher {
    hashes: AtomicU64,
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let number = self.hashes.fetch_add(1, Ordering::Relaxed);
        Ok(PasswordHash::new(format!("plain:{number}:{}", password.expose())))
    }

    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<bool, HashError> {
        let Some(hash) = hash else { return Ok(false) };
        let written = hash.as_str().strip_prefix("plain:").and_then(|rest| rest.split_once(':'));
        let (_, written) = written.ok_or_else(|| HashError::Unexpected("no hash of this hasher".into()))?;
        Ok(written == password.expose())
    }

    fn is_outdated(&self, _: &PasswordHash) -> bool {
        false
    }
}

/// Issues tokens that are valid for an hour, and remembers them instead of signing them.
#[derive(Debug, Default)]
pub struct PlainTokens {
    issued: Mutex<Vec<(String, Session)>>,
}

impl PlainTokens {
    /// The lifetime of its tokens.
    pub const LIFETIME: Duration = Duration::from_secs(3600);

    fn issued(&self) -> std::sync::MutexGuard<'_, Vec<(String, Session)>> {
        self.issued.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl TokenIssuer for PlainTokens {
    fn issue(&self, user: UserId, epoch: i64, now: Timestamp) -> Result<Token, TokenError> {
        let issued_at = Timestamp::from_millis(now.seconds().saturating_mul(1000));
        let session = Session { claimed_user: user, epoch, issued_at, expires_at: issued_at.after(Self::LIFETIME) };
        let mut issued = self.issued();
        let text = format!("plain.{}", issued.len());
        issued.push((text.clone(), session));
        Ok(Token::new(text))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<Session, TokenError> {
        let issued = self.issued();
        let (_, session) = issued.iter().find(|(text, _)| text == token).ok_or(TokenError::Invalid)?;
        if session.expires_at <= now { Err(TokenError::Expired) } else { Ok(*session) }
    }
}

/// "Seals" secrets in plain text, together with the user's id, a number and a checksum that detects changes.
#[derive(Debug)]
pub struct PlainVault {
    key: u64,
    seals: AtomicU64,
}

impl PlainVault {
    /// A vault with this key. It cannot open what a vault with another key has sealed.
    #[must_use]
    pub const fn new(key: u64) -> Self {
        Self { key, seals: AtomicU64::new(0) }
    }

    /// FNV-1a over the key, the user's id and the rest.
    fn checksum(&self, user: UserId, rest: &[u8]) -> [u8; 8] {
        let bytes = [&self.key.to_le_bytes(), user.uuid().as_bytes().as_slice(), rest].concat();
        let hash = bytes
            .into_iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        hash.to_le_bytes()
    }
}

impl Default for PlainVault {
    fn default() -> Self {
        Self::new(0)
    }
}

impl SecretVault for PlainVault {
    fn seal(&self, user: UserId, secret: &SecretKey) -> Result<SealedSecret, VaultError> {
        let number = self.seals.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        let rest = [number.as_slice(), secret.expose().as_bytes()].concat();
        Ok(SealedSecret::new([self.checksum(user, &rest).as_slice(), &rest].concat()))
    }

    fn open(&self, user: UserId, sealed: &SealedSecret) -> Result<SecretKey, VaultError> {
        let opened = || {
            let (checksum, rest) = sealed.as_bytes().split_first_chunk::<8>()?;
            let (_, secret) = rest.split_first_chunk::<8>()?;
            let intact = *checksum == self.checksum(user, rest);
            SecretKey::parse(std::str::from_utf8(secret).ok()?).ok().filter(|_| intact)
        };
        opened().ok_or(VaultError::DoesNotOpen)
    }
}

/// A clock that moves only when a test sets it or somebody sleeps: `sleep` advances it and returns as soon as every other
/// task had a turn.
#[derive(Debug)]
pub struct ManualClock {
    millis: AtomicI64,
}

impl ManualClock {
    /// A clock that is set to this moment.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { millis: AtomicI64::new(now.millis()) }
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.millis.store(now.millis(), Ordering::SeqCst);
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

/// Is set to 2024-01-01T00:00:00Z.
impl Default for ManualClock {
    fn default() -> Self {
        Self::new(Timestamp::from_millis(1_704_067_200_000))
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }

    async fn sleep(&self, wait: Duration) {
        self.advance(wait);
        let mut yielded = false;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// Generates consecutive ids and keys, which are the same in every run. Two sources generate the same ones.
#[derive(Debug, Default)]
pub struct SequentialIds {
    given: AtomicU64,
}

impl SequentialIds {
    fn next(&self) -> u64 {
        self.given.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    fn next_uuid(&self) -> Uuid {
        Uuid::from_u128(self.next().into())
    }
}

#[expect(clippy::expect_used, reason = "the texts are legal, whatever the number")]
impl IdSource for SequentialIds {
    fn user_id(&self) -> UserId {
        UserId::new(self.next_uuid())
    }

    fn bucket_id(&self) -> BucketId {
        BucketId::new(self.next_uuid())
    }

    fn installation_id(&self) -> Uuid {
        self.next_uuid()
    }

    fn lease_token(&self) -> Uuid {
        self.next_uuid()
    }

    fn access_key(&self, now: Timestamp) -> AccessKey {
        AccessKey::parse(format!("user_{:010}_{:012}", now.seconds().max(0), self.next())).expect("a legal access key")
    }

    fn secret_key(&self) -> SecretKey {
        SecretKey::parse(format!("secret{:034}", self.next())).expect("a legal secret key")
    }
}
