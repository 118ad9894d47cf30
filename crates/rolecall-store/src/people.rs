//! Lists with the names and e-mail addresses of people, for readers whom the policy permits.

use crate::administration::Administration;
use crate::error::StoreError;
use crate::store::Store;
use rolecall_admin::{
    Access, Context, Ending, InactiveAccount, ListQuery, Matrix, Page, PendingInvitation, Private, Refusal, UserDetails,
};
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

    /// Returns the details of one subject at a scope and below, with the name and the e-mail address.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn user(&self, id: &str, at: &str, context: &Context) -> Result<Result<UserDetails, Refusal>, StoreError> {
        self.revealing(|reveal| self.state().view_user(id, at, context, reveal))
    }

    /// Returns what ends soon at a scope and below, with the names of people.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn ending(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Result<Page<Ending>, Refusal>, StoreError> {
        self.revealing(|reveal| self.state().list_ending(at, query, context, reveal))
    }

    /// Returns the accounts at a scope and below that were not used for a while, with the names of people.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn inactive(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Result<Page<InactiveAccount>, Refusal>, StoreError> {
        self.revealing(|reveal| self.state().list_inactive(at, query, context, reveal))
    }

    /// Returns the invitations at a scope and below that are not accepted, with the e-mail addresses of people.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn invitations(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Result<Page<PendingInvitation>, Refusal>, StoreError> {
        self.revealing(|reveal| self.state().list_invitations(at, query, context, reveal))
    }

    /// Returns the roles that people hold at a scope and below, as a matrix with the names of people.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn people_and_roles(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Result<Matrix, Refusal>, StoreError> {
        self.revealing(|reveal| self.state().matrix_of_people_and_roles(at, query, context, reveal))
    }

    /// Returns the permissions that the roles of people give at a scope, as a matrix with the names of people.
    ///
    /// # Errors
    /// [`StoreError`]. The inner error is the refusal of an actor who may not see them.
    pub fn people_and_permissions(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Result<Matrix, Refusal>, StoreError> {
        self.revealing(|reveal| self.state().matrix_of_people_and_permissions(at, query, context, reveal))
    }

    /// Calls `show` with a function that returns the text of private values.
    pub(crate) fn revealing<T>(
        &self,
        show: impl FnOnce(&dyn Fn(&Private) -> Option<String>) -> T,
    ) -> Result<T, StoreError> {
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
