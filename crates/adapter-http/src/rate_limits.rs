use std::hash::Hash;
use std::num::NonZero;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use storage_hub_core::domain::{Email, UserId};

use crate::client_address::ClientAddress;
use crate::error::ApiError;

/// Rate limits; 0 means unlimited. The whole allowance of a minute (or second) may be used in one burst.
///
/// Password attempts are counted per client address, never per account alone, so that nobody can lock out another user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Sign-ups per address and minute.
    pub sign_ups_per_minute: u32,
    /// Logins per address and minute, for any account.
    pub logins_per_minute: u32,
    /// Password attempts per address, account and minute.
    pub attempts_per_minute: u32,
    /// Requests per account and second.
    pub requests_per_second: u32,
}

impl RateLimits {
    /// No limits.
    pub const OFF: Self =
        Self { sign_ups_per_minute: 0, logins_per_minute: 0, attempts_per_minute: 0, requests_per_second: 0 };
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { sign_ups_per_minute: 30, logins_per_minute: 120, attempts_per_minute: 20, requests_per_second: 500 }
    }
}

/// The counters of all rate limits.
pub(crate) struct Counters {
    sign_ups: Counter<ClientAddress>,
    logins: Counter<ClientAddress>,
    attempts: Counter<(Account, ClientAddress)>,
    requests: Counter<UserId>,
}

/// The account of a password attempt.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Account {
    Email(Email),
    Id(UserId),
}

impl Counters {
    pub(crate) fn new(limits: RateLimits) -> Self {
        let per_minute = |limit| NonZero::new(limit).map(Quota::per_minute);
        Self {
            sign_ups: Counter::new(per_minute(limits.sign_ups_per_minute)),
            logins: Counter::new(per_minute(limits.logins_per_minute)),
            attempts: Counter::new(per_minute(limits.attempts_per_minute)),
            requests: Counter::new(NonZero::new(limits.requests_per_second).map(Quota::per_second)),
        }
    }

    /// Counts a sign-up.
    pub(crate) fn sign_up(&self, from: ClientAddress) -> Result<(), ApiError> {
        self.sign_ups.count(from)
    }

    /// Counts a login.
    pub(crate) fn log_in(&self, email: &Email, from: ClientAddress) -> Result<(), ApiError> {
        self.logins.count(from)?;
        self.attempts.count((Account::Email(email.clone()), from))
    }

    /// Counts an attempt at the password of a caller who is logged in.
    pub(crate) fn own_password(&self, user: UserId, from: ClientAddress) -> Result<(), ApiError> {
        self.attempts.count((Account::Id(user), from))
    }

    /// Counts a request of a caller who is logged in.
    pub(crate) fn request(&self, user: UserId) -> Result<(), ApiError> {
        self.requests.count(user)
    }

    /// Drops the counters of clients that have not sent requests for a while. Must be called regularly.
    pub(crate) fn forget(&self) {
        self.sign_ups.forget();
        self.logins.forget();
        self.attempts.forget();
        self.requests.forget();
    }
}

/// Maximum number of keys in one counter.
const MAX_KEYS: usize = 100_000;

pub(crate) struct Counter<K: Hash + Eq + Clone> {
    quota: Option<Quota>,
    clock: DefaultClock,
    known: RwLock<Arc<Known<K>>>,
}

type Known<K> = Option<DefaultKeyedRateLimiter<K>>;

impl<K: Hash + Eq + Clone> Counter<K> {
    pub(crate) fn new(quota: Option<Quota>) -> Self {
        Self { quota, clock: DefaultClock::default(), known: RwLock::new(Arc::new(quota.map(RateLimiter::keyed))) }
    }

    fn count(&self, key: K) -> Result<(), ApiError> {
        self.wait(&key).map_err(|wait| ApiError::TooManyRequests(seconds(wait)))
    }

    /// Counts, or returns how long to wait.
    pub(crate) fn wait(&self, key: &K) -> Result<(), Duration> {
        let known = self.known();
        let Some(limiter) = known.as_ref() else { return Ok(()) };
        limiter.check_key(key).map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Whether no key is counted.
    pub(crate) fn is_empty(&self) -> bool {
        self.known().as_ref().as_ref().is_none_or(|limiter| limiter.is_empty())
    }

    pub(crate) fn forget(&self) {
        let known = self.known();
        let Some(limiter) = known.as_ref() else { return };
        limiter.retain_recent();
        limiter.shrink_to_fit();
        if limiter.len() > MAX_KEYS {
            // Bounds the memory without locking anybody out for what others did: all counters restart.
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(self.quota.map(RateLimiter::keyed));
        }
    }

    fn known(&self) -> Arc<Known<K>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whole seconds, rounded up, one at least.
pub(crate) fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_second_are_rounded_up() {
        assert_eq!(seconds(Duration::ZERO), 1);
        assert_eq!(seconds(Duration::from_millis(1001)), 2);
        assert_eq!(seconds(Duration::from_secs(2)), 2);
    }

    #[test]
    fn a_counter_forgets_and_is_bounded() {
        let counter = Counter::new(NonZero::new(1).map(Quota::per_hour));
        for key in 0..=MAX_KEYS {
            assert!(counter.count(key).is_ok());
        }
        assert!(counter.count(0).is_err());
        counter.forget();
        assert_eq!(counter.known().as_ref().as_ref().unwrap().len(), 0);
        assert!(counter.count(0).is_ok());
        let off = Counter::new(None);
        assert!((0..1000).all(|_| off.count(0).is_ok()));
    }
}
