//! Random commands from random actors: the engine stays that of the documents, nobody gains what no permitted actor gave,
//! refusals change nothing, and the events done again give the same state, byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::document::DocumentKind;
use rolecall::{Access, Context as Where, Engine, Instant, ScopePath, SubjectId};
use rolecall_admin::{Assignment, Command, Context, Event, Kind, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const WORLDS: u64 = 250;
const COMMANDS: usize = 400;
const MINUTE: i64 = 60_000;

/// Numbers that look random and are the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

const USERS: &[&str] =
    &["user:owner", "user:lead", "user:eva", "user:rita", "user:anna", "user:n1", "user:n2", "user:n3"];
const OTHERS: &[&str] = &["app:crm", "support:jo", "support:unlisted", "user:nobody"];
const SCOPES: &[&str] =
    &["main", "main/acme", "main/acme/shop", "main/acme/blog", "main/other", "main/acme/news", "main/other/site"];
const ROLES: &[&str] = &[
    "viewer",
    "editor",
    "publisher",
    "auditor",
    "personal-data",
    "team-lead",
    "iam",
    "owner",
    "requester",
    "approver",
    "accounts-only",
    "support",
    "one",
    "two",
    "reader",
];
const GROUPS: &[&str] = &["group:writers", "group:ops", "group:new"];
const GRANTS: &[&str] = &["segments:*", "campaigns:publish", "admin/users:edit", "admin/**:view", "segments:view"];

struct World {
    random: Random,
    now: Instant,
    policy: String,
    renamed: String,
}

impl World {
    fn who(&mut self) -> &'static str {
        match self.random.below(12) {
            0 => self.random.pick(OTHERS),
            // Those who may do more come more often.
            1..4 => self.random.pick(&USERS[..2]),
            _ => self.random.pick(USERS),
        }
    }

    /// Who gives a command: often someone who may do much.
    fn actor(&mut self) -> &'static str {
        match self.random.below(4) {
            0 => "user:owner",
            1 => "user:root",
            _ => self.who(),
        }
    }

    fn holder(&mut self) -> &'static str {
        if self.random.once_in(5) { self.random.pick(GROUPS) } else { self.who() }
    }

    fn later(&mut self) -> Value {
        let minutes = self.random.below(40_000) as i64 - 2_000;
        Instant::from_millis(self.now.as_millis() + minutes * MINUTE).unwrap().as_text().into()
    }

    fn given(&mut self) -> Value {
        let mut given = json!({ "role": self.random.pick(ROLES), "at": self.random.pick(SCOPES) });
        for key in ["from", "until"] {
            if self.random.once_in(5) {
                given[key] = self.later();
            }
        }
        given
    }

    fn newcomer(&mut self, prefix: &str) -> Value {
        let ids: Vec<&str> = USERS.iter().chain(OTHERS).copied().filter(|id| id.starts_with(prefix)).collect();
        let id = self.random.pick(&ids);
        let count = self.random.below(3);
        let roles: Vec<Value> = (0..count).map(|_| self.given()).collect();
        json!({ "subject": id, "roles": roles, "external": self.random.once_in(6) })
    }

    fn assignment(&mut self, state: &State, held: bool) -> Value {
        let all: Vec<(String, Assignment)> =
            state.all(Kind::Assignment).map(|(id, one)| (id.to_string(), one)).collect();
        if held && !all.is_empty() && !self.random.once_in(8) {
            return serde_json::to_value(&all[self.random.below(all.len())].1).unwrap();
        }
        let mut given = self.given();
        given["subject"] = self.holder().into();
        given
    }

    fn command(&mut self, state: &State) -> Value {
        let at = self.random.pick(SCOPES);
        let (role, group) = (self.random.pick(&["one", "two", "viewer"]), self.random.pick(GROUPS));
        let requests = state.all::<Value>(Kind::Request).count();
        // The latest ones are those that are still open.
        let request = (requests + 1 - self.random.below(3).min(requests)).to_string();
        let copies: Vec<(String, Value)> = state.all(Kind::Copy).map(|(id, copy)| (id.to_string(), copy)).collect();
        match self.random.below(36) {
            0 => json!({ "invite": self.newcomer("user:") }),
            1 => json!({ "resend-invitation": { "subject": self.who() } }),
            2 => json!({ "accept-invitation": { "subject": self.who() } }),
            3 => json!({ "add-user": self.newcomer("user:") }),
            4 => json!({ "add-app": self.newcomer("app:") }),
            5 => json!({ "add-support": self.newcomer("support:") }),
            6 if self.random.once_in(3) => json!({ "suspend-subject": { "subject": self.who() } }),
            6 | 7 => json!({ "resume-subject": { "subject": self.who() } }),
            8 if self.random.once_in(4) => json!({ "remove-subject": { "subject": self.who(), "at": at } }),
            9 => json!({ "mark-external": { "subject": self.who() } }),
            10 => json!({ "set-native": { "subject": self.who(), "native": at } }),
            11 => {
                json!({ "set-boundary": { "subject": self.who(), "boundary": self.random.pick(&["domain", "access-group", "none"]),
                "values": if self.random.once_in(3) { json!("*") } else { json!([self.random.pick(&["a.example", "b.example"])]) } } })
            }
            8 | 12..17 => json!({ "assign": self.assignment(state, false) }),
            17..19 => json!({ "withdraw": self.assignment(state, true) }),
            19 => {
                json!({ "set-role": { "at": at, "role": role, "inherits": [self.random.pick(ROLES)], "grants": [self.random.pick(GRANTS)] } })
            }
            20 => json!({ "delete-role": { "at": at, "role": role, "cascade": self.random.once_in(2) } }),
            21 => json!({ "copy-role": { "of": self.random.pick(ROLES), "at": at, "role": role } }),
            22 if !copies.is_empty() => {
                let (at, role) = copies[self.random.below(copies.len())].0.split_once('#').unwrap();
                json!({ "reset-role": { "at": at, "role": role } })
            }
            22 => json!({ "reset-role": { "at": at, "role": role } }),
            23 => json!({ "add-group": { "group": group, "at": at } }),
            24 => json!({ "delete-group": { "group": group, "cascade": self.random.once_in(2) } }),
            25 | 26 => json!({ "join-group": { "group": group, "member": self.holder() } }),
            27 => json!({ "leave-group": { "group": group, "member": self.holder() } }),
            28 => json!({ "lock": { "items": ["item:1"], "at": at, "groups": [group] } }),
            29 => json!({ "set-owner": { "item": "item:1", "at": at, "owner": self.who() } }),
            30 => {
                let role = self.random.pick(&ROLES[..4]);
                let until = self.later();
                json!({ "request-access": { "role": role, "at": "main/acme/blog", "until": until, "reason": "a release" } })
            }
            31 => json!({ self.random.pick(&["approve-access", "deny-access"]): { "request": request } }),
            32 => json!({ self.random.pick(&["withdraw-request", "end-access"]): { "request": request } }),
            33 => match self.random.below(4) {
                0 => {
                    json!({ "set-support": { "at": at, "access": self.random.pick(&["none", "named", "all"]), "reads": self.random.pick(&["", "pii"]).split_terminator(',').collect::<Vec<_>>() } })
                }
                1 => {
                    json!({ "set-networks": { "at": at, "ranges": if self.random.once_in(2) { json!([]) } else { json!(["203.0.113.0/24"]) } } })
                }
                2 => json!({ "set-timeout": { "at": at, "timeout": self.random.pick(&["30m", "45m", "2h"]) } }),
                _ => json!({ "set-login": { "at": at, "methods": [self.random.pick(&["password", "sso"])] } }),
            },
            34 => json!({ "add-scope": { "path": at } }),
            _ if self.random.once_in(8) => {
                let (policy, roles) = if self.random.once_in(2) {
                    (&self.renamed, json!({ "viewer": "reader" }))
                } else {
                    (&self.policy, json!({ "reader": "viewer" }))
                };
                json!({ "update-policy": { "policy": policy, "roles": roles } })
            }
            _ => json!({ "assign": self.assignment(state, false) }),
        }
    }
}

