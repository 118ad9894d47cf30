//! Lists and views of administration for people.

use crate::output::counted;
use crate::report::{DIM, HEAD, print_line};
use rolecall_admin::{
    Access, AssignableRole, HeldRole, Holder, HolderKind, ListedRole, Locked, Page, PendingInvitation, RoleDetails,
    RoleMapping, Settings, SignOnView, UserDetails,
};
use serde_json::Value;

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

pub(super) fn access(access: &Access) {
    for (kind, page) in access.pages() {
        println!("{DIM}{}: {}{DIM:#}", kind.as_str(), shown(page));
        page.rows.iter().for_each(holder);
        next(page, Some(kind));
    }
    access.invitations.iter().flatten().for_each(invitation);
    for (id, one) in access.requests.iter().flatten() {
        let what = format!("{} requests {} at {} until {}", one.subject, one.role, one.at, one.until);
        let state = serde_json::to_value(one.state).unwrap_or_default();
        println!("{HEAD}request {id}{HEAD:#}  {what}  {DIM}{}{DIM:#}", state.as_str().unwrap_or_default());
    }
}

/// Prints the details of one subject.
pub(super) fn user(user: &UserDetails) {
    holder(&user.holder);
    for one in &user.groups {
        let title = one.title.as_ref().map_or(String::new(), |title| format!(" {DIM}({title}){DIM:#}"));
        println!("  {DIM}in{DIM:#} {}{title}", one.group);
    }
    user.invitations.iter().for_each(invitation);
    if let Some(time) = &user.last_login {
        println!("  {DIM}last login{DIM:#} {time}");
    }
}

pub(super) fn invitation(one: &PendingInvitation) {
    let until = one.until.as_ref().map_or(String::new(), |until| format!(" until {until}"));
    let email = one.email.as_ref().map_or(String::new(), |email| format!(" ({email})"));
    println!("{HEAD}invited{HEAD:#}  {}{email} at {}{until}  {DIM}by {}{DIM:#}", one.subject, one.at, one.by);
}

/// Returns the number of rows, and of those that are shown.
pub(super) fn shown<T>(page: &Page<T>) -> String {
    let shown = if page.rows.len() < page.total { format!(", {} shown", page.rows.len()) } else { String::new() };
    format!("{}{shown}", page.total)
}

fn time(word: &str, time: &Option<String>) -> String {
    time.as_ref().map_or(String::new(), |time| format!(" {word} {time}"))
}

/// Prints how to get the next page.
pub(super) fn next<T>(page: &Page<T>, kind: Option<HolderKind>) {
    if let Some(cursor) = &page.next {
        let kind = kind.map_or(String::new(), |kind| format!("--kind {} ", kind.as_str()));
        println!("  {DIM}more{DIM:#}  `{kind}--after {cursor}`");
    }
}

pub(super) fn holder(one: &Holder) {
    let dim = |word: &str, text: &Option<String>| {
        text.as_ref().map_or(String::new(), |text| format!("  {DIM}{word}{DIM:#} {text}"))
    };
    let status = one.status.map_or(String::new(), |status| format!("  {DIM}{}{DIM:#}", status.as_str()));
    let title = one.title.as_ref().map_or(String::new(), |title| format!("  {title}"));
    let external = if one.external { "  external" } else { "" };
    let (until, native) = (dim("until", &one.invited_until), dim("native", &one.native));
    let (name, email) = (dim("name", &one.name), dim("e-mail", &one.email));
    let hidden = one.hidden.iter().map(|key| format!("  {DIM}{key} hidden{DIM:#}")).collect::<String>();
    println!("{HEAD}{}{HEAD:#}{title}{name}{email}{hidden}{status}{until}{native}{external}", one.subject);
    for (boundary, values) in &one.boundaries {
        println!("  {DIM}{boundary}{DIM:#} {values}");
    }
    if let (Some(members), Some(count)) = (&one.members, one.member_count) {
        let more = if members.len() < count { ", …" } else { "" };
        let names = if members.is_empty() { String::new() } else { format!(" {}{more}", members.join(", ")) };
        println!("  {DIM}{}{DIM:#}{names}", counted(count as u64, "members"));
    }
    if let Some(mapped) = &one.mapped {
        println!("  {DIM}mapped from{DIM:#} {mapped}");
    }
    one.roles.iter().for_each(held);
}

