//! A session made portable: the answers for one subject at some scopes, from an instant on, in a few hundred bytes. That
//! instant is some seconds before the one of the session ([`limits::PORTABLE_EARLY_MILLIS`](crate::types::limits::PORTABLE_EARLY_MILLIS)),
//! so that a machine whose clock is behind is answered. It is answered for the instant that it asks about, as ever.
//!
//! What is allowed is worked out when the bytes are made, for every instant from then on at which it changes. The bytes
//! hold no roles, no assignments and no reasons, and of menus only what is seen at some time: they may travel to a
//! browser. They are checksummed, which finds damage; whoever takes them from elsewhere must check a signature first.

mod build;
mod checksum;
mod decode;
mod encode;
mod session;

pub use build::Coverage;
pub use session::PortableSession;
