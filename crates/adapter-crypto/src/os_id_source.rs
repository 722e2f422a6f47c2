use rand::RngExt;
use storage_hub_core::domain::{AccessKey, BucketId, SecretKey, Timestamp, UserId};
use storage_hub_core::ports::IdSource;
use uuid::Uuid;

/// What secrets are made of.
pub(crate) const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// What the random part of an access key is made of.
const LOWERCASE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Ids and keys from a generator that the operating system seeds.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsIdSource;

impl OsIdSource {
    const ACCESS_KEY_RANDOM: usize = 16;
    const SECRET_KEY: usize = 40;
}

impl IdSource for OsIdSource {
    fn user_id(&self) -> UserId {
        UserId::new(Uuid::new_v4())
    }

    /// In the order of time, so that new rows stand side by side in the index.
    fn bucket_id(&self) -> BucketId {
        BucketId::new(Uuid::now_v7())
    }

    fn installation_id(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn lease_token(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn access_key(&self, now: Timestamp) -> AccessKey {
        legal(|| {
            let random = random_text(LOWERCASE, Self::ACCESS_KEY_RANDOM);
            AccessKey::parse(format!("user_{:010}_{random}", now.seconds().max(0)))
        })
    }

    fn secret_key(&self) -> SecretKey {
        legal(|| SecretKey::parse(random_text(ALPHANUMERIC, Self::SECRET_KEY)))
    }
}

/// Letters of an alphabet, each as likely as any other.
pub(crate) fn random_text(alphabet: &[u8], length: usize) -> String {
    let mut random = rand::rng();
    (0..length)
        .filter_map(|_| alphabet.get(random.random_range(0..alphabet.len())))
        .map(|letter| char::from(*letter))
        .collect()
}

/// What is made of these alphabets is always legal, so that this asks once.
fn legal<T, E>(make: impl Fn() -> Result<T, E>) -> T {
    loop {
        if let Ok(made) = make() {
            return made;
        }
    }
}
