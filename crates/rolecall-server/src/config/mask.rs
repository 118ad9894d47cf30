//! The places in questions that a decision log masks. A place that no question has would leave a value in clear.

use rolecall::ffi::did_you_mean;

/// The members of a request, with those below that are known. Below the others any name is allowed.
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
const CONTEXT: [&str; 5] = ["ip", "login", "last_activity", "active_roles", "time"];

/// Checks that a text is a JSON Pointer (RFC 6901) into a member of a question.
pub(super) fn check(pointer: &str) -> Result<(), String> {
    let told = |what: &str, help: String| Err(format!("`{pointer}` {what}; {help}"));
    let Some(path) = pointer.strip_prefix('/') else {
        if pointer.is_empty() {
            return told("is not a JSON Pointer into a question", "write one such as `/subject/id`".into());
        }
        let meant = pointer.trim_start_matches(['$', '#', '.', '/']).replace(['.', '/'], "/");
        let help = format!("did you mean `/{meant}`? A pointer begins with `/`");
        return told("is not a JSON Pointer", help);
    };
    let escapes = || path.split('~').skip(1);
    if !escapes().all(|rest| rest.starts_with(['0', '1'])) {
        return told("is not a JSON Pointer", "write `~0` for `~` and `~1` for `/`".into());
    }
    let names: Vec<String> = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    let mut names = names.iter().map(String::as_str);
    let first = names.next().unwrap_or_default();
    let Some((_, below)) = MEMBERS.iter().find(|(member, _)| *member == first) else {
        let members = MEMBERS.map(|(member, _)| member);
        let help = did_you_mean(first, members).unwrap_or_else(|| listed("/", &members));
        return told("points to no member of a question", help);
    };
    let Some(second) = names.next() else { return Ok(()) };
    match first {
        "evaluations" => {
            let rest: Vec<&str> = names.collect();
            let help = match rest.is_empty() {
                true => "`/evaluations` masks all of a batch".to_string(),
                false => format!("write `/{}`, which counts for every question of a batch", rest.join("/")),
            };
            told("points into one question of a batch", help)
        }
        "context" => match CONTEXT.iter().find(|key| **key != second && plain(key) == plain(second)) {
            Some(key) => told("is not how the key is written", format!("did you mean `/context/{key}`?")),
            None => Ok(()),
        },
        _ if below.is_empty() || below.contains(&second) => Ok(()),
        _ => {
            let help = did_you_mean(second, below.iter().copied());
            let help = help.unwrap_or_else(|| listed(&format!("/{first}/"), below));
            told("points to no member of a question", help)
        }
    }
}

fn listed(before: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{before}{name}`")).collect();
    format!("there are {}", names.join(", "))
}

/// A name without what is often written otherwise: capitals, `-` and `_`.
fn plain(name: &str) -> String {
    name.replace(['-', '_'], "").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_mask_points_into_a_question() {
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
            ("", "`` is not a JSON Pointer into a question; write one such as `/subject/id`"),
            (" /subject/id", "is not a JSON Pointer"),
            ("/subject/properties/a~b", "write `~0` for `~` and `~1` for `/`"),
            ("/subject/properties/a~", "write `~0` for `~` and `~1` for `/`"),
            ("/", "`/` points to no member of a question"),
            ("/contxt/ip", "`/contxt/ip` points to no member of a question; did you mean `context`?"),
            ("/Subject/id", "did you mean `subject`?"),
            ("/ip", "points to no member of a question; there are `/subject`"),
            ("//subject/id", "points to no member of a question"),
            ("/subject/idd", "did you mean `id`?"),
            ("/subject/ID", "`/subject/ID` points to no member of a question; "),
            ("/subject/email", "there are `/subject/type`, `/subject/id`, `/subject/properties`"),
            ("/resource/labels", "points to no member of a question"),
            ("/context/IP", "did you mean `/context/ip`?"),
            ("/context/lastActivity", "did you mean `/context/last_activity`?"),
            ("/context/active-roles", "did you mean `/context/active_roles`?"),
            ("/evaluations/0/subject/id", "write `/subject/id`, which counts for every question of a batch"),
            ("/evaluations/*/context/ip", "write `/context/ip`"),
            ("/evaluations/0", "`/evaluations` masks all of a batch"),
        ] {
            let told = check(bad).unwrap_err();
            assert!(told.contains(expected), "{told}: {expected}");
        }
    }
}
