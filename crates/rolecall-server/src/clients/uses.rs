//! The last use of each secret. Uses wait in memory and are stored at most once a minute for each secret.

use crate::proxies::Client;
use crate::revision::lock;
use rolecall::Timestamp;
use rolecall_store::SecretUse;
use std::collections::HashMap;
use std::sync::Mutex;

/// The time between two writes of the last use of a secret, in milliseconds.
const BETWEEN: i64 = 60_000;

#[derive(Debug)]
struct Used {
    last: SecretUse,
    /// When the use was last taken for the store.
    taken: Option<Timestamp>,
    waits: bool,
}

/// The last uses of the secrets that this process saw. Only valid secrets are recorded, so their number bounds the map.
#[derive(Debug, Default)]
pub(crate) struct SecretUses(Mutex<HashMap<(String, String), Used>>);

impl SecretUses {
    /// Records a use of a secret, or of a token that was issued for it.
    pub(crate) fn record(&self, subject: &str, secret: &str, client: Client, now: Timestamp) {
        let last = SecretUse { subject: subject.into(), secret: secret.into(), time: now, ip: client.text() };
        let mut uses = lock(&self.0);
        let used = uses.entry((subject.into(), secret.into()));
        let used = used.or_insert_with(|| Used { last: last.clone(), taken: None, waits: true });
        (used.last, used.waits) = (last, true);
    }

    /// Takes the uses that are due, or all that wait. Give those that cannot be stored [back](Self::put_back).
    pub(crate) fn take(&self, now: Timestamp, all: bool) -> Vec<SecretUse> {
        let is_due = |taken: Timestamp| now.as_millis().saturating_sub(taken.as_millis()) >= BETWEEN;
        let mut uses = lock(&self.0);
        let due = uses.values_mut().filter(|used| used.waits && (all || used.taken.is_none_or(is_due)));
        let taken = due.map(|used| {
            (used.taken, used.waits) = (Some(now), false);
            used.last.clone()
        });
        taken.collect()
    }

    pub(crate) fn put_back(&self, uses: Vec<SecretUse>) {
        let mut all = lock(&self.0);
        for one in uses {
            if let Some(used) = all.get_mut(&(one.subject, one.secret)) {
                (used.taken, used.waits) = (None, true);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_stored_at_most_once_a_minute_and_the_last_one_is() {
        let at = |millis: i64| Timestamp::from_millis(1_800_000_000_000 + millis).unwrap();
        let from = |last: u8| Client::at([203, 0, 113, last]);
        let uses = SecretUses::default();
        let mut stored = Vec::new();
        for second in 0..180 {
            uses.record("app:a", "1", from(1), at(second * 1_000));
            stored.extend(uses.take(at(second * 1_000), false));
        }
        assert_eq!(stored.iter().map(|one| one.time).collect::<Vec<_>>(), [at(0), at(60_000), at(120_000)]);
        assert!(uses.take(at(179_000), false).is_empty());
        uses.record("app:a", "2", from(2), at(179_500));
        let other = uses.take(at(179_500), false);
        assert_eq!((other.len(), other[0].ip.as_deref()), (1, Some("203.0.113.2")));
        // A store that is busy gets the use at the next attempt.
        uses.put_back(other);
        assert_eq!(uses.take(at(179_750), false).len(), 1);
        // At the end, everything that waits is stored.
        assert_eq!(uses.take(at(180_000), true)[0].time, at(179_000));
        assert!(uses.take(at(300_000), true).is_empty());
    }
}
