//! Answers as canonical JSON: keys in a fixed order, no spaces, escaping only `"`, `\` and control characters.

use crate::{request, writer};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rolecall::{
    CompileError, Engine, GrantingRole, Item, PermissionId, PortableSession, Redacted, RequestError, RequestErrorCode,
    ScopePath, Session, SubjectId, Timestamp,
};
use serde::Serialize;

/// Writes an answer in its canonical form. Its bytes are what two runtimes must agree on.
#[must_use]
pub fn canonical(answer: &impl Serialize) -> String {
    // The answers hold no maps with keys that are not texts, and no numbers: writing them to memory cannot fail.
    serde_json::to_string(answer).unwrap_or_else(|error| {
        let fault = RequestError::new(RequestErrorCode::InternalPanic, "", error.to_string());
        fault_json(&fault)
    })
}

/// Writes an answer of the core in the same form.
#[must_use]
pub fn to_json(answer: &impl Serialize) -> String {
    writer::written(answer).unwrap_or_else(|| String::from(NO_ANSWER))
}

/// What is told where something has no place in an answer: a defect, which tests would find.
const NO_ANSWER: &str = r#"{"error":{"code":"internal.panic","message":"a defect of rolecall, please report it"}}"#;

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a RequestError,
}

/// Writes the envelope of a malformed question: `{"error":{"code","message","path"?,"help"?}}`.
#[must_use]
pub fn fault_json(fault: &RequestError) -> String {
    to_json(&Envelope { error: fault })
}

/// Writes the issues of documents: `{"issues":[{"code","document","path","line"?,"column"?,"message","help"?}]}`.
#[must_use]
pub fn compile_error_json(error: &CompileError) -> String {
    to_json(error)
}

fn or_error_json(answer: Result<String, RequestError>) -> String {
    answer.unwrap_or_else(|fault| fault_json(&fault))
}

/// Answers a question with its decision, or with the error envelope.
#[must_use]
pub fn check(engine: &Engine, question: &str) -> String {
    or_error_json(
        request::question(engine, question)
            .map(|asked| to_json(&asked.session.check(asked.permission, asked.item.as_ref()))),
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
    or_error_json(
        request::question(engine, question)
            .map(|asked| to_json(&asked.session.explain(asked.permission, asked.item.as_ref()))),
    )
}

/// Answers a question with its explanation for the person who asks, codes only, or with the error envelope.
#[must_use]
pub fn explain_redacted(engine: &Engine, question: &str) -> String {
    or_error_json(
        request::question(engine, question)
            .map(|asked| to_json(&asked.session.explain_redacted(asked.permission, asked.item.as_ref()))),
    )
}

/// Answers with the part of a menu that someone sees, or with the error envelope. `who` is
/// `{"subject", "at", "context"}`.
#[must_use]
pub fn menu(engine: &Engine, name: &str, who: &str) -> String {
    or_error_json(request::session(engine, who).and_then(|session| Ok(to_json(&session.menu(name)?))))
}

/// Answers with everything that someone may do, or with the error envelope. `who` is `{"subject", "at", "context"}`.
#[must_use]
pub fn permissions(engine: &Engine, who: &str) -> String {
    or_error_json(request::session(engine, who).map(|session| to_json(&session.permissions())))
}

/// Answers with what the active roles of someone give, and which role gives what, or with the error envelope.
#[must_use]
pub fn effective(engine: &Engine, who: &str) -> String {
    or_error_json(request::session(engine, who).map(|session| to_json(&session.effective())))
}

/// Answers with everyone who may do something at a scope, or with the error envelope.
#[must_use]
pub fn who_can(engine: &Engine, permission: &str, at: &str, time: &str) -> String {
    let ask = || -> Result<String, RequestError> {
        let permission = engine.policy().permission(permission)?;
        let at = ScopePath::parse(at)?;
        Ok(to_json(&engine.who_can(permission, at, Timestamp::read(time, "time")?)))
    };
    or_error_json(ask())
}

/// Answers with every scope where someone may do something, or with the error envelope.
#[must_use]
pub fn where_can(engine: &Engine, subject: &str, permission: &str, time: &str) -> String {
    let ask = || -> Result<String, RequestError> {
        let subject = SubjectId::parse(subject)?;
        let permission = engine.policy().permission(permission)?;
        Ok(to_json(&engine.where_can(subject, permission, Timestamp::read(time, "time")?)))
    };
    or_error_json(ask())
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
    or_error_json(found.map(|roles| to_json(&GrantingRoles { roles })))
}

/// Answers with what would change for whom between two engines, or with the error envelope.
#[must_use]
pub fn diff(before: &Engine, after: &Engine, time: &str) -> String {
    or_error_json(Timestamp::read(time, "time").map(|time| to_json(&before.diff(after, time))))
}

/// Answers with what the directory holds against the policy's rules for administration, or with the error envelope.
#[must_use]
pub fn violations(engine: &Engine, time: &str) -> String {
    or_error_json(Timestamp::read(time, "time").map(|time| to_json(&engine.violations(time))))
}

/// Redacts a record, in JSON, for a session; `labels` is `{"path.of.a.field": "label" or ["label", …]}`.
///
/// # Errors
/// What is wrong with the labels, or with the record.
pub fn session_redact(
    session: &Session,
    record: &str,
    labels: &str,
    mask: Option<&str>,
) -> Result<String, RequestError> {
    let labels = request::labels(session.policy(), labels)?;
    Ok(redacted_json(&session.redact(record, &labels, mask)?))
}

/// Writes a redacted record: `{"record","withheld","valid_until"?}`.
#[must_use]
pub fn redacted_json(redacted: &Redacted) -> String {
    #[derive(Serialize)]
    struct Beside<'a> {
        withheld: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        valid_until: Option<Timestamp>,
    }
    // The record is JSON already, and stays as it is written.
    let beside = to_json(&Beside { withheld: &redacted.withheld, valid_until: redacted.valid_until });
    ["{\"record\":", &redacted.record, ",", beside.get(1..).unwrap_or_default()].concat()
}

