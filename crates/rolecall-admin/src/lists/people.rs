//! Names and e-mail addresses in lists, for readers whom the policy permits.

use crate::object::{Invitation, Person};
use crate::private::Private;
use crate::transaction::Transaction;
use crate::viewer::tenant_of;

/// Returns the text of a private value. The store has them.
pub type Reveal<'r> = &'r dyn Fn(&Private) -> Option<String>;

/// What the reader of a list may know of people.
pub(super) struct People<'t, 's> {
    transaction: &'t Transaction<'s>,
    reveal: Reveal<'t>,
    /// The tenant of the list, whose own values are shown.
    tenant: String,
    /// Whether the reader may see names and addresses.
    may: bool,
}

/// The name and address of someone, as a list shows them.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// The fields that the reader may not see.
    pub(super) hidden: Vec<&'static str>,
}

impl<'t, 's> People<'t, 's> {
    pub(super) fn new(transaction: &'t Transaction<'s>, at: &str, reveal: Reveal<'t>) -> Self {
        let tenant = tenant_of(transaction.engine.policy(), at).to_string();
        let may = transaction.require("view-people", at).is_ok();
        Self { transaction, reveal, tenant, may }
    }

    pub(super) fn of(&self, id: &str) -> Shown {
        let person: Option<Person> =
            self.transaction.get(Person::key(id, &self.tenant).kind, &Person::key(id, &self.tenant).id);
        let Some(person) = person else { return Shown::default() };
        let fields = [("email", &person.email), ("name", &person.name)];
        if !self.may {
            let hidden = fields.into_iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key);
            return Shown { hidden: hidden.collect(), ..Shown::default() };
        }
        let [email, name] = fields.map(|(_, value)| value.as_ref().and_then(self.reveal));
        Shown { name, email, hidden: Vec::new() }
    }

    /// Returns the address of an invitation.
    pub(super) fn invited(&self, invitation: &Invitation) -> Option<String> {
        invitation.email.as_ref().filter(|_| self.may).and_then(self.reveal)
    }
}
