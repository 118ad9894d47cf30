//! Checks the places that a decision log masks. A misspelled place would leave a value unmasked.

use rolecall::ffi::did_you_mean;

/// The members of a request, with their known members. Other members may have any name.
const MEMBERS: [(&str, &[&str]); 7] = [
    ("subject", &["type", "id", "properties"]),
    ("action", &["name", "properties"]),
    ("resource", &["type", "id", "properties"]),
    ("context", &[]),
    ("evaluations", &[]),
    ("options", &[]),
    ("page", &["limit", "token", "properties"]),
];

/// The keys of a context that the server reads.
const CONTEXT: [&str; 7] = ["ip", "login", "second_factor", "last_activity", "active_roles", "groups", "time"];

/// Checks that a text is a JSON Pointer (RFC 6901) to a member of a request.
pub(super) fn check(pointer: &str) -> Result<(), String> {
    let error = |what: &str, help: String| Err(format!("`{pointer}` {what}; {help}"));
    let Some(path) = pointer.strip_prefix('/') else {
        if pointer.is_empty() {
            return error("is not a JSON Pointer into a request", "write one such as `/subject/id`".into());
        }
        let meant = pointer.trim_start_matches(['$', '#', '.', '/']).replace(['.', '/'], "/");
        let help = format!("did you mean `/{meant}`? A pointer begins with `/`");
        return error("is not a JSON Pointer", help);
    };
    let escapes = || path.split('~').skip(1);
    if !escapes().all(|rest| rest.starts_with(['0', '1'])) {
        return error("is not a JSON Pointer", "write `~0` for `~` and `~1` for `/`".into());
    }
    let names: Vec<String> = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    let mut names = names.iter().map(String::as_str);
    let first = names.next().unwrap_or_default();
    let Some((_, below)) = MEMBERS.iter().find(|(member, _)| *member == first) else {
        let members = MEMBERS.map(|(member, _)| member);
        let help = did_you_mean(first, members).unwrap_or_else(|| listed("/", &members));
        return error("points to no member of a request", help);
    };
    let Some(second) = names.next() else { return Ok(()) };
    match first {
        "evaluations" => {
            let rest: Vec<&str> = names.collect();
            let help = match rest.is_empty() {
                true => "`/evaluations` masks all of a batch".to_string(),
                false => format!("write `/{}`, which applies to every request of a batch", rest.join("/")),
            };
            error("points into one request of a batch", help)
        }
        "context" => match CONTEXT.iter().find(|key| **key != second && plain(key) == plain(second)) {
            Some(key) => error("is not how the key is written", format!("did you mean `/context/{key}`?")),
            None => Ok(()),
        },
        _ if below.is_empty() || below.contains(&second) => Ok(()),
        _ => {
            let help = did_you_mean(second, below.iter().copied());
            let help = help.unwrap_or_else(|| listed(&format!("/{first}/"), below));
            error("points to no member of a request", help)
        }
    }
}

fn listed(before: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{before}{name}`")).collect();
    format!("choose among {}", names.join(", "))
}

/// Returns a name without common variations: capitals, `-` and `_`.
fn plain(name: &str) -> String {
    name.replace(['-', '_'], "").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_mask_points_to_a_member_of_a_request() {
        for good in [
            "/subject",
            "/subject/id",
            "/subject/type",
            "/subject/properties/email",
            "/subject/properties/a~1b~0c/0",
            "/resource/properties",
            "/action/name",
            "/context",
            "/context/ip",
            "/context/last_activity",
            "/context/second_factor",
            "/context/device/serial",
            "/context/",
            "/options/anything",
            "/page/token",
            "/evaluations",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, expected) in [
            ("context.ip", "`context.ip` is not a JSON Pointer; did you mean `/context/ip`?"),
            ("$.context.ip", "did you mean `/context/ip`?"),
            ("#/context/ip", "did you mean `/context/ip`?"),
            ("subject/id", "did you mean `/subject/id`?"),
            ("", "`` is not a JSON Pointer into a request; write one such as `/subject/id`"),
            (" /subject/id", "is not a JSON Pointer"),
            ("/subject/properties/a~b", "write `~0` for `~` and `~1` for `/`"),
            ("/subject/properties/a~", "write `~0` for `~` and `~1` for `/`"),
            ("/", "`/` points to no member of a request"),
            ("/contxt/ip", "`/contxt/ip` points to no member of a request; did you mean `context`?"),
            ("/Subject/id", "did you mean `subject`?"),
            ("/ip", "points to no member of a request; choose among `/subject`"),
            ("//subject/id", "points to no member of a request"),
            ("/subject/idd", "did you mean `id`?"),
            ("/subject/ID", "`/subject/ID` points to no member of a request; "),
            ("/subject/email", "choose among `/subject/type`, `/subject/id`, `/subject/properties`"),
            ("/resource/labels", "points to no member of a request"),
            ("/context/IP", "did you mean `/context/ip`?"),
            ("/context/lastActivity", "did you mean `/context/last_activity`?"),
            ("/context/active-roles", "did you mean `/context/active_roles`?"),
            ("/evaluations/0/subject/id", "write `/subject/id`, which applies to every request of a batch"),
            ("/evaluations/*/context/ip", "write `/context/ip`"),
            ("/evaluations/0", "`/evaluations` masks all of a batch"),
        ] {
            let error = check(bad).unwrap_err();
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }
}