/// Tells whether a subject may do something at a scope, at an instant in milliseconds since the epoch, of whom no more is
/// known: [`Engine::can_by_names`] for a number, which must be of the years 1990 to 2199.
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
    let time = instant(millis).ok_or_else(|| no_instant(millis))?;
    engine.can_by_names(subject, permission, at, time)
}

/// The first instant that a number of milliseconds may stand for, 1990-01-01: what is before it are seconds.
const EARLIEST: f64 = 631_152_000_000.0;
/// The first instant that it may no longer stand for, 2200-01-01: what is from there on are microseconds, or no time at all.
const LATEST: f64 = 7_258_118_400_000.0;

fn instant(millis: f64) -> Option<Timestamp> {
    if (EARLIEST..LATEST).contains(&millis) { Timestamp::from_millis(millis as i64) } else { None }
}

fn no_instant(millis: f64) -> RequestError {
    let fault = |message, help| RequestError::new(RequestErrorCode::TimeMalformed, "time", message).with_help(help);
    if millis < EARLIEST {
        let message = "the instant is before 1990: these look like seconds, not milliseconds";
        fault(message, "multiply seconds by 1000, or write the instant as RFC 3339")
    } else if millis >= LATEST {
        let message = "the instant is after 2199: these look like microseconds or nanoseconds, not milliseconds";
        fault(message, "divide by 1000 or 1000000, or write the instant as RFC 3339")
    } else {
        fault("the instant is not a number of milliseconds", "check what it was computed from")
    }
}

/// The same by the numbers of subject, permission and scope; -1 where one of them is none since the last change, or the
/// instant cannot be written: then names tell more.
#[must_use]
pub fn can_by_numbers(engine: &Engine, subject: u32, permission: u32, at: u32, millis: f64) -> i32 {
    let allowed = || {
        let (subject, at) = (numbered(subject, SUBJECT)?, numbered(at, SCOPE)?);
        let permission = engine.policy().permission_at(permission)?;
        Some(engine.can(engine.subject_at(subject)?, permission, engine.scope_at(at)?, instant(millis)?))
    };
    allowed().map_or(-1, i32::from)
}

