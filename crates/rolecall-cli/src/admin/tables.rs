//! Lists and views of administration for people.

use crate::output::counted;
use crate::report::{DIM, HEAD, print_line};
use rolecall_admin::{Access, HeldRole, Holder, HolderKind, Locked, Page, Role, RoleMapping, Settings};
use serde_json::Value;

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

pub(super) fn access(access: &Access) {
    for (kind, page) in access.pages() {
        heading(kind, page);
        page.rows.iter().for_each(holder);
        next(page, Some(kind));
    }
    for one in access.invitations.iter().flatten() {
        let until = one.until.as_ref().map_or(String::new(), |until| format!(" until {until}"));
        println!("{HEAD}invited{HEAD:#}  {} at {}{until}  {DIM}by {}{DIM:#}", one.subject, one.at, one.by);
    }
    for (id, one) in access.requests.iter().flatten() {
        let what = format!("{} requests {} at {} until {}", one.subject, one.role, one.at, one.until);
        let state = serde_json::to_value(one.state).unwrap_or_default();
        println!("{HEAD}request {id}{HEAD:#}  {what}  {DIM}{}{DIM:#}", state.as_str().unwrap_or_default());
    }
}

fn heading(kind: HolderKind, page: &Page<Holder>) {
    let shown = if page.rows.len() < page.total { format!(", {} shown", page.rows.len()) } else { String::new() };
    println!("{DIM}{}: {}{shown}{DIM:#}", kind.as_str(), page.total);
}

/// Prints how to get the next page.
pub(super) fn next<T>(page: &Page<T>, kind: Option<HolderKind>) {
    if let Some(cursor) = &page.next {
        let kind = kind.map_or(String::new(), |kind| format!("--kind {} ", kind.as_str()));
        println!("  {DIM}more{DIM:#}  `{kind}--after {cursor}`");
    }
}

fn holder(one: &Holder) {
    let dim = |word: &str, text: &Option<String>| {
        text.as_ref().map_or(String::new(), |text| format!("  {DIM}{word}{DIM:#} {text}"))
    };
    let status = one.status.map_or(String::new(), |status| format!("  {DIM}{}{DIM:#}", status.as_str()));
    let title = one.title.as_ref().map_or(String::new(), |title| format!("  {title}"));
    let external = if one.external { "  external" } else { "" };
    let (until, native) = (dim("until", &one.invited_until), dim("native", &one.native));
    println!("{HEAD}{}{HEAD:#}{title}{status}{until}{native}{external}", one.subject);
    for (boundary, values) in &one.boundaries {
        println!("  {DIM}{boundary}{DIM:#} {values}");
    }
    if let (Some(members), Some(count)) = (&one.members, one.member_count) {
        let more = if members.len() < count { ", …" } else { "" };
        println!("  {DIM}{}{DIM:#} {}{more}", counted(count as u64, "members"), members.join(", "));
    }
    if let Some(mapped) = &one.mapped {
        println!("  {DIM}mapped from{DIM:#} {mapped}");
    }
    one.roles.iter().for_each(held);
}

pub(super) fn held(role: &HeldRole) {
    let title = role.title.as_ref().map_or(String::new(), |title| format!(" {DIM}({title}){DIM:#}"));
    let time =
        |word: &str, time: &Option<String>| time.as_ref().map_or(String::new(), |time| format!(" {word} {time}"));
    let (from, until) = (time("from", &role.from), time("until", &role.until));
    let mapped = role.mapped.as_ref().map_or(String::new(), |mapped| format!(" by {mapped}"));
    println!("  {}{title} at {}{from}{until}{mapped}  {DIM}{}{DIM:#}", role.role, role.at, role.state.as_str());
    if let Some(description) = &role.description {
        println!("    {DIM}{description}{DIM:#}");
    }
}

pub(super) fn roles(roles: &Vec<(String, Role)>) {
    for (id, role) in roles {
        println!("{HEAD}{id}{HEAD:#}  {DIM}{}{DIM:#}", serde_json::to_value(role).unwrap_or_default());
    }
}

pub(super) fn role_mappings(mappings: &Vec<RoleMapping>) {
    for one in mappings {
        let members = counted(one.members as u64, "members");
        println!("{HEAD}{}{HEAD:#} at {}  {DIM}{}, {members}{DIM:#}", one.from, one.at, one.mapped_group);
        for role in &one.roles {
            println!("  {} at {}", role.role, role.at);
        }
    }
}

pub(super) fn locks(locks: &Vec<Locked>) {
    for one in locks {
        let owner = one.lock.owner.as_ref().map_or(String::new(), |owner| format!("  {DIM}owned by{DIM:#} {owner}"));
        println!("{HEAD}{}{HEAD:#} at {}{owner}", one.item, one.at);
        let groups: Vec<&str> = one.lock.groups.iter().map(String::as_str).collect();
        if !groups.is_empty() {
            println!("  {DIM}edited by{DIM:#} {}", groups.join(", "));
        }
    }
}

pub(super) fn settings(settings: &Settings) {
    let settings = serde_json::to_value(settings).unwrap_or(Value::Null);
    for (key, value) in settings.as_object().into_iter().flatten() {
        println!("{HEAD}{key}{HEAD:#}  {value}");
    }
}
