//! Accepts HTTP connections and bounds them, so that no client can hold a server by being silent, idle or slow.
//!
//! | bound | what it closes |
//! |---|---|
//! | [`Bounds::head`] | a connection that sent no full request head yet: no bytes, half a head, half a TLS handshake, an HTTP/2 preface alone |
//! | [`Bounds::idle`] | a connection without a request in progress |
//! | [`Bounds::stall`] | a client that neither sends the body that is read nor reads the response, or does so at less than [`SLOWEST`] bytes a second |
//! | [`Bounds::connections`], [`Bounds::connections_each`] | the oldest connection without a request, where one more connection arrives than there may be |
//!
//! A response that the server is still producing, such as a stream of events, may take any time.
//!
//! ```no_run
//! # async fn serve(router: axum::Router) -> std::io::Result<()> {
//! use rolecall_http::{Bounds, Http};
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! Http::new(Bounds::default()).serve(listener, router, async { tokio::signal::ctrl_c().await.unwrap_or(()) }).await;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod bounds;
mod clarity;
mod connection;
mod exchange;
mod heads;
mod metered;
mod open;
mod plain;
mod serve;
mod source;
mod tapped;
mod tls;

pub use bounds::{Bounds, ConnectionLimits, SLOWEST, descriptors, most_connections};
pub use clarity::ambiguity;
pub use open::Counts;
pub use serve::Http;
pub use source::source;
pub use tls::Tls;