/// The number of a listed subject or scope until the next change. Neither can be taken for the other.
#[must_use]
pub fn name_number(engine: &Engine, name: &str) -> Option<u32> {
    let subject = || engine.subject(name).map(|subject| subject.index() << 1 | SUBJECT);
    let scope = || engine.scope(name).map(|scope| scope.index() << 1 | SCOPE);
    subject().or_else(scope)
}

/// The lowest bit of a number tells what it is of.
const SUBJECT: u32 = 0;
const SCOPE: u32 = 1;

fn numbered(number: u32, kind: u32) -> Option<u32> {
    (number & 1 == kind).then_some(number >> 1)
}

/// Makes a session portable; `coverage` is `{"scopes"?, "menus"?, "until"?}`.
///
/// # Errors
/// What is wrong with the coverage.
pub fn session_to_bytes(session: &Session, coverage: &str) -> Result<Vec<u8>, RequestError> {
    request::to_bytes(session, coverage)
}

/// Answers for a portable session whether a permission is allowed; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// What is wrong with the permission, or with the item.
pub fn portable_can(session: &PortableSession, permission: &str, item: Option<&str>) -> Result<bool, RequestError> {
    let permission = session.permission(permission)?;
    let item = item.map(|item| request::item(session, item)).transpose()?;
    Ok(item.map_or_else(|| session.can(permission), |item| session.can_item(permission, &item)))
}

/// What a portable session covers.
#[derive(Debug, Serialize)]
pub struct PortableCoverage<'a> {
    /// The subject's id.
    pub subject: &'a str,
    /// The scope that is asked about.
    pub at: &'a str,
    /// Whether scope and instant are covered; else everything is denied.
    pub is_covered: bool,
    /// The scopes that are covered, sorted.
    pub scopes: Vec<String>,
    /// The menus that came along, sorted.
    pub menus: Vec<&'a str>,
    /// The instant that is asked about.
    pub time: Timestamp,
    /// The first instant that is covered, some seconds before that of the session.
    pub from: Timestamp,
    /// The first instant that no longer is, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Tells what a portable session covers.
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
/// What is wrong with the labels, or with the record.
pub fn portable_redact(
    session: &PortableSession,
    record: &str,
    labels: &str,
    mask: Option<&str>,
) -> Result<String, RequestError> {
    let labels = request::labels(session, labels)?;
    Ok(redacted_json(&session.redact(record, &labels, mask)?))
}

/// What is asked of a session: a permission, and perhaps for an item.
pub(crate) fn asked(
    session: &Session,
    permission: &str,
    item: Option<&str>,
) -> Result<(PermissionId, Option<Item>), RequestError> {
    let permission = session.policy().permission(permission)?;
    let item = item.map(|item| request::item(session.policy(), item)).transpose()?;
    Ok((permission, item))
}

/// Decides for a session; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// What is wrong with the permission, or with the item.
pub fn session_check(session: &Session, permission: &str, item: Option<&str>) -> Result<String, RequestError> {
    let (permission, item) = asked(session, permission, item)?;
    Ok(to_json(&session.check(permission, item.as_ref())))
}

/// Explains for a session to the person who asks, codes only; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// What is wrong with the permission, or with the item.
pub fn session_explain_redacted(
    session: &Session,
    permission: &str,
    item: Option<&str>,
) -> Result<String, RequestError> {
    let (permission, item) = asked(session, permission, item)?;
    Ok(to_json(&session.explain_redacted(permission, item.as_ref())))
}

/// Explains for a session; `item` is `{"labels"?, "boundaries"?}`.
///
/// # Errors
/// What is wrong with the permission, or with the item.
pub fn session_explain(session: &Session, permission: &str, item: Option<&str>) -> Result<String, RequestError> {
    let (permission, item) = asked(session, permission, item)?;
    Ok(to_json(&session.explain(permission, item.as_ref())))
}
