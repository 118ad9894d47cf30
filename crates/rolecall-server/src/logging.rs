//! The server's own log, on standard error.

use crate::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Begins to write what the server tells of itself to standard error; `RUST_LOG` says how much. Where a program has set up
/// another log, that one is used.
pub fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Another one may be set up already.
    let _ = match format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
