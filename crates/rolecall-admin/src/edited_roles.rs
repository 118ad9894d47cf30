//! Shows the roles of the policy that a scope edits for itself, and how they differ from the policy.

use crate::command::Context;
use crate::object::{ObjectKey, ObjectKind, place};
use crate::overlay::Overlay;
use crate::refusal::Refusal;
use crate::scope::{is_below, upwards};
use crate::state::State;
use crate::view::View;
use rolecall::{Engine, RoleReport, ScopePath};
use serde::Serialize;
use std::collections::BTreeSet;

/// A role of the policy that a scope edits, and how it differs from the policy there. Permissions and labels are those
/// of the whole role, inherited ones included, and sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EditedRole {
    /// The role.
    pub role: String,
    /// The scope that edits it.
    pub at: String,
    /// The display name of the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_title: Option<String>,
    /// The permissions that the role of the policy lacks.
    pub grants_added: Vec<String>,
    /// The permissions that only the role of the policy has.
    pub grants_removed: Vec<String>,
    /// The labels that the role of the policy does not read.
    pub reads_added: Vec<String>,
    /// The labels that only the role of the policy reads.
    pub reads_removed: Vec<String>,
    /// The edits. Their title is the display name here.
    pub overlay: Overlay,
}

impl State {
    /// Returns the roles of the policy that a scope and those below it edit, by `SCOPE#ROLE`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_overlays(&self, at: &str, context: &Context) -> Result<Vec<EditedRole>, Refusal> {
        self.may_view(View::Roles, at, context)?;
        let Some(engine) = self.engine() else { return Ok(Vec::new()) };
        let reports = engine.policy().role_reports();
        let overlays = self.all::<Overlay>(ObjectKind::Overlay).filter(|(id, _)| is_below(place(id).0, at));
        Ok(overlays.filter_map(|(id, overlay)| self.edited(engine, &reports, id, overlay)).collect())
    }

    /// Returns the nearest overlay of a role at a scope or above it.
    pub(crate) fn overlay_of(&self, role: &str, at: &str) -> Option<Overlay> {
        upwards(at).find_map(|at| self.get(&ObjectKey::overlay(at, role)))
    }

    fn edited(&self, engine: &Engine, reports: &[RoleReport], id: &str, overlay: Overlay) -> Option<EditedRole> {
        let (at, role) = place(id);
        let before = reports.iter().find(|report| report.role == role)?;
        let after = engine.role_holding(role, ScopePath::parse(at).ok()?)?;
        let title = self.policy_texts().role(role).and_then(|texts| texts.title.clone());
        Some(EditedRole {
            role: role.to_string(),
            at: at.to_string(),
            policy_title: title,
            grants_added: missing(&after.permissions, &before.permissions),
            grants_removed: missing(&before.permissions, &after.permissions),
            reads_added: missing(&after.reads, &before.reads),
            reads_removed: missing(&before.reads, &after.reads),
            overlay,
        })
    }
}

/// Returns the names that another list lacks.
fn missing(names: &[String], others: &[String]) -> Vec<String> {
    let others: BTreeSet<&String> = others.iter().collect();
    names.iter().filter(|name| !others.contains(name)).cloned().collect()
}
