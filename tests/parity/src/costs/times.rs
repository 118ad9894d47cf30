//! Timestamps around that of every question.

use rolecall::Timestamp;

pub(super) const TIME: &str = "2026-11-21T10:00:00Z";

pub(super) fn time() -> Timestamp {
    Timestamp::parse(TIME).expect("a timestamp")
}

pub(super) fn later_by(seconds: usize) -> String {
    Timestamp::from_millis(time().as_millis() + 1000 * (1 + seconds as i64)).expect("a timestamp").to_string()
}

pub(super) fn before_by(seconds: usize) -> String {
    Timestamp::from_millis(time().as_millis() - 1000 * (1 + seconds as i64)).expect("a timestamp").to_string()
}
