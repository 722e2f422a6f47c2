use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::Quota;

use crate::proxies::network;
use crate::rate_limits::{Counter, seconds};

/// How long a correct use of a key from an address is remembered.
const PROVEN_FOR: Duration = Duration::from_secs(600);
/// Maximum number of entries of one map, which is cleared beyond it.
const MAX_ENTRIES: usize = 20_000;

/// Limits of failed signatures at an S3 endpoint: per client address, and per address and access key. A client over a limit is
/// refused before its signature is checked.
///
/// Nobody is locked out for what others do: the limit of a key counts only from the address that tried it, and the limit of
/// an address does not apply to keys that were used correctly from there.
pub struct SignatureLimits {
    of_address: Limit<IpAddr>,
    of_key: Limit<(IpAddr, String)>,
    /// When a key was last used correctly from an address. Recorded only while there are failures.
    proven: Mutex<HashMap<(IpAddr, String), Instant>>,
    /// Whether anything failed recently. Nothing is looked up otherwise.
    failures: AtomicBool,
}

impl SignatureLimits {
    /// Creates limits per minute: of failures from one address, and of one access key from one address. 0 means unlimited.
    #[must_use]
    pub fn new(of_address: u32, of_key: u32) -> Self {
        let (proven, failures) = (Mutex::default(), AtomicBool::new(false));
        Self { of_address: Limit::new(of_address), of_key: Limit::new(of_key), proven, failures }
    }

    /// Checks whether a request may proceed to the check of its signature.
    ///
    /// # Errors
    /// The number of seconds to wait.
    pub fn admit(&self, client: IpAddr, access_key: &str) -> Result<(), u64> {
        if !self.failures.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (client, now) = (network(client), Instant::now());
        let pair = (client, access_key.to_owned());
        if let Some(wait) = self.of_key.wait(&pair, now) {
            return Err(seconds(wait));
        }
        match self.of_address.wait(&client, now) {
            Some(wait) if !entries(&self.proven).contains_key(&pair) => Err(seconds(wait)),
            _ => Ok(()),
        }
    }

    /// Counts a request with an unknown access key or a wrong signature.
    pub fn failed(&self, client: IpAddr, access_key: &str) {
        let client = network(client);
        self.of_address.fail(client);
        self.of_key.fail((client, access_key.to_owned()));
        self.failures.store(true, Ordering::Relaxed);
    }

    /// Records a correct signature.
    pub fn succeeded(&self, client: IpAddr, access_key: &str) {
        if self.failures.load(Ordering::Relaxed) {
            remember(&self.proven, (network(client), access_key.to_owned()), Instant::now());
        }
    }

    /// Drops outdated entries. Must be called regularly.
    pub fn forget(&self) {
        let now = Instant::now();
        let quiet = self.of_address.forget(now) & self.of_key.forget(now);
        entries(&self.proven).retain(|_, last| now.duration_since(*last) < PROVEN_FOR);
        if quiet {
            self.failures.store(false, Ordering::Relaxed);
        }
    }
}

struct Limit<K: Hash + Eq + Clone> {
    counter: Counter<K>,
    /// Until when a key is refused.
    waiting: Mutex<HashMap<K, Instant>>,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(most: u32) -> Self {
        Self { counter: Counter::new(NonZero::new(most).map(Quota::per_minute)), waiting: Mutex::default() }
    }

    fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        entries(&self.waiting).get(key)?.checked_duration_since(now)
    }

    fn fail(&self, key: K) {
        if let Err(wait) = self.counter.wait(&key) {
            remember(&self.waiting, key, Instant::now() + wait);
        }
    }

    /// Drops outdated entries, and returns whether none is left.
    fn forget(&self, now: Instant) -> bool {
        self.counter.forget();
        let mut waiting = entries(&self.waiting);
        waiting.retain(|_, until| *until > now);
        waiting.is_empty() && self.counter.is_empty()
    }
}

fn entries<K>(memory: &Mutex<HashMap<K, Instant>>) -> MutexGuard<'_, HashMap<K, Instant>> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remember<K: Hash + Eq>(memory: &Mutex<HashMap<K, Instant>>, key: K, moment: Instant) {
    let mut entries = entries(memory);
    if entries.len() >= MAX_ENTRIES {
        entries.clear();
    }
    entries.insert(key, moment);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

    fn fail(limits: &SignatureLimits, client: IpAddr, access_key: &str, times: u32) {
        (0..times).for_each(|_| limits.failed(client, access_key));
    }

    #[test]
    fn a_key_is_limited_only_from_the_address_that_tried_it() {
        let limits = SignatureLimits::new(0, 2);
        fail(&limits, HERE, "anna", 2);
        assert_eq!(limits.admit(HERE, "anna"), Ok(()));
        fail(&limits, HERE, "anna", 1);
        assert_eq!(limits.admit(HERE, "anna"), Err(30));
        assert_eq!(limits.admit(THERE, "anna"), Ok(()));
        assert_eq!(limits.admit(HERE, "bert"), Ok(()));
    }

    #[test]
    fn an_address_is_limited_except_for_its_proven_keys() {
        let limits = SignatureLimits::new(3, 0);
        fail(&limits, HERE, "nobody", 1);
        limits.succeeded(HERE, "anna");
        (0..3).for_each(|number| limits.failed(HERE, &format!("made-up-{number}")));
        assert!(limits.admit(HERE, "another").is_err());
        assert!(limits.admit(HERE, "bert").is_err());
        assert_eq!(limits.admit(HERE, "anna"), Ok(()));
        assert_eq!(limits.admit(THERE, "bert"), Ok(()));
    }

    #[test]
    fn of_ipv6_the_network_counts_and_0_is_no_limit() {
        let limits = SignatureLimits::new(1, 0);
        let of = |text: &str| text.parse::<IpAddr>().unwrap();
        fail(&limits, of("2001:db8:1:2::1"), "anna", 1);
        fail(&limits, of("2001:db8:1:2::2"), "bert", 1);
        assert!(limits.admit(of("2001:db8:1:2::3"), "else").is_err());
        assert_eq!(limits.admit(of("2001:db8:1:3::3"), "else"), Ok(()));
        let off = SignatureLimits::new(0, 0);
        fail(&off, HERE, "anna", 1000);
        assert_eq!(off.admit(HERE, "anna"), Ok(()));
    }

    #[test]
    fn entries_are_bounded_and_dropped() {
        let limits = SignatureLimits::new(60_000, 1);
        for number in 0..MAX_ENTRIES + 1 {
            fail(&limits, HERE, &format!("key-{number}"), 2);
        }
        assert!(entries(&limits.of_key.waiting).len() <= MAX_ENTRIES);
        limits.forget();
        assert!(limits.failures.load(Ordering::Relaxed));
        let fast = SignatureLimits::new(60_000, 60_000);
        fail(&fast, HERE, "anna", 1);
        std::thread::sleep(Duration::from_millis(10));
        fast.forget();
        assert!(!fast.failures.load(Ordering::Relaxed));
    }
}
