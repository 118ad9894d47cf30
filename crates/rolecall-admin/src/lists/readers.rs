//! Who may read personal data: the holders of roles that read a label.

use super::held::HeldRoleState;
use super::members::{Member, Members, RoleKey};
use super::page::{Found, Order, Page, page};
use super::query::{HolderKind, ListQuery, Search};
use super::table::TableRow;
use super::texts::Texts;
use crate::command::Context;
use crate::object::{ObjectKind, place};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::upwards;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use rolecall::ScopePath;
use rolecall::ffi::did_you_mean;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// The columns that can order the list.
const ORDERS: [&str; 3] = ["id", "role", "at"];

/// A holder of a role that reads labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LabelReader {
    /// The subject or group, and its assignment.
    #[serde(flatten)]
    pub member: Member,
    /// The role.
    pub role: String,
    /// The display name of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The labels that the role reads at the scope of the assignment.
    pub labels: Vec<String>,
}

impl TableRow for LabelReader {
    const COLUMNS: &'static [&'static str] =
        &["kind", "id", "status", "through", "role", "title", "labels", "at", "from", "until", "state"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let Member { subject, kind, status, through, at, from, until, state, .. } = &self.member;
        vec![
            kind.as_str().to_string(),
            subject.clone(),
            status.map_or(String::new(), |status| status.as_str().to_string()),
            text(through),
            self.role.clone(),
            text(&self.title),
            self.labels.join(" "),
            at.clone(),
            text(from),
            text(until),
            state.as_str().to_string(),
        ]
    }
}

impl State {
    /// Returns who may read personal data at a scope and below: the holders of roles that read the label of the query,
    /// or any label, directly or through groups, now or later. Edited roles count as they are at the scope of the
    /// assignment.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown label, order or cursor.
    pub fn list_label_readers(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Page<LabelReader>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        known_label(&transaction, query.label.as_deref())?;
        let (order, search, texts) = (Order::of(query, &ORDERS)?, Search::new(query), Texts::of(self));
        let members = Members::new(&transaction, texts, at, query.role.as_deref());
        let reads = Reads::new(&transaction);
        let wants = |labels: &[String]| match &query.label {
            Some(label) => labels.contains(label),
            None => !labels.is_empty(),
        };
        let mut found = Vec::new();
        for key in members.roles() {
            let (role, _) = key;
            if !reads.possible(key) {
                continue;
            }
            for row in members.of(key).iter() {
                let scope = row.given.at;
                let labels = reads.of(key, scope);
                if !wants(&labels)
                    || query.kind.is_some_and(|kind| HolderKind::of(row.holder) != kind)
                    || query.status.is_some_and(|status| row.status != Some(status))
                    || !search.finds([row.holder, role])
                    || row.given.state == HeldRoleState::Expired
                {
                    continue;
                }
                let sort = match order.column {
                    "role" => role,
                    "at" => scope,
                    _ => "",
                };
                let id = [&row.key(), " ", role].concat();
                found.push(Found { sort: sort.to_string(), id, row: (role, *row, labels) });
            }
        }
        page("personal-data-readers", query, order, found, |(role, row, labels)| {
            let member = members.member(&row);
            let [title, description] = texts.role(role, &member.at);
            LabelReader { member, role: role.to_string(), title, description, labels: labels.to_vec() }
        })
    }
}

fn known_label(transaction: &Transaction<'_>, label: Option<&str>) -> Result<(), Refusal> {
    let Some(label) = label else { return Ok(()) };
    let policy = transaction.engine.policy();
    if policy.labels().any(|known| known == label) {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::Malformed, format!("the policy has no label `{label}`"));
    let known: Vec<&str> = policy.labels().collect();
    let help = || format!("the labels are `{}`", known.join("`, `"));
    Err(refusal.with_help(did_you_mean(label, known.iter().copied()).unwrap_or_else(help)))
}

/// Names that several rows share.
type Names = Rc<[String]>;

/// The labels that roles read, found once for each role and each scope that edits roles.
struct Reads<'t, 's> {
    transaction: &'t Transaction<'s>,
    /// The scopes that edit roles of the policy.
    editing: BTreeSet<&'s str>,
    /// The roles of the policy that read a label without edits.
    reading: BTreeSet<String>,
    known: RefCell<HashMap<(RoleKey<'s>, &'s str), Names>>,
}

impl<'t, 's> Reads<'t, 's> {
    fn new(transaction: &'t Transaction<'s>) -> Self {
        let editing = transaction.state.values(ObjectKind::Overlay).map(|(id, _)| place(id).0).collect();
        let reports = transaction.engine.policy().role_reports().into_iter();
        let reading = reports.filter(|one| !one.reads.is_empty()).map(|one| one.role).collect();
        Self { transaction, editing, reading, known: RefCell::default() }
    }

    /// Returns whether a role can read a label somewhere. Without edits, a role of the policy reads the same everywhere.
    fn possible(&self, (role, home): RoleKey<'s>) -> bool {
        !self.editing.is_empty() || home.is_some() || self.reading.contains(role)
    }

    /// Returns the labels that a role reads at a scope.
    fn of(&self, key: RoleKey<'s>, at: &'s str) -> Names {
        let (role, home) = key;
        // The nearest scope that edits roles, or that defines the role, decides.
        let place = upwards(at).find(|scope| self.editing.contains(scope) || home == Some(scope)).unwrap_or_default();
        if let Some(known) = self.known.borrow().get(&(key, place)) {
            return Rc::clone(known);
        }
        let report = ScopePath::parse(at).ok().and_then(|at| self.transaction.engine.role_report(role, at));
        let reads: Names = report.map(|report| report.reads).unwrap_or_default().into();
        self.known.borrow_mut().insert((key, place), Rc::clone(&reads));
        reads
    }
}