pub(super) fn held(role: &HeldRole) {
    let title = role.title.as_ref().map_or(String::new(), |title| format!(" {DIM}({title}){DIM:#}"));
    let (from, until) = (time("from", &role.from), time("until", &role.until));
    let mapped = role.mapped.as_ref().map_or(String::new(), |mapped| format!(" by {mapped}"));
    println!("  {}{title} at {}{from}{until}{mapped}  {DIM}{}{DIM:#}", role.role, role.at, role.state.as_str());
    if let Some(description) = &role.description {
        println!("    {DIM}{description}{DIM:#}");
    }
}

pub(super) fn roles(page: &Page<ListedRole>) {
    println!("{DIM}roles: {}{DIM:#}", shown(page));
    page.rows.iter().for_each(role_line);
    next(page, None);
}

fn role_line(role: &ListedRole) {
    let title = role.title.as_ref().map_or(String::new(), |title| format!("  {title}"));
    let origin = role.at.as_ref().map_or(String::new(), |at| format!("  custom at {at}"));
    let count = role.members.map_or(String::new(), |count| format!("  {}", counted(count as u64, "members")));
    println!("{HEAD}{}{HEAD:#}{title}{DIM}{origin}{count}{DIM:#}", role.role);
    if let Some(description) = &role.description {
        println!("  {DIM}{description}{DIM:#}");
    }
    let alone = if role.standalone { "" } else { "no" };
    for (name, text) in [
        ("copy of", role.copy_of.clone().unwrap_or_default()),
        ("edited at", role.overlay.clone().unwrap_or_default()),
        ("deprecated", role.deprecated.clone().unwrap_or_default()),
        ("standalone", alone.to_string()),
        ("assignable at", role.assignable.join(", ")),
        ("only in instances", role.instance_types.as_ref().map_or(String::new(), |types| types.join(", "))),
        ("here", if role.available { String::new() } else { "this instance does not have it".to_string() }),
        ("reads", role.reads.join(", ")),
        ("inherits", role.inherits.join(", ")),
        ("grants", role.grants.join(", ")),
    ] {
        if !text.is_empty() {
            println!("  {DIM}{name}{DIM:#} {text}");
        }
    }
}

pub(super) fn role(details: &RoleDetails) {
    role_line(&details.role);
    for (role, permissions) in &details.role.inherited {
        println!("  {DIM}from {role}{DIM:#} {}", permissions.join(", "));
    }
    let Some(page) = &details.members else { return };
    println!("{DIM}members: {}{DIM:#}", shown(page));
    for one in &page.rows {
        let through = one.through.as_ref().map_or(String::new(), |group| format!(" through {group}"));
        let (from, until) = (time("from", &one.from), time("until", &one.until));
        let count = one.member_count.map_or(String::new(), |count| format!("  {}", counted(count as u64, "members")));
        println!("  {} at {}{count}{from}{until}{through}  {DIM}{}{DIM:#}", one.subject, one.at, one.state.as_str());
    }
    next(page, None);
}

pub(super) fn assignable(page: &Page<AssignableRole>) {
    println!("{DIM}roles: {}{DIM:#}", shown(page));
    for role in &page.rows {
        let title = role.title.as_ref().map_or(String::new(), |title| format!("  {title}"));
        let held = if role.held { "  held" } else { "" };
        println!("{HEAD}{}{HEAD:#}{title}{DIM}{held}{DIM:#}", role.role);
        if let Some(description) = &role.description {
            println!("  {DIM}{description}{DIM:#}");
        }
    }
    next(page, None);
}

pub(super) fn sign_ons(all: &Vec<SignOnView>) {
    for one in all {
        println!("{HEAD}{}{HEAD:#} at {}", one.id, one.at);
        let settings = serde_json::to_value(one).unwrap_or(Value::Null);
        for (key, value) in settings.as_object().into_iter().flatten().filter(|(key, _)| *key != "id" && *key != "at") {
            println!("  {DIM}{key}{DIM:#} {value}");
        }
    }
}

pub(super) fn role_mappings(mappings: &Vec<RoleMapping>) {
    for one in mappings {
        let members = counted(one.members as u64, "members");
        println!("{HEAD}{}{HEAD:#} at {}  {DIM}{}, {members}{DIM:#}", one.from, one.at, one.mapped_group);
        for role in &one.roles {
            let here = if role.below { "" } else { ", not below" };
            let limits = role.boundaries.iter().map(|(boundary, values)| {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                format!("  {DIM}{boundary}{DIM:#} {}", values.join(", "))
            });
            println!("  {} at {}{here}{}", role.role, role.at, limits.collect::<String>());
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
