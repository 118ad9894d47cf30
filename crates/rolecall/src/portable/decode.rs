//! Reads the bytes of a portable session in place.
//!
//! Opening checks all bytes once, and stores only where each part begins. Later reads are bounds-checked as well:
//! missing data denies.

use super::checksum::checksum;
use crate::answers::menu::{self, Head};
use crate::policy::MENU_FLAGS;
use crate::storage::codec::Decoder;
use crate::types::action::STANDARD;
use crate::types::decision::MenuItem;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The first bytes: three letters, then the version of the layout.
const MAGIC: [u8; 4] = *b"rcs\x01";

/// The size of the head: magic bytes and checksum.
const HEAD: usize = 8;

/// Returns the bytes of a portable session: its head, then the body.
pub(super) fn sealed(body: &[u8]) -> Vec<u8> {
    [MAGIC.as_slice(), &checksum(body).to_le_bytes(), body].concat()
}

/// The bytes of a portable session, and where each part begins.
#[derive(Debug)]
pub(super) struct Encoded {
    body: Box<[u8]>,
    pub(super) from: Timestamp,
    pub(super) until: Option<Timestamp>,
    /// The number of permissions.
    pub(super) permissions: usize,
    names: usize,
    labels: usize,
    rules: usize,
    states: Vec<usize>,
    timelines: usize,
    scopes: usize,
    own: usize,
    menus: usize,
}

/// A boundary.
pub(super) struct Rule<'b> {
    pub(super) name: &'b str,
    /// The actions that it limits, one bit each.
    pub(super) limits: u64,
    pub(super) match_all: bool,
    /// It takes the values of items from locks.
    pub(super) locks: bool,
}

/// The rights that are valid for some time.
#[derive(Default)]
pub(super) struct State<'b> {
    /// The allowed permissions, one bit each. Zeros at the end are left out.
    pub(super) allowed: &'b [u8],
    /// The labels that are read, one bit each.
    pub(super) reads: u64,
    values: Decoder<'b>,
}

/// A resource with its actions. Each action is a permission.
pub(super) struct Resource<'r> {
    pub(super) path: &'r str,
    /// Its actions, one bit each.
    pub(super) actions: u64,
    /// The actions of the policy that are not standard ones.
    custom: &'r [&'r str],
}

impl Resource<'_> {
    /// Returns the name of an action by its bit.
    pub(super) fn action(&self, bit: usize) -> &str {
        let custom = || self.custom.get(bit - STANDARD.len()).copied().unwrap_or_default();
        STANDARD.get(bit).map_or_else(custom, |(name, _)| name)
    }
}

/// Returns the bits of a set, the lowest first.
pub(super) fn bits(set: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |bit| set >> bit & 1 == 1)
}

/// Returns whether a set of bytes contains a number.
pub(super) fn contains(set: &[u8], number: usize) -> bool {
    set.get(number / 8).is_some_and(|byte| byte >> (number % 8) & 1 == 1)
}

impl<'b> State<'b> {
    fn read(from: &mut Decoder<'b>, rules: usize) -> Self {
        let state = Self { allowed: from.bytes(), reads: from.number(), values: *from };
        read_limited(from, rules, None);
        state
    }

    /// Returns whether `fits` accepts the boundary values of an assignment that grants a permission. True if an
    /// assignment grants it without values. `rules` is the number of boundaries.
    pub(super) fn fits(&self, permission: usize, rules: usize, fits: &mut dyn FnMut(usize, &[&str]) -> bool) -> bool {
        read_limited(&mut { self.values }, rules, Some((permission, fits)))
    }

    /// Returns the values in a boundary, sorted; `None` if the subject holds all values.
    pub(super) fn values(&self, rule: usize) -> Option<Vec<&'b str>> {
        let mut from = self.values;
        for _ in 0..rule {
            read_values(&mut from);
        }
        read_values(&mut from)
    }
}

