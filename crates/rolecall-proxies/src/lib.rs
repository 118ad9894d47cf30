//! Finds the address of a client behind trusted proxies, from the lines of `X-Forwarded-For`.

mod proxies;

pub use proxies::{NotANetwork, Proxies, address};
