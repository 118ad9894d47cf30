//! Invitations: the secret of a link, the letters that hand links over, and the logins that accounts are bound to.

use crate::administration::Administration;
use crate::chain;
use crate::error::StoreError;
use crate::reading::{PAGE, read};
use crate::store::{EventRecord, Store, Transaction};
use rolecall::Timestamp;
use rolecall_admin::{AccountLogin, Invitation, ObjectKey, ObjectKind, Private, Status, Subject, is_below};
use std::collections::BTreeSet;

/// What an identity provider says of someone who logs in.
#[derive(Clone, Debug)]
pub struct LoginName {
    /// The id of the provider.
    pub provider: String,
    /// The provider's name of the user.
    pub name: String,
    /// The subject that the provider's name forms.
    pub subject: String,
    /// The e-mail address, if the provider has verified it.
    pub email: Option<String>,
    /// The identity domain of the provider, if it has one. It accepts invitations of that domain only.
    pub domain: Option<String>,
    /// The token of a link, if the login began with one.
    pub token: Option<String>,
}

/// Whom a login concerns, and what it does to an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invited {
    /// The subject that logs in.
    pub subject: String,
    /// Whether the login proves the address of an open invitation of the subject.
    pub accepts: bool,
    /// Whether the account is to be bound to the login, because the provider names the user by another id.
    pub binds: bool,
}

/// A link to hand over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Letter {
    /// The number of the event.
    pub seq: u64,
    /// The invited subject.
    pub subject: String,
    /// The scopes to which it is invited.
    pub at: BTreeSet<String>,
    /// The subject that invited.
    pub by: String,
    /// The time until which the invitation can be accepted.
    pub until: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The token of the link.
    pub token: String,
    seal: Private,
}

impl Invited {
    /// Returns the subject that the provider's name forms, without an invitation.
    #[must_use]
    pub fn own(login: &LoginName) -> Self {
        Self { subject: login.subject.clone(), accepts: false, binds: false }
    }
}

