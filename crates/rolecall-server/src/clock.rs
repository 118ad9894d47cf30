//! The one place that reads the clock.

use rolecall::Instant;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Instant::from_millis).unwrap_or(Instant::MAX)
}
