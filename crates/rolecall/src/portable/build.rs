//! Makes sessions portable.

use super::encode::{Limited, Parts, Rule, State};
use crate::answers::menu;
use crate::decide::guard;
use crate::decide::horizon::{self, Interest, Tally};
use crate::decide::resolved::{EvalInputs, Evaluation, RolesByScope};
use crate::decide::values;
use crate::policy::{Boundary, MenuNode, Policy};
use crate::session::Session;
use crate::storage::arena::Id;
use crate::storage::bits::Bits;
use crate::storage::codec::Encoder;
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

/// Operations to make one session portable: rights counted, and permissions at each time at which they change.
const STEPS: usize = 1 << 27;

/// The scopes, menus and time that a portable session covers, in addition to the scope of its session.
///
/// All fields are public, and there is a default. New fields come only with a new major version.
#[derive(Clone, Debug, Default)]
pub struct Coverage<'a> {
    /// Further scopes.
    pub scopes: Vec<ScopePath<'a>>,
    /// The names of menus to include. Only items that are visible at some time are included.
    pub menus: Vec<&'a str>,
    /// The end of the covered time, exclusive; `None` for no end.
    pub until: Option<Timestamp>,
}

impl Session {
    /// Encodes the answers of this session, at its scope and at others, from its time on.
    ///
    /// [`PortableSession::from_bytes`](crate::PortableSession::from_bytes) opens the bytes and answers without policy
    /// and directory. Login method, address and last activity are those of this session.
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
    /// - `menu.unknown`
    /// - `time.malformed` if `until` is not after the time of the session
    /// - `request.shape` if the coverage is too large
    pub fn to_bytes(&self, coverage: &Coverage<'_>) -> Result<Vec<u8>, RequestError> {
        to_bytes(self, coverage)
    }
}

fn to_bytes(session: &Session, coverage: &Coverage<'_>) -> Result<Vec<u8>, RequestError> {
    let (policy, context) = (session.policy(), session.context());
    let from = covered_from(session, coverage.until)?;
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
    let holdings = holdings(session);
    let mut states = States::default();
    // Scopes with the same signature have the same timeline. Other scopes may have an equal one too.
    let (mut signatures, mut by_signature, mut timelines) = (Numbers::default(), Vec::new(), Numbers::default());
    // The smallest possible size: three bytes for a scope and two for each part of a timeline.
    let mut least = 0;
    let mut left = STEPS;
    for path in paths {
        let signature = holdings.signature(path);
        let signature = signature.as_flattened();
        let known = signatures.find(signature).and_then(|number| by_signature.get(number).copied());
        let timeline = match known {
            Some(timeline) => timeline,
            None => {
                let covered = (from, coverage.until);
                let parts = timeline(session, &holdings, path, covered, &mut |_, _| true, &mut states, &mut left)?;
                let key = timeline_key(&parts);
                let timeline = timelines.find(&key).unwrap_or_else(|| {
                    least += 2 * parts.len();
                    draft.timelines.push(parts);
                    timelines.add(&key)
                });
                signatures.add(signature);
                by_signature.push(timeline);
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
        let nodes = policy.menu(name).map_err(|error| error.at("menus"))?;
        let nothing = Bits::new(policy.resources.count());
        let mut included = Vec::new();
        add_included(nodes, &nothing, &mut included);
        for state in &draft.states {
            add_included(nodes, &state.allowed, &mut included);
        }
        draft.menus.push((name, only_included(nodes, &included)));
    }
    let bytes = draft.encode();
    within(bytes.len())?;
    Ok(bytes)
}

/// Rejects a size beyond the limit.
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
        let Boundary { name, limits, match_all, locks, .. } = boundary;
        Rule { name, limits: limits.bits(), match_all: *match_all, locks: *locks }
    }
    boundaries.map(rule).collect()
}

/// Calls `each` with the states of a session at its own scope and the times at which they begin, while it returns true.
pub(super) fn own_timeline(
    session: &Session,
    covered: (Timestamp, Option<Timestamp>),
    each: &mut dyn FnMut(Timestamp, &State) -> bool,
) -> Result<(), RequestError> {
    let (holdings, path) = (holdings(session), &*session.context().at);
    timeline(session, &holdings, path, covered, each, &mut States::default(), &mut { STEPS }).map(|_| ())
}

