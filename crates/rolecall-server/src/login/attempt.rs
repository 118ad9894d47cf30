//! Checks whether the directory allows a login, and when its session ends.

use super::sessions::LoginSession;
use crate::code::SessionCode;
use crate::proxies::Client;
use crate::revision::Revision;
use rolecall::{Context, Objections, Reason, RequestError, ScopePath, SubjectId, Timestamp};

/// The reasons that deny a login for every scope; other reasons concern single scopes.
const BLOCKING_REASONS: [Reason; 11] = [
    Reason::UnknownSubject,
    Reason::Invited,
    Reason::InvitationExpired,
    Reason::Suspended,
    Reason::Removed,
    Reason::LoginMethod,
    Reason::SecondFactor,
    Reason::IpDenied,
    Reason::IpMissing,
    Reason::Idle,
    Reason::SupportClosed,
];

/// A login attempt, or a session that is checked again.
pub(crate) struct LoginAttempt<'v> {
    pub(crate) subject: &'v str,
    pub(crate) method: &'v str,
    pub(crate) second_factor: bool,
    pub(crate) at: &'v str,
    pub(crate) last_activity: Timestamp,
}

impl LoginAttempt<'_> {
    /// Returns why the directory denies the login, with or without an address, and until when.
    fn objections(&self, revision: &Revision, client: Client, now: Timestamp) -> (Vec<Reason>, Option<Timestamp>) {
        let evaluate = || {
            let context = Context::at_scope(ScopePath::parse(self.at)?, now);
            let context = context.with_login(self.method)?.with_last_activity(&self.last_activity.as_text())?;
            let context = context.with_second_factor(self.second_factor);
            let context = match client.text() {
                Some(ip) => context.with_ip(&ip)?,
                None => context,
            };
            let session = revision.engine.session(SubjectId::parse(self.subject)?, context);
            let Objections { reasons, valid_until, .. } = session.objections();
            Ok::<_, RequestError>((reasons, valid_until))
        };
        // No directory can contain such a name.
        evaluate().unwrap_or_else(|_| (vec![Reason::UnknownSubject], None))
    }

    /// Returns the reasons that deny the login.
    pub(crate) fn blocking_reasons(&self, revision: &Revision, client: Client, now: Timestamp) -> Vec<Reason> {
        let mut reasons = self.objections(revision, client, now).0;
        reasons.retain(|reason| BLOCKING_REASONS.contains(reason));
        reasons
    }

    /// Whether the subject's identity domain has registered networks. An allowed address is then in one of them.
    fn has_networks(&self, revision: &Revision, now: Timestamp) -> bool {
        self.objections(revision, Client::UNKNOWN, now).0.contains(&Reason::IpMissing)
    }
}

impl LoginSession {
    fn attempt(&self) -> LoginAttempt<'_> {
        LoginAttempt {
            subject: &self.subject,
            method: &self.method,
            second_factor: self.second_factor,
            at: &self.at,
            last_activity: self.last_activity(),
        }
    }

    /// Returns why the session cannot continue from an address, under a revision.
    pub(crate) fn end_reason(
        &self,
        revision: &Revision,
        client: Client,
        now: Timestamp,
        bound: bool,
    ) -> Option<String> {
        if now >= self.ends {
            return Some(SessionCode::Over.as_str().to_string());
        }
        let attempt = self.attempt();
        if let Some(reason) = attempt.blocking_reasons(revision, client, now).into_iter().next() {
            return Some(reason.to_string());
        }
        // A stolen cookie is used from another address. Users are expected to move within registered networks.
        let moved = !client.is_at_address_of(self.client);
        (bound && moved && !attempt.has_networks(revision, now)).then(|| SessionCode::Moved.as_str().to_string())
    }

    /// Records when the session ends without further activity or changes.
    pub(super) fn update_end(&self, revision: &Revision, now: Timestamp) {
        self.set_until(self.valid_until(revision, now));
    }

    fn valid_until(&self, revision: &Revision, now: Timestamp) -> Timestamp {
        let (attempt, mut at) = (self.attempt(), now);
        // Other changes may come before that time.
        for _ in 0..16 {
            let next = attempt.objections(revision, self.client, at).1;
            let Some(next) = next.filter(|next| *next < self.ends) else { break };
            if !attempt.blocking_reasons(revision, self.client, next).is_empty() {
                return next;
            }
            at = next;
        }
        self.ends
    }
}
