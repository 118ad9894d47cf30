//! Settings and secrets of applications.

use crate::application::{
    Application, ApplicationSettings, ClientSecret, LONGEST, NewSecret, SHORTEST, key, secret_id,
};
use crate::limits::SECRETS;
use crate::object::ObjectKind;
use crate::refusal::{Refusal, RefusalCode};
use crate::transaction::{APP, Transaction, instant, of_kind};
use rolecall::{Duration, Network, Timestamp};

/// Returns an application that the actor may change with the command `what`.
fn application(transaction: &Transaction<'_>, id: &str, what: &str) -> Result<Application, Refusal> {
    of_kind(id, APP)?;
    transaction.subject(id)?;
    transaction.require_home(what, id)?;
    Ok(transaction.get(ObjectKind::Application, id).unwrap_or_default())
}

fn put(transaction: &mut Transaction<'_>, id: &str, application: &Application) -> Result<(), Refusal> {
    let nothing = *application == Application::default();
    transaction.put(key(id), (!nothing).then_some(application))
}

/// Removes the settings and secrets of an application, which ends its tokens.
pub(super) fn clear(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    transaction.remove(key(id))
}

pub(crate) fn set(transaction: &mut Transaction<'_>, settings: &ApplicationSettings) -> Result<(), Refusal> {
    let ApplicationSettings { subject: id, title, description, token_lifetime, networks } = settings;
    let before = application(transaction, id, "set-app")?;
    if let Some(text) = token_lifetime {
        lifetime(text)?;
    }
    for network in networks {
        network.parse::<Network>().map_err(|why| {
            Refusal::new(RefusalCode::Malformed, format!("`{network}` is not a network: {why}"))
                .with_help("write it in CIDR notation, such as `203.0.113.0/24`")
        })?;
    }
    let after = Application {
        title: title.clone(),
        description: description.clone(),
        token_lifetime: token_lifetime.clone(),
        networks: networks.clone(),
        secrets: before.secrets,
    };
    put(transaction, id, &after)
}

fn lifetime(text: &str) -> Result<(), Refusal> {
    let millis = Duration::parse(text).map(Duration::as_millis);
    if millis.is_some_and(|millis| (SHORTEST..=LONGEST).contains(&millis)) {
        return Ok(());
    }
    let message = format!("`token_lifetime` is `{text}`, which is not a duration from 1m to 24h");
    Err(Refusal::new(RefusalCode::Malformed, message).with_help("write it as `30m` or `8h`"))
}

pub(crate) fn add_secret(transaction: &mut Transaction<'_>, new: &NewSecret) -> Result<(), Refusal> {
    let id = &new.subject;
    let mut application = application(transaction, id, "add-secret")?;
    let hash = new.sha256.as_deref().filter(|hash| {
        hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    let Some(sha256) = hash else {
        let message = "`sha256` is not the SHA-256 of a secret: 64 hexadecimal digits, in lower case";
        return Err(Refusal::new(RefusalCode::Malformed, message)
            .with_help("give the command to a server or to `rolecall admin`, which generate the secret"));
    };
    let until = instant(new.until.as_deref(), "until")?;
    if let Some(until) = until.as_deref().filter(|text| Timestamp::parse(text).is_none_or(|end| end <= transaction.now))
    {
        let message = format!("the secret until {until} would be over already: it is {} now", transaction.now);
        return Err(Refusal::new(RefusalCode::UntilPast, message).with_help("give a later `until`, or none"));
    }
    application.secrets.retain(|_, secret| secret.is_valid(transaction.now));
    if application.secrets.len() >= SECRETS {
        let ids: Vec<&str> = application.secrets.keys().map(String::as_str).collect();
        let message = format!("`{id}` has {SECRETS} valid secrets already: `{}`", ids.join("`, `"));
        return Err(Refusal::new(RefusalCode::SecretLimit, message).with_help("remove one of them first"));
    }
    let (created, note) = (transaction.now.as_text(), new.note.clone());
    let secret = ClientSecret { sha256: sha256.to_string(), created, until, note };
    if application.secrets.insert(secret_id(sha256), secret).is_some() {
        let message = format!("`{id}` has this secret already");
        return Err(Refusal::new(RefusalCode::Malformed, message).with_help("generate another secret"));
    }
    put(transaction, id, &application)
}

pub(crate) fn remove_secret(transaction: &mut Transaction<'_>, id: &str, secret: &str) -> Result<(), Refusal> {
    let mut application = application(transaction, id, "remove-secret")?;
    if application.secrets.remove(secret).is_none() {
        let message = format!("`{id}` has no secret `{secret}`");
        let known = application.secrets.keys().map(String::as_str);
        return Err(Refusal::new(RefusalCode::SecretUnknown, message).with_suggestion(secret, known));
    }
    put(transaction, id, &application)
}
