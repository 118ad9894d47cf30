//! Views of the identity providers that tenants set.

use crate::command::Context;
use crate::object::{ObjectKind, SignOn};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use serde::Serialize;

/// An identity provider in a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignOnView {
    /// The identity domain.
    pub at: String,
    /// The id of the provider, as logins and role mappings name it.
    pub id: String,
    /// The settings, without the client secret.
    #[serde(flatten)]
    pub provider: SignOn,
    /// `set` if there is a client secret. Nobody reads it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<&'static str>,
}

impl SignOnView {
    fn of(at: &str, provider: SignOn) -> Self {
        let client_secret = provider.client_secret.as_ref().map(|_| "set");
        let provider = SignOn { client_secret: None, ..provider };
        Self { at: at.to_string(), id: SignOn::provider_id(at), provider, client_secret }
    }
}

impl State {
    /// Returns the identity providers of a scope and of those below it, by scope. Their secrets cannot be read.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_sign_ons(&self, at: &str, context: &Context) -> Result<Vec<SignOnView>, Refusal> {
        self.may_view(View::SignOn, at, context)?;
        let here = self.all::<SignOn>(ObjectKind::SignOn).filter(|(scope, _)| is_below(scope, at));
        Ok(here.map(|(scope, sign_on)| SignOnView::of(scope, sign_on)).collect())
    }

    /// Checks that the actor may set the identity provider of a scope, which includes trying it out.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_set_sign_on(&self, at: &str, context: &Context) -> Result<(), Refusal> {
        Transaction::new(self, context)?.require("set-sign-on", at)
    }
}
