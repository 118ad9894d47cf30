//! Answers each kind of question.

use super::documents::Naive;
use super::formats::write_instant;
use super::holders::Wanted;
use super::values::{error, with_until};
use crate::native;
use crate::questions::{EngineCall, Json, Question, SessionCall};
use serde_json::{Value, json};

impl Naive {
    /// Answers a question of a world. Returns `None` if only the core can answer it.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Option<Value> {
        match question {
            Question::Engine(call) => self.by_engine(call),
            Question::Session { who, call } => self.by_session(who.text(), call),
            Question::Portable { .. } => Some(self.portable(question)),
        }
    }

    fn by_engine(&self, call: &EngineCall) -> Option<Value> {
        Some(match call {
            EngineCall::Check { request } => self.check(request),
            // Only the core explains. Compare its decision.
            EngineCall::Explain { request } => json!({ "decision": self.check(request) }),
            EngineCall::ExplainRedacted { request } => self.explain_redacted(request.text()),
            EngineCall::Menu { name, who } => self.menu(name, who),
            EngineCall::Permissions { who } => self.list(who),
            EngineCall::CanByNames { subject, permission, at, millis } => {
                let context = json!({ "time": write_instant(*millis) });
                let request = json!({ "subject": subject, "permission": permission, "at": at, "context": context });
                let decision = self.check(&request.to_string());
                if decision.get("error").is_some() { decision } else { decision["allow"].clone() }
            }
            EngineCall::WhoCan { permission, at, time } => self.who_can(permission, at, time),
            EngineCall::WhereCan { subject, permission, time } => self.where_can(subject, permission, time),
            EngineCall::Filter { request } => self.filter(request.text()),
            EngineCall::Numbering {} => self.numbering(),
            EngineCall::GrantingRoles { permission } => self.granting_roles(permission),
            EngineCall::WhoHolds { role, at, time, limit, after } => {
                self.who_holds(role, at.as_deref(), time, &Wanted { limit: *limit, after: after.as_deref() })
            }
            EngineCall::WhichGroupsCan { permission, at, time, limit, after } => {
                self.which_groups_can(permission, at, time, &Wanted { limit: *limit, after: after.as_deref() })
            }
            EngineCall::AssignmentsOf { subject, at, time } => self.assignments_of(subject, at.as_deref(), time),
            EngineCall::Violations { time } => self.violations(time),
            EngineCall::Diff { policy, directory, time } => self.diff(&Self::new(policy, directory), time),
            // The test `changes` compares the documents after random changes instead.
            EngineCall::Apply { .. } => return None,
            // Only the core defines the bytes.
            EngineCall::Snapshot { damage: Some(_), .. } => error("snapshot.malformed"),
            EngineCall::Snapshot { who, damage: None } => self.list(who),
        })
    }

    fn by_session(&self, who: &str, call: &SessionCall) -> Option<Value> {
        Some(match call {
            SessionCall::Check { permission, item } => self.session(who, permission, item.as_ref().map(Json::text)),
            SessionCall::Effective {} => self.effective(who),
            SessionCall::PermissionBits {} => self.bits(who),
            SessionCall::Redact { record, labels, mask } => {
                self.redact(who, record.text(), labels.text(), mask.as_deref())
            }
            SessionCall::ToView { menus, permissions, until } => {
                self.view(who, &native::view_coverage(menus.as_ref(), permissions.as_ref(), until.as_deref()))
            }
            SessionCall::ToBytes { scopes, menus, until } => {
                // Only the core defines the bytes.
                let coverage = native::coverage(scopes.as_ref(), menus.as_ref(), until.as_deref());
                return self.covered(who, &coverage).err().map(error);
            }
        })
    }

    fn check(&self, request: &str) -> Value {
        match self.read(request, true) {
            Err(code) => error(code),
            Ok((question, permission)) => self.decision(&question, &permission),
        }
    }

    pub(super) fn session(&self, who: &str, permission: &str, item: Option<&str>) -> Value {
        let (mut question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        question.resource = item.map(|item| serde_json::from_str(item).unwrap());
        self.decision(&question, permission)
    }

    pub(super) fn list(&self, who: &str) -> Value {
        let (question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let now = self.allowed(&question, question.time);
        let until = self.instants(&question).into_iter().find(|time| self.allowed(&question, *time) != now);
        with_until(json!({ "permissions": now }), until)
    }

    fn bits(&self, who: &str) -> Value {
        let (question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let allowed = self.allowed(&question, question.time);
        let all = self.numbered();
        let mut bytes = vec![0_u8; all.len().div_ceil(8)];
        for (index, permission) in all.iter().enumerate() {
            if allowed.contains(permission) {
                bytes[index / 8] |= 1 << (index % 8);
            }
        }
        json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}
