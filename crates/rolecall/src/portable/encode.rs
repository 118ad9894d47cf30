//! Making a session portable.

use super::draft::{Draft, Rule, State};
use crate::action::STANDARD;
use crate::bits::Bits;
use crate::context::Context;
use crate::decide;
use crate::fault::{Fault, FaultCode};
use crate::horizon;
use crate::instant::Instant;
use crate::limits;
use crate::menu;
use crate::names::ScopePath;
use crate::order;
use crate::policy::{Boundary, MenuNode, Policy};
use crate::session::Session;
use crate::standing::{Case, Moment, Standing};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What a portable session covers beside the scope of the session that it is made of.
#[derive(Clone, Debug, Default)]
pub struct Coverage<'a> {
    /// Other scopes.
    pub scopes: Vec<ScopePath<'a>>,
    /// Menus that come along, as far as anything of them is seen at some time.
    pub menus: Vec<&'a str>,
    /// The first instant that is no longer covered; without it there is no end.
    pub until: Option<Instant>,
}

/// Makes the bytes of a session.
pub(crate) fn to_bytes(session: &Session, coverage: &Coverage<'_>) -> Result<Vec<u8>, Fault> {
    let (policy, context) = (session.policy(), session.context());
    let from = Instant::from_millis(context.time.as_millis().saturating_sub(limits::PORTABLE_EARLY_MILLIS));
    let from = from.unwrap_or(Instant::MIN);
    if coverage.until.is_some_and(|until| until <= context.time) {
        let message = "`until` is not after the instant of the session, so that nothing is covered";
        return Err(Fault::new(FaultCode::TimeMalformed, "until", message));
    }
    let mut paths: Vec<&str> = coverage.scopes.iter().map(|path| path.as_str()).chain([&*context.at]).collect();
    order::sort(&mut paths);
    paths.dedup();
    if paths.len() > limits::PORTABLE_SCOPES {
        let message = limits::exceeded("the coverage has", paths.len(), "scopes", limits::PORTABLE_SCOPES);
        return Err(Fault::new(FaultCode::RequestShape, "scopes", message));
    }
    let resources = policy.resources.nodes().filter(|(_, node)| !node.actions.is_empty());
    let mut draft = Draft {
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
    for path in paths {
        let parts = timeline(session, path, from, coverage.until, &mut draft.states);
        let timeline = numbered(&mut draft.timelines, parts);
        draft.scopes.push((path, timeline));
    }
    let mut menus = coverage.menus.clone();
    order::sort(&mut menus);
    menus.dedup();
    for name in menus {
        let nodes = policy.menu(name).map_err(|fault| fault.at("menus"))?;
        let nothing = Bits::new(policy.resources.count());
        let states: Vec<&Bits> = draft.states.iter().map(|state| &state.allowed).chain([&nothing]).collect();
        draft.menus.push((name, seen(nodes, &states)));
    }
    let bytes = draft.write();
    if bytes.len() > limits::PORTABLE_BYTES {
        let message = limits::exceeded("the portable session would have", bytes.len(), "bytes", limits::PORTABLE_BYTES);
        return Err(Fault::new(FaultCode::RequestShape, "scopes", message).with_help("cover fewer scopes or menus"));
    }
    Ok(bytes)
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
    path: &str,
    from: Instant,
    until: Option<Instant>,
    states: &mut Vec<State>,
) -> Vec<(Instant, usize)> {
    let context = Context { at: path.into(), ..session.context().clone() };
    let directory = session.directory();
    let standing = Standing::new(directory, session.subject(), &context);
    let case = Case { directory, subject_id: session.subject(), context: &context, standing: &standing };
    let mut parts: Vec<(Instant, usize)> = Vec::new();
    let later = horizon::candidates(case, from);
    for time in [from].into_iter().chain(later).take_while(|time| until.is_none_or(|until| *time < until)) {
        let state = numbered(states, state(&Moment::new(case, time)));
        if parts.last().is_none_or(|(_, before)| *before != state) {
            parts.push((time, state));
        }
    }
    parts
}

fn state(moment: &Moment<'_>) -> State {
    let policy = &moment.case.directory.policy;
    let allowed = decide::allowed(moment);
    let limited = |limits| {
        allowed
            .iter()
            .filter_map(|bit| policy.permission_at(bit as u32))
            .any(|permission| policy.resources.action(permission).intersects(limits))
    };
    let values = policy.guards.boundaries.iter().map(|(id, rule)| {
        // Values that bound nothing of what is allowed stay where they are.
        let values = moment.values(id).filter(|_| limited(rule.limits))?;
        Some(values.into_iter().map(Box::from).collect())
    });
    State { values: values.collect(), reads: decide::readable(moment), allowed }
}

/// The number of a thing in a list that holds each once.
fn numbered<T: PartialEq>(known: &mut Vec<T>, thing: T) -> usize {
    known.iter().position(|other| *other == thing).unwrap_or_else(|| {
        known.push(thing);
        known.len() - 1
    })
}

/// The items of a menu that are told in any of some states.
fn seen(nodes: &[MenuNode], states: &[&Bits]) -> Vec<MenuNode> {
    let told = |node: &&MenuNode| states.iter().any(|allowed| menu::item(node, allowed).is_some());
    let kept = |node: &MenuNode| MenuNode { items: seen(&node.items, states), ..node.clone() };
    nodes.iter().filter(told).map(kept).collect()
}
