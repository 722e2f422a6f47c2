//! Places of which there is a limited number in all, and per client address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Addresses are forgotten once there are this many without a place.
const FORGET_AT: usize = 256;

/// A limited number of places.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    per_address: usize,
    addresses: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

/// A place, which is given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_address: Option<OwnedSemaphorePermit>,
}

impl Places {
    pub(crate) fn new(all: usize, per_address: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), per_address, addresses: Mutex::default() }
    }

    /// Waits for a place for this address; `None` if there is none within the time.
    pub(crate) async fn wait(&self, address: IpAddr, limit: Duration) -> Option<Place> {
        let of_address = self.of_address(address);
        let places = async {
            // First that of the address, so that whoever has none does not hold back others.
            let of_address = of_address.acquire_owned().await.ok()?;
            let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Place { _of_all: of_all, _of_address: Some(of_address) })
        };
        timeout(limit, places).await.ok().flatten()
    }

    /// Takes a place for this address, unless all are taken, those of the address are, or only `reserve` are left and the
    /// address has more than a few already. Without an address only the places in all count.
    pub(crate) fn take(&self, address: Option<IpAddr>, reserve: usize) -> Option<Place> {
        let of_address = match address {
            None => None,
            Some(address) => {
                let places = self.of_address(address);
                let taken = self.per_address.saturating_sub(places.available_permits());
                if self.all.available_permits() <= reserve && taken >= FEW {
                    return None;
                }
                Some(places.try_acquire_owned().ok()?)
            }
        };
        let of_all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Place { _of_all: of_all, _of_address: of_address })
    }

    fn of_address(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        if let Some(known) = addresses.get(&address).and_then(Weak::upgrade) {
            return known;
        }
        if addresses.len() >= FORGET_AT && addresses.len() == addresses.capacity() {
            addresses.retain(|_, places| places.strong_count() > 0);
        }
        let places = Arc::new(Semaphore::new(self.per_address));
        addresses.insert(address, Arc::downgrade(&places));
        places
    }
}

/// As many places an address may have while only the reserve is left.
const FEW: usize = 8;

/// The part of an address that limits count: of IPv6 the network of 64 bits. An IPv4 address that arrives on an IPv6
/// socket counts as on an IPv4 socket.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_address_takes_no_more_than_its_places() {
        let places = Places::new(10, 2);
        let _first = places.take(ip("10.0.0.1"), 0).unwrap();
        let second = places.take(ip("::ffff:10.0.0.1"), 0).unwrap();
        assert!(places.take(ip("10.0.0.1"), 0).is_none());
        assert!(places.take(ip("10.0.0.2"), 0).is_some());
        assert!(places.take(None, 0).is_some());
        drop(second);
        assert!(places.take(ip("10.0.0.1"), 0).is_some());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let places = Places::new(10, 1);
        let _taken = places.take(ip("2001:db8::1"), 0).unwrap();
        assert!(places.take(ip("2001:db8::2"), 0).is_none());
        assert!(places.take(ip("2001:db8:0:1::1"), 0).is_some());
    }

    #[test]
    fn the_last_places_are_for_those_who_have_few() {
        let places = Places::new(20, 20);
        let _taken: Vec<_> = (0..10).map(|_| places.take(ip("10.0.0.1"), 10).unwrap()).collect();
        assert!(places.take(ip("10.0.0.1"), 10).is_none());
        assert!(places.take(ip("10.0.0.2"), 10).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_a_place_or_the_time() {
        let places = Places::new(1, 1);
        let address = ip("10.0.0.1").unwrap();
        let taken = places.wait(address, Duration::from_secs(5)).await.unwrap();
        assert!(places.wait(address, Duration::from_secs(5)).await.is_none());
        let (waited, ()) = futures::join!(places.wait(address, Duration::from_secs(5)), async { drop(taken) });
        assert!(waited.is_some());
    }
}
