//! The login rules that someone is subject to: nobody is freed from rules that the actor could not change.

use crate::deciding::Deciding;
use crate::object::{Key, Kind, Settings, Subject};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::{is_below, upwards};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The methods by which external users log in, regardless of settings.
const EXTERNAL: [&str; 2] = ["password", "google"];

/// The nearest scope at or above another that says how to log in, and the methods that it lists.
pub(crate) fn login_rules(settings: impl Fn(&str) -> Option<Settings>, at: &str) -> Option<(String, BTreeSet<String>)> {
    let login = |at: &str| settings(at).and_then(|set| set.login);
    upwards(at).find_map(|at| login(at).map(|login| (at.to_string(), login.methods.into_iter().collect())))
}

/// The methods by which someone may log in; nothing where any is allowed.
fn methods(settings: impl Fn(&str) -> Option<Settings>, subject: &Subject) -> Option<BTreeSet<String>> {
    if subject.external {
        return Some(EXTERNAL.map(Into::into).into());
    }
    login_rules(settings, subject.native.as_deref()?).map(|(_, methods)| methods)
}

/// Refuses a change of someone's identity domain that opens a login which the rules of the domain before do not allow, or
/// that moves them to a scope below, unless the actor may change those rules. This covers every command that changes a subject.
pub(crate) fn keeps_login_rules(deciding: &Deciding<'_>) -> Result<(), Refusal> {
    for change in deciding.changes().iter().filter(|change| change.kind == Kind::Subject) {
        let subject = |value| Subject::deserialize(value).ok();
        let (Some(before), Some(after)) =
            (change.before.as_ref().and_then(subject), change.after.as_ref().and_then(subject))
        else {
            continue;
        };
        let Some(allowed) = methods(|at| deciding.state.get(&Key::new(Kind::Settings, at)), &before) else { continue };
        let Some(native) = before.native.as_deref().filter(|_| !before.external) else { continue };
        // In a domain further down, other people may change the rules.
        let below = after.native.as_deref().is_some_and(|at| at != native && is_below(at, native));
        let opened = below
            || match methods(|at| deciding.get(Kind::Settings, at), &after) {
                Some(now) => !now.is_subset(&allowed),
                None => true,
            };
        if opened && !upwards(native).any(|at| deciding.require("set-login", at).is_ok()) {
            let methods: Vec<&str> = allowed.iter().map(String::as_str).collect();
            let message = format!(
                "`{}` logs in by the rules of `{native}` (`{}`), which `{}` may not change",
                change.id,
                methods.join("`, `"),
                deciding.context.actor
            );
            return Err(Refusal::new(RefusalCode::LoginRules, message)
                .with_help(format!("let someone do this who may `set-login` at `{native}`")));
        }
    }
    Ok(())
}
