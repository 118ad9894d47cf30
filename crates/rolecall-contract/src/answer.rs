//! Answers as canonical JSON: keys in a fixed order, no spaces, escaping only `"`, `\` and control characters.

use crate::{request, writer};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rolecall::{
    CompileError, Engine, Filter, GrantingRole, Item, PermissionId, PortableSession, Redacted, RequestError,
    RequestErrorCode, ScopePath, Session, SubjectId, Timestamp,
};
use serde::Serialize;

/// Encodes an answer as canonical JSON. Runtimes must agree on its bytes.
#[must_use]
pub fn canonical(answer: &impl Serialize) -> String {
    // Answers have only text keys and whole numbers, so encoding cannot fail.
    serde_json::to_string(answer).unwrap_or_else(|error| {
        let failure = RequestError::new(RequestErrorCode::InternalPanic, "", error.to_string());
        error_json(&failure)
    })
}

/// Encodes an answer of the core as canonical JSON.
#[must_use]
pub fn to_json(answer: &impl Serialize) -> String {
    writer::encode(answer).unwrap_or_else(|| String::from(ENCODING_FAILED))
}

/// The answer for a value that cannot be encoded. That is a defect, which tests would find.
const ENCODING_FAILED: &str =
    r#"{"error":{"code":"internal.panic","message":"a defect of rolecall, please report it"}}"#;

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a RequestError,
}

/// Encodes the error of a malformed request: `{"error":{"code","message","path"?,"help"?}}`.
#[must_use]
pub fn error_json(error: &RequestError) -> String {
    to_json(&Envelope { error })
}

/// Encodes the issues of documents: `{"issues":[{"code","document","path","line"?,"column"?,"message","help"?}]}`.
#[must_use]
pub fn compile_error_json(error: &CompileError) -> String {
    to_json(error)
}

pub(crate) fn or_error_json(answer: Result<String, RequestError>) -> String {
    answer.unwrap_or_else(|error| error_json(&error))
}

/// Returns the decision on a request, or the error envelope.
#[must_use]
pub fn check(engine: &Engine, question: &str) -> String {
    or_error_json(
        request::question(engine, question)
            .map(|request| to_json(&request.session.check(request.permission, request.item.as_ref()))),
    )
}

/// Returns one answer for each request, in order.
#[must_use]
pub fn check_many<'t>(engine: &Engine, questions: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    questions.into_iter().map(|question| check(engine, question)).collect()
}

/// Returns the explanation of a request, or the error envelope.
#[must_use]
pub fn explain(engine: &Engine, question: &str) -> String {
    or_error_json(
        request::question(engine, question)
            .map(|request| to_json(&request.session.explain(request.permission, request.item.as_ref()))),
    )
}

/// Returns the explanation of a request for the requesting person, codes only, or the error envelope.
#[must_use]
pub fn explain_redacted(engine: &Engine, question: &str) -> String {
    or_error_json(
        request::question(engine, question)
            .map(|request| to_json(&request.session.explain_redacted(request.permission, request.item.as_ref()))),
    )
}

/// Returns the visible part of a menu, or the error envelope. `who` is `{"subject", "at", "context"}`.
#[must_use]
pub fn menu(engine: &Engine, name: &str, who: &str) -> String {
    or_error_json(request::session(engine, who).and_then(|session| Ok(to_json(&session.menu(name)?))))
}

/// Returns all permissions of a subject, or the error envelope. `who` is `{"subject", "at", "context"}`.
#[must_use]
pub fn permissions(engine: &Engine, who: &str) -> String {
    or_error_json(request::session(engine, who).map(|session| to_json(&session.permissions())))
}

/// Returns the permissions of a subject's active roles and the roles that grant each, or the error envelope.
#[must_use]
pub fn effective(engine: &Engine, who: &str) -> String {
    or_error_json(request::session(engine, who).map(|session| to_json(&session.effective())))
}

/// Returns the subjects that may do something at a scope, or the error envelope.
#[must_use]
pub fn who_can(engine: &Engine, permission: &str, at: &str, time: &str) -> String {
    let ask = || -> Result<String, RequestError> {
        let permission = engine.policy().permission(permission)?;
        let at = ScopePath::parse(at)?;
        Ok(to_json(&engine.who_can(permission, at, Timestamp::read(time, "time")?)))
    };
    or_error_json(ask())
}

/// Returns the scopes where a subject may do something, or the error envelope.
#[must_use]
pub fn where_can(engine: &Engine, subject: &str, permission: &str, time: &str) -> String {
    let ask = || -> Result<String, RequestError> {
        let subject = SubjectId::parse(subject)?;
        let permission = engine.policy().permission(permission)?;
        Ok(to_json(&engine.where_can(subject, permission, Timestamp::read(time, "time")?)))
    };
    or_error_json(ask())
}

/// Returns the rows that a subject may see, or the error envelope. The question is `{"subject", "permission", "at"?,
/// "list_scopes"?, "context"}`.
#[must_use]
pub fn filter(engine: &Engine, question: &str) -> String {
    or_error_json(filter_of(engine, question).map(|filter| to_json(&filter)))
}