/// Returns whether an item fits values in a boundary, by its number.
type Fits<'f, 'b> = dyn FnMut(usize, &[&'b str]) -> bool + 'f;

/// Reads the values in `rules` boundaries, and the limits that follow. Returns whether one set of limits of a permission
/// fits, or it has none.
fn read_limited<'b>(from: &mut Decoder<'b>, rules: usize, mut wanted: Option<(usize, &mut Fits<'_, 'b>)>) -> bool {
    for _ in 0..rules {
        read_values(from);
    }
    let mut any_fits = true;
    from.each(&mut |from| {
        let permissions = from.bytes();
        let mut wanted = wanted.as_mut().filter(|(permission, _)| contains(permissions, *permission));
        any_fits &= wanted.is_none();
        from.each(&mut |from| {
            let mut all_fit = wanted.is_some();
            from.each(&mut |from| {
                let (boundary, values) = (from.below(rules), from.texts());
                all_fit = all_fit && wanted.as_mut().is_none_or(|(_, fits)| fits(boundary, &values));
            });
            any_fits |= all_fit;
        });
    });
    any_fits
}

fn read_values<'b>(from: &mut Decoder<'b>) -> Option<Vec<&'b str>> {
    if from.flag() { None } else { Some(from.texts()) }
}

fn read_resources(from: &mut Decoder<'_>, one: &mut dyn FnMut(&mut Decoder<'_>, &Resource<'_>)) {
    let custom = from.texts();
    let sets = read_sets(from);
    from.paths(sets.len(), &mut |from, path, set| {
        one(from, &Resource { path, actions: sets.get(set).copied().unwrap_or_default(), custom: &custom });
    });
}

fn read_sets(from: &mut Decoder<'_>) -> Vec<u64> {
    let mut sets = Vec::new();
    from.each(&mut |from| sets.push(from.number()));
    sets
}

fn read_rules<'b>(from: &mut Decoder<'b>) -> Vec<Rule<'b>> {
    let mut rules = Vec::new();
    from.each(&mut |from| {
        let (name, limits, [match_all, locks]) = (from.text(), from.number(), from.flags());
        rules.push(Rule { name, limits, match_all, locks });
    });
    rules
}

/// Reads the states of a timeline that begins at `time`, with the time at which each begins.
fn read_parts(from: &mut Decoder<'_>, mut time: Timestamp, states: usize, one: &mut dyn FnMut(Timestamp, usize)) {
    let mut is_first = true;
    from.each(&mut |from| {
        let later = from.number();
        // Only the first state begins at once, and all others later than the one before.
        from.check((later == 0) == is_first);
        is_first = false;
        time = from.millis(time.as_millis().checked_add_unsigned(later));
        one(time, from.below(states));
    });
}

/// Reads the items of a menu and resolves them with the allowed permissions. `permissions` is the number of
/// permissions.
fn read_items<'b>(from: &mut Decoder<'b>, allowed: &[u8], permissions: usize, depth: usize) -> Vec<MenuItem<'b>> {
    let mut items = Vec::new();
    from.check(depth <= limits::MENU_DEPTH);
    from.each(&mut |from| {
        let flags = from.number();
        let flag = |bit: u64| flags >> bit & 1 == 1;
        let (id, title) = (from.text(), from.text());
        let href = if flag(4) { Some(from.text()) } else { None };
        let kind = flags >> MENU_FLAGS;
        from.check(kind <= 2);
        // With `any` (1) one permission is enough, with `all` (2) each is needed.
        let mut holds = kind != 1;
        if kind > 0 {
            from.each(&mut |from| {
                let has = contains(allowed, from.below(permissions));
                if has == (kind == 1) {
                    holds = has;
                }
            });
        }
        let branch = flag(3);
        let below = if branch { read_items(from, allowed, permissions, depth + 1) } else { Vec::new() };
        let head = Head { id, title, href, always: flag(0), disable: flag(1), tabs: flag(2), branch };
        items.extend(menu::included(&head, holds, below));
    });
    items
}

