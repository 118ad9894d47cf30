//! What is set at scopes, and the scopes themselves.

use crate::deciding::Deciding;
use crate::object::{Key, Kind, Login, Settings, SupportAccess};
use crate::refusal::{Refusal, RefusalCode};
use std::collections::BTreeSet;

/// Changes what is set at a scope.
fn change(deciding: &mut Deciding<'_>, at: &str, change: impl FnOnce(&mut Settings)) -> Result<(), Refusal> {
    let mut settings = deciding.get::<Settings>(Kind::Settings, at).unwrap_or_default();
    change(&mut settings);
    let nothing = settings == Settings::default();
    deciding.put(Key::new(Kind::Settings, at), (!nothing).then_some(&settings))
}

pub(crate) fn support(
    deciding: &mut Deciding<'_>,
    at: &str,
    access: SupportAccess,
    reads: Option<&BTreeSet<String>>,
) -> Result<(), Refusal> {
    deciding.require("set-support", at)?;
    change(deciding, at, |settings| {
        settings.support_access = Some(access);
        // Nothing to read is the same as nothing said, but below a scope that says something.
        if let Some(reads) = reads {
            settings.support_reads = Some(reads.clone());
        }
    })
}

pub(crate) fn networks(deciding: &mut Deciding<'_>, at: &str, ranges: &[String], force: bool) -> Result<(), Refusal> {
    deciding.require("set-networks", at)?;
    change(deciding, at, |settings| settings.ip_allow = ranges.to_vec())?;
    if !force && deciding.locked_out(at, &["ip-denied", "ip-missing"])? {
        let address = deciding.context.ip.as_deref().unwrap_or("an address that is not known");
        let message = format!("`{}` comes from {address}, which would be kept out", deciding.context.actor);
        return Err(Refusal::new(RefusalCode::NetworksLockout, message).with_help("add its range, or say `force`"));
    }
    Ok(())
}

pub(crate) fn timeout(deciding: &mut Deciding<'_>, at: &str, timeout: Option<&str>) -> Result<(), Refusal> {
    deciding.require("set-timeout", at)?;
    change(deciding, at, |settings| settings.idle_timeout = timeout.map(Into::into))
}

pub(crate) fn login(deciding: &mut Deciding<'_>, at: &str, methods: &[String], force: bool) -> Result<(), Refusal> {
    deciding.require("set-login", at)?;
    let login = (!methods.is_empty()).then(|| Login { methods: methods.to_vec() });
    change(deciding, at, |settings| settings.login = login)?;
    if !force && deciding.locked_out(at, &["login-method"])? {
        let method = deciding.context.login.as_deref().unwrap_or_default();
        let message = format!("`{}` logged in by `{method}`, which would be kept out", deciding.context.actor);
        return Err(
            Refusal::new(RefusalCode::LoginLockout, message).with_help("log in by a method that stays, or say `force`")
        );
    }
    Ok(())
}

pub(crate) fn add_scope(deciding: &mut Deciding<'_>, path: &str) -> Result<(), Refusal> {
    match path.rsplit_once('/') {
        Some((above, _)) => deciding.require("add-scope", above)?,
        None => deciding.require_at_each("add-scope", &deciding.roots())?,
    }
    deciding.put(Key::new(Kind::Scope, path), Some(&serde_json::json!({})))
}
