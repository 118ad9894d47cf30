//! The logins that came back from their provider. Each comes back once.

use crate::revision::lock;
use rolecall::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// Logins whose code the provider took, or is asked about, that are remembered until they would be over anyway.
const MAX_CODES: usize = 1_000_000;

/// Logins that failed and are remembered. Of more the oldest is forgotten.
const MAX_FAILED_CODES: usize = 10_000;

/// Half the digest of a state.
type Key = [u8; 16];

/// The states of logins that came back, with the instants until which they would be taken, in milliseconds.
///
/// Anybody can begin logins and come back from them with a code that the provider never gave. Such logins are kept apart, so
/// that they push out nobody's but each other: where one of those is forgotten and comes back again, nobody is logged in by it
/// either.
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

/// A login whose code the provider is asked about. Where it is dropped, rather than kept, the login failed.
#[derive(Debug)]
pub(crate) struct Redeeming<'r> {
    redeemed: &'r Redeemed,
    key: Option<Key>,
}

impl Redeeming<'_> {
    /// Remembers that the provider took the code of the login.
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
    /// Forgets the logins that would not be taken any more.
    fn expire(&mut self, now: Timestamp) {
        self.taken.retain(|_, until| *until > now.as_millis());
        self.failed.retain(|(_, until)| *until > now.as_millis());
    }

    fn knows(&self, key: &Key) -> bool {
        self.taken.contains_key(key) || self.failed.iter().any(|(failed, _)| failed == key)
    }
}

impl Redeemed {
    /// Notes that a login came back. Returns nothing where it came back before, or where too many logins are remembered.
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

    /// Forgets the logins that would not be taken any more.
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
    fn a_login_comes_back_once() {
        let redeemed = Redeemed::default();
        assert!(took(&redeemed, "a", 1_000, 0) && took(&redeemed, "b", 2_000, 0));
        assert!(!took(&redeemed, "a", 1_000, 999) && !took(&redeemed, "b", 2_000, 999));
        let asked = redeemed.take("c", 1_000, at(0)).unwrap();
        assert!(redeemed.take("c", 1_000, at(0)).is_none(), "the provider is being asked");
        drop(asked);
        assert!(redeemed.take("c", 1_000, at(0)).is_none(), "the provider refused");
        assert_eq!(counts(&redeemed), (2, 1));
        redeemed.expire(at(1_000));
        assert_eq!(counts(&redeemed), (1, 0));
        assert!(!took(&redeemed, "b", 2_000, 1_500));
    }

    #[test]
    fn codes_that_the_provider_refuses_push_nobody_out() {
        let redeemed = Redeemed { most: 3, most_failed: 2, ..Redeemed::default() };
        assert!(took(&redeemed, "real", 9_000, 0));
        for number in 0..100 {
            drop(redeemed.take(&format!("stranger {number}"), 9_000, at(0)).unwrap());
            assert!(counts(&redeemed).1 <= 2, "{:?}", counts(&redeemed));
        }
        assert!(!took(&redeemed, "real", 9_000, 1), "the real login still counts");
        assert!(!took(&redeemed, "stranger 99", 9_000, 1) && !took(&redeemed, "stranger 98", 9_000, 1));
        assert!(took(&redeemed, "another", 9_000, 1) && took(&redeemed, "a third", 9_000, 1));
        assert!(!took(&redeemed, "one more", 9_000, 8_999), "no more are taken than there is room for");
        assert!(took(&redeemed, "one more", 19_000, 9_000), "until the others would be over");
        assert_eq!(counts(&redeemed), (1, 0));
    }
}
