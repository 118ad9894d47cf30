//! A request and its response, with the side that waits for the other.

use crate::connection::Connection;
use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A request in progress, until its response is delivered or abandoned.
#[derive(Debug)]
pub(crate) struct Exchange {
    connection: Arc<Connection>,
    /// Whether this server must act next.
    ours: bool,
}

impl Exchange {
    pub(crate) fn begin(connection: &Arc<Connection>) -> Self {
        connection.begin_request();
        connection.wait_for_us(true);
        Self { connection: Arc::clone(connection), ours: true }
    }

    fn wait_for_us(&mut self, ours: bool) {
        if self.ours != ours {
            self.ours = ours;
            self.connection.wait_for_us(ours);
        }
    }

    /// Returns the body of the response; its end also ends the exchange.
    pub(crate) fn response(mut self, body: Body) -> Response {
        self.wait_for_us(false);
        Response { body, exchange: self }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.wait_for_us(false);
        self.connection.end_request();
    }
}

/// The body of the response.
#[derive(Debug)]
pub(crate) struct Response {
    body: Body,
    exchange: Exchange,
}

impl HttpBody for Response {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.exchange.wait_for_us(polled.is_pending());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of the request.
#[derive(Debug)]
pub(crate) struct Request {
    body: Incoming,
    connection: Arc<Connection>,
    awaited: bool,
}

impl Request {
    pub(crate) fn new(body: Incoming, connection: &Arc<Connection>) -> Self {
        Self { body, connection: Arc::clone(connection), awaited: false }
    }

    fn set_awaited(&mut self, awaited: bool) {
        if self.awaited != awaited {
            self.awaited = awaited;
            self.connection.await_body(awaited);
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.set_awaited(false);
    }
}

impl HttpBody for Request {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.set_awaited(polled.is_pending());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
