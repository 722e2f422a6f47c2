use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;

use crate::proxies::{Proxies, network};

/// The address of a client as limits count it: of IPv6 the network of 64 bits, because every client has a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(IpAddr);

const UNKNOWN: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

impl ClientAddress {
    pub(crate) fn of(request: &HttpRequest, proxies: &Proxies) -> Self {
        Self(network(client(request, proxies)))
    }
}

/// The address that a request comes from: the peer, or behind trusted proxies the right-most address that is not one
/// of theirs.
pub(crate) fn client(request: &HttpRequest, proxies: &Proxies) -> IpAddr {
    let peer = request.peer_addr().map_or(UNKNOWN, |peer| peer.ip());
    let headers: Vec<&str> =
        request.headers().get_all(proxies.header_name()).map(|text| text.to_str().unwrap_or("?")).collect();
    proxies.client(peer, &headers)
}