/// Returns the rows that a subject may see; see [`filter`].
///
/// # Errors
/// The first error of the question in the fixed order, and then `filter.locks`.
pub fn filter_of(engine: &Engine, question: &str) -> Result<Filter, RequestError> {
    request::filter(engine, question, |asked| {
        let filter = engine.filter(asked.subject, asked.permission, asked.at, &asked.context)?;
        Ok(if asked.list_scopes { engine.with_scopes(filter) } else { filter })
    })?
}

/// Returns the numbers of all scopes, to which the ranges of filters refer.
#[must_use]
pub fn numbering(engine: &Engine) -> String {
    to_json(&engine.numbering())
}

/// The answer about the roles that hold a permission.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct GrantingRoles {
    /// Sorted by name and scope.
    pub roles: Vec<GrantingRole>,
}

impl From<Vec<GrantingRole>> for GrantingRoles {
    fn from(roles: Vec<GrantingRole>) -> Self {
        Self { roles }
    }
}

/// Returns the roles that hold a permission, or the error envelope.
#[must_use]
pub fn granting_roles(engine: &Engine, permission: &str) -> String {
    let found = engine.policy().permission(permission).map(|permission| engine.granting_roles(permission));
    or_error_json(found.map(|roles| to_json(&GrantingRoles { roles })))
}

/// Returns the permissions that each subject would gain or lose between two engines, or the error envelope.
#[must_use]
pub fn diff(before: &Engine, after: &Engine, time: &str) -> String {
    or_error_json(Timestamp::read(time, "time").map(|time| to_json(&before.diff(after, time))))
}

/// Returns where the directory violates the policy's rules for administration, or the error envelope.
#[must_use]
pub fn violations(engine: &Engine, time: &str) -> String {
    or_error_json(Timestamp::read(time, "time").map(|time| to_json(&engine.violations(time))))
}

/// Redacts a record, in JSON, for a session; `labels` is `{"path.of.a.field": "label" or ["label", …]}`.
///
/// # Errors
/// An invalid map of labels, or an invalid record.
pub fn session_redact(
    session: &Session,
    record: &str,
    labels: &str,
    mask: Option<&str>,
) -> Result<String, RequestError> {
    let labels = request::labels(session.policy(), labels)?;
    Ok(redacted_json(&session.redact(record, &labels, mask)?))
}

/// Encodes a redacted record: `{"record","withheld","valid_until"?}`.
#[must_use]
pub fn redacted_json(redacted: &Redacted) -> String {
    #[derive(Serialize)]
    struct Rest<'a> {
        withheld: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        valid_until: Option<Timestamp>,
    }
    // The record is JSON already and stays as written.
    let rest = to_json(&Rest { withheld: &redacted.withheld, valid_until: redacted.valid_until });
    ["{\"record\":", &redacted.record, ",", rest.get(1..).unwrap_or_default()].concat()
}

/// Returns whether a subject may do something at a scope, without knowledge of the connection, like
/// [`Engine::can_by_names`]. `millis` is a timestamp in milliseconds since the epoch, from the years 1990 to 2199.
///
/// # Errors
/// `subject.malformed`, `permission.malformed`, `permission.unknown`, `scope.malformed` and `time.malformed`.
pub fn can_by_names(
    engine: &Engine,
    subject: &str,
    permission: &str,
    at: &str,
    millis: f64,
) -> Result<bool, RequestError> {
    let time = timestamp(millis).ok_or_else(|| timestamp_error(millis))?;
    engine.can_by_names(subject, permission, at, time)
}

/// The first valid number of milliseconds, 1990-01-01. Smaller numbers are seconds.
const EARLIEST: f64 = 631_152_000_000.0;
/// The first number of milliseconds that is too large, 2200-01-01. It and larger ones are microseconds, or not a time.
const LATEST: f64 = 7_258_118_400_000.0;

fn timestamp(millis: f64) -> Option<Timestamp> {
    if (EARLIEST..LATEST).contains(&millis) { Timestamp::from_millis(millis as i64) } else { None }
}

fn timestamp_error(millis: f64) -> RequestError {
    let error = |message, help| RequestError::new(RequestErrorCode::TimeMalformed, "time", message).with_help(help);
    if millis < EARLIEST {
        let message = "the timestamp is before 1990: it looks like seconds, not milliseconds";
        error(message, "multiply seconds by 1000, or write the timestamp as RFC 3339")
    } else if millis >= LATEST {
        let message = "the timestamp is after 2199: it looks like microseconds or nanoseconds, not milliseconds";
        error(message, "divide by 1000 or 1000000, or write the timestamp as RFC 3339")
    } else {
        error("the timestamp is not a number of milliseconds", "check the value that it was computed from")
    }
}

