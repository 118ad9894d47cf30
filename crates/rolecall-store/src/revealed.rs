//! Reads private values back.

use crate::administration::Administration;
use crate::chain;
use crate::error::StoreError;
use crate::private_record::PrivateRecord;
use crate::store::Store;
use rolecall_admin::Private;

impl<S: Store> Administration<S> {
    /// Returns personal data, or `None` if it was erased or is a secret. Return it only to readers whom the policy
    /// permits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reveal(&self, value: &Private) -> Result<Option<String>, StoreError> {
        Ok(self.record_of(value)?.filter(|record| !record.is_secret).and_then(|record| record.value))
    }

    /// Returns a secret, or `None` if it was replaced or is not a secret. Never return it to a reader.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn secret(&self, value: &Private) -> Result<Option<String>, StoreError> {
        Ok(self.record_of(value)?.filter(|record| record.is_secret).and_then(|record| record.value))
    }

    pub(crate) fn record_of(&self, value: &Private) -> Result<Option<PrivateRecord>, StoreError> {
        let Some(seal) = value.seal().and_then(chain::from_hex) else { return Ok(None) };
        match self.store().private(&seal)? {
            // It may decide who logs in, so it is compared with its seal whenever it is read.
            Some(record) if !record.is_whole() => {
                let what = "a private value differs from its seal".to_string();
                Err(StoreError::Tampered { seq: self.log.state.events(), what })
            }
            found => Ok(found),
        }
    }
}
