//! The logins that came back from their provider. Each comes back once.

use crate::world::lock;
use rolecall::Instant;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;

/// Logins that are remembered, until they would be over anyway.
const MOST: usize = 1_000_000;

/// The states of logins that came back, by half a digest, with the instants until which they would be taken, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Redeemed(Mutex<HashMap<[u8; 16], i64>>);

impl Redeemed {
    /// Notes that a login came back. Returns false where it came back before, or where too many logins are remembered.
    pub(crate) fn take(&self, state: &str, until: i64, now: Instant) -> bool {
        let digest = Sha256::digest(state);
        let key: [u8; 16] = digest.first_chunk().copied().unwrap_or_default();
        let mut all = lock(&self.0);
        if all.len() >= MOST {
            all.retain(|_, until| *until > now.as_millis());
        }
        all.len() < MOST && all.insert(key, until).is_none()
    }

    /// Forgets the logins that would not be taken any more.
    pub(crate) fn tidy(&self, now: Instant) {
        lock(&self.0).retain(|_, until| *until > now.as_millis());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_comes_back_once() {
        let redeemed = Redeemed::default();
        let at = |millis| Instant::from_millis(millis).unwrap();
        assert!(redeemed.take("a", 1_000, at(0)) && redeemed.take("b", 2_000, at(0)));
        assert!(!redeemed.take("a", 1_000, at(999)) && !redeemed.take("b", 2_000, at(999)));
        redeemed.tidy(at(1_000));
        assert_eq!(redeemed.0.lock().unwrap().len(), 1);
        assert!(!redeemed.take("b", 2_000, at(1_500)));
    }
}
