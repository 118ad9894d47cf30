//! The clock: which instants a command may have.

use rolecall::Timestamp;
use std::fmt;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// How many days after the last known instant a command may be given: that of the last event, or a later one at which a
/// server [saw the clock](crate::Administration::see_clock). A clock that is further ahead is taken for a wrong one: its event
/// would end what is temporary, and time does not go back by itself.
pub const DAYS_AHEAD: i64 = 90;

/// How many days before the last event a command may be given. Such a command gets the instant of the last event: time
/// stands still. Where it is more, the last event is taken for one of a wrong clock.
pub const DAYS_BEHIND: i64 = 1;

/// Decides on a command whose time is far from the last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockJumpPolicy {
    /// Rejects the command.
    Reject,
    /// Accepts the time, even before the last event. Administration can then continue after a wrong clock.
    Accept,
}

/// An instant that is too far from the last known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockJump {
    /// The instant that was given.
    pub given: Timestamp,
    /// The instant of the last event, or a later one at which a server saw the clock.
    pub last: Timestamp,
    /// Whether `last` is that of the last event.
    pub is_event: bool,
}

impl ClockJump {
    /// The code of this refusal.
    pub const CODE: &str = "time.jump";

    /// What to do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        if self.given > self.last {
            "check the clock of this machine; where it is right, nothing was changed for that long: `--allow-time-jump` carries this \
             command out, and `rolecall admin set-clock` lets administration continue from now"
        } else {
            "check the clock of this machine; where it is right, `rolecall admin set-clock` lets administration continue from now, \
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

/// The instants that are known before a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockState {
    /// The instant of the last event.
    pub(crate) last: Timestamp,
    /// The instant at which a server saw the clock last.
    pub(crate) seen: Option<Timestamp>,
}

impl ClockState {
    /// The instant of an event: that of its command, and never before the last event.
    pub(crate) fn event(self, given: Timestamp, jump: ClockJumpPolicy) -> Result<Timestamp, ClockJump> {
        match jump {
            ClockJumpPolicy::Accept => Ok(given),
            ClockJumpPolicy::Reject => self.check(given).map(|()| given.max(self.last)),
        }
    }

    /// Refuses an instant that is too far from the known ones.
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

    /// Whether an instant at which a server sees the clock is to be kept: once a day, and also where the clock was set back.
    pub(crate) fn is_news(self, now: Timestamp) -> Result<bool, ClockJump> {
        self.check(now)?;
        let known = self.seen.map_or(self.last, |seen| if seen < now { seen.max(self.last) } else { seen });
        Ok(after(now, known).abs() >= DAY)
    }
}

/// Milliseconds from one instant to another.
fn after(given: Timestamp, known: Timestamp) -> i64 {
    given.as_millis().saturating_sub(known.as_millis())
}