fn holdings(session: &Session) -> RolesByScope<'_> {
    let (directory, subject) = (session.directory(), session.subject());
    RolesByScope::of(directory, directory.subject(subject), subject.starts_with(SUPPORT), session.context())
}

/// Returns the beginning of the covered time. Rejects an end that is not after the time of the session.
pub(super) fn covered_from(session: &Session, until: Option<Timestamp>) -> Result<Timestamp, RequestError> {
    let time = session.context().time;
    if until.is_some_and(|until| until <= time) {
        let message = "`until` is not after the time of the session; nothing would be covered";
        return Err(RequestError::new(RequestErrorCode::TimeMalformed, "until", message));
    }
    let from = Timestamp::from_millis(time.as_millis().saturating_sub(limits::PORTABLE_EARLY_MILLIS));
    Ok(from.unwrap_or(Timestamp::MIN))
}

/// Returns the states at a scope, with the times at which they begin, while `each` returns true.
fn timeline(
    session: &Session,
    holdings: &RolesByScope<'_>,
    path: &str,
    (from, until): (Timestamp, Option<Timestamp>),
    each: &mut dyn FnMut(Timestamp, &State) -> bool,
    states: &mut States,
    left: &mut usize,
) -> Result<Vec<(Timestamp, usize)>, RequestError> {
    let context = Context { at: path.into(), ..session.context().clone() };
    let directory = session.directory();
    let resolved = holdings.resolved(&context);
    let inputs = EvalInputs { directory, subject_id: session.subject(), context: &context, resolved: &resolved };
    // Where assignments have values, it matters which of them are active.
    let is_limited = resolved.held.iter().any(|held| held.limit.is_some());
    let mut tally = Tally::new(inputs, from, Interest { permissions: true, each: is_limited, ..Interest::default() });
    // Time changes neither the values in boundaries, apart from lifting, nor the results of timeless guards.
    let bare = Evaluation { unbounded: 0, ..tally.evaluation(from) };
    let values: Vec<Option<Vec<&str>>> =
        directory.policy.guards.boundaries.iter().map(|(id, _)| bare.values(id)).collect();
    let is_denied = guard::SESSION_GUARDS.iter().filter(|guard| guard.timeless).any(|guard| denies(guard, &bare));
    let mut parts: Vec<(Timestamp, usize)> = Vec::new();
    let later = horizon::candidates(inputs, from);
    let others = horizon::others(inputs);
    let cost = horizon::cost(directory.policy.resources.count());
    spend(left, cost + resolved.held.len())?;
    let (mut spent, mut turned) = (0, None);
    for time in [from].into_iter().chain(later).take_while(|time| until.is_none_or(|until| *time < until)) {
        tally.advance(time);
        spend(left, tally.spent() - spent)?;
        spent = tally.spent();
        // Nothing has changed since the time before.
        if turned == Some(tally.turned()) && !others.contains(&Some(time)) {
            continue;
        }
        turned = Some(tally.turned());
        spend(left, cost)?;
        if is_limited {
            spend(left, cost.saturating_mul(resolved.held.len()))?;
        }
        let state = state(&tally, time, &values, is_denied, states);
        if parts.last().is_none_or(|(_, before)| *before != state) {
            parts.push((time, state));
            within(2 * parts.len() + states.all.len())?;
            if !states.all.get(state).is_some_and(|state| each(time, state)) {
                break;
            }
        }
    }
    Ok(parts)
}

/// Counts operations, and rejects the coverage if they are too many.
fn spend(left: &mut usize, operations: usize) -> Result<(), RequestError> {
    *left = left.checked_sub(operations).ok_or_else(|| {
        let message =
            "the assignments of the subject begin and end too often, at too many scopes, to be computed in advance";
        let help = "set an earlier `until`, or cover fewer scopes";
        RequestError::new(RequestErrorCode::RequestShape, "until", message).with_help(help)
    })?;
    Ok(())
}

fn denies(guard: &guard::SessionGuard, evaluation: &Evaluation<'_>) -> bool {
    let mut reasons = Vec::new();
    (guard.evaluate)(evaluation, &mut reasons);
    !reasons.is_empty()
}

/// The distinct states. The key of a state is the permissions, the labels, and the boundaries with values that limit
/// one of these permissions.
#[derive(Default)]
struct States {
    known: Numbers,
    all: Vec<State>,
}

