//! Views: the answers of a session as data, for pages that only look them up.
//!
//! A view answers what a session answers without an item. The answers are computed for every time at which they change,
//! as in a portable session, but written by name.

use super::build::{covered_from, own_timeline};
use super::encode::State;
use crate::answers::menu;
use crate::policy::PermissionId;
use crate::session::Session;
use crate::storage::arena::Id;
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::action::Actions;
use crate::types::decision::Menu;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::string::ToString;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// The version of the format of views.
const VERSION: u32 = 1;

/// States that are read to make a view. Some of them look the same in it.
const STATES: usize = 1 << 13;

/// What a view includes.
///
/// All fields are public, and there is a default. New fields come only with a new major version.
#[derive(Clone, Debug, Default)]
pub struct ViewCoverage<'a> {
    /// The names of menus to include.
    pub menus: Vec<&'a str>,
    /// The permissions to include; `None` for all of them.
    pub permissions: Option<Vec<PermissionId>>,
    /// Includes all parts up to here, exclusive. With `None`, the view ends at the next change.
    pub until: Option<Timestamp>,
}

/// The answers of a session as data. It claims only what holds without an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct View<'s> {
    /// The version of the format.
    pub rolecall_view: u32,
    /// The id of the subject.
    pub subject: &'s str,
    /// The path of the scope.
    pub at: &'s str,
    /// The names of the permissions that the view answers, sorted.
    pub covers: Vec<&'s str>,
    /// The answers, one part after the other. Outside of them everything is denied.
    pub parts: Vec<ViewPart<'s>>,
}

/// The answers of a view for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ViewPart<'s> {
    /// The first time of the part. The first part begins
    /// [`PORTABLE_EARLY_MILLIS`](crate::types::limits::PORTABLE_EARLY_MILLIS) early.
    pub from: Timestamp,
    /// The first time after the part; `None` if it does not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The names of the allowed permissions, for requests without an item, sorted.
    pub permissions: Vec<&'s str>,
    /// Those of them that a boundary or a lock allows for some items only, sorted.
    pub by_item: Vec<&'s str>,
    /// The visible parts of the menus, by name.
    #[serde(serialize_with = "by_name")]
    pub menus: Vec<(&'s str, Menu<'s>)>,
}

fn by_name<S: Serializer>(menus: &[(&str, Menu<'_>)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(menus.iter().map(|(name, menu)| (name, menu)))
}

impl ViewPart<'_> {
    /// Returns whether another part gives the same answers.
    fn is_like(&self, other: &Self) -> bool {
        (&self.permissions, &self.by_item, &self.menus) == (&other.permissions, &other.by_item, &other.menus)
    }
}

impl Session {
    /// Returns the answers of this session as data, from its time on. A page looks them up without a module, such as with
    /// `rolecall/view` of the npm package.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// use rolecall::ViewCoverage;
    ///
    /// let view = session.to_view(&ViewCoverage { menus: vec!["main"], ..ViewCoverage::default() })?;
    /// assert_eq!(view.parts[0].permissions, ["profiles:view", "segments:edit", "segments:view"]);
    /// assert_eq!(view.parts[0].by_item, ["segments:edit"], "in some regions only");
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// - `menu.unknown`
    /// - `time.malformed` if `until` is not after the time of the session
    /// - `request.shape` if the answers change too often until then
    pub fn to_view<'s>(&'s self, coverage: &ViewCoverage<'s>) -> Result<View<'s>, RequestError> {
        let content = Content::new(self, coverage)?;
        let parts = content.parts(coverage.until)?;
        let (subject, at) = (self.subject(), &*self.context().at);
        Ok(View { rolecall_view: VERSION, subject, at, covers: content.names(&|_| true), parts })
    }
}

/// What the parts of a view contain.
struct Content<'s> {
    session: &'s Session,
    /// Sorted by name.
    covered: Vec<PermissionId>,
    /// Sorted.
    menus: Vec<&'s str>,
}

