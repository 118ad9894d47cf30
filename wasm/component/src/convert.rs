//! Conversions between the records of the WIT world and the types of the core.

use crate::exports::rolecall::policy::decisions as wit;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rolecall::{Context, ContextText, Decision, ForbiddenError, Issue, Item, RequestError, Vocabulary};
use rolecall_pass::PassError;

pub(crate) fn request_error(error: RequestError) -> wit::RequestError {
    let RequestError { code, message, path, help, .. } = error;
    wit::RequestError { code: code.to_string(), message, path, help }
}

pub(crate) fn pass_error(error: PassError) -> wit::RequestError {
    wit::RequestError { code: error.code.to_string(), message: error.message, path: None, help: None }
}

pub(crate) fn issue(issue: Issue) -> wit::Issue {
    wit::Issue {
        code: issue.code.to_string(),
        document: issue.document.to_string(),
        path: issue.path,
        line: issue.position.map(|position| position.line),
        column: issue.position.map(|position| position.column),
        message: issue.message,
        help: issue.help,
    }
}

pub(crate) fn context(given: &wit::Context) -> Result<Context, RequestError> {
    let wit::Context { at, time, ip, last_activity, login, second_factor, active_roles, groups } = given;
    let context = ContextText {
        at,
        time,
        ip: ip.as_deref(),
        last_activity: last_activity.as_deref(),
        login: login.as_deref(),
        second_factor: *second_factor,
        active_roles: active_roles.as_ref().map(|roles| roles.iter().map(String::as_str).collect()),
        groups: groups.as_ref().map(|groups| groups.iter().map(String::as_str).collect()),
    };
    context.resolve()
}

pub(crate) fn item(words: &impl Vocabulary, item: Option<&wit::Item>) -> Result<Option<Item>, RequestError> {
    item.map(|item| {
        let boundaries = item.boundaries.iter();
        let mut read = Item::new(
            words,
            item.labels.iter().map(String::as_str),
            boundaries.map(|(name, values)| (name.as_str(), values.iter().map(String::as_str))),
        )?;
        item.id.as_deref().map_or(Ok(()), |id| read.set_id(id))?;
        Ok(read)
    })
    .transpose()
}

pub(crate) fn decision(decision: Decision) -> wit::Decision {
    let grants = decision.granted_by.into_iter();
    wit::Decision {
        allow: decision.allow,
        reasons: decision.reasons.iter().map(ToString::to_string).collect(),
        granted_by: grants
            .map(|grant| wit::Grant { role: grant.role, via: grant.via, subject: grant.subject, at: grant.at })
            .collect(),
        withheld: decision.withheld,
        narrowed: decision.narrowed.into_iter().collect(),
        valid_until: decision.valid_until.map(|instant| instant.to_string()),
    }
}

pub(crate) fn forbidden_error(error: ForbiddenError) -> wit::ForbiddenError {
    let ForbiddenError { subject, permission, at, decision: denied, .. } = error;
    wit::ForbiddenError { subject, permission, at, decision: decision(*denied) }
}

pub(crate) fn owned<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    texts.into_iter().map(ToString::to_string).collect()
}