/// Decides by the handles of subject, permission and scope. Returns -1 if a handle is unknown since the last change or
/// the timestamp is invalid: then call [`can_by_names`].
#[must_use]
pub fn can_by_numbers(engine: &Engine, subject: u32, permission: u32, at: u32, millis: f64) -> i32 {
    let allowed = || {
        let (subject, at) = (numbered(subject, SUBJECT)?, numbered(at, SCOPE)?);
        let permission = engine.policy().permission_at(permission)?;
        Some(engine.can(engine.subject_at(subject)?, permission, engine.scope_at(at)?, timestamp(millis)?))
    };
    allowed().map_or(-1, i32::from)
}

/// Returns the handle of a listed subject or scope, valid until the next change. The handles of subjects and scopes are
/// distinct.
#[must_use]
pub fn name_number(engine: &Engine, name: &str) -> Option<u32> {
    let subject = || engine.subject(name).map(|subject| subject.index() << 1 | SUBJECT);
    let scope = || engine.scope(name).map(|scope| scope.index() << 1 | SCOPE);
    subject().or_else(scope)
}

/// The kind of a handle, in its lowest bit.
const SUBJECT: u32 = 0;
const SCOPE: u32 = 1;

fn numbered(number: u32, kind: u32) -> Option<u32> {
    (number & 1 == kind).then_some(number >> 1)
}

/// Makes a session portable; `coverage` is `{"scopes"?, "menus"?, "until"?}`.
///
/// # Errors
/// An invalid coverage.
pub fn session_to_bytes(session: &Session, coverage: &str) -> Result<Vec<u8>, RequestError> {
    request::to_bytes(session, coverage)
}

/// Returns the answers of a session as data, the JSON of a view; `coverage` is `{"menus"?, "permissions"?, "until"?}`.
///
/// # Errors
/// An invalid coverage.
pub fn session_to_view(session: &Session, coverage: &str) -> Result<String, RequestError> {
    request::view(session, coverage, |view| to_json(view))
}

/// Returns whether a portable session allows a permission; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// An invalid permission or item.
pub fn portable_can(session: &PortableSession, permission: &str, item: Option<&str>) -> Result<bool, RequestError> {
    let permission = session.permission(permission)?;
    let item = item.map(|item| request::item(session, item)).transpose()?;
    Ok(item.map_or_else(|| session.can(permission), |item| session.can_item(permission, &item)))
}

/// The coverage of a portable session.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct PortableCoverage<'a> {
    /// The subject's id.
    pub subject: &'a str,
    /// The scope of the session.
    pub at: &'a str,
    /// Whether scope and timestamp are covered. If not, everything is denied.
    pub is_covered: bool,
    /// The covered scopes, sorted.
    pub scopes: Vec<String>,
    /// The included menus, sorted.
    pub menus: Vec<&'a str>,
    /// The timestamp of the session.
    pub time: Timestamp,
    /// The first covered timestamp, some seconds before that of the original session.
    pub from: Timestamp,
    /// The first timestamp that is not covered, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Returns the coverage of a portable session.
#[must_use]
pub fn portable_coverage(session: &PortableSession) -> String {
    to_json(&PortableCoverage {
        subject: session.subject(),
        at: session.scope(),
        is_covered: session.is_covered(),
        scopes: session.scopes(),
        menus: session.menus(),
        time: session.time(),
        from: session.covers_from(),
        until: session.covers_until(),
    })
}

/// Redacts a record, in JSON, for a portable session; `labels` is as for [`session_redact`].
///
/// # Errors
/// An invalid map of labels, or an invalid record.
pub fn portable_redact(
    session: &PortableSession,
    record: &str,
    labels: &str,
    mask: Option<&str>,
) -> Result<String, RequestError> {
    let labels = request::labels(session, labels)?;
    Ok(redacted_json(&session.redact(record, &labels, mask)?))
}

/// Reads a permission and an optional item.
pub(crate) fn permission_and_item(
    session: &Session,
    permission: &str,
    item: Option<&str>,
) -> Result<(PermissionId, Option<Item>), RequestError> {
    let permission = session.policy().permission(permission)?;
    let item = item.map(|item| request::item(session.policy(), item)).transpose()?;
    Ok((permission, item))
}

/// Returns the decision of a session; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// An invalid permission or item.
pub fn session_check(session: &Session, permission: &str, item: Option<&str>) -> Result<String, RequestError> {
    let (permission, item) = permission_and_item(session, permission, item)?;
    Ok(to_json(&session.check(permission, item.as_ref())))
}

/// Returns an explanation of a session for the requesting person, codes only; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// An invalid permission or item.
pub fn session_explain_redacted(
    session: &Session,
    permission: &str,
    item: Option<&str>,
) -> Result<String, RequestError> {
    let (permission, item) = permission_and_item(session, permission, item)?;
    Ok(to_json(&session.explain_redacted(permission, item.as_ref())))
}

/// Returns an explanation of a session; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// An invalid permission or item.
pub fn session_explain(session: &Session, permission: &str, item: Option<&str>) -> Result<String, RequestError> {
    let (permission, item) = permission_and_item(session, permission, item)?;
    Ok(to_json(&session.explain(permission, item.as_ref())))
}
