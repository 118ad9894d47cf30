//! The actor, time and origin of a command.

use super::from::From;
use crate::output::{now, read_time};
use crate::report::Failure;
use rolecall::Timestamp;
use rolecall_admin::Context;
use rolecall_store::ClockJump;

/// The maximum distance of `--time` from the clock of this machine, in milliseconds: a day.
const MAX_DISTANCE_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// Returns the time of a command, which must be close to the clock of this machine unless `--allow-time-jump` is set.
pub(super) fn time(from: &From) -> Result<Timestamp, Failure> {
    let time = read_time(from.time.as_deref()).map_err(Failure::Question)?;
    let now = now();
    // A preview may be made for any time.
    if !from.allow_time_jump && !from.dry_run && time.as_millis().abs_diff(now.as_millis()) > MAX_DISTANCE_MILLIS {
        let side = if time > now { "after" } else { "before" };
        let days = time.as_millis().abs_diff(now.as_millis()) / MAX_DISTANCE_MILLIS;
        return Err(Failure::Refused {
            code: ClockJump::CODE,
            message: format!("`--time` {time} is {days} days {side} the clock of this machine, which is at {now}"),
            help: "omit `--time`, or set `--allow-time-jump` if this is intended",
        });
    }
    Ok(time)
}

/// Returns the context of a command.
pub(super) fn context(from: &From) -> Result<Context, Failure> {
    if from.actor.is_empty() {
        let why = "the actor is missing: name a subject with `--as` or in `ROLECALL_AS`";
        return Err(Failure::Conflict(why.to_string()));
    }
    let time = time(from)?;
    Ok(Context {
        actor: from.actor.clone(),
        time: time.as_text(),
        ip: from.ip.clone(),
        peer: None,
        login: from.login.clone(),
        second_factor: from.second_factor.then_some(true),
        last_activity: None,
        application: None,
        id: from.id.clone(),
        ..Context::default()
    })
}
