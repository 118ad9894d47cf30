//! Exit statuses, and the input and output that all commands share.

use crate::report::Failure;
use rolecall::{RequestError, Timestamp};
use std::fmt::Display;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// The exit status of a command that does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// The answer is allow, or the command succeeded.
    Allow,
    /// The answer is deny.
    Deny,
    /// The input is malformed.
    Malformed,
}

/// Returns the time of a question about everyone.
pub(crate) fn read_time(time: Option<&str>) -> Result<Timestamp, RequestError> {
    time.map_or_else(|| Ok(now()), |time| Timestamp::read(time, "time"))
}

/// Returns the time of this machine. The core reads no clock.
pub(crate) fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(millis).unwrap_or(Timestamp::MAX)
}

/// Prints a line to standard output. A closed pipe is a failure, not a panic.
pub(crate) fn println(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}

/// Prints a value as canonical JSON.
pub(crate) fn print(value: &impl serde::Serialize) -> Result<(), Failure> {
    println(&rolecall_contract::canonical(value))
}

/// Prints an answer: canonical JSON for programs, a report for people.
pub(crate) fn print_answer<T: serde::Serialize>(
    json: bool,
    answer: &T,
    report: impl FnOnce(&T),
) -> Result<(), Failure> {
    if json {
        return println(&rolecall_contract::canonical(answer));
    }
    report(answer);
    Ok(())
}

/// Returns a count with its noun, such as `1 role` and `2 roles`. `plural` ends in `s`.
pub(crate) fn counted(count: impl Display + From<u8> + PartialEq, plural: &str) -> String {
    let noun = if count == 1.into() { plural.strip_suffix('s').unwrap_or(plural) } else { plural };
    format!("{count} {noun}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_counted_in_the_singular() {
        assert_eq!([0_u64, 1, 2].map(|count| counted(count, "roles")), ["0 roles", "1 role", "2 roles"]);
    }
}
