//! The sockets of servers.

use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted: as many as the system allows, because a burst fills this queue first.
/// When it is full, the system drops connections, and clients try again after a second.
const BACKLOG: u32 = 4_096;

/// Binds a socket to an address, without listening on it. On Unix, an address whose last connections are still closing
/// counts as free.
///
/// # Errors
/// Errors of the system, such as that the address is in use or needs more rights.
pub fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Listens on an address. A burst of connections waits in a queue of 4,096, as far as the system allows it.
///
/// ```
/// # fn main() -> std::io::Result<()> { tokio::runtime::Builder::new_current_thread().enable_io().build()?.block_on(async {
/// let listener = rolecall_http::listen("127.0.0.1:0".parse().unwrap())?;
/// println!("listening on http://{}", listener.local_addr()?);
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// Those of [`bind`].
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    bind(address)?.listen(BACKLOG)
}