/// What an actor holds at a scope or above it, from where it is given below, and whether they may give anything there:
/// straight from the engine.
fn holds(engine: &Engine, context: &Context, at: &str) -> (BTreeSet<String>, bool) {
    let (mut held, mut any) = (BTreeSet::new(), false);
    for at in std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above)) {
        let mut place = Where::new(at, &context.time).unwrap().with_ip(context.ip.as_deref().unwrap()).unwrap();
        place = place.with_login(context.login.as_deref().unwrap()).unwrap();
        let session = engine.session(SubjectId::parse(&context.actor).unwrap(), place);
        let give = engine.policy().administration("grant-any", ScopePath::parse(at).unwrap());
        any |= give.iter().any(|give| session.can(*give));
        held.extend(session.permissions().permissions);
        held.extend(session.holding().reads.into_iter().map(|label| format!("reads:{label}")));
    }
    (held, any)
}

/// Commands by which someone gains what the actor need not hold: they let in again who was let in before, or open what was
/// closed to all, or are a permission to give of their own.
const OPENING: &[&str] = &[
    "accept-invitation",
    "resume-subject",
    "approve-access",
    "set-support",
    "set-networks",
    "set-login",
    "update-policy",
    "add-scope",
];

fn nobody_gains_more(before: &Engine, after: &Engine, event: &Event, context: &Context, now: Instant) {
    let command = event.command.as_ref().unwrap().name();
    if OPENING.contains(&command) {
        return;
    }
    let later = Instant::from_millis(now.as_millis() + 60 * 24 * 60 * MINUTE).unwrap();
    let mut own: BTreeMap<String, (BTreeSet<String>, bool)> = BTreeMap::new();
    for time in [now, later] {
        for Access { subject, at, permissions, reads } in before.diff(after, time).gained {
            let (held, any) = own.entry(at.clone()).or_insert_with(|| holds(before, context, &at));
            let gained = permissions.into_iter().chain(reads.into_iter().map(|label| format!("reads:{label}")));
            let beyond: Vec<String> = gained.filter(|one| !held.contains(one)).collect();
            assert!(
                *any || beyond.is_empty(),
                "{subject:?} gains {beyond:?} at {at} from {} by {event:?}",
                context.actor
            );
        }
    }
}

