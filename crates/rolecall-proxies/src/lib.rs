//! Finds the address of a client behind trusted proxies, from the lines of `X-Forwarded-For`.
//!
//! ```
//! use rolecall_proxies::Proxies;
//!
//! let proxies = Proxies::parse(&["10.0.0.0/8"])?;
//! let lines: [&[u8]; 1] = [b"203.0.113.7, 10.0.0.2"];
//! assert_eq!(proxies.client("10.0.0.1".parse()?, lines.into_iter()), Some("203.0.113.7".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod proxies;

pub use proxies::{NotANetwork, Proxies, address};
