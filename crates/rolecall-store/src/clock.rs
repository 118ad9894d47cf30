//! The clock: the times that a command may have.

use crate::code::StoreCode;
use rolecall::Timestamp;
use std::fmt;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The number of days that a command may be after the last known time. That is the time of the last event, or a later
/// time at which a server [saw the clock](crate::Administration::see_clock). A clock that is further ahead is
/// considered wrong: its event would end temporary access, and time does not go back by itself.
pub const DAYS_AHEAD: i64 = 90;

/// The number of days that a command may be before the last event. Such a command gets the time of the last event. If
/// the difference is greater, the clock of the last event is considered wrong.
pub const DAYS_BEHIND: i64 = 1;

/// Decides on a command whose time is far from the last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockJumpPolicy {
    /// Rejects the command.
    Reject,
    /// Accepts the time, even before the last event. Administration can then continue after a wrong clock.
    Accept,
}

/// A time that is too far from the last known time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClockJump {
    /// The given time.
    pub given: Timestamp,
    /// The time of the last event, or a later time at which a server saw the clock.
    pub last: Timestamp,
    /// Whether `last` is the time of the last event.
    pub is_event: bool,
}

impl ClockJump {
    /// The error code.
    pub const CODE: &str = StoreCode::ClockJump.as_str();

    /// Returns a way out, for the error message.
    #[must_use]
    pub fn help(&self) -> &'static str {
        if self.given > self.last {
            "check the clock of this machine; if it is right, nothing was changed for that long: `--allow-time-jump` executes this \
             command, and `rolecall admin set-clock` lets administration continue from now"
        } else {
            "check the clock of this machine; if it is right, `rolecall admin set-clock` lets administration continue from now, \
             and `--allow-time-jump` accepts the time of one command"
        }
    }
}

impl fmt::Display for ClockJump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { given, last, is_event } = self;
        let (side, most) = if given > last { ("after", DAYS_AHEAD) } else { ("before", DAYS_BEHIND) };
        let days = given.as_millis().abs_diff(last.as_millis()) / DAY.unsigned_abs();
        let known = if *is_event { "the last event" } else { "a server last saw the clock" };
        write!(f, "the time {given} is {days} days {side} {known}, at {last}; at most {most} are accepted")
    }
}

impl std::error::Error for ClockJump {}

/// The times that are known before a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockState {
    /// The time of the last event.
    pub(crate) last: Timestamp,
    /// The time at which a server last saw the clock.
    pub(crate) seen: Option<Timestamp>,
}

impl ClockState {
    /// Returns the time of an event: that of its command, but never before the last event.
    pub(crate) fn event(self, given: Timestamp, jump: ClockJumpPolicy) -> Result<Timestamp, ClockJump> {
        match jump {
            ClockJumpPolicy::Accept => Ok(given),
            ClockJumpPolicy::Reject => self.check(given).map(|()| given.max(self.last)),
        }
    }

    /// Rejects a time that is too far from the known times.
    fn check(self, given: Timestamp) -> Result<(), ClockJump> {
        let Self { last, seen } = self;
        let latest = seen.map_or(last, |seen| seen.max(last));
        if after(given, last) < -DAYS_BEHIND * DAY {
            return Err(ClockJump { given, last, is_event: true });
        }
        if after(given, latest) > DAYS_AHEAD * DAY {
            return Err(ClockJump { given, last: latest, is_event: latest == last });
        }
        Ok(())
    }

    /// Returns whether to store the current time of a server: once a day, and also if the clock was set back.
    pub(crate) fn is_news(self, now: Timestamp) -> Result<bool, ClockJump> {
        self.check(now)?;
        let known = self.seen.map_or(self.last, |seen| if seen < now { seen.max(self.last) } else { seen });
        Ok(after(now, known).abs() >= DAY)
    }
}

/// Returns the milliseconds from `known` to `given`.
fn after(given: Timestamp, known: Timestamp) -> i64 {
    given.as_millis().saturating_sub(known.as_millis())
}
