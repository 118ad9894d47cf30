//! The built-in group of everyone who is listed.
//!
//! No object lists its members, so it does not tie a subject to a tenant: a scope that assigns a role to everyone learns
//! nothing of the users of others, and they learn nothing of the scope from lists and messages.

use crate::object::{ObjectKind, Subject};
use crate::refusal::{Refusal, RefusalCode};
use crate::transaction::{Transaction, USER};
use rolecall::{Access, Diff, Engine, SubjectId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The id of the group.
pub(crate) const EVERYONE: &str = "group:everyone";

/// Returns whether a subject is a member: a user who is not external.
pub(crate) fn belongs(id: &str, subject: &Subject) -> bool {
    id.starts_with(USER) && !subject.external
}

/// Returns the members before a command.
pub(crate) fn before(transaction: &Transaction<'_>) -> BTreeSet<String> {
    let all = transaction.state.all::<Subject>(ObjectKind::Subject);
    all.filter(|(id, subject)| belongs(id, subject)).map(|(id, _)| id.to_string()).collect()
}

/// Returns the members after a command.
pub(crate) fn after(transaction: &Transaction<'_>) -> BTreeSet<String> {
    let all = transaction.all::<Subject>(ObjectKind::Subject).into_iter();
    all.filter(|(id, subject)| belongs(id, subject)).map(|(id, _)| id).collect()
}

/// Returns the members before and after a command.
pub(crate) fn members(transaction: &Transaction<'_>) -> BTreeSet<String> {
    before(transaction).into_iter().chain(after(transaction)).collect()
}

/// Refuses the group where commands change groups, or use one for its members.
pub(crate) fn refuse_everyone(id: &str) -> Result<(), Refusal> {
    if id != EVERYONE {
        return Ok(());
    }
    let message = format!("`{EVERYONE}` is built in: its members are all listed users");
    Err(Refusal::new(RefusalCode::GroupReserved, message).with_help("assign roles to it, or use another group"))
}

/// The permissions of everyone at a scope, and the labels that they read.
type Common = (BTreeSet<String>, BTreeSet<String>);

impl Transaction<'_> {
    /// Removes what everyone has from the differences of single users. It would show whether another tenant lists them.
    pub(crate) fn hide_everyone(&self, diff: &mut Diff) {
        if self.assignments_of(EVERYONE).is_empty() && self.state.assignments_of(EVERYONE).next().is_none() {
            return;
        }
        let [Some(before), Some(after)] = [self.engine, &self.trial].map(with_someone) else { return };
        let mut known: BTreeMap<String, Common> = BTreeMap::new();
        for side in [&mut diff.gained, &mut diff.lost] {
            for one in side.iter_mut().filter(|one| one.subject.as_ref().is_some_and(|id| id.starts_with(USER))) {
                let common = known.entry(one.at.clone()).or_insert_with(|| {
                    let [had, has] = [&before, &after].map(|engine| self.of_someone(engine, &one.at));
                    (&had.0 & &has.0, &had.1 & &has.1)
                });
                one.permissions.retain(|permission| !common.0.contains(permission));
                one.reads.retain(|label| !common.1.contains(label));
            }
            side.retain(|one: &Access| !one.permissions.is_empty() || !one.reads.is_empty());
        }
    }

    /// Returns the permissions and labels at a scope of a user who has only what everyone has.
    fn of_someone(&self, engine: &Engine, at: &str) -> Common {
        let context = rolecall::Context::new(at, &self.now.as_text());
        let Ok((context, id)) = context.and_then(|context| Ok((context, SubjectId::parse(SOMEONE)?))) else {
            return Common::default();
        };
        let session = engine.session(id, context);
        (session.permissions().permissions.into_iter().collect(), session.effective().reads.into_iter().collect())
    }
}

/// A user who is listed only here.
const SOMEONE: &str = "user: someone whom nothing else names";

/// Returns an engine with a further user, who has what everyone has.
fn with_someone(engine: &Engine) -> Option<Engine> {
    let mut engine = engine.clone();
    engine.apply_json(&json!({ "set_subject": { "subject": SOMEONE } }).to_string()).ok()?;
    Some(engine)
}