impl Encoded {
    /// Returns the bytes that were read.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        sealed(&self.body)
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, RequestError> {
        let malformed = |why: &str| {
            let message = ["the bytes are not a portable session: ", why].concat();
            RequestError::new(RequestErrorCode::SessionMalformed, "bytes", message)
                .with_help("pass the bytes unchanged, and verify their signature first")
        };
        if bytes.len() > limits::PORTABLE_BYTES {
            return Err(malformed("they are too long"));
        }
        let Some((head, body)) = bytes.split_at_checked(HEAD) else { return Err(malformed("they are too short")) };
        if head.get(..3) != MAGIC.get(..3) {
            return Err(malformed("they do not begin with `rcs`"));
        }
        if head.get(3) != MAGIC.get(3) {
            return Err(malformed("their version is not supported"));
        }
        if head.get(4..) != Some(&checksum(body).to_le_bytes()) {
            return Err(malformed("their checksum does not match"));
        }
        Self::read_through(body).ok_or_else(|| malformed("their contents are inconsistent"))
    }

    /// Checks the whole body.
    fn read_through(body: &[u8]) -> Option<Self> {
        let from = &mut Decoder::new(body);
        let place = |from: &Decoder<'_>| body.len() - from.rest.len();
        from.text();
        let begin = from.timestamp();
        let until = if from.flag() { Some(from.timestamp()) } else { None };
        let names = place(from);
        let mut permissions = 0;
        read_resources(from, &mut |from, resource| {
            permissions += resource.actions.count_ones() as usize;
            // A bit beyond the known actions is an error.
            let unknown = resource.actions.checked_shr((STANDARD.len() + resource.custom.len()) as u32);
            let is_known = resource.actions != 0 && unknown.unwrap_or(0) == 0;
            from.check(is_known && permissions <= limits::PERMISSIONS);
        });
        let labels = place(from);
        let label_count = from.texts().len();
        let rules = place(from);
        let rule_count = read_rules(from).len();
        from.check(label_count <= limits::LABELS && rule_count <= limits::BOUNDARIES);
        let mut states = Vec::new();
        from.each(&mut |from| {
            states.push(place(from));
            let allowed = State::read(from, rule_count).allowed;
            let last = allowed.last().map_or(0, |last| 8 * allowed.len() - last.leading_zeros() as usize);
            // The encoder writes no zeros at the end.
            from.check(last <= permissions && allowed.last() != Some(&0));
        });
        let timelines = place(from);
        let mut timeline_count = 0;
        from.each(&mut |from| {
            timeline_count += 1;
            read_parts(from, begin, states.len(), &mut |_, _| ());
        });
        let scopes = place(from);
        let mut scope_count = 0;
        from.paths(timeline_count, &mut |from, _, _| {
            scope_count += 1;
            from.check(scope_count <= limits::PORTABLE_SCOPES);
        });
        let own = from.below(scope_count);
        let menus = place(from);
        from.each(&mut |from| {
            from.text();
            read_items(from, &[], permissions, 1);
        });
        if !from.is_done() {
            return None;
        }
        let body = body.into();
        Some(Self {
            body,
            from: begin,
            until,
            permissions,
            names,
            labels,
            rules,
            states,
            timelines,
            scopes,
            own,
            menus,
        })
    }

