//! Forwarded headers: an address that is not a trusted proxy is taken as the client, whatever headers it sends.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/adapter-http/src/proxies.rs"]
#[allow(dead_code, unreachable_pub, reason = "the API uses the rest")]
mod proxies;

use proxies::{ForwardedHeader, Proxies, network};

fuzz_target!(|input: (bool, u8, Vec<&str>)| {
    let (other, peer, headers) = input;
    let header = if other { ForwardedHeader::Forwarded } else { ForwardedHeader::XForwardedFor };
    let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().expect("a network")).into();
    let proxies = Proxies { trusted, header };
    let is_proxy = |address: IpAddr| proxies.trusted.iter().any(|network| network.contains(&address));
    let peers = [
        IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 9)),
        IpAddr::V6(Ipv4Addr::new(10, 0, 0, 9).to_ipv6_mapped()),
    ];
    let peer = peers[usize::from(peer) % peers.len()];
    let client = proxies.client(peer, &headers);
    // An IPv4-mapped address is the same client as the plain one.
    assert_eq!(client, client.to_canonical());
    if !is_proxy(peer.to_canonical()) {
        assert_eq!(client, peer, "the headers of an untrusted peer are used");
    }
    // Entries to the left of the first untrusted address change nothing.
    if !is_proxy(client) && !headers.is_empty() {
        let mut longer = vec!["198.51.100.1, for=198.51.100.1"];
        longer.extend(&headers);
        assert_eq!(proxies.client(peer, &longer), client);
    }
    assert_eq!(network(network(client)), network(client));
});
