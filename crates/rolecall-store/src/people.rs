//! Lists with the names and e-mail addresses of people, for readers whom the policy permits.

use crate::administration::Administration;
use crate::audit::AuditFilter;
use crate::error::StoreError;
use crate::store::Store;
use rolecall_admin::{Access, Context, ListQuery, Operation, Private, Refusal, UserDetails};
use std::cell::RefCell;

impl<S: Store> Administration<S> {
    /// Returns the holders of roles at a scope and below, with the names and e-mail addresses of people.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn access(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Result<Access, Refusal>, StoreError> {
        self.revealing(|reveal| self.state().list_access_of_people(at, query, context, reveal))
    }

    /// Returns the details of one subject at a scope and below, with the last login that the audit log of the scope
    /// shows.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn user(&self, id: &str, at: &str, context: &Context) -> Result<Result<UserDetails, Refusal>, StoreError> {
        let found = self.revealing(|reveal| self.state().view_user(id, at, context, reveal))?;
        let Ok(mut user) = found else { return Ok(found) };
        let logins = AuditFilter {
            at: Some(at.to_string()),
            subject: Some(id.to_string()),
            operation: Some(Operation::Login),
            count: Some(1),
            ..AuditFilter::default()
        };
        user.last_login = self.audit(&logins)?.pop().map(|entry| entry.date);
        Ok(Ok(user))
    }

    /// Calls `show` with a function that returns the text of private values.
    fn revealing<T>(&self, show: impl FnOnce(&dyn Fn(&Private) -> Option<String>) -> T) -> Result<T, StoreError> {
        let failed = RefCell::new(None);
        let shown = show(&|value| {
            self.reveal(value).unwrap_or_else(|error| {
                failed.borrow_mut().get_or_insert(error);
                None
            })
        });
        failed.into_inner().map_or(Ok(shown), Err)
    }
}
