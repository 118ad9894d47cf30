//! Applications as OAuth 2.0 clients: their secrets, access tokens and last uses.
//!
//! An access token is signed, so a restart loses none while the keys of passes are in a file. Every use of a token looks
//! up its secret and its application in the current revision, so a token ends at once with either.

mod registry;
mod secret;
mod uses;

pub(crate) use registry::{Authenticated, ClientRefusal, Clients};
pub use secret::{ClientCredentials, SecretError, with_fresh_secret};
pub(crate) use uses::SecretUses;