    /// Returns a decoder that begins at an index.
    fn at(&self, place: usize) -> Decoder<'_> {
        Decoder::new(self.body.get(place..).unwrap_or_default())
    }

    /// Returns the size of the body in bytes, at least 1.
    pub(super) fn size(&self) -> usize {
        self.body.len().max(1)
    }

    pub(super) fn subject(&self) -> &str {
        self.at(0).text()
    }

    /// Calls `one` with each resource that has actions, parents first.
    pub(super) fn resources(&self, one: &mut dyn FnMut(&Resource<'_>)) {
        read_resources(&mut self.at(self.names), &mut |_, resource| one(resource));
    }

    /// Returns the number of a permission.
    pub(super) fn permission(&self, name: &str) -> Option<usize> {
        let (path, action) = name.split_once(':')?;
        let mut from = self.at(self.names);
        let custom = from.texts();
        let sets = read_sets(&mut from);
        let mut first = 0;
        let set = from.find(path, &mut |set| first += sets.get(set).map_or(0, |set| set.count_ones() as usize))?;
        let actions = *sets.get(set)?;
        let resource = Resource { path, actions, custom: &custom };
        bits(actions).position(|bit| resource.action(bit) == action).map(|before| first + before)
    }

    pub(super) fn labels(&self) -> Vec<&str> {
        self.at(self.labels).texts()
    }

    /// Returns the boundaries, sorted by name.
    pub(super) fn rules(&self) -> Vec<Rule<'_>> {
        read_rules(&mut self.at(self.rules))
    }

    /// Returns the state with a number. If it does not exist, nothing is allowed.
    pub(super) fn state(&self, number: usize) -> State<'_> {
        self.states.get(number).map(|place| State::read(&mut self.at(*place), 0)).unwrap_or_default()
    }

    /// Returns the states at a scope, from the one at `time` on; none if the scope or the time is not covered.
    pub(super) fn parts(&self, scope: &str, time: Timestamp) -> Vec<(Timestamp, usize)> {
        let mut parts = Vec::new();
        let is_covered = self.from <= time && self.until.is_none_or(|until| time < until);
        let found = if is_covered { self.at(self.scopes).find(scope, &mut |_| ()) } else { None };
        let mut number = 0;
        self.at(self.timelines).each(&mut |from| {
            read_parts(from, self.from, self.states.len(), &mut |begins, state| {
                if found == Some(number) {
                    if begins <= time {
                        parts.clear();
                    }
                    parts.push((begins, state));
                }
            });
            number += 1;
        });
        parts
    }

    /// Returns the covered scopes, sorted.
    pub(super) fn scopes(&self) -> Vec<String> {
        let mut scopes = Vec::new();
        self.at(self.scopes).paths(usize::MAX, &mut |_, path, _| scopes.push(path.into()));
        scopes
    }

    /// Returns the scope of the original session.
    pub(super) fn own(&self) -> Box<str> {
        self.scopes().into_iter().nth(self.own).unwrap_or_default().into()
    }

    /// Returns every menu with its name and its included items.
    pub(super) fn menus(&self, allowed: &[u8]) -> Vec<(&str, Vec<MenuItem<'_>>)> {
        let mut menus = Vec::new();
        self.at(self.menus).each(&mut |from| {
            menus.push((from.text(), read_items(from, allowed, self.permissions, 1)));
        });
        menus
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portable::encode::{self, Parts};
    use crate::storage::bits::Bits;
    use alloc::format;

    fn set<const N: usize>(numbers: [usize; N], bound: usize) -> Bits {
        let mut set = Bits::new(bound);
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }

    fn draft() -> Parts<'static> {
        let values = [Some([Box::from("x")].into())].into();
        let begin = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        Parts {
            subject: "user:ada",
            from: begin,
            until: None,
            custom: ["annotate"].into(),
            resources: [("a", 1 | 1 << STANDARD.len()), ("a/b", 1 << 5)].into(),
            permissions: 3,
            labels: ["pii"].into(),
            rules: [encode::Rule { name: "domain", limits: 1 << 5, match_all: true, locks: true }].into(),
            states: [encode::State { allowed: set([0, 2], 3), reads: 1, values, limited: Vec::new() }].into(),
            timelines: [[(begin, 0)].into()].into(),
            scopes: [("acme", 0)].into(),
            own: 0,
            menus: Vec::new(),
        }
    }

    #[test]
    fn encoded_sessions_are_read_back() {
        let layout = Encoded::read(&draft().encode()).unwrap();
        assert_eq!((layout.subject(), layout.permissions), ("user:ada", 3));
        assert_eq!((layout.from, layout.until), (draft().from, None));
        let mut names = Vec::new();
        layout.resources(&mut |resource| {
            names.extend(bits(resource.actions).map(|bit| format!("{}:{}", resource.path, resource.action(bit))));
        });
        assert_eq!(names, ["a:view", "a:annotate", "a/b:edit"]);
        for (number, name) in names.iter().enumerate() {
            assert_eq!(layout.permission(name), Some(number));
        }
        for unknown in ["a:edit", "a", "a/:view", "a/b:view", ":view", "b:view"] {
            assert_eq!(layout.permission(unknown), None, "{unknown}");
        }
        assert_eq!(layout.labels(), ["pii"]);
        let rules = layout.rules();
        assert_eq!(
            rules.iter().map(|rule| (rule.name, rule.limits, rule.match_all, rule.locks)).collect::<Vec<_>>(),
            [("domain", 1 << 5, true, true)]
        );
        let state = layout.state(0);
        assert_eq!((state.allowed, state.reads), ([0b101].as_slice(), 1));
        assert_eq!(state.values(0), Some(["x"].into()));
        assert_eq!(layout.parts("acme", draft().from), [(draft().from, 0)]);
        assert_eq!(&*layout.own(), "acme");
    }

    #[test]
    fn the_states_of_a_scope_begin_with_the_state_at_the_time() {
        let mut draft = draft();
        let second = |number| {
            draft.from.after(crate::types::timestamp::Duration::parse(&format!("{number}s")).unwrap()).unwrap()
        };
        let (early, late, end) = (second(1), second(5), second(9));
        let state = || encode::State { allowed: Bits::new(3), reads: 0, values: [None].into(), limited: Vec::new() };
        draft.states.extend([state(), state()]);
        draft.timelines = [[(draft.from, 2)].into(), [(draft.from, 0), (early, 1), (late, 2)].into()].into();
        draft.scopes = [("acme", 1), ("acme/shop", 0)].into();
        draft.until = Some(end);
        let layout = Encoded::read(&draft.encode()).unwrap();
        assert_eq!(layout.parts("acme", draft.from), [(draft.from, 0), (early, 1), (late, 2)]);
        assert_eq!(layout.parts("acme", early), [(early, 1), (late, 2)]);
        assert_eq!(layout.parts("acme", second(8)), [(late, 2)]);
        assert_eq!(layout.parts("acme/shop", late), [(draft.from, 2)]);
        for (scope, time) in [("acme", end), ("acme", Timestamp::MIN), ("acm", early), ("acme/shops", early)] {
            assert!(layout.parts(scope, time).is_empty(), "{scope} {time}");
        }
    }

    #[test]
    fn contents_beyond_the_limits_are_rejected() {
        let named = |count: usize| (0..count).map(|number| format!("n{number:06}")).collect::<Vec<String>>();
        let names = named(limits::PORTABLE_SCOPES + 1);
        let mut many = draft();
        many.labels = names.iter().take(limits::LABELS + 1).map(String::as_str).collect();
        assert!(Encoded::read(&many.encode()).is_err());
        let mut many = draft();
        let rules = names.iter().take(limits::BOUNDARIES + 1);
        many.rules = rules.map(|name| encode::Rule { name, limits: 1, match_all: true, locks: false }).collect();
        many.states.clear();
        many.timelines = [[].into()].into();
        assert!(Encoded::read(&many.encode()).is_err());
        let mut many = draft();
        many.scopes = names.iter().map(|name| (name.as_str(), 0)).collect();
        assert!(Encoded::read(&many.encode()).is_err());
        many.scopes.pop();
        assert!(Encoded::read(&many.encode()).is_ok());
    }

    #[test]
    fn inconsistent_contents_are_rejected() {
        let broken: [fn(&mut Parts<'_>); 9] = [
            |draft| draft.own = 1,
            |draft| draft.timelines.clear(),
            |draft| draft.timelines[0][0].1 = 1,
            |draft| draft.timelines[0].push((draft.from, 0)),
            |draft| draft.scopes[0].1 = 1,
            |draft| draft.custom.clear(),
            |draft| draft.resources.push(("b", 0)),
            |draft| draft.states[0].values.clear(),
            |draft| {
                draft.permissions = 4;
                draft.states[0].allowed = set([3], 4);
            },
        ];
        for (index, breaks) in broken.into_iter().enumerate() {
            let mut draft = draft();
            breaks(&mut draft);
            assert!(Encoded::read(&draft.encode()).is_err(), "{index}");
        }
    }
}
