//! Accepts HTTP connections and limits them, so that silent, idle or slow clients cannot block a server.
//!
//! | limit | closes |
//! |---|---|
//! | [`Bounds::head`] | a connection that has sent no complete request head: no bytes, half a head, half a TLS handshake, an HTTP/2 preface alone |
//! | [`Bounds::idle`] | a connection without a request in progress |
//! | [`Bounds::stall`] | the connection of a client that sends its body, or reads the response, at less than [`SLOWEST`] bytes a second |
//! | [`Bounds::connections`], [`Bounds::connections_each`] | the oldest connection without a request, when a new connection exceeds the limit |
//!
//! A response that the server still produces, such as an event stream, has no time limit.
//!
//! ```no_run
//! use rolecall_http::{Bounds, Http, listen};
//!
//! async fn serve(router: axum::Router) -> std::io::Result<()> {
//!     let listener = listen(([127, 0, 0, 1], 8080).into())?;
//!     let stop = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
//!     Http::new(Bounds::default()).serve(listener, router, stop).await;
//!     Ok(())
//! }
//! ```
#![forbid(unsafe_code)]

mod bounds;
mod clarity;
mod connection;
mod exchange;
mod heads;
mod listen;
mod metered;
mod open;
mod plain;
mod serve;
mod source;
mod tapped;
mod tls;

pub use bounds::{Bounds, ConnectionLimits, SLOWEST, descriptors, most_connections};
pub use clarity::ambiguity;
pub use listen::{bind, listen};
pub use open::Counts;
pub use serve::Http;
pub use source::source;
pub use tls::{ClientCertificate, Tls};
