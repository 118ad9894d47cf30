//! The server's own log, on standard error.

use crate::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Writes the server's own log to standard error; `RUST_LOG` sets the level. Has no effect if the program already has a
/// subscriber.
pub fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Fails if a subscriber is already set, which then stays in use.
    let _ = match format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
