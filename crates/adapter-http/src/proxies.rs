//! The client address behind proxies. `fuzz/fuzz_targets/forwarded.rs` includes this file, because anybody can send these
//! headers.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// The proxies in front of the API, and the header in which they name the client.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// Their networks. The header is ignored in requests from other addresses.
    pub trusted: Vec<IpNet>,
    /// The header that they write.
    pub header: ForwardedHeader,
}

/// The header that a proxy writes. Only one is read, because a proxy passes the other on as the client sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, of RFC 7239.
    Forwarded,
}

impl Proxies {
    /// The name of the header.
    #[must_use]
    pub const fn header_name(&self) -> &'static str {
        match self.header {
            ForwardedHeader::XForwardedFor => "x-forwarded-for",
            ForwardedHeader::Forwarded => "forwarded",
        }
    }

    /// The address of the client: the peer, or behind trusted proxies the right-most address of these headers that is not
    /// one of theirs.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &[&str]) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in headers.iter().rev().flat_map(|header| header.rsplit(',')) {
            if !self.trusted.iter().any(|network| network.contains(&client)) {
                break;
            }
            // An invalid address cannot be trusted any further: the proxy that passed it on counts as the client.
            let Some(address) = self.header.address(hop.trim()) else { break };
            client = address.to_canonical();
        }
        client
    }
}

impl ForwardedHeader {
    fn address(self, hop: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => address(hop),
            Self::Forwarded => {
                let mut pairs = hop.split(';').filter_map(|pair| pair.trim().split_once('='));
                let (_, node) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
                address(node.trim_matches('"'))
            }
        }
    }
}

/// Parses an address as proxies write it: with or without a port, IPv6 with a port in brackets.
fn address(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split_once(']')?.0.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    text.parse().ok().or_else(|| text.parse().ok().map(|socket: std::net::SocketAddr| socket.ip()))
}

/// The part of an address that limits count: of IPv6 the network of 64 bits. An IPv4 address that arrives on an IPv6
/// socket counts as on an IPv4 socket.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ForwardedHeader, peer: &str, headers: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).into();
        Proxies { trusted, header }.client(peer.parse().unwrap(), headers).to_string()
    }

    #[test]
    fn the_right_most_address_that_is_not_a_proxy_is_the_client() {
        let table: [(&str, &[&str], &str); 9] = [
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["198.51.100.1", "203.0.113.7, 10.2.3.4"], "203.0.113.7"),
            ("10.0.0.1", &["203.0.113.7:4711, [fd00::1]:80"], "203.0.113.7"),
            ("::ffff:10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &["203.0.113.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
            ("198.51.100.9", &["203.0.113.7"], "198.51.100.9"),
        ];
        for (peer, headers, expected) in table {
            assert_eq!(client(ForwardedHeader::XForwardedFor, peer, headers), expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn forwarded_has_its_own_syntax() {
        let table = [
            ("for=198.51.100.1, for=203.0.113.7;proto=https", "203.0.113.7"),
            ("For=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("for=_hidden", "10.0.0.1"),
            ("203.0.113.7", "10.0.0.1"),
        ];
        for (text, expected) in table {
            assert_eq!(client(ForwardedHeader::Forwarded, "10.0.0.1", &[text]), expected, "{text}");
        }
    }

    #[test]
    fn of_ipv6_the_network_of_64_bits_counts() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
        assert_ne!(of("::ffff:203.0.113.7"), of("::ffff:203.0.113.8"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
    }
}