fn administrators(engine: &Engine, at: &str) -> bool {
    let at = ScopePath::parse(at).unwrap();
    let assign = engine.policy().administration("assign", at);
    assign
        .iter()
        .any(|assign| engine.who_can(*assign, at, Instant::MAX).subjects.iter().any(|who| who.starts_with("user:")))
}

fn run(seed: u64) -> (usize, BTreeMap<&'static str, usize>) {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let all: Value = serde_json::to_value(yaml.value()).unwrap();
    let policy = all["policy"].to_string();
    let renamed = policy.replace("\"viewer\"", "\"reader\"");
    let start = Instant::parse("2026-11-21T10:00:00Z").unwrap();
    let mut directory = all["directory"].clone();
    if seed.is_multiple_of(2) {
        // Someone who may change the policy.
        directory["subjects"]["user:root"] = json!({});
        directory["assignments"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "subject": "user:root", "role": "iam", "at": "main" }));
    }
    let first = State::first_event(&policy, &directory.to_string(), "user:owner", start).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    let mut events = vec![first];
    let mut done: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut world = World { random: Random(seed * 0x9e37_79b9 + 1), now: start, policy, renamed };
    for _ in 0..COMMANDS {
        world.now = Instant::from_millis(world.now.as_millis() + world.random.below(90) as i64 * MINUTE).unwrap();
        let text = world.command(&state);
        let command: Command = serde_json::from_value(text.clone()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let actor = match &command {
            Command::AcceptInvitation { subject } if !world.random.once_in(9) => subject.clone(),
            Command::UpdatePolicy { .. } => "user:root".to_string(),
            Command::RequestAccess { .. }
            | Command::ApproveAccess { .. }
            | Command::DenyAccess { .. }
            | Command::WithdrawRequest { .. }
            | Command::EndAccess { .. } => world.random.pick(&["user:rita", "user:anna"]).to_string(),
            _ => world.actor().to_string(),
        };
        let context = Context {
            actor,
            time: world.now.as_text(),
            ip: Some(world.random.pick(&["203.0.113.9", "203.0.113.9", "203.0.113.9", "198.51.100.1"]).into()),
            login: Some(world.random.pick(&["password", "password", "password", "sso"]).into()),
            ..Context::default()
        };
        let before = state.version();
        let Ok(Some(event)) = state.decide(&command, &context) else {
            assert_eq!(state.version(), before);
            continue;
        };
        let engine = state.engine().unwrap().clone();
        state.apply(&event).unwrap_or_else(|broken| panic!("{broken}: {event:?}"));
        let after = state.engine().unwrap();
        let documents = state.directory().to_string();
        let rebuilt =
            Engine::from_json(state.policy(), &documents).unwrap_or_else(|error| panic!("{error}: {event:?}"));
        assert!(after.to_snapshot() == rebuilt.to_snapshot(), "seed {seed}: {event:?}\n{documents}");
        nobody_gains_more(&engine, after, &event, &context, world.now);
        for at in engine.directory().scopes() {
            assert!(
                !administrators(&engine, at) || administrators(after, at),
                "{at} lost its last administrator: {event:?}"
            );
        }
        let (old, new) = (engine.violations(world.now), after.violations(world.now));
        assert!(new.separation.iter().all(|one| old.separation.contains(one)), "{event:?}");
        assert!(
            new.limits.iter().all(|one| old.limits.iter().any(|other| other.at == one.at && other.count >= one.count)),
            "{event:?}"
        );
        *done.entry(event.command.as_ref().unwrap().name()).or_default() += 1;
        events.push(event);
    }
    let mut again = State::new();
    for event in &events {
        let text = serde_json::to_string(event).unwrap();
        again.apply(&serde_json::from_str(&text).unwrap()).unwrap();
    }
    assert_eq!(again.to_json(), state.to_json(), "seed {seed}");
    let objects = state.objects().map(|(key, value)| (key.clone(), value.clone())).collect();
    let opened = State::from_objects(objects, state.version()).unwrap();
    assert_eq!(opened.engine().unwrap().to_snapshot(), state.engine().unwrap().to_snapshot());
    (events.len(), done)
}

#[test]
fn random_commands_keep_the_rules() {
    let halves: Vec<_> = [0, 1]
        .map(|half| {
            std::thread::spawn(move || (0..WORLDS).filter(|seed| seed % 2 == half).map(run).collect::<Vec<_>>())
        })
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect();
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, count) in halves.iter().flat_map(|(_, done)| done) {
        *done.entry(name).or_default() += count;
    }
    let events: usize = halves.iter().map(|(events, _)| events).sum();
    println!("{} commands, {events} carried out: {done:?}", WORLDS as usize * COMMANDS);
    assert_eq!(done.len(), 35, "every command is carried out sometimes: {done:?}");
}
