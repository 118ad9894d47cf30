//! Making a session portable.

use super::encode::{Parts, Rule, State};
use crate::answers::menu;
use crate::decide::guard;
use crate::decide::horizon::{self, Interest, Tally};
use crate::decide::reason::RawReason;
use crate::decide::resolved::{EvalInputs, Evaluation, RolesByScope};
use crate::policy::{Boundary, MenuNode, Policy};
use crate::session::Session;
use crate::storage::arena::Id;
use crate::storage::bits::Bits;
use crate::storage::column::narrow;
use crate::storage::map::Numbers;
use crate::storage::order;
use crate::types::action::{Actions, STANDARD};
use crate::types::context::Context;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::grammar::{SUPPORT, ScopePath};
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Operations of making one session portable: counts of things that assignments give, and permissions at each instant at which
/// they differ.
const STEPS: usize = 1 << 27;

/// What a portable session covers in addition to the scope of the session that it is made from. It has public fields and a
/// default, and gets no more of them before a new major version.
#[derive(Clone, Debug, Default)]
pub struct Coverage<'a> {
    /// Other scopes.
    pub scopes: Vec<ScopePath<'a>>,
    /// Menus that come along, as far as anything of them is seen at some time.
    pub menus: Vec<&'a str>,
    /// The first instant that is no longer covered; without it there is no end.
    pub until: Option<Timestamp>,
}

impl Session {
    /// Makes the session portable: its answers at its scope and at others, from its instant on, in bytes from which
    /// [`PortableSession::from_bytes`](crate::PortableSession::from_bytes) answers without policy and directory. What
    /// is known of the connection is held fixed, and so is what it allows.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// use rolecall::{Coverage, PortableSession};
    ///
    /// let until = "2026-11-21T11:00:00Z".parse()?;
    /// let bytes = session.to_bytes(&Coverage { menus: vec!["main"], until: Some(until), ..Coverage::default() })?;
    ///
    /// let portable = PortableSession::from_bytes(&bytes, session.context().time())?;
    /// let edit = portable.permission("segments:edit")?;
    /// assert!(portable.can(edit));
    /// let later = portable.at("acme/shop", until);
    /// assert!(!later.is_covered() && !later.can(edit));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `menu.unknown`; `time.malformed`, where the coverage ends before it begins; `request.shape`, where it is too
    /// large.
    pub fn to_bytes(&self, coverage: &Coverage<'_>) -> Result<Vec<u8>, RequestError> {
        to_bytes(self, coverage)
    }
}

/// Makes the bytes of a session.
fn to_bytes(session: &Session, coverage: &Coverage<'_>) -> Result<Vec<u8>, RequestError> {
    let (policy, context) = (session.policy(), session.context());
    let from = Timestamp::from_millis(context.time.as_millis().saturating_sub(limits::PORTABLE_EARLY_MILLIS));
    let from = from.unwrap_or(Timestamp::MIN);
    if coverage.until.is_some_and(|until| until <= context.time) {
        let message = "`until` is not after the instant of the session, so that nothing is covered";
        return Err(RequestError::new(RequestErrorCode::TimeMalformed, "until", message));
    }
    let mut paths: Vec<&str> = coverage.scopes.iter().map(|path| path.as_str()).chain([&*context.at]).collect();
    order::sort(&mut paths);
    paths.dedup();
    if paths.len() > limits::PORTABLE_SCOPES {
        let message = limits::exceeded("the coverage has", paths.len(), "scopes", limits::PORTABLE_SCOPES);
        return Err(RequestError::new(RequestErrorCode::RequestShape, "scopes", message));
    }
    let resources = policy.resources.nodes().filter(|(_, node)| !node.actions.is_empty());
    let mut draft = Parts {
        subject: session.subject(),
        from,
        until: coverage.until,
        custom: policy.actions.names().skip(STANDARD.len()).collect(),
        resources: resources.map(|(_, node)| (&*node.path, node.actions.bits())).collect(),
        permissions: policy.resources.count(),
        labels: policy.labels().collect(),
        rules: rules(policy),
        states: Vec::new(),
        timelines: Vec::new(),
        own: paths.binary_search(&&*context.at).unwrap_or(0),
        scopes: Vec::new(),
        menus: Vec::new(),
    };
    let directory = session.directory();
    let key = directory.subject(session.subject());
    let holdings = RolesByScope::of(directory, key, session.subject().starts_with(SUPPORT), context);
    let mut states = States::default();
    // Where the same decides, the same follows; and what follows may be the same elsewhere.
    let (mut places, mut followed, mut timelines) = (Numbers::default(), Vec::new(), Numbers::default());
    // A scope takes three bytes at least, a part of a timeline two, and a state what it allows.
    let mut least = 0;
    let mut left = STEPS;
    for path in paths {
        let place = holdings.place(path);
        let place = place.as_flattened();
        let known = places.find(place).and_then(|place| followed.get(place).copied());
        let timeline = match known {
            Some(timeline) => timeline,
            None => {
                let parts = timeline(session, &holdings, path, (from, coverage.until), &mut states, &mut left)?;
                let key = timeline_key(&parts);
                let timeline = timelines.find(&key).unwrap_or_else(|| {
                    least += 2 * parts.len();
                    draft.timelines.push(parts);
                    timelines.add(&key)
                });
                places.add(place);
                followed.push(timeline);
                timeline
            }
        };
        draft.scopes.push((path, timeline));
        least += 3;
        within(least)?;
    }
    draft.states = states.all;
    let mut menus = coverage.menus.clone();
    order::sort(&mut menus);
    menus.dedup();
    for name in menus {
        let nodes = policy.menu(name).map_err(|fault| fault.at("menus"))?;
        let nothing = Bits::new(policy.resources.count());
        let mut told = Vec::new();
        add_told(nodes, &nothing, &mut told);
        for state in &draft.states {
            add_told(nodes, &state.allowed, &mut told);
        }
        draft.menus.push((name, kept(nodes, &told)));
    }
    let bytes = draft.encode();
    within(bytes.len())?;
    Ok(bytes)
}

