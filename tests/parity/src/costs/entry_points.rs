//! The entry points: each makes an input of documents and a request.

use super::directories::*;
use super::policies::*;
use super::times::{TIME, later_by, time};
use rolecall::change::Assignment;
use rolecall::document::DocumentKind;
use rolecall::ffi::Grantor;
use rolecall::{
    Context, Coverage, Directory, Engine, FieldLabels, Item, PageRequest, Policy, PortableSession, ScopePath, Session,
    SubjectId, Timestamp, ViewCoverage,
};
use rolecall_contract as request;
use rolecall_yaml::YamlDocument;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;

/// An input: its work and its number of bytes.
pub struct Input {
    pub bytes: usize,
    pub work: Box<dyn Fn()>,
}

pub(super) trait IntoDirectory {
    fn into_text(self) -> String;
}

impl IntoDirectory for &str {
    fn into_text(self) -> String {
        complete(&serde_json::from_str(self).expect("JSON"))
    }
}

impl IntoDirectory for &Json {
    fn into_text(self) -> String {
        complete(self)
    }
}

pub(super) fn compile(policy: String, directory: impl IntoDirectory) -> Input {
    let directory = directory.into_text();
    let bytes = policy.len() + directory.len();
    // Compile the policy in advance if most bytes are those of the directory.
    let compiled = Policy::from_json(&policy).ok().map(Arc::new).filter(|_| directory.len() > policy.len() / 4);
    let work = move || match &compiled {
        Some(policy) => drop(black_box(Directory::from_json(Arc::clone(policy), &directory))),
        None => drop(black_box(Policy::from_json(&policy))),
    };
    Input { bytes, work: Box::new(work) }
}

/// Returns the work of reading a directory as YAML.
pub(super) fn yaml(directory: &str) -> Input {
    let text = directory.replacen('{', "{\"rolecall\": 1, ", 1);
    let text = if text.starts_with('{') { text } else { format!("rolecall: 1\n{text}") };
    let policy = Arc::new(Policy::from_json(&small()).expect("a policy"));
    let bytes = text.len();
    let work = move || {
        let document = YamlDocument::parse(DocumentKind::Directory, &text).expect("YAML");
        drop(black_box(Directory::compile(Arc::clone(&policy), document.value(), &document)));
    };
    Input { bytes, work: Box::new(work) }
}

fn engine(policy: &str, directory: &Json) -> (Engine, usize) {
    let directory = complete(directory);
    (Engine::from_json(policy, &directory).expect("documents that compile"), policy.len() + directory.len())
}

fn session(engine: &Engine) -> Session {
    engine.session(SubjectId::parse("user:0").expect("a subject"), Context::new("m", TIME).expect("a context"))
}

/// Returns the work of checking a request, with `more` in its context or its item.
pub(super) fn check(policy: String, directory: Json, more: Option<Json>) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let mut request =
        json!({ "subject": "user:0", "permission": "r0000:view", "at": "m", "context": { "time": TIME } });
    if let Some(more) = more {
        request["permission"] = "r0000:edit".into();
        for (key, value) in more.as_object().expect("a map") {
            match value {
                Json::Object(inner) => inner.iter().for_each(|(name, value)| request[key][name] = value.clone()),
                value => request[key] = value.clone(),
            }
        }
    }
    let request = request.to_string();
    let bytes = bytes + request.len();
    let work = move || {
        let question = request::question(&engine, &request).expect("a question");
        black_box(question.session.check(question.permission, question.item.as_ref()));
    };
    Input { bytes, work: Box::new(work) }
}

pub(super) fn active_roles(count: usize) -> Json {
    json!({ "context": { "active_roles": (0..count).map(|role| format!("x{role}")).collect::<Vec<_>>() } })
}

pub(super) fn values(count: usize) -> Json {
    json!({ "resource": { "boundaries": { "domain": (0..count).map(|value| format!("w{value}")).collect::<Vec<_>>() } } })
}

pub(super) fn doubled(count: usize) -> Json {
    let all: Map<String, Json> = (0..count).map(|n| (format!("b{n}"), json!([]))).collect();
    json!({ "resource": { "boundaries": all } })
}

pub(super) fn item(resource: Json, policy: fn() -> String) -> Input {
    let policy = Policy::from_json(&policy()).expect("a policy");
    let text = resource["resource"].to_string();
    Input { bytes: text.len(), work: Box::new(move || drop(black_box(request::item(&policy, &text)))) }
}

