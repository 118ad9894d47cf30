//! The only module that reads the clock.

use rolecall::Timestamp;
use std::time::{self, Duration, SystemTime, UNIX_EPOCH};

/// How far the clock may run ahead of monotonic time while the server runs. Some systems do not count sleep as
/// monotonic time. A server that slept longer than this follows the clock only after a restart.
const SLACK: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Timestamp::from_millis).unwrap_or(Timestamp::MAX)
}

/// A reading of the clock, together with monotonic time, which setting the clock does not change.
pub(crate) struct ClockReading {
    pub(crate) wall: Timestamp,
    at: time::Instant,
}

impl ClockReading {
    pub(crate) fn now() -> Self {
        Self { wall: now(), at: time::Instant::now() }
    }

    /// Returns whether the clock was set ahead between this reading and a later one. A clock that was set back has its
    /// own check.
    pub(crate) fn jumps_to(&self, later: &Self) -> bool {
        let wall = later.wall.as_millis().saturating_sub(self.wall.as_millis());
        let passed = later.at.saturating_duration_since(self.at).saturating_add(SLACK);
        u128::try_from(wall).is_ok_and(|wall| wall > passed.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60;
    const DAY: i64 = 24 * 60 * 60 * 1000;

    #[test]
    #[allow(clippy::unwrap_used)]
    fn the_clock_is_followed_at_the_pace_of_monotonic_time() {
        let first = ClockReading { wall: Timestamp::from_millis(0).unwrap(), ..ClockReading::now() };
        let after = |hours: u64, millis: i64| {
            let at = first.at + Duration::from_secs(hours * HOUR);
            ClockReading { wall: Timestamp::from_millis(millis).unwrap(), at }
        };
        let hour = HOUR as i64 * 1000;
        assert!(!first.jumps_to(&after(1, hour)));
        assert!(!first.jumps_to(&after(1, hour + DAY)));
        assert!(first.jumps_to(&after(1, hour + DAY + 1)));
        assert!(first.jumps_to(&after(1, 89 * DAY)));
        // A long time between two readings, and a clock that was set back.
        assert!(!first.jumps_to(&after(24 * 89, 89 * DAY)));
        assert!(!first.jumps_to(&after(1, -89 * DAY)));
    }
}