impl<S: Store> Administration<S> {
    /// Returns whom a login concerns. A token or a verified address finds the account that it was sent to; otherwise it
    /// is the account that the provider's name forms, or one that is bound to the login.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn invited(&self, login: &LoginName, now: Timestamp) -> Result<Invited, StoreError> {
        let own = Invited::own(login);
        if let Some(token) = &login.token {
            let found = self.invitations_of_token(token, login.domain.as_deref(), now)?;
            let Some(subject) = found.into_iter().map(|one| one.subject).min() else { return Ok(own) };
            // A login of another account does not take this one over.
            let other = self.is_listed(&own.subject).then(|| own.subject.clone()).or(self.bound(login)?);
            if other.as_ref().is_some_and(|other| *other != subject) {
                return Ok(own);
            }
            let binds = other.is_none();
            return Ok(Invited { subject, accepts: true, binds });
        }
        if self.is_listed(&own.subject) {
            let proven = self.open_invitations(login.domain.as_deref(), now).filter(|one| one.subject == own.subject);
            let proven: Vec<Invitation> = proven.filter(|one| !one.guest).collect();
            let is_proven = |one: &Invitation| match &one.email {
                Some(email) => self.is_address(email, login),
                // Without an address, the id is what was invited.
                None => Ok(true),
            };
            let accepts =
                !proven.is_empty() && proven.iter().map(is_proven).collect::<Result<Vec<_>, _>>()?.contains(&true);
            return Ok(Invited { accepts, ..own });
        }
        if let Some(subject) = self.bound(login)? {
            return Ok(Invited { subject, ..own });
        }
        let mut found = BTreeSet::new();
        for one in self.open_invitations(login.domain.as_deref(), now) {
            if let Some(email) = &one.email
                && self.is_address(email, login)?
            {
                found.insert(one.subject);
            }
        }
        // Two accounts with the same address need the link.
        match (found.pop_first(), found.is_empty()) {
            (Some(subject), true) => Ok(Invited { subject, accepts: true, binds: true }),
            _ => Ok(own),
        }
    }

    fn is_listed(&self, id: &str) -> bool {
        let subject = self.state().get::<Subject>(&ObjectKey::new(ObjectKind::Subject, id));
        subject.is_some_and(|subject| subject.status != Status::Removed)
    }

    /// Returns the invitations that a login with a provider of an identity domain can accept.
    fn open_invitations(&self, domain: Option<&str>, now: Timestamp) -> impl Iterator<Item = Invitation> {
        let all = self.state().all::<Invitation>(ObjectKind::Invitation).map(|(_, one)| one);
        all.filter(move |one| {
            let until = one.until.as_deref().and_then(Timestamp::parse);
            let is_theirs = domain.is_none_or(|domain| is_below(&one.at, domain));
            !one.cancelled && is_theirs && until.is_none_or(|until| until > now)
        })
    }

    fn is_address(&self, email: &Private, login: &LoginName) -> Result<bool, StoreError> {
        let Some(verified) = &login.email else { return Ok(false) };
        Ok(self.reveal(email)?.is_some_and(|email| email.eq_ignore_ascii_case(verified)))
    }

    /// Returns the account that is bound to a login.
    fn bound(&self, login: &LoginName) -> Result<Option<String>, StoreError> {
        for (_, one) in self.state().all::<AccountLogin>(ObjectKind::Login) {
            if one.provider == login.provider && self.reveal(&one.name)?.as_ref() == Some(&login.name) {
                return Ok(Some(one.subject));
            }
        }
        Ok(None)
    }

    /// Returns the scopes of the open invitations that the token of a link belongs to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn invited_scopes(&self, token: &str, now: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        Ok(self.invitations_of_token(token, None, now)?.into_iter().map(|one| one.at).collect())
    }

    /// Returns the open invitations that a token belongs to.
    fn invitations_of_token(
        &self,
        token: &str,
        domain: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        let Some((seal, secret)) = token.split_once('.') else { return Ok(Vec::new()) };
        let record = chain::from_hex(seal).map(|seal| self.store().private(&seal)).transpose()?.flatten();
        if !record.is_some_and(|record| record.is_secret && record.is_of(secret)) {
            return Ok(Vec::new());
        }
        let of_token = |one: &Invitation| one.token.as_ref().and_then(Private::seal) == Some(seal);
        Ok(self.open_invitations(domain, now).filter(of_token).collect())
    }

    /// Returns the next link to hand over after an event, and the last event that was read. A link that was replaced or
    /// handed over is skipped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_letter(&self, after: u64) -> Result<(u64, Option<Letter>), StoreError> {
        let mut last = after;
        for record in self.store().records(after, PAGE)? {
            last = record.seq;
            if let Some(letter) = self.letter(&record)? {
                return Ok((last, Some(letter)));
            }
        }
        Ok((last, None))
    }

    fn letter(&self, record: &EventRecord) -> Result<Option<Letter>, StoreError> {
        let event = read(record)?;
        let changed = event.changes.iter().filter(|change| change.kind == ObjectKind::Invitation);
        let mut letter: Option<Letter> = None;
        for change in changed {
            // The invitation as it is now, if the event made its link.
            let Some(one) = self.state().get::<Invitation>(&change.key()) else { continue };
            let (Some(token), Some(email)) = (&one.token, &one.email) else { continue };
            let made = |value: &Option<serde_json::Value>| {
                value.as_ref().and_then(|value| value.get("token")?.get("sealed")?.as_str()) == token.seal()
            };
            if made(&change.before) || !made(&change.after) {
                continue;
            }
            let (Some(secret), Some(email), Some(seal)) = (self.secret(token)?, self.reveal(email)?, token.seal())
            else {
                continue;
            };
            let letter = letter.get_or_insert_with(|| Letter {
                seq: record.seq,
                subject: one.subject.clone(),
                at: BTreeSet::new(),
                by: one.by.clone(),
                until: one.until.clone(),
                email,
                token: format!("{seal}.{secret}"),
                seal: token.clone(),
            });
            letter.at.insert(one.at);
        }
        Ok(letter)
    }

    /// Deletes the secret of a link that was handed over, and stores the position of the follower that did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn handed_over(&mut self, follower: &str, letter: &Letter) -> Result<(), StoreError> {
        let mut transaction = self.store.begin()?;
        if let Some(seal) = letter.seal.seal().and_then(chain::from_hex) {
            transaction.spend_private(&seal)?;
        }
        transaction.set_position(follower, letter.seq)?;
        transaction.commit()
    }
}