pub(super) fn explain(policy: String, directory: Json, permission: &'static str) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let permission = engine.policy().permission(permission).expect("a permission");
    let values: Vec<String> =
        if policy.contains("domain") { (0..1000).map(|n| format!("w{n}")).collect() } else { Vec::new() };
    let boundaries = (!values.is_empty()).then(|| ("domain", values.iter().map(String::as_str)));
    let item = Item::new(engine.policy(), [], boundaries).expect("an item");
    Input { bytes, work: Box::new(move || drop(black_box(session(&engine).explain(permission, Some(&item))))) }
}

pub(super) fn who_can(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let permission = engine.policy().permission("r0000:view").expect("a permission");
    let at = ScopePath::parse("m").expect("a scope");
    Input { bytes, work: Box::new(move || drop(black_box(engine.who_can(permission, at, time())))) }
}

pub(super) fn where_can(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let permission = engine.policy().permission("r0000:view").expect("a permission");
    let subject = SubjectId::parse("user:0").expect("a subject");
    Input { bytes, work: Box::new(move || drop(black_box(engine.where_can(subject, permission, time())))) }
}

pub(super) fn diff(policy: String, directory: Json) -> Input {
    let (before, bytes) = engine(&policy, &directory);
    let (after, _) = engine(&policy, &json!({}));
    Input { bytes, work: Box::new(move || drop(black_box(before.diff(&after, time())))) }
}

pub(super) fn violations(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    Input { bytes, work: Box::new(move || drop(black_box(engine.violations(time())))) }
}

/// Returns the same engine with a change.
fn changed(engine: &Engine, change: &Json) -> Engine {
    let (mut after, text) = (engine.clone(), change.to_string());
    after.apply_json(&text).expect("a change that can be made");
    after
}

fn only_user() -> BTreeSet<String> {
    ["user:0".to_string()].into_iter().collect()
}

/// Returns the work of assigning a role to a user, in a policy that separates twenty roles.
pub(super) fn breach(directory: Json) -> Input {
    let (before, bytes) = engine(&separating(20, "assigned"), &directory);
    let after = changed(&before, &json!({ "assign": assign(0, "role00019", "m") }));
    Input { bytes, work: Box::new(move || drop(black_box(before.breach(&after, &only_user(), time())))) }
}

/// Returns the work of checking administrators after a user loses the role that assigns roles.
pub(super) fn succession(directory: Json) -> Input {
    let policy = small().replacen('{', r#"{"administration":{"assign":"r0000:edit"},"#, 1);
    let (before, bytes) = engine(&policy, &directory);
    let after = changed(&before, &json!({ "withdraw": directory["assignments"][0] }));
    let work = move || drop(black_box(before.orphaned(&after, &only_user(), "assign", "user:", time())));
    Input { bytes, work: Box::new(work) }
}

pub(super) fn with_receiver(mut directory: Json) -> Json {
    directory["subjects"]["user:1"] = json!({});
    directory
}

/// Returns the work of checking a grant without an end from one user to another.
pub(super) fn gift(directory: Json) -> Input {
    let (before, bytes) = engine(&small(), &directory);
    let after = changed(&before, &json!({ "assign": assign(1, "viewer", "m") }));
    let giver = Grantor { subject: SubjectId::parse("user:0").expect("a subject"), any: &["grant-any"], now: time() };
    let work = move || {
        let mut giving = before.giving(&after, giver);
        black_box((giving.assignment(&Assignment::new("user:1", "viewer", "m")), giving.subject(Some("user:1"))));
    };
    Input { bytes, work: Box::new(work) }
}

pub(super) fn holders(directory: Json) -> Input {
    let (engine, bytes) = engine(&small(), &directory);
    let at = ScopePath::parse("m").expect("a scope");
    Input { bytes, work: Box::new(move || drop(black_box(engine.holders("viewer", at)))) }
}

/// Returns the work of asking once more: the first question makes the indexes.
fn again(bytes: usize, work: impl Fn() + 'static) -> Input {
    work();
    Input { bytes, work: Box::new(work) }
}

pub(super) fn who_holds(role: &'static str, limit: Option<usize>, directory: Json) -> Input {
    let (engine, bytes) = engine(&small(), &directory);
    let at = ScopePath::parse("m").expect("a scope");
    let page = limit.map_or_else(PageRequest::default, PageRequest::first);
    again(bytes, move || drop(black_box(engine.who_holds(role, Some(at), time(), page))))
}

pub(super) fn which_groups_can(at: &'static str, directory: Json) -> Input {
    let (engine, bytes) = engine(&small(), &directory);
    let permission = engine.policy().permission("r0000:view").expect("a permission");
    let at = ScopePath::parse(at).expect("a scope");
    again(bytes, move || drop(black_box(engine.which_groups_can(permission, at, time(), PageRequest::default()))))
}

pub(super) fn assignments_of(directory: Json) -> Input {
    let (engine, bytes) = engine(&small(), &directory);
    let subject = SubjectId::parse("user:0").expect("a subject");
    again(bytes, move || drop(black_box(engine.assignments_of(subject, None, time()))))
}

pub(super) fn effective(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    Input { bytes, work: Box::new(move || drop(black_box(session(&engine).effective()))) }
}

pub(super) fn menu(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let session = session(&engine);
    Input { bytes, work: Box::new(move || drop(black_box(session.menu("main")))) }
}

fn portable_bytes(engine: &Engine, scopes: usize) -> Vec<u8> {
    let names: Vec<String> = (0..scopes).map(|n| format!("m/a{n}")).collect();
    let scopes = names.iter().map(|name| ScopePath::parse(name).expect("a scope")).collect();
    session(engine).to_bytes(&Coverage { scopes, ..Coverage::default() }).expect("a portable session")
}

pub(super) fn portable(policy: String, directory: Json, scopes: usize) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    Input { bytes, work: Box::new(move || drop(black_box(portable_bytes(&engine, scopes)))) }
}

