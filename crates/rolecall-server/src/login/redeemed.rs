//! Records the logins that returned from their provider. Each is accepted once.

use crate::revision::lock;
use rolecall::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// Completed or running logins to remember until they would expire anyway.
const MAX_CODES: usize = 1_000_000;

/// Failed logins to remember. Further ones replace the oldest.
const MAX_FAILED_CODES: usize = 10_000;

/// Half the digest of a state.
type Key = [u8; 16];

/// The states of logins that returned, with their expiry in milliseconds.
///
/// Anyone can begin logins and return with a code that the provider never issued. Such failed logins are remembered
/// separately, so that they replace only each other. A forgotten one that returns again still creates no session.
#[derive(Debug)]
pub(crate) struct Redeemed {
    all: Mutex<RedeemedCodes>,
    most: usize,
    most_failed: usize,
}

#[derive(Debug, Default)]
struct RedeemedCodes {
    taken: HashMap<Key, i64>,
    failed: VecDeque<(Key, i64)>,
}

impl Default for Redeemed {
    fn default() -> Self {
        Self { all: Mutex::default(), most: MAX_CODES, most_failed: MAX_FAILED_CODES }
    }
}

/// A login whose code is being exchanged. Dropping it records a failure.
#[derive(Debug)]
pub(crate) struct Redeeming<'r> {
    redeemed: &'r Redeemed,
    key: Option<Key>,
}

impl Redeeming<'_> {
    /// Records that the provider accepted the code of the login.
    pub(crate) fn keep(mut self) {
        self.key = None;
    }
}

impl Drop for Redeeming<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.redeemed.fail(key);
        }
    }
}

impl RedeemedCodes {
    /// Forgets expired logins.
    fn expire(&mut self, now: Timestamp) {
        self.taken.retain(|_, until| *until > now.as_millis());
        self.failed.retain(|(_, until)| *until > now.as_millis());
    }

    fn knows(&self, key: &Key) -> bool {
        self.taken.contains_key(key) || self.failed.iter().any(|(failed, _)| failed == key)
    }
}

impl Redeemed {
    /// Records that a login returned. Returns `None` if it returned before, or if too many logins are remembered.
    pub(crate) fn take(&self, state: &str, until: i64, now: Timestamp) -> Option<Redeeming<'_>> {
        let digest = Sha256::digest(state);
        let key: Key = digest.first_chunk().copied().unwrap_or_default();
        let mut all = lock(&self.all);
        if all.taken.len() >= self.most {
            all.expire(now);
        }
        if all.taken.len() >= self.most || all.knows(&key) {
            return None;
        }
        all.taken.insert(key, until);
        Some(Redeeming { redeemed: self, key: Some(key) })
    }

    fn fail(&self, key: Key) {
        let mut all = lock(&self.all);
        let Some(until) = all.taken.remove(&key) else { return };
        if all.failed.len() >= self.most_failed {
            all.failed.pop_front();
        }
        all.failed.push_back((key, until));
    }

    /// Forgets expired logins.
    pub(crate) fn expire(&self, now: Timestamp) {
        lock(&self.all).expire(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn took(redeemed: &Redeemed, state: &str, until: i64, now: i64) -> bool {
        redeemed.take(state, until, at(now)).map(Redeeming::keep).is_some()
    }

    fn counts(redeemed: &Redeemed) -> (usize, usize) {
        let all = lock(&redeemed.all);
        (all.taken.len(), all.failed.len())
    }

    #[test]
    fn a_login_is_accepted_once() {
        let redeemed = Redeemed::default();
        assert!(took(&redeemed, "a", 1_000, 0) && took(&redeemed, "b", 2_000, 0));
        assert!(!took(&redeemed, "a", 1_000, 999) && !took(&redeemed, "b", 2_000, 999));
        let redeeming = redeemed.take("c", 1_000, at(0)).unwrap();
        assert!(redeemed.take("c", 1_000, at(0)).is_none(), "the code is being exchanged");
        drop(redeeming);
        assert!(redeemed.take("c", 1_000, at(0)).is_none(), "the provider rejected the code");
        assert_eq!(counts(&redeemed), (2, 1));
        redeemed.expire(at(1_000));
        assert_eq!(counts(&redeemed), (1, 0));
        assert!(!took(&redeemed, "b", 2_000, 1_500));
    }

    #[test]
    fn rejected_codes_replace_no_other_login() {
        let redeemed = Redeemed { most: 3, most_failed: 2, ..Redeemed::default() };
        assert!(took(&redeemed, "real", 9_000, 0));
        for number in 0..100 {
            drop(redeemed.take(&format!("stranger {number}"), 9_000, at(0)).unwrap());
            assert!(counts(&redeemed).1 <= 2, "{:?}", counts(&redeemed));
        }
        assert!(!took(&redeemed, "real", 9_000, 1), "the real login still counts");
        assert!(!took(&redeemed, "stranger 99", 9_000, 1) && !took(&redeemed, "stranger 98", 9_000, 1));
        assert!(took(&redeemed, "another", 9_000, 1) && took(&redeemed, "a third", 9_000, 1));
        assert!(!took(&redeemed, "one more", 9_000, 8_999), "no more are accepted than can be remembered");
        assert!(took(&redeemed, "one more", 19_000, 9_000), "until the others expire");
        assert_eq!(counts(&redeemed), (1, 0));
    }
}
