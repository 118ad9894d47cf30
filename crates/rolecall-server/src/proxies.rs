//! Where a request comes from, through the proxies in front.

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use rolecall_proxies::Proxies;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// In no range but that of everything.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Puts the client in the place of the proxy.
pub(crate) fn resolve(proxies: &Proxies, request: &mut Request) {
    if proxies.is_empty() {
        return;
    }
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let lines = request.headers().get_all(FORWARDED_FOR);
        // Where a proxy names something else than an address, the client comes from nowhere, rather than from the proxy.
        let client = proxies.client(peer.ip(), lines.iter().map(HeaderValue::as_bytes)).unwrap_or(NOWHERE);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.port())));
    }
}
