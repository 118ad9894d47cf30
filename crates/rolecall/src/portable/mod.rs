//! Portable sessions: the answers for one subject at some scopes, in a few hundred bytes.
//!
//! A portable session covers the time from a few seconds before the time of its session
//! ([`limits::PORTABLE_EARLY_MILLIS`](crate::types::limits::PORTABLE_EARLY_MILLIS)), so that it also answers on
//! machines whose clock is behind. Each answer is for the time that is asked about.
//!
//! The answers are computed when the bytes are made, for every later time at which they change. The bytes contain no
//! roles, assignments and reasons, and only those menu items that are visible at some time, so you can send them to a
//! browser. A checksum detects damage, not forgery: if the bytes come from elsewhere, verify a signature first.

mod build;
mod checksum;
mod decode;
mod encode;
mod session;
mod view;

pub use build::Coverage;
pub use session::PortableSession;
pub use view::{View, ViewCoverage, ViewPart};