pub(super) fn view(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let until = Timestamp::parse(&later_by(10_000_000)).expect("a timestamp");
    let work = move || {
        let session = session(&engine);
        let coverage = ViewCoverage { menus: vec!["main"], until: Some(until), ..ViewCoverage::default() };
        // Too many parts is an answer as well.
        black_box(session.to_view(&coverage).map_or(0, |view| view.parts.len()));
        black_box(session.to_view(&ViewCoverage::default()).map_or(0, |view| view.parts.len()));
    };
    Input { bytes, work: Box::new(work) }
}

pub(super) fn open(policy: String, directory: Json, scopes: usize) -> Input {
    let bytes = portable_bytes(&engine(&policy, &directory).0, scopes);
    let work = move || {
        let session = PortableSession::from_bytes(&bytes, time()).expect("a portable session");
        black_box(session.permissions());
    };
    Input { bytes: portable_bytes(&engine(&policy, &directory).0, scopes).len(), work: Box::new(work) }
}

pub(super) fn wide_record(count: usize) -> String {
    let orders: Vec<Json> =
        (0..count).map(|no| json!({ "no": no, "note": "n", format!("key{no}"): { "a": [1, 2] } })).collect();
    json!({ "email": "a@b.c", "address": { "street": "S" }, "orders": orders }).to_string()
}

pub(super) fn nested_record(count: usize) -> String {
    let tree = "[".repeat(60) + r#"{"a":{"a":{"a":{"zz":1}}}}"# + &"]".repeat(60);
    format!("[{}]", vec![tree; count.div_ceil(10)].join(","))
}

fn redacting(paths: &[String], record: String) -> Input {
    let (engine, _) = engine(&small(), &one_user(1, |_| (0, None, None)));
    let labels = FieldLabels::new(engine.policy(), paths.iter().map(|path| (path.as_str(), ["pii"]))).expect("labels");
    let session = session(&engine);
    Input { bytes: record.len(), work: Box::new(move || drop(black_box(session.redact(&record, &labels, None)))) }
}

pub(super) fn redact(paths: &[&str], record: String) -> Input {
    redacting(&paths.iter().map(ToString::to_string).collect::<Vec<_>>(), record)
}

fn many_paths() -> Vec<String> {
    (0..1000).map(|field| format!("**.x{field}.**.note")).collect()
}

pub(super) fn redact_many(record: String) -> Input {
    redacting(&many_paths(), record)
}

pub(super) fn unmatched(record: String) -> Input {
    let policy = Policy::from_json(&small()).expect("a policy");
    let paths = many_paths();
    let labels = FieldLabels::new(&policy, paths.iter().map(|path| (path.as_str(), ["pii"]))).expect("labels");
    Input { bytes: record.len(), work: Box::new(move || drop(black_box(labels.unmatched(&record)))) }
}

pub(super) fn snapshot(policy: String, directory: Json) -> Input {
    let bytes = engine(&policy, &directory).0.to_snapshot();
    Input { bytes: bytes.len(), work: Box::new(move || drop(black_box(Engine::from_snapshot(bytes.clone())))) }
}

pub(super) fn apply(policy: String, directory: Json, change: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let text = change.to_string();
    let bytes = bytes + text.len();
    let work = move || {
        black_box(engine.clone().apply_json(&text)).expect("a change that can be made");
    };
    Input { bytes, work: Box::new(work) }
}
