//! The clock: which instants a command may have.

use rolecall::Instant;
use std::fmt;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// How many days after the last event a command may be given. A clock that is further ahead is taken for a wrong one: its
/// event would end what is temporary, and time does not go back by itself.
pub const DAYS_AHEAD: i64 = 90;

/// How many days before the last event a command may be given. Such a command gets the instant of the last event: time
/// stands still. Where it is more, the last event is taken for one of a wrong clock.
pub const DAYS_BEHIND: i64 = 1;

/// What becomes of an instant that is far from the last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// The command is refused.
    Refused,
    /// The command gets the instant, also one before the last event: so administration comes back from a clock that was
    /// wrong.
    Accepted,
}

/// An instant that is too far from the last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jumped {
    /// The instant that was given.
    pub given: Instant,
    /// The instant of the last event.
    pub last: Instant,
}

impl Jumped {
    /// The code of this refusal.
    pub const CODE: &str = "time.jump";

    /// What to do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        "check the clock of this machine; where it is right, `rolecall admin set-clock` lets administration continue from now, \
         and `--allow-time-jump` accepts the time of one command"
    }
}

impl fmt::Display for Jumped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { given, last } = self;
        let (side, most) = if given > last { ("after", DAYS_AHEAD) } else { ("before", DAYS_BEHIND) };
        let days = given.as_millis().abs_diff(last.as_millis()) / DAY.unsigned_abs();
        write!(f, "the time {given} is {days} days {side} the last event, at {last}; at most {most} are accepted")
    }
}

impl std::error::Error for Jumped {}

/// The instant of an event: that of its command, and never before the last event.
pub(crate) fn instant(given: Instant, last: Instant, jump: Jump) -> Result<Instant, Jumped> {
    let after = given.as_millis().saturating_sub(last.as_millis());
    match jump {
        Jump::Accepted => Ok(given),
        Jump::Refused if (-DAYS_BEHIND * DAY..=DAYS_AHEAD * DAY).contains(&after) => Ok(given.max(last)),
        Jump::Refused => Err(Jumped { given, last }),
    }
}
