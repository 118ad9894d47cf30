//! Identity providers of identity domains.

use super::mapping;
use crate::identity::login_rules;
use crate::object::{Group, ObjectKey, ObjectKind, SignOn};
use crate::refusal::{Refusal, RefusalCode};
use crate::transaction::Transaction;
use rolecall::ffi::is_name;

pub(crate) fn set(transaction: &mut Transaction<'_>, at: &str, sign_on: &SignOn) -> Result<(), Refusal> {
    transaction.require("set-sign-on", at)?;
    check(sign_on)?;
    let mut sign_on = sign_on.clone();
    if let Some(before) = transaction.get::<SignOn>(ObjectKind::SignOn, at)
        && sign_on.client_secret.is_none()
        && (&before.issuer, &before.client_id) == (&sign_on.issuer, &sign_on.client_id)
    {
        // Another issuer must not get the secret of this one.
        sign_on.client_secret = before.client_secret;
    }
    transaction.put(ObjectKey::new(ObjectKind::SignOn, at), Some(&sign_on))
}

pub(crate) fn remove(transaction: &mut Transaction<'_>, at: &str, force: bool) -> Result<(), Refusal> {
    transaction.require("set-sign-on", at)?;
    let Some(sign_on) = transaction.get::<SignOn>(ObjectKind::SignOn, at) else {
        let message = format!("`{at}` has no identity provider of its own");
        return Err(Refusal::new(RefusalCode::SignOnUnknown, message));
    };
    let methods = login_rules(|at| transaction.get(ObjectKind::Settings, at), at).map(|(_, methods)| methods);
    let is_only = methods.is_some_and(|methods| methods.iter().all(|method| *method == sign_on.method));
    // A server may have another provider with the same method.
    if is_only && !force && !transaction.context.login_methods.contains(&sign_on.method) {
        let message = format!("the users of `{at}` log in by `{}` only, which this provider serves", sign_on.method);
        return Err(Refusal::new(RefusalCode::LoginLockout, message)
            .with_help("allow another method by `set-login` first, or set `force`"));
    }
    let id = SignOn::provider_id(at);
    let mapped = transaction.all::<Group>(ObjectKind::Group).into_iter();
    let of_provider = |group: &Group| group.mapped.as_ref().is_some_and(|mapped| mapped.provider == id);
    for (group, _) in mapped.filter(|(_, group)| of_provider(group)).collect::<Vec<_>>() {
        mapping::discard(transaction, &group)?;
    }
    transaction.remove(ObjectKey::new(ObjectKind::SignOn, at))
}

fn check(sign_on: &SignOn) -> Result<(), Refusal> {
    let SignOn { issuer, client_id, method, claim, group_claim, request_scopes, .. } = sign_on;
    let malformed = |message: String, help: &str| Err(Refusal::new(RefusalCode::Malformed, message).with_help(help));
    if !is_issuer(issuer) {
        let help = "write the address before `/.well-known/openid-configuration`, which begins with `https://`";
        return malformed(format!("`{issuer}` is not the address of an issuer"), help);
    }
    if !is_name(method) {
        return malformed(format!("`{method}` is not a login method"), "write a name such as `sso`");
    }
    // A scope is one word of an address.
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
    match request_scopes.iter().chain([client_id, claim, group_claim]).find(|text| !is_word(text)) {
        Some(word) => malformed(format!("`{word}` is not one word"), "write it without spaces and quotes"),
        None => Ok(()),
    }
}

/// Returns whether a text is an address of HTTPS, or of this machine, without user, query and fragment.
fn is_issuer(text: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost"].into_iter().find_map(|start| text.strip_prefix(start));
    let local = local.filter(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    let rest = text.strip_prefix("https://").filter(|rest| !rest.is_empty() && !rest.starts_with(['/', ':']));
    let is_plain = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"@?#\\\"<>".contains(&byte));
    rest.or(local).is_some_and(is_plain)
}
