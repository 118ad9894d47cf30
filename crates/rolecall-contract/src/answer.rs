//! Answers as canonical JSON: keys in a fixed order, no spaces, escaping only `"`, `\` and control characters.

use crate::request;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rolecall::{
    CompileError, Engine, Fault, FaultCode, GrantingRole, Instant, Item, PermissionId, ScopePath, Session, SubjectId,
};
use serde::Serialize;

/// Writes an answer in its canonical form. Its bytes are what two runtimes must agree on.
#[must_use]
pub fn canonical(answer: &impl Serialize) -> String {
    // The answers hold no maps with keys that are not texts, and no numbers: writing them to memory cannot fail.
    serde_json::to_string(answer).unwrap_or_else(|error| {
        let fault = Fault::new(FaultCode::InternalPanic, "", error.to_string());
        fault_json(&fault)
    })
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a Fault,
}

/// Writes the envelope of a malformed question: `{"error":{"code","message","path"?,"help"?}}`.
#[must_use]
pub fn fault_json(fault: &Fault) -> String {
    canonical(&Envelope { error: fault })
}

/// Writes the issues of documents: `{"issues":[{"code","document","path","line"?,"column"?,"message","help"?}]}`.
#[must_use]
pub fn compile_error_json(error: &CompileError) -> String {
    canonical(error)
}

fn written(answer: Result<String, Fault>) -> String {
    answer.unwrap_or_else(|fault| fault_json(&fault))
}

/// Answers a question with its decision, or with the error envelope.
#[must_use]
pub fn check(engine: &Engine, question: &str) -> String {
    written(
        request::question(engine, question)
            .map(|asked| canonical(&asked.session.check(asked.permission, asked.item.as_ref()))),
    )
}

/// Answers many questions, as many and in the same order.
#[must_use]
pub fn check_many<'t>(engine: &Engine, questions: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    questions.into_iter().map(|question| check(engine, question)).collect()
}

/// Answers a question with its explanation, or with the error envelope.
#[must_use]
pub fn explain(engine: &Engine, question: &str) -> String {
    written(
        request::question(engine, question)
            .map(|asked| canonical(&asked.session.explain(asked.permission, asked.item.as_ref()))),
    )
}

/// Answers a question with its explanation for the person who asks, codes only, or with the error envelope.
#[must_use]
pub fn explain_redacted(engine: &Engine, question: &str) -> String {
    written(
        request::question(engine, question)
            .map(|asked| canonical(&asked.session.explain_redacted(asked.permission, asked.item.as_ref()))),
    )
}

/// Answers with the part of a menu that someone sees, or with the error envelope. `who` is
/// `{"subject", "at", "context"}`.
#[must_use]
pub fn menu(engine: &Engine, name: &str, who: &str) -> String {
    written(request::session(engine, who).and_then(|session| Ok(canonical(&session.menu(name)?))))
}

/// Answers with everything that someone may do, or with the error envelope. `who` is `{"subject", "at", "context"}`.
#[must_use]
pub fn permissions(engine: &Engine, who: &str) -> String {
    written(request::session(engine, who).map(|session| canonical(&session.permissions())))
}

/// Answers with what the active roles of someone give, and which role gives what, or with the error envelope.
#[must_use]
pub fn effective(engine: &Engine, who: &str) -> String {
    written(request::session(engine, who).map(|session| canonical(&session.effective())))
}

/// Answers with everyone who may do something at a scope, or with the error envelope.
#[must_use]
pub fn who_can(engine: &Engine, permission: &str, at: &str, time: &str) -> String {
    let ask = || -> Result<String, Fault> {
        let permission = engine.policy().permission(permission)?;
        let at = ScopePath::parse(at)?;
        Ok(canonical(&engine.who_can(permission, at, Instant::read(time, "time")?)))
    };
    written(ask())
}

/// Answers with every scope where someone may do something, or with the error envelope.
#[must_use]
pub fn where_can(engine: &Engine, subject: &str, permission: &str, time: &str) -> String {
    let ask = || -> Result<String, Fault> {
        let subject = SubjectId::parse(subject)?;
        let permission = engine.policy().permission(permission)?;
        Ok(canonical(&engine.where_can(subject, permission, Instant::read(time, "time")?)))
    };
    written(ask())
}

/// Every role that holds a permission, as the answer has it.
#[derive(Debug, Serialize)]
pub struct GrantingRoles {
    /// Sorted by name and scope.
    pub roles: Vec<GrantingRole>,
}

/// Answers with every role that holds a permission, or with the error envelope.
#[must_use]
pub fn granting_roles(engine: &Engine, permission: &str) -> String {
    let found = engine.policy().permission(permission).map(|permission| engine.granting_roles(permission));
    written(found.map(|roles| canonical(&GrantingRoles { roles })))
}

/// Answers with what would change for whom between two engines, or with the error envelope.
#[must_use]
pub fn diff(before: &Engine, after: &Engine, time: &str) -> String {
    written(Instant::read(time, "time").map(|time| canonical(&before.diff(after, time))))
}

/// Answers with what the directory holds against the policy's rules for administration, or with the error envelope.
#[must_use]
pub fn violations(engine: &Engine, time: &str) -> String {
    written(Instant::read(time, "time").map(|time| canonical(&engine.violations(time))))
}

/// Redacts a record, in JSON, for a session; `labels` is `{"path.of.a.field": "label" or ["label", …]}`.
///
/// # Errors
/// What is wrong with the labels, or with the record.
pub fn session_redact(session: &Session, record: &str, labels: &str, mask: Option<&str>) -> Result<String, Fault> {
    let labels = request::labels(session.policy(), labels)?;
    Ok(canonical(&session.redact(record, &labels, mask)?))
}

/// What is asked of a session: a permission, and perhaps for an item.
fn asked(session: &Session, permission: &str, item: Option<&str>) -> Result<(PermissionId, Option<Item>), Fault> {
    let permission = session.policy().permission(permission)?;
    let item = item.map(|item| request::item(session.policy(), item)).transpose()?;
    Ok((permission, item))
}

/// Decides for a session; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// What is wrong with the permission, or with the item.
pub fn session_check(session: &Session, permission: &str, item: Option<&str>) -> Result<String, Fault> {
    let (permission, item) = asked(session, permission, item)?;
    Ok(canonical(&session.check(permission, item.as_ref())))
}

/// Explains for a session to the person who asks, codes only; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// What is wrong with the permission, or with the item.
pub fn session_explain_redacted(session: &Session, permission: &str, item: Option<&str>) -> Result<String, Fault> {
    let (permission, item) = asked(session, permission, item)?;
    Ok(canonical(&session.explain_redacted(permission, item.as_ref())))
}

/// Explains for a session; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// What is wrong with the permission, or with the item.
pub fn session_explain(session: &Session, permission: &str, item: Option<&str>) -> Result<String, Fault> {
    let (permission, item) = asked(session, permission, item)?;
    Ok(canonical(&session.explain(permission, item.as_ref())))
}
