//! Access evaluation of single questions and of batches.

use crate::code::UnknownCode;
use crate::mapping::Mapping;
use crate::question::{self, Answer, Parts, limit};
use crate::read::{self, Object, shape};
use crate::setting::{Caller, Setting};
use rolecall::{Decision, Engine, RequestError, Timestamp};
use rolecall_contract::canonical;
use serde::Serialize;

/// The maximum number of questions in one request.
pub const EVALUATIONS: usize = 1_000;

/// The response to a question.
#[derive(Serialize)]
struct Response {
    decision: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
}

/// The `context` of a response, which is sent if `options.reasons` is true.
#[derive(Serialize)]
#[serde(untagged)]
enum Context {
    /// The decisions of the engine that led to the response.
    Decisions {
        permissions: Vec<Decided>,
        #[serde(skip_serializing_if = "Option::is_none")]
        valid_until: Option<Timestamp>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unused: Vec<&'static str>,
    },
    /// The question names something unknown, or its time is malformed.
    Unknown {
        reasons: [UnknownCode; 1],
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unused: Vec<&'static str>,
    },
    /// A question of a batch is malformed.
    Error { error: RequestError },
}

#[derive(Serialize)]
struct Decided {
    permission: String,
    #[serde(flatten)]
    decision: Decision,
}

#[derive(Serialize)]
struct Responses {
    evaluations: Vec<Response>,
}

/// The `evaluations_semantic`: when the evaluation of a batch ends.
#[derive(Clone, Copy)]
enum Semantic {
    All,
    FirstDeny,
    FirstPermit,
}

impl Response {
    fn of(answer: Answer, unused: Vec<&'static str>, reasons: bool) -> Self {
        let context = reasons.then(|| match answer.unknown {
            Some(unknown) => Context::Unknown { reasons: [unknown], unused },
            None => {
                let valid_until = answer.decisions.iter().filter_map(|(_, decision)| decision.valid_until).min();
                let decided = |(permission, decision)| Decided { permission, decision };
                let permissions = answer.decisions.into_iter().map(decided).collect();
                Context::Decisions { permissions, valid_until, unused }
            }
        });
        Self { decision: answer.allow, context }
    }

    /// Returns the response to a malformed question of a batch, which denies.
    fn failed(fault: RequestError, reasons: bool) -> Self {
        Self { decision: false, context: reasons.then_some(Context::Error { error: fault }) }
    }
}

/// Evaluates a single question and returns `{"decision": …}`, with a `context` if `options.reasons` is true.
///
/// # Errors
/// [`RequestError`] if the request is malformed, for a response with status 400. The values of a `context`
/// object never cause an error.
pub fn evaluation(
    engine: &Engine,
    mapping: &Mapping,
    request: &str,
    caller: Caller<'_>,
) -> Result<String, RequestError> {
    let tree = read::request(request)?;
    let object = Object::of(&tree, "")?;
    let reasons = options(object)?.0;
    single(engine, mapping, object, caller, reasons)
}

fn single(
    engine: &Engine,
    mapping: &Mapping,
    object: Object<'_>,
    caller: Caller<'_>,
    reasons: bool,
) -> Result<String, RequestError> {
    let parts = Parts::read(object, "")?;
    Ok(canonical(&ask(engine, mapping, &parts, &Parts::default(), caller, reasons)?))
}

/// Evaluates a batch of questions and returns `{"evaluations": [{"decision": …}, …]}` in the order of the questions.
/// `options.evaluations_semantic` can end the batch early. Without questions, the response is that of [`evaluation`].
///
/// # Errors
/// [`RequestError`] if the request as a whole is malformed, for a response with status 400. A malformed question of the
/// batch is not an error: only that question is denied.
pub fn evaluations(
    engine: &Engine,
    mapping: &Mapping,
    request: &str,
    caller: Caller<'_>,
) -> Result<String, RequestError> {
    let tree = read::request(request)?;
    let object = Object::of(&tree, "")?;
    let (reasons, semantic) = options(object)?;
    let items =
        object.get("evaluations").map(|value| read::list(value, "evaluations")).transpose()?.unwrap_or_default();
    if items.is_empty() {
        return single(engine, mapping, object, caller, reasons);
    }
    if items.len() > EVALUATIONS {
        return Err(limit("evaluations", items.len(), EVALUATIONS));
    }
    let defaults = Parts::read(object, "")?;
    defaults.check()?;
    let mut evaluations = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = format!("evaluations[{index}]");
        let parts = Object::of(item, "").and_then(|object| Parts::read(object, ""));
        let response =
            parts.and_then(|parts| ask(engine, mapping, &parts, &defaults, caller, reasons)).unwrap_or_else(|fault| {
                let place = fault.path.as_ref().map_or_else(|| path.clone(), |place| read::join(&path, place));
                Response::failed(fault.at(place), reasons)
            });
        let last = match semantic {
            Semantic::All => false,
            Semantic::FirstDeny => !response.decision,
            Semantic::FirstPermit => response.decision,
        };
        evaluations.push(response);
        if last {
            break;
        }
    }
    Ok(canonical(&Responses { evaluations }))
}

/// Returns whether the request asks for reasons, and when the batch ends.
fn options(object: Object<'_>) -> Result<(bool, Semantic), RequestError> {
    let Some(options) = object.object("options", "")? else { return Ok((false, Semantic::All)) };
    let semantic = match options.text("evaluations_semantic", "options")? {
        None | Some("execute_all") => Semantic::All,
        Some("deny_on_first_deny") => Semantic::FirstDeny,
        Some("permit_on_first_permit") => Semantic::FirstPermit,
        Some(other) => {
            let message = format!("`{other}` is not a semantic");
            let help = "use `execute_all`, `deny_on_first_deny` or `permit_on_first_permit`";
            return Err(shape("options.evaluations_semantic", message).with_help(help));
        }
    };
    Ok((options.flag("reasons", "options")?, semantic))
}

fn ask(
    engine: &Engine,
    mapping: &Mapping,
    parts: &Parts<'_>,
    defaults: &Parts<'_>,
    caller: Caller<'_>,
    reasons: bool,
) -> Result<Response, RequestError> {
    let subject = parts.subject(defaults)?;
    let subject_id = subject.id("subject")?;
    let action = parts.action(defaults)?;
    let resource = parts.resource(defaults)?;
    let resource_id = resource.id("resource")?;
    let setting = Setting::read(parts.context(defaults), caller);
    let found = question::find(engine, mapping, &resource, resource_id, action)?
        .and_then(|target| Ok((target, mapping.subject(subject.kind, subject_id).ok_or(UnknownCode::Subject)?)));
    Ok(match found {
        Err(unknown) => Response::of(Answer::denied(unknown), setting.unused, reasons),
        Ok((_, id)) if !caller.may_ask(&id) => {
            Response::of(Answer::denied(UnknownCode::SubjectForbidden), setting.unused, reasons)
        }
        Ok(_) if !setting.is_known() => Response::of(Answer::denied(UnknownCode::Time), setting.unused, reasons),
        Ok((target, id)) if reasons => Response::of(target.answer(engine, &id, &setting), setting.unused, true),
        Ok((target, id)) => Response { decision: target.allows(engine, &id, &setting), context: None },
    })
}
