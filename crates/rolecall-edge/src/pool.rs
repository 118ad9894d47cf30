//! Instances that wait to be used again.

use crate::host::Host;
use crate::instance::Instance;
use anyhow::Result;
use std::sync::{Mutex, PoisonError};

/// Instances of one policy and one directory. A call takes one that waits, or makes one; an instance whose call failed
/// is not used again.
pub struct Pool {
    host: Host,
    policy: String,
    directory: String,
    waiting: Mutex<Vec<Instance>>,
}

impl Pool {
    /// Makes a pool, with its first instance, so that documents with issues are told at once.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn new(host: Host, policy: String, directory: String) -> Result<Self> {
        let first = host.instance(&policy, &directory)?;
        Ok(Self { host, policy, directory, waiting: Mutex::new(vec![first]) })
    }

    /// Calls an instance.
    ///
    /// # Errors
    /// As the call.
    pub fn call<T>(&self, call: impl FnOnce(&mut Instance) -> Result<T>) -> Result<T> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut instance = match waiting {
            Some(instance) => instance,
            None => self.host.instance(&self.policy, &self.directory)?,
        };
        let answer = call(&mut instance)?;
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
        Ok(answer)
    }
}
