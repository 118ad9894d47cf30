//! Random timestamps.

use crate::random::Random;

/// The time around which all worlds are made: 2026-11-21T10:00:00Z.
pub(super) const NOON: i64 = 1_795_255_200_000;
const HOUR: i64 = 3_600_000;

pub(super) fn instant(random: &mut Random, millis: i64) -> String {
    let shifted = jiff::Timestamp::from_millisecond(millis).unwrap();
    let digits = if millis % 1000 == 0 && random.chance(70) {
        String::new()
    } else {
        format!(".{:03}", millis.rem_euclid(1000))
    };
    if random.chance(20) {
        let local = shifted + jiff::SignedDuration::from_mins(90);
        format!("{}{digits}+01:30", local.strftime("%Y-%m-%dT%H:%M:%S"))
    } else {
        format!("{}{digits}Z", shifted.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

/// Returns a time near noon, often on a whole hour, to hit edges.
pub(super) fn near(random: &mut Random) -> i64 {
    let hours = random.between(0, 12) as i64 - 6;
    NOON + hours * HOUR + *random.pick(&[0, 0, 0, 0, 1, -1, 1500])
}
