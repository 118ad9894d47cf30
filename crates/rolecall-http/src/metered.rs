//! Counts the bytes of a connection.

use crate::open::Slot;
use crate::tapped::{Tap, Tapped};
use std::io;
use std::sync::Arc;
use std::task::Poll;
use tokio::net::TcpStream;

/// A stream whose bytes are counted. It holds the connection's slot, even after an upgrade to another protocol.
pub(crate) type Metered = Tapped<TcpStream, Meter>;

/// Counts bytes as sent over the network.
#[derive(Debug)]
pub(crate) struct Meter(Arc<Slot>);

impl Meter {
    pub(crate) fn of(slot: Arc<Slot>) -> Self {
        Self(slot)
    }
}

impl Tap for Meter {
    fn read(&mut self, bytes: &[u8]) {
        self.0.connection.has_read(bytes.len());
    }

    fn wrote(&mut self, result: &Poll<io::Result<usize>>) {
        match result {
            Poll::Ready(Ok(bytes)) => self.0.connection.has_written(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.0.connection.is_blocked(),
        }
    }
}
