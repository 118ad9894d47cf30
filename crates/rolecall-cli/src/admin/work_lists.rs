//! Lists to work with: what ends soon, readers of personal data, inactive accounts, requests and invitations.

use super::tables::{self, next, shown};
use crate::report::{DIM, HEAD, print_line};
use clap::ValueEnum;
use rolecall_admin::{
    Ending, EndingKind, InactiveAccount, LabelReader, ListedRequest, Page, PendingInvitation, RequestState,
};

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum What {
    Role,
    SupportAccess,
    TemporaryAccess,
    Invitation,
    Secret,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum State {
    Pending,
    Approved,
    Denied,
    Withdrawn,
    Ended,
}

impl What {
    pub(super) fn query(self) -> EndingKind {
        match self {
            Self::Role => EndingKind::Role,
            Self::SupportAccess => EndingKind::SupportAccess,
            Self::TemporaryAccess => EndingKind::TemporaryAccess,
            Self::Invitation => EndingKind::Invitation,
            Self::Secret => EndingKind::Secret,
        }
    }
}

impl State {
    pub(super) fn query(self) -> RequestState {
        match self {
            Self::Pending => RequestState::Pending,
            Self::Approved => RequestState::Approved,
            Self::Denied => RequestState::Denied,
            Self::Withdrawn => RequestState::Withdrawn,
            Self::Ended => RequestState::Ended,
        }
    }
}

/// Prints the number of rows, each row, and how to get the next page.
fn list<T>(name: &str, page: &Page<T>, row: impl Fn(&T)) {
    println!("{DIM}{name}: {}{DIM:#}", shown(page));
    page.rows.iter().for_each(row);
    next(page, None);
}

/// Returns a text in parentheses, if there is one.
fn named(text: &Option<String>) -> String {
    text.as_ref().map_or(String::new(), |text| format!(" ({text})"))
}

pub(super) fn ending(page: &Page<Ending>) {
    list("ending", page, |one| {
        let role = one.role.as_ref().map_or(String::new(), |role| format!("  {role}{}", named(&one.title)));
        let secret = one.secret.as_ref().map_or(String::new(), |secret| format!("  {secret}"));
        let at = one.at.as_ref().map_or(String::new(), |at| format!(" at {at}"));
        let (what, subject, name) = (one.what.as_str(), &one.subject, named(&one.name));
        println!("{HEAD}{}{HEAD:#}  {subject}{name}{role}{secret}{at}  {DIM}{what}{DIM:#}", one.until);
    });
}

pub(super) fn readers(page: &Page<LabelReader>) {
    list("readers of personal data", page, |one| {
        let member = &one.member;
        let through = member.through.as_ref().map_or(String::new(), |group| format!(" through {group}"));
        let (role, labels) = (format!("{}{}", one.role, named(&one.title)), one.labels.join(", "));
        let state = member.state.as_str();
        println!(
            "{HEAD}{}{HEAD:#}  {role} at {}{through}  {DIM}reads{DIM:#} {labels}  {DIM}{state}{DIM:#}",
            member.subject, member.at
        );
    });
}

pub(super) fn inactive(page: &Page<InactiveAccount>) {
    list("inactive", page, |one| {
        tables::holder(&one.holder);
        println!("  {DIM}last login{DIM:#} {}", one.last_login.as_deref().unwrap_or("never"));
    });
}

pub(super) fn requests(page: &Page<ListedRequest>) {
    list("requests", page, |one| {
        let request = &one.request;
        let what = format!("{} requests {}{} at {}", request.subject, request.role, named(&one.title), request.at);
        let (until, state) = (&request.until, request.state.as_str());
        println!("{HEAD}request {}{HEAD:#}  {what} until {until}  {DIM}{state}{DIM:#}", one.id);
        println!("  {DIM}{}{DIM:#}", request.reason);
    });
}

pub(super) fn invitations(page: &Page<PendingInvitation>) {
    list("invitations", page, tables::invitation);
}
