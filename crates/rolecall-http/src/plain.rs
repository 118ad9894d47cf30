//! The decrypted bytes of a connection.

use crate::connection::Connection;
use crate::heads::Heads;
use crate::tapped::{Tap, Tapped};
use std::io;
use std::sync::Arc;
use std::task::Poll;

/// A stream whose request heads are parsed in parallel.
pub(crate) type Plain<S> = Tapped<S, HeadReader>;

/// Parses request heads, and marks a connection whose heads two servers could read differently.
#[derive(Debug)]
pub(crate) struct HeadReader {
    heads: Heads,
    connection: Arc<Connection>,
}

impl HeadReader {
    pub(crate) fn new(most: usize, connection: &Arc<Connection>) -> Self {
        Self { heads: Heads::new(most), connection: Arc::clone(connection) }
    }
}

impl Tap for HeadReader {
    fn read(&mut self, bytes: &[u8]) {
        if self.heads.take(bytes) {
            self.connection.set_ambiguous();
        }
    }

    fn wrote(&mut self, _: &Poll<io::Result<usize>>) {}
}
