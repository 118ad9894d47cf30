//! Checks of the directory's rules: who may begin a session, and when a session ends.

use super::sessions::LoginSession;
use crate::proxies::Client;
use crate::revision::Revision;
use rolecall::{Context, Objections, Reason, RequestError, ScopePath, SubjectId, Timestamp};

/// The reasons that keep someone from being logged in, wherever they go; the others are about single scopes.
const BLOCKING_REASONS: [Reason; 9] = [
    Reason::UnknownSubject,
    Reason::Invited,
    Reason::InvitationExpired,
    Reason::Suspended,
    Reason::Removed,
    Reason::LoginMethod,
    Reason::IpDenied,
    Reason::IpMissing,
    Reason::Idle,
];

/// Who wants to be let in, or stay in.
pub(crate) struct LoginAttempt<'v> {
    pub(crate) subject: &'v str,
    pub(crate) method: &'v str,
    pub(crate) at: &'v str,
    pub(crate) last_activity: Timestamp,
}

impl LoginAttempt<'_> {
    /// What objects to them from an address, or without one, and until when.
    fn objections(&self, revision: &Revision, client: Client, now: Timestamp) -> (Vec<Reason>, Option<Timestamp>) {
        let asked = || {
            let context = Context::at_scope(ScopePath::parse(self.at)?, now);
            let context = context.with_login(self.method)?.with_last_activity(&self.last_activity.as_text())?;
            let context = match client.text() {
                Some(ip) => context.with_ip(&ip)?,
                None => context,
            };
            let session = revision.engine.session(SubjectId::parse(self.subject)?, context);
            let Objections { reasons, valid_until, .. } = session.objections();
            Ok::<_, RequestError>((reasons, valid_until))
        };
        // No directory can hold such a name.
        asked().unwrap_or_else(|_| (vec![Reason::UnknownSubject], None))
    }

    /// What keeps them out.
    pub(crate) fn blocking_reasons(&self, revision: &Revision, client: Client, now: Timestamp) -> Vec<Reason> {
        let mut reasons = self.objections(revision, client, now).0;
        reasons.retain(|reason| BLOCKING_REASONS.contains(reason));
        reasons
    }

    /// Whether networks are registered where they belong: an address that is let in there is one of those.
    fn has_networks(&self, revision: &Revision, now: Timestamp) -> bool {
        self.objections(revision, Client(None), now).0.contains(&Reason::IpMissing)
    }
}

impl LoginSession {
    fn attempt(&self) -> LoginAttempt<'_> {
        LoginAttempt { subject: &self.subject, method: &self.method, at: &self.at, last_activity: self.last_activity() }
    }

    /// Why the session cannot go on from an address, as the world is now.
    pub(crate) fn end_reason(
        &self,
        revision: &Revision,
        client: Client,
        now: Timestamp,
        bound: bool,
    ) -> Option<String> {
        if now >= self.ends {
            return Some("session-over".to_string());
        }
        let visitor = self.attempt();
        if let Some(reason) = visitor.blocking_reasons(revision, client, now).into_iter().next() {
            return Some(reason.to_string());
        }
        // A stolen cookie is used elsewhere; who moves within networks that are registered is expected.
        let moved = client.0.is_none() || client != self.client;
        (bound && moved && !visitor.has_networks(revision, now)).then(|| "session-moved".to_string())
    }

    /// Notes when it ends, if nothing changes and nobody does anything.
    pub(super) fn look_ahead(&self, revision: &Revision, now: Timestamp) {
        self.set_until(self.valid_until(revision, now));
    }

    fn valid_until(&self, revision: &Revision, now: Timestamp) -> Timestamp {
        let (visitor, mut asked) = (self.attempt(), now);
        // Instants at which something else changes may come before.
        for _ in 0..16 {
            let next = visitor.objections(revision, self.client, asked).1;
            let Some(next) = next.filter(|next| *next < self.ends) else { break };
            if !visitor.blocking_reasons(revision, self.client, next).is_empty() {
                return next;
            }
            asked = next;
        }
        self.ends
    }
}
