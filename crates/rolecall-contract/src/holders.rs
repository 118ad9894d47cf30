//! Questions about assignments: who holds a role, which groups may do something, and the assignments of a subject.

use crate::answer::{or_error_json, to_json};
use crate::request::{Object, parse, timestamp, wrong};
use alloc::string::String;
use rolecall::{Engine, PageRequest, RequestError, ScopePath, SubjectId, Timestamp, Value};

/// Returns who holds a role, or the error envelope. The question is `{"role", "at"?, "time", "limit"?, "after"?}`.
#[must_use]
pub fn who_holds(engine: &Engine, question: &str) -> String {
    or_error_json(try_who_holds(engine, question))
}

/// Returns the same answer as [`who_holds`], with the error apart.
///
/// # Errors
/// The first error in the order JSON, shape, at, time, role.
pub fn try_who_holds(engine: &Engine, question: &str) -> Result<String, RequestError> {
    let tree = parse(question, "the request")?;
    let object = Object::read(&tree, "", &["role", "at", "time", "limit", "after"])?;
    let (role, at) = (object.text("role")?, object.optional_text("at")?);
    let (time, page) = (timestamp(object.required("time")?, "time")?, page(&object)?);
    let at = at.map(ScopePath::parse).transpose()?;
    Ok(to_json(&engine.who_holds(role, at, Timestamp::read(time, "time")?, page)?))
}

/// Returns the groups that may do something at a scope, or the error envelope. The question is
/// `{"permission", "at", "time", "limit"?, "after"?}`.
#[must_use]
pub fn which_groups_can(engine: &Engine, question: &str) -> String {
    or_error_json(try_which_groups_can(engine, question))
}

/// Returns the same answer as [`which_groups_can`], with the error apart.
///
/// # Errors
/// The first error in the order JSON, shape, permission, at, time.
pub fn try_which_groups_can(engine: &Engine, question: &str) -> Result<String, RequestError> {
    let tree = parse(question, "the request")?;
    let object = Object::read(&tree, "", &["permission", "at", "time", "limit", "after"])?;
    let (permission, at) = (object.text("permission")?, object.text("at")?);
    let (time, page) = (timestamp(object.required("time")?, "time")?, page(&object)?);
    let permission = engine.policy().permission(permission)?;
    let at = ScopePath::parse(at)?;
    Ok(to_json(&engine.which_groups_can(permission, at, Timestamp::read(time, "time")?, page)))
}

/// Returns the assignments of a subject that have not ended, or the error envelope. The question is
/// `{"subject", "at"?, "time"}`.
#[must_use]
pub fn assignments_of(engine: &Engine, question: &str) -> String {
    or_error_json(try_assignments_of(engine, question))
}

/// Returns the same answer as [`assignments_of`], with the error apart.
///
/// # Errors
/// The first error in the order JSON, shape, subject, at, time.
pub fn try_assignments_of(engine: &Engine, question: &str) -> Result<String, RequestError> {
    let tree = parse(question, "the request")?;
    let object = Object::read(&tree, "", &["subject", "at", "time"])?;
    let (subject, at) = (object.text("subject")?, object.optional_text("at")?);
    let time = timestamp(object.required("time")?, "time")?;
    let subject = SubjectId::parse(subject)?;
    let at = at.map(ScopePath::parse).transpose()?;
    Ok(to_json(&engine.assignments_of(subject, at, Timestamp::read(time, "time")?)))
}

/// Reads the wanted part of a long answer.
fn page<'v>(object: &Object<'v>) -> Result<PageRequest<'v>, RequestError> {
    let mut page = PageRequest::default();
    page.limit = object.get("limit").map(limit).transpose()?;
    page.after = object.optional_text("after")?;
    Ok(page)
}

fn limit(value: &Value<'_>) -> Result<usize, RequestError> {
    let whole = match value {
        Value::Int(number) => usize::try_from(*number).ok().filter(|number| *number > 0),
        _ => None,
    };
    whole.ok_or_else(|| wrong(value, "limit", "a whole number from 1 on"))
}
