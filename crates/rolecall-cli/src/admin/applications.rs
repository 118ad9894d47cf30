//! Applications for people.

use super::tables::{held, next};
use crate::report::{DIM, GOOD, HEAD, print_line};
use rolecall_admin::{ListedApplication, ListedSecret, Page};
use rolecall_server::ClientCredentials;

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

/// Prints the credentials of an application, once.
pub(super) fn credentials(client: &ClientCredentials) {
    println!("{GOOD}client id{GOOD:#}      {}", client.client_id);
    println!("{GOOD}client secret{GOOD:#}  {}", client.client_secret);
    println!("  {DIM}store the secret now; it is not shown again{DIM:#}");
}

pub(super) fn list(page: &Page<ListedApplication>) {
    println!("{DIM}applications: {}{DIM:#}", page.total);
    page.rows.iter().for_each(application);
    next(page, None);
}

fn application(one: &ListedApplication) {
    let title = one.title.as_ref().map_or(String::new(), |title| format!("  {title}"));
    println!("{HEAD}{}{HEAD:#}{title}  {DIM}{}{DIM:#}", one.subject, one.status.as_str());
    if let Some(description) = &one.description {
        println!("  {description}");
    }
    one.roles.iter().for_each(held);
    if let Some(lifetime) = &one.token_lifetime {
        println!("  {DIM}tokens last{DIM:#} {lifetime}");
    }
    if !one.networks.is_empty() {
        println!("  {DIM}connects from{DIM:#} {}", one.networks.join(", "));
    }
    one.secrets.iter().for_each(secret);
}

fn secret(one: &ListedSecret) {
    let with =
        |word: &str, text: Option<&String>| text.map_or(String::new(), |text| format!("  {DIM}{word}{DIM:#} {text}"));
    let used = match &one.last_use {
        Some(last) => format!("{}{}", with("last used", Some(&last.time)), with("from", last.ip.as_ref())),
        None => format!("  {DIM}not used{DIM:#}"),
    };
    let until = with(if one.expired { "ended" } else { "until" }, one.until.as_ref());
    let (created, note) = (with("created", Some(&one.created)), with("note", one.note.as_ref()));
    println!("  secret {}{created}{until}{used}{note}", one.id);
}