/// Returns the bytes that distinguish a timeline from others.
fn timeline_key(parts: &[(Timestamp, usize)]) -> Vec<u8> {
    let mut key = Vec::new();
    for (time, state) in parts {
        key.extend_from_slice(&time.as_millis().to_le_bytes());
        key.extend_from_slice(&narrow(*state).to_le_bytes());
    }
    key
}

/// Returns the number of the state at a time.
fn state(
    tally: &Tally<'_>,
    time: Timestamp,
    values: &[Option<Vec<&str>>],
    is_denied: bool,
    states: &mut States,
) -> usize {
    let evaluation = tally.evaluation(time);
    let policy = &evaluation.inputs.directory.policy;
    let mut timely = guard::SESSION_GUARDS.iter().filter(|guard| !guard.timeless);
    let is_denied = is_denied || timely.any(|guard| denies(guard, &evaluation));
    let (allowed, reads) =
        if is_denied { (Bits::new(policy.resources.count()), 0) } else { (tally.permissions(), evaluation.reads) };
    let permissions = allowed.iter().filter_map(|bit| policy.permission_at(bit as u32));
    let actions = permissions.fold(Actions::empty(), |all, permission| all | policy.resources.action(permission));
    // Values that limit none of the allowed permissions are left out.
    let bounding = policy.guards.boundaries.iter().filter(|(id, rule)| {
        let lifted = evaluation.unbounded >> id.index() & 1 == 1;
        !lifted && rule.limits.intersects(actions) && values.get(id.index()).is_some_and(Option::is_some)
    });
    let bounding = bounding.fold(0, |mask, (id, _)| mask | 1_u64 << id.index());
    let limited = limited(&evaluation, &allowed);
    let count = policy.resources.count();
    let mut key = Encoder::default();
    key.count(limited.len());
    limited.iter().for_each(|limited| limited.encode(count, &mut key));
    let mut key = key.0;
    key.extend(allowed.to_bytes(count));
    key.extend_from_slice(&reads.to_le_bytes());
    key.extend_from_slice(&bounding.to_le_bytes());
    states.known.find(&key).unwrap_or_else(|| {
        let named = values.iter().enumerate().map(|(index, values)| {
            let values = values.as_ref().filter(|_| bounding >> index & 1 == 1)?;
            Some(values.iter().map(|value| Box::from(*value)).collect())
        });
        states.all.push(State { values: named.collect(), reads, allowed, limited });
        states.known.add(&key)
    })
}

/// Returns the allowed permissions that every assignment limits to some values, those with the same values together.
fn limited(evaluation: &Evaluation<'_>, allowed: &Bits) -> Vec<Limited> {
    let policy = &evaluation.inputs.directory.policy;
    let mut found: Vec<(Vec<values::Limit<'_>>, Bits)> = Vec::new();
    for permission in values::limited(evaluation, allowed) {
        let Some(fitting) = values::limits(evaluation, permission) else { continue };
        let place = found.iter().position(|(known, _)| *known == fitting).unwrap_or_else(|| {
            found.push((fitting, Bits::new(policy.resources.count())));
            found.len() - 1
        });
        found.get_mut(place).into_iter().for_each(|(_, permissions)| permissions.insert(permission.bit()));
    }
    let owned = |values: &[Box<str>]| values.to_vec();
    let fitting = |limits: Vec<values::Limit<'_>>| {
        let numbered =
            |limit: values::Limit<'_>| limit.iter().map(|(id, values)| (id.index(), owned(values))).collect();
        limits.into_iter().map(numbered).collect()
    };
    found.into_iter().map(|(limits, permissions)| Limited { permissions, fitting: fitting(limits) }).collect()
}

/// Adds the ids of the items that a menu includes with some permissions. `included` is sorted.
fn add_included<'p>(nodes: &'p [MenuNode], allowed: &Bits, included: &mut Vec<&'p str>) {
    let mut more = Vec::new();
    for node in nodes {
        let _ = menu::each_included(node, allowed, &mut |id| {
            if included.binary_search(&id).is_err() {
                more.push(id);
            }
        });
    }
    if !more.is_empty() {
        included.append(&mut more);
        order::sort(included);
        included.dedup();
    }
}

/// Returns the items whose ids are included.
fn only_included(nodes: &[MenuNode], included: &[&str]) -> Vec<MenuNode> {
    let nodes = nodes.iter().filter(|node| included.binary_search(&&*node.id).is_ok());
    nodes.map(|node| MenuNode { items: only_included(&node.items, included), ..node.clone() }).collect()
}
