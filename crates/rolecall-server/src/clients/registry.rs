//! The applications of a revision that have secrets.

use crate::proxies::Client;
use crate::tokens::token_digest;
use rolecall::{Network, Timestamp};
use rolecall_admin::{Application, ObjectKey, ObjectKind, State, Status, Subject};
use rolecall_pass::AccessToken;
use std::collections::HashMap;
use subtle::ConstantTimeEq;

/// The prefix of the ids of applications.
const APP: &str = "app:";

/// A digest that no secret has, compared in place of those of an unknown client.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Why an application is not authenticated, for the audit log. The response does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientRefusal {
    /// No application has the client id, or it has no secrets.
    Unknown,
    /// The secret is wrong, was removed or has ended.
    Secret,
    /// The application is not active.
    Inactive,
    /// The application may not connect from this address.
    Network,
}

impl ClientRefusal {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "client.unknown",
            Self::Secret => "client.secret",
            Self::Inactive => "client.inactive",
            Self::Network => "client.network",
        }
    }
}

/// An application that has secrets.
#[derive(Debug)]
struct Registered {
    application: Application,
    networks: Vec<Network>,
    is_active: bool,
}

/// An application that authenticated itself with a secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authenticated {
    pub(crate) subject: String,
    /// The id of the secret.
    pub(crate) secret: String,
    /// When a new token expires.
    pub(crate) expires: Timestamp,
}

/// The applications of a revision that have secrets, by id.
#[derive(Debug, Default)]
pub(crate) struct Clients(HashMap<String, Registered>);

impl Clients {
    pub(crate) fn of(state: &State) -> Self {
        let all = state.all::<Application>(ObjectKind::Application);
        let registered = all.filter(|(_, application)| !application.secrets.is_empty()).map(|(id, application)| {
            let subject = state.get::<Subject>(&ObjectKey::new(ObjectKind::Subject, id)).unwrap_or_default();
            let is_active = subject.status == Status::Active && !subject.departed;
            // The command that set them checked them.
            let networks = application.networks.iter().filter_map(|network| network.parse().ok()).collect();
            (id.to_string(), Registered { application, networks, is_active })
        });
        Self(registered.collect())
    }

    /// Returns the id of the application with a client id, listed or not.
    pub(crate) fn subject_of(client_id: &str) -> String {
        if client_id.starts_with(APP) { client_id.to_string() } else { format!("{APP}{client_id}") }
    }

    /// Authenticates an application with its secret. The duration reveals neither which digits of a digest are right nor
    /// whether the client is known.
    pub(crate) fn authenticate(
        &self,
        client_id: &str,
        secret: &str,
        client: Client,
        now: Timestamp,
    ) -> Result<Authenticated, ClientRefusal> {
        let digest = token_digest(secret);
        let subject = Self::subject_of(client_id);
        let is_same = |known: &str| bool::from(known.as_bytes().ct_eq(digest.as_bytes()));
        let Some(registered) = self.0.get(&subject) else {
            is_same(NO_DIGEST);
            return Err(ClientRefusal::Unknown);
        };
        let mut found = None;
        for (id, secret) in &registered.application.secrets {
            if is_same(&secret.sha256) && secret.is_valid(now) {
                found = Some((id, secret));
            }
        }
        let (id, secret) = found.ok_or(ClientRefusal::Secret)?;
        registered.admits(client)?;
        let ends = now.as_millis().checked_add(registered.application.token_millis()).and_then(Timestamp::from_millis);
        let until = secret.until.as_deref().and_then(Timestamp::parse).unwrap_or(Timestamp::MAX);
        Ok(Authenticated { subject, secret: id.clone(), expires: ends.unwrap_or(Timestamp::MAX).min(until) })
    }

    /// Checks whether a token still holds: its secret and its application are those of now.
    pub(crate) fn check(&self, token: &AccessToken, client: Client, now: Timestamp) -> Result<(), ClientRefusal> {
        let registered = self.0.get(&token.subject).ok_or(ClientRefusal::Unknown)?;
        let secret = registered.application.secrets.get(&token.secret).filter(|secret| secret.is_valid(now));
        secret.ok_or(ClientRefusal::Secret)?;
        registered.admits(client)
    }

    /// Returns whether an application is listed with secrets.
    pub(crate) fn knows(&self, subject: &str) -> bool {
        self.0.contains_key(subject)
    }
}

impl Registered {
    fn admits(&self, client: Client) -> Result<(), ClientRefusal> {
        if !self.is_active {
            return Err(ClientRefusal::Inactive);
        }
        if !self.networks.is_empty() && !client.is_in(&self.networks) {
            return Err(ClientRefusal::Network);
        }
        Ok(())
    }
}