fn within(bytes: usize) -> Result<(), RequestError> {
    if bytes <= limits::PORTABLE_BYTES {
        return Ok(());
    }
    let message = limits::exceeded("the portable session would have", bytes, "bytes", limits::PORTABLE_BYTES);
    Err(RequestError::new(RequestErrorCode::RequestShape, "scopes", message).with_help("cover fewer scopes or menus"))
}

fn rules(policy: &Policy) -> Vec<Rule<'_>> {
    let boundaries = policy.guards.boundaries.values().iter();
    fn rule(boundary: &Boundary) -> Rule<'_> {
        Rule { name: &boundary.name, limits: boundary.limits.bits(), match_all: boundary.match_all }
    }
    boundaries.map(rule).collect()
}

/// What is allowed at a scope, from instant to instant.
fn timeline(
    session: &Session,
    holdings: &RolesByScope<'_>,
    path: &str,
    (from, until): (Timestamp, Option<Timestamp>),
    states: &mut States,
    left: &mut usize,
) -> Result<Vec<(Timestamp, usize)>, RequestError> {
    let context = Context { at: path.into(), ..session.context().clone() };
    let directory = session.directory();
    let resolved = holdings.resolved(&context);
    let inputs = EvalInputs { directory, subject_id: session.subject(), context: &context, resolved: &resolved };
    let mut tally = Tally::new(inputs, from, Interest { permissions: true, ..Interest::default() });
    // The values in each boundary, where no role lifts it, and the objections that no time changes.
    let bare = Evaluation { unbounded: 0, ..tally.evaluation(from) };
    let values: Vec<Option<Vec<&str>>> =
        directory.policy.guards.boundaries.iter().map(|(id, _)| bare.values(id)).collect();
    let is_closed =
        guard::SESSION_GUARDS.iter().filter(|gate| gate.timeless).any(|gate| !gate_objections(gate, &bare).is_empty());
    let mut parts: Vec<(Timestamp, usize)> = Vec::new();
    let later = horizon::candidates(inputs, from);
    let others = horizon::others(inputs);
    let each = horizon::cost(directory.policy.resources.count());
    spend(left, each + resolved.held.len())?;
    let (mut spent, mut turned) = (0, None);
    for time in [from].into_iter().chain(later).take_while(|time| until.is_none_or(|until| *time < until)) {
        tally.advance(time);
        spend(left, tally.spent() - spent)?;
        spent = tally.spent();
        // Nothing differs from the instant before.
        if turned == Some(tally.turned()) && !others.contains(&Some(time)) {
            continue;
        }
        turned = Some(tally.turned());
        spend(left, each)?;
        let state = state(&tally, time, &values, is_closed, states);
        if parts.last().is_none_or(|(_, before)| *before != state) {
            parts.push((time, state));
            within(2 * parts.len() + states.all.len())?;
        }
    }
    Ok(parts)
}

