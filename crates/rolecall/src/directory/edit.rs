//! Single changes, without reading the whole anew. A change is written as it would stand in the document, and refused for
//! the same reasons.

use super::Directory;
use super::assignment::read_one;
use super::group::Member;
use crate::arena::{GroupId, SubjectKey};
use crate::document::{CompileError, DocumentKind, IssueCode, Locate, Path, Reader, Value};
use crate::names::GROUP;
use crate::suggest;
use alloc::format;

const KEYS: &[&str] = &["assign", "withdraw", "join", "leave"];

impl Directory {
    /// Makes one change, written as a map with one key:
    ///
    /// - `assign` or `withdraw` with an assignment, `{"subject", "role", "at", "from"?, "until"?}`;
    /// - `join` or `leave` with a membership, `{"group", "member"}`.
    ///
    /// Tells whether anything changed: an assignment that is there already is not made again, and one that is not there
    /// cannot be withdrawn. It takes microseconds, whatever the size of the directory, but for a group in a group, for which
    /// the nesting of all groups is worked out anew.
    ///
    /// # Errors
    /// Every issue of the change, in which case nothing is changed.
    pub fn apply(&mut self, change: &Value<'_>, locate: &dyn Locate) -> Result<bool, CompileError> {
        let mut reader = Reader::new(DocumentKind::Directory, locate);
        let changed = self.read_change(&mut reader, change);
        reader.finish()?;
        Ok(changed)
    }

    fn read_change(&mut self, reader: &mut Reader<'_>, change: &Value<'_>) -> bool {
        let root = Path::ROOT;
        let Some(object) = reader.object(change, &root, KEYS) else { return false };
        let given: alloc::vec::Vec<&str> = KEYS.iter().copied().filter(|key| object.value(key).is_some()).collect();
        let &[key] = given.as_slice() else {
            let message = format!("a change has one of the keys {}, and no other", KEYS.join(", "));
            reader.issue(IssueCode::KeyMissing, &root, message, None);
            return false;
        };
        let Some(value) = object.value(key) else { return false };
        let at = root.key(key);
        match key {
            "assign" | "withdraw" => {
                let Some((holder, assignment)) = read_one(reader, value, &at, self) else { return false };
                if !reader.is_clean() {
                    return false;
                }
                if key == "assign" {
                    self.assignments.add(holder, assignment)
                } else {
                    self.assignments.remove(holder, assignment)
                }
            }
            _ => self.read_membership(reader, value, &at, key == "join"),
        }
    }

    fn read_membership(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, join: bool) -> bool {
        let Some(object) = reader.object(value, at, &["group", "member"]) else { return false };
        let (group_at, member_at) = (at.key("group"), at.key("member"));
        let group = reader.required(&object, "group", at).and_then(|group| reader.text(group, &group_at));
        let group = group.and_then(|name| self.find_group(reader, name, &group_at));
        let member = reader.required(&object, "member", at).and_then(|member| reader.text(member, &member_at));
        let member = member.filter(|member| super::subject::check_id(reader, member, &member_at));
        let member = member.and_then(|id| {
            if id.starts_with(GROUP) {
                return self.find_group(reader, id, &member_at).map(Member::Group);
            }
            let listed: Option<SubjectKey> = self.subject(id);
            Some(listed.map_or(Member::Unlisted(id), Member::Subject))
        });
        let Some((group, member)) = group.zip(member).filter(|_| reader.is_clean()) else { return false };
        self.groups.set(reader, at, group, &member, join)
    }

    fn find_group(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<GroupId> {
        let found = self.groups.find(name);
        if found.is_none() {
            let help = suggest::did_you_mean(name, self.groups.names());
            reader.issue(IssueCode::GroupUnknown, at, format!("there is no group `{}`", name.escape_debug()), help);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use crate::document::{JsonText, parse_json};
    use alloc::vec::Vec;

    fn apply(engine: &mut Engine, text: &str) -> Result<bool, Vec<IssueCode>> {
        let change = parse_json(DocumentKind::Directory, text).map_err(|_| Vec::new())?;
        engine.apply(&change, &JsonText(text)).map_err(|error| error.issues.iter().map(|issue| issue.code).collect())
    }

    #[test]
    fn changes_are_refused_as_a_document_is() {
        let mut engine = Engine::from_json(
            r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#,
            r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}},"groups":{"group:a":{},"group:b":{}}}"#,
        )
        .unwrap();
        for (change, code) in [
            ("{}", IssueCode::KeyMissing),
            (r#"{"join":{},"leave":{}}"#, IssueCode::KeyMissing),
            (r#"{"assing":{}}"#, IssueCode::KeyUnknown),
            (r#"{"assign":{"subject":"user:bo","role":"r","at":"acme"}}"#, IssueCode::SubjectUnknown),
            (r#"{"assign":{"subject":"user:ada","role":"q","at":"acme"}}"#, IssueCode::RoleUnknown),
            (r#"{"withdraw":{"subject":"user:ada","role":"r","at":"zed"}}"#, IssueCode::ScopeUnknown),
            (r#"{"join":{"group":"group:c","member":"user:ada"}}"#, IssueCode::GroupUnknown),
            (r#"{"join":{"group":"group:a","member":"group:c"}}"#, IssueCode::GroupUnknown),
            (r#"{"join":{"group":"group:a","member":""}}"#, IssueCode::SubjectMalformed),
            (r#"{"join":{"group":"group:a","member":"group:a"}}"#, IssueCode::GroupCycle),
        ] {
            assert!(apply(&mut engine, change).unwrap_err().contains(&code), "{change}");
        }
        let nest = r#"{"join":{"group":"group:a","member":"group:b"}}"#;
        assert_eq!((apply(&mut engine, nest), apply(&mut engine, nest)), (Ok(true), Ok(false)));
        let circle = r#"{"join":{"group":"group:b","member":"group:a"}}"#;
        assert_eq!(apply(&mut engine, circle), Err([IssueCode::GroupCycle].to_vec()));
        assert_eq!(apply(&mut engine, r#"{"leave":{"group":"group:b","member":"group:a"}}"#), Ok(false));
    }

    #[test]
    fn sessions_go_on_with_what_they_were_made_of() {
        let mut engine = Engine::from_json(
            r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#,
            r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}}}"#,
        )
        .unwrap();
        let context = crate::Context::new("acme", "2026-11-21T10:00:00Z").unwrap();
        let ada = crate::SubjectId::parse("user:ada").unwrap();
        let before = engine.session(ada, context.clone());
        let assign = r#"{"assign":{"subject":"user:ada","role":"r","at":"acme"}}"#;
        assert_eq!((apply(&mut engine, assign), apply(&mut engine, assign)), (Ok(true), Ok(false)));
        let after = engine.session(ada, context);
        let view = engine.policy().permission("a:view").unwrap();
        assert_eq!((before.can(view), after.can(view)), (false, true));
        assert_eq!((before.check(view, None).allow, after.check(view, None).allow), (false, true));
        assert_eq!(apply(&mut engine, &assign.replace("assign", "withdraw")), Ok(true));
        assert_eq!(apply(&mut engine, &assign.replace("assign", "withdraw")), Ok(false));
    }
}
