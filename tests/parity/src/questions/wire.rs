//! The JSON of a question, by which bindings call a method without knowing its kind.

use super::argument::{Argument as _, Json};
use super::{EngineCall, Kind, PortableCall, Question, SessionCall};
use anyhow::{Context, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Not;

/// Positional arguments, and arguments that are passed by name.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) args: Vec<Option<Json>>,
    pub(super) options: BTreeMap<String, Json>,
    has_options: bool,
}

impl Parts {
    pub(super) fn of(mut args: Vec<Option<Json>>, options: Vec<(&str, Option<Json>)>) -> Self {
        let has_options = !options.is_empty();
        while !has_options && args.last().is_some_and(Option::is_none) {
            args.pop();
        }
        let options = options.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?))).collect();
        Self { args, options, has_options }
    }
}

/// The JSON of a question.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Wire {
    call: String,
    #[serde(default, skip_serializing_if = "Not::not")]
    text: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    compiled: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    own: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<String>,
    /// The subject, scope and context that open the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<Json>,
    /// The coverage of the portable session, the scope and time at which it is opened, and the byte to damage before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coverage: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    damage: Option<usize>,
    args: Vec<Option<Json>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    options: Option<BTreeMap<String, Json>>,
}

impl Wire {
    fn new(kind: Kind, parts: Parts) -> Self {
        let Kind { call, answer: _, text, compiled, own, within } = kind;
        let Parts { args, options, has_options } = parts;
        let (call, within) = (call.to_string(), within.map(ToString::to_string));
        let options = has_options.then_some(options);
        let (who, coverage, at, time, damage) = (None, None, None, None, None);
        Self { call, text, compiled, own, within, who, coverage, at, time, damage, args, options }
    }
}

impl From<Question> for Wire {
    fn from(question: Question) -> Self {
        let kind = question.kind();
        match question {
            Question::Engine(call) => Self::new(kind, call.parts()),
            Question::Session { who, call } => Self { who: Some(who), ..Self::new(kind, call.parts()) },
            Question::Portable { who, coverage, at, time, damage, call } => Self {
                who: Some(who),
                coverage: Some(coverage),
                at,
                time: Some(time),
                damage,
                ..Self::new(kind, call.parts())
            },
        }
    }
}

impl TryFrom<Wire> for Question {
    type Error = Error;

    fn try_from(wire: Wire) -> Result<Self> {
        let Wire { call, who, coverage, at, time, damage, args, options, .. } = wire;
        let parts = Parts { args, options: options.unwrap_or_default(), has_options: false };
        if call.starts_with("portable.") {
            return Ok(Self::Portable {
                who: Json::received(who, "who")?,
                coverage: Json::received(coverage, "coverage")?,
                at,
                time: time.context("`time` is missing")?,
                damage,
                call: PortableCall::received(&call, parts)?,
            });
        }
        if call.starts_with("session.") {
            return Ok(Self::Session { who: Json::received(who, "who")?, call: SessionCall::received(&call, parts)? });
        }
        EngineCall::received(&call, parts).map(Self::Engine)
    }
}