impl<'s> Content<'s> {
    fn new(session: &'s Session, coverage: &ViewCoverage<'s>) -> Result<Self, RequestError> {
        let policy = session.policy();
        let mut covered: Vec<PermissionId> = policy.resources.sorted().to_vec();
        if let Some(wanted) = &coverage.permissions {
            let mut included = Bits::new(policy.resources.count());
            wanted.iter().for_each(|permission| included.insert(permission.bit()));
            covered.retain(|permission| included.contains(permission.bit()));
        }
        let mut menus = coverage.menus.clone();
        order::sort(&mut menus);
        menus.dedup();
        Ok(Self { session, covered, menus })
    }

    /// Returns the names of the covered permissions that `keep` accepts.
    fn names(&self, keep: &dyn Fn(PermissionId) -> bool) -> Vec<&'s str> {
        let policy = self.session.policy();
        self.covered.iter().filter(|id| keep(**id)).map(|id| policy.permission_name(*id)).collect()
    }

    /// Returns the parts, one after the other. Equal ones are one part.
    fn parts(&self, until: Option<Timestamp>) -> Result<Vec<ViewPart<'s>>, RequestError> {
        let from = covered_from(self.session, until)?;
        let now = self.session.context().time;
        // The parts so far, and the end of the last one.
        let (mut parts, mut end): (Vec<ViewPart<'s>>, _) = (Vec::new(), until);
        let (mut failed, mut left) = (None, STATES);
        own_timeline(self.session, (from, until), &mut |time, state| {
            left -= 1;
            match self.part(time, state) {
                Err(error) => failed = Some(error),
                Ok(part) => {
                    let is_new = parts.last().is_none_or(|last| !last.is_like(&part));
                    if !is_new && left > 0 {
                        return true;
                    }
                    if until.is_none() && time > now {
                        // Without an end, the view ends at the first later part.
                        end = Some(time);
                    } else if left == 0 || parts.len() == limits::VIEW_PARTS {
                        failed = Some(too_many());
                    } else {
                        parts.last_mut().into_iter().for_each(|last| last.valid_until = Some(time));
                        parts.push(part);
                        return true;
                    }
                }
            }
            false
        })?;
        parts.last_mut().into_iter().for_each(|last| last.valid_until = end);
        failed.map_or(Ok(parts), Err)
    }

    fn part(&self, from: Timestamp, state: &State) -> Result<ViewPart<'s>, RequestError> {
        let policy = self.session.policy();
        let (actions, permissions) = depending_on_items(self.session, state);
        let allowed = |id: PermissionId| state.allowed.contains(id.bit());
        let by_item = |id: PermissionId| {
            allowed(id) && (permissions.contains(id.bit()) || actions.intersects(policy.resources.action(id)))
        };
        let menu = |name: &&'s str| Ok((*name, menu::resolve(policy.menu(name)?, &state.allowed)));
        let menus: Result<_, RequestError> = self.menus.iter().map(menu).collect();
        Ok(ViewPart {
            from,
            valid_until: None,
            permissions: self.names(&allowed),
            by_item: self.names(&by_item),
            menus: menus.map_err(|error| error.at("menus"))?,
        })
    }
}

/// Returns the actions that a boundary limits to some values of the subject, and the permissions that every assignment
/// limits to some values.
fn depending_on_items(session: &Session, state: &State) -> (Actions, Bits) {
    let policy = session.policy();
    let is_limited = |index: usize| state.values.get(index).is_some_and(Option::is_some);
    let limiting = policy.guards.boundaries.iter().filter(|(id, _)| is_limited(id.index()));
    let actions = limiting.fold(Actions::empty(), |all, (_, rule)| all | rule.limits);
    let mut permissions = Bits::new(policy.resources.count());
    state.limited.iter().for_each(|limited| permissions.add(&limited.permissions));
    (actions, permissions)
}

fn too_many() -> RequestError {
    let message =
        ["the answers change too often: a view has at most ", &limits::VIEW_PARTS.to_string(), " parts"].concat();
    RequestError::new(RequestErrorCode::RequestShape, "until", message).with_help("set an earlier `until`")
}
