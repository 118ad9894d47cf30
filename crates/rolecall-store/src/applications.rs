//! The last use of the secrets of applications. Uses are stored next to the events and are not in the chain.

use crate::administration::Administration;
use crate::error::StoreError;
use crate::store::{SecretUse, Store, Transaction};
use rolecall_admin::{Context, LastUse, ListQuery, ListedApplication, Page, Refusal};
use std::collections::HashMap;

impl<S: Store> Administration<S> {
    /// Stores the last uses of secrets, all at once.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing was stored.
    pub fn set_secret_uses(&mut self, uses: &[SecretUse]) -> Result<(), StoreError> {
        let mut transaction = self.store.begin()?;
        uses.iter().try_for_each(|last| transaction.set_secret_use(last))?;
        transaction.commit()
    }

    /// Returns the applications at a scope and below, as [`State::list_applications`](rolecall_admin::State), with the
    /// last use of each secret.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn applications(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Result<Page<ListedApplication>, Refusal>, StoreError> {
        let mut listed = match self.state().list_applications(at, query, context) {
            Ok(listed) => listed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let uses = self.store.secret_uses()?;
        let uses: HashMap<_, _> = uses.iter().map(|one| ((&*one.subject, &*one.secret), one)).collect();
        for ListedApplication { subject, secrets, .. } in &mut listed.rows {
            for secret in secrets {
                let found = uses.get(&(&**subject, &*secret.id));
                secret.last_use = found.map(|one| LastUse::new(one.time.as_text(), one.ip.clone()));
            }
        }
        Ok(Ok(listed))
    }
}
