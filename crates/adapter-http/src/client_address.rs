use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;

use crate::proxies::{Proxies, network};

/// Who asks, by address: of IPv6 the network of 64 bits, of which everybody has a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(IpAddr);

const NOBODY: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

impl ClientAddress {
    /// The address that a request comes from: the peer, or behind trusted proxies the right-most address that is not
    /// one of theirs.
    pub(crate) fn of(request: &HttpRequest, proxies: &Proxies) -> Self {
        let peer = request.peer_addr().map_or(NOBODY, |peer| peer.ip());
        let headers: Vec<&str> =
            request.headers().get_all(proxies.header_name()).map(|text| text.to_str().unwrap_or("?")).collect();
        Self(network(proxies.client(peer, &headers)))
    }
}