/// Counts operations, and ends with a fault where there are too many.
fn spend(left: &mut usize, operations: usize) -> Result<(), RequestError> {
    *left = left.checked_sub(operations).ok_or_else(|| {
        let message =
            "the assignments of the subject begin and end too often, at too many scopes, to be worked out in advance";
        let help = "cover less time by an `until`, or fewer scopes";
        RequestError::new(RequestErrorCode::RequestShape, "until", message).with_help(help)
    })?;
    Ok(())
}

fn gate_objections(gate: &guard::SessionGuard, evaluation: &Evaluation<'_>) -> Vec<RawReason> {
    let mut reasons = Vec::new();
    (gate.evaluate)(evaluation, &mut reasons);
    reasons
}

/// The states that were met. Each by what makes it up: what is allowed and read, and the boundaries in which values bound
/// something.
#[derive(Default)]
struct States {
    known: Numbers,
    all: Vec<State>,
}

/// A timeline by what makes it up.
fn timeline_key(parts: &[(Timestamp, usize)]) -> Vec<u8> {
    let mut key = Vec::new();
    for (time, state) in parts {
        key.extend_from_slice(&time.as_millis().to_le_bytes());
        key.extend_from_slice(&narrow(*state).to_le_bytes());
    }
    key
}

/// The number of the state at an instant.
fn state(
    tally: &Tally<'_>,
    time: Timestamp,
    values: &[Option<Vec<&str>>],
    is_closed: bool,
    states: &mut States,
) -> usize {
    let evaluation = tally.evaluation(time);
    let policy = &evaluation.inputs.directory.policy;
    let timely = guard::SESSION_GUARDS.iter().filter(|gate| !gate.timeless);
    let is_closed = is_closed || timely.into_iter().any(|gate| !gate_objections(gate, &evaluation).is_empty());
    let (allowed, reads) =
        if is_closed { (Bits::new(policy.resources.count()), 0) } else { (tally.permissions(), evaluation.reads) };
    let permissions = allowed.iter().filter_map(|bit| policy.permission_at(bit as u32));
    let actions = permissions.fold(Actions::empty(), |all, permission| all | policy.resources.action(permission));
    // Values that bound nothing of what is allowed stay where they are.
    let bounding = policy.guards.boundaries.iter().filter(|(id, rule)| {
        let lifted = evaluation.unbounded >> id.index() & 1 == 1;
        !lifted && rule.limits.intersects(actions) && values.get(id.index()).is_some_and(Option::is_some)
    });
    let bounding = bounding.fold(0, |mask, (id, _)| mask | 1_u64 << id.index());
    let mut key = allowed.to_bytes(policy.resources.count());
    key.extend_from_slice(&reads.to_le_bytes());
    key.extend_from_slice(&bounding.to_le_bytes());
    states.known.find(&key).unwrap_or_else(|| {
        let named = values.iter().enumerate().map(|(index, values)| {
            let values = values.as_ref().filter(|_| bounding >> index & 1 == 1)?;
            Some(values.iter().map(|value| Box::from(*value)).collect())
        });
        states.all.push(State { values: named.collect(), reads, allowed });
        states.known.add(&key)
    })
}

/// Adds the items of a menu that are told where something is allowed to those that are told elsewhere, which are in order.
fn add_told<'p>(nodes: &'p [MenuNode], allowed: &Bits, told: &mut Vec<&'p str>) {
    let mut more = Vec::new();
    for node in nodes {
        let _ = menu::each_told(node, allowed, &mut |id| {
            if told.binary_search(&id).is_err() {
                more.push(id);
            }
        });
    }
    if !more.is_empty() {
        told.append(&mut more);
        order::sort(told);
        told.dedup();
    }
}

fn kept(nodes: &[MenuNode], told: &[&str]) -> Vec<MenuNode> {
    let nodes = nodes.iter().filter(|node| told.binary_search(&&*node.id).is_ok());
    nodes.map(|node| MenuNode { items: kept(&node.items, told), ..node.clone() }).collect()
}
