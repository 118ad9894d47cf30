//! What a portable session consists of, and how that is laid out in bytes.
//!
//! Three letters and the version; the checksum of what follows; subject, instants, permissions by resource, labels and
//! boundaries; every state of what is allowed, every succession of states, the scopes with theirs; menus. What occurs
//! several times is written once and numbered.

use super::bytes::{Reader, Writer, checksum};
use crate::action::STANDARD;
use crate::bits::Bits;
use crate::fault::{Fault, FaultCode};
use crate::instant::Instant;
use crate::limits;
use crate::order;
use crate::policy::{MenuNode, Needs, PermissionId};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The first bytes: the letters, then the version of the layout.
const MAGIC: [u8; 4] = *b"rcs\x01";

/// Bytes before those of which the checksum is made.
const HEAD: usize = 8;

#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) subject: Box<str>,
    pub(super) from: Instant,
    pub(super) until: Option<Instant>,
    pub(super) names: Names,
    /// Sorted.
    pub(super) labels: Vec<Box<str>>,
    /// The boundaries, sorted by name.
    pub(super) rules: Vec<Rule>,
    pub(super) states: Vec<State>,
    /// States from instant to instant; the first one begins at `from`.
    pub(super) timelines: Vec<Vec<(Instant, usize)>>,
    /// Each covered scope with the number of its timeline, sorted by path.
    pub(super) scopes: Vec<(Box<str>, usize)>,
    /// The scope of the session that was made portable.
    pub(super) own: usize,
    /// By name, sorted.
    pub(super) menus: Vec<(Box<str>, Vec<MenuNode>)>,
}

/// A boundary.
#[derive(Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) name: Box<str>,
    /// The actions that it limits, one bit each.
    pub(super) limits: u64,
    pub(super) match_all: bool,
}

/// What is allowed for some time.
#[derive(Debug, PartialEq)]
pub(super) struct State {
    pub(super) allowed: Bits,
    /// The labels that are read, one bit each.
    pub(super) reads: u64,
    /// The values in each boundary, sorted; nothing where it holds everything.
    pub(super) values: Vec<Option<Vec<Box<str>>>>,
}

/// The permissions, resource by resource, numbered as the policy numbers them.
#[derive(Debug, PartialEq, Default)]
pub(super) struct Names {
    /// The actions behind the standard ones.
    pub(super) custom: Vec<Box<str>>,
    /// Parents first, siblings by name.
    resources: Vec<Resource>,
    count: usize,
}

/// A resource that has actions.
#[derive(Debug, PartialEq)]
struct Resource {
    path: Box<str>,
    /// One bit each.
    actions: u64,
    /// The number of its first permission; the others follow, lowest action bit first.
    first: usize,
}

/// The order of paths step by step: nothing that a step consists of comes before `/` then.
fn by_steps(one: &str, other: &str) -> Ordering {
    let weight = |byte| if byte == b'/' { 0 } else { byte };
    one.bytes().map(weight).cmp(other.bytes().map(weight))
}

impl Names {
    pub(super) fn new(custom: Vec<Box<str>>) -> Self {
        Self { custom, ..Self::default() }
    }

    /// Adds a resource behind all others; nothing where it does not belong there, or an action is not known.
    pub(super) fn push(&mut self, path: Box<str>, actions: u64) -> Option<()> {
        let in_order = self.resources.last().is_none_or(|last| by_steps(&last.path, &path).is_lt());
        let known = actions.checked_shr((STANDARD.len() + self.custom.len()) as u32).unwrap_or(0) == 0;
        let first = self.count;
        self.count += actions.count_ones() as usize;
        self.resources.push(Resource { path, actions, first });
        (in_order && known && self.count <= limits::PERMISSIONS).then_some(())
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The name of an action by its bit.
    fn action_name(&self, bit: u32) -> &str {
        let bit = bit as usize;
        let custom = || self.custom.get(bit - STANDARD.len()).map_or("", |name| &**name);
        STANDARD.get(bit).map_or_else(custom, |(name, _)| name)
    }

    /// Every name, by number.
    pub(super) fn all(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.count);
        for resource in &self.resources {
            for bit in 0..u64::BITS {
                if resource.actions >> bit & 1 == 1 {
                    names.push([&resource.path, ":", self.action_name(bit)].concat());
                }
            }
        }
        names
    }

    pub(super) fn find(&self, name: &str) -> Option<PermissionId> {
        let (path, action) = name.split_once(':')?;
        let found = self.resources.binary_search_by(|known| by_steps(&known.path, path)).ok()?;
        let resource = self.resources.get(found)?;
        let bit = (0..u64::BITS).find(|bit| resource.actions >> bit & 1 == 1 && self.action_name(*bit) == action)?;
        let before = (resource.actions & ((1 << bit) - 1)).count_ones() as usize;
        Some(PermissionId::new(resource.first + before))
    }

    /// The bit of a permission's action.
    pub(super) fn action(&self, permission: PermissionId) -> Option<u32> {
        let begun = self.resources.partition_point(|resource| resource.first <= permission.bit());
        // Resources have an action at least, so that the last one that has begun is the one.
        let resource = self.resources.get(begun.checked_sub(1)?)?;
        let mut set = (0..u64::BITS).filter(|bit| resource.actions >> bit & 1 == 1);
        set.nth(permission.bit() - resource.first)
    }
}

impl Layout {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.text(&self.subject);
        out.signed(self.from.as_millis());
        out.number(u64::from(self.until.is_some()));
        out.signed(self.until.map_or(0, Instant::as_millis));
        write_texts(&mut out, self.names.custom.iter());
        // Few combinations of actions serve many resources.
        let mut sets: Vec<u64> = self.names.resources.iter().map(|resource| resource.actions).collect();
        order::sort(&mut sets);
        sets.dedup();
        out.count(sets.len());
        sets.iter().for_each(|set| out.number(*set));
        out.count(self.names.resources.len());
        let mut before = "";
        for resource in &self.names.resources {
            out.text_after(before, &resource.path);
            out.count(sets.binary_search(&resource.actions).unwrap_or(0));
            before = &resource.path;
        }
        write_texts(&mut out, self.labels.iter());
        out.count(self.rules.len());
        for rule in &self.rules {
            out.text(&rule.name);
            out.number(rule.limits);
            out.number(u64::from(rule.match_all));
        }
        out.count(self.states.len());
        for state in &self.states {
            let bits = state.allowed.to_bytes(self.names.len());
            let used = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            out.bytes(bits.get(..used).unwrap_or_default());
            out.number(state.reads);
            for values in &state.values {
                out.number(u64::from(values.is_some()));
                write_texts(&mut out, values.iter().flatten());
            }
        }
        out.count(self.timelines.len());
        for parts in &self.timelines {
            out.count(parts.len());
            let mut before = self.from;
            for (from, state) in parts {
                out.number(from.as_millis().abs_diff(before.as_millis()));
                out.count(*state);
                before = *from;
            }
        }
        out.count(self.scopes.len());
        let mut before = "";
        for (path, timeline) in &self.scopes {
            out.text_after(before, path);
            out.count(*timeline);
            before = path;
        }
        out.count(self.own);
        out.count(self.menus.len());
        for (name, nodes) in &self.menus {
            out.text(name);
            write_nodes(&mut out, nodes);
        }
        let sum = checksum(&out.0).to_le_bytes();
        [MAGIC.as_slice(), &sum, &out.0].concat()
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let wrong = |what: &str| {
            let message = ["the bytes are no portable session: ", what].concat();
            Fault::new(FaultCode::SessionMalformed, "bytes", message)
                .with_help("take the bytes as they were made, and check their signature first")
        };
        if bytes.len() > limits::PORTABLE_BYTES {
            return Err(wrong("they are too many"));
        }
        let Some((head, body)) = bytes.split_at_checked(HEAD) else { return Err(wrong("they are too few")) };
        if head.get(..3) != MAGIC.get(..3) {
            return Err(wrong("they begin otherwise"));
        }
        if head.get(3) != MAGIC.get(3) {
            return Err(wrong("they are of another version"));
        }
        if head.get(4..) != Some(&checksum(body).to_le_bytes()) {
            return Err(wrong("they are damaged"));
        }
        read_body(&mut Reader(body)).ok_or_else(|| wrong("they do not fit together"))
    }
}

fn read_body(from: &mut Reader<'_>) -> Option<Layout> {
    let mut layout = Layout {
        subject: from.text()?.into(),
        from: Instant::from_millis(from.signed()?)?,
        until: None,
        names: Names::default(),
        labels: Vec::new(),
        rules: Vec::new(),
        states: Vec::new(),
        timelines: Vec::new(),
        scopes: Vec::new(),
        own: 0,
        menus: Vec::new(),
    };
    let ends = from.flag()?;
    let until = Instant::from_millis(from.signed()?)?;
    layout.until = ends.then_some(until);
    layout.names = Names::new(read_texts(from)?);
    let mut sets = Vec::new();
    from.each(&mut |from| {
        sets.push(from.number()?);
        Some(())
    })?;
    let mut before = String::new();
    from.each(&mut |from| {
        before = from.text_after(&before, limits::PATH_BYTES)?;
        let set = from.below(sets.len())?;
        layout.names.push(before.as_str().into(), *sets.get(set).filter(|set| **set != 0)?)
    })?;
    layout.labels = read_texts(from)?;
    from.each(&mut |from| {
        let rule = Rule { name: from.text()?.into(), limits: from.number()?, match_all: from.flag()? };
        layout.rules.push(rule);
        Some(())
    })?;
    from.each(&mut |from| {
        let allowed = Bits::from_bytes(from.bytes()?, layout.names.len())?;
        let reads = from.number()?;
        let mut values = Vec::new();
        for _ in &layout.rules {
            let bounded = from.flag()?;
            values.push(Some(read_texts(from)?).filter(|_| bounded));
        }
        layout.states.push(State { allowed, reads, values });
        Some(())
    })?;
    from.each(&mut |from| {
        let mut parts: Vec<(Instant, usize)> = Vec::new();
        from.each(&mut |from| {
            let later = from.number()?;
            let before = parts.last().map_or(layout.from, |(before, _)| *before);
            let time = before.as_millis().checked_add_unsigned(later).and_then(Instant::from_millis)?;
            // From the first instant on, in order.
            let in_order = (later == 0) == parts.is_empty();
            let state = from.below(layout.states.len()).filter(|_| in_order)?;
            parts.push((time, state));
            Some(())
        })?;
        layout.timelines.push(parts);
        Some(())
    })?;
    let mut before = String::new();
    from.each(&mut |from| {
        let path = from.text_after(&before, limits::PATH_BYTES)?;
        // Sorted, so that they are found.
        if path <= before || layout.scopes.len() == limits::PORTABLE_SCOPES {
            return None;
        }
        before = path;
        let timeline = from.below(layout.timelines.len())?;
        layout.scopes.push((before.as_str().into(), timeline));
        Some(())
    })?;
    layout.own = from.below(layout.scopes.len())?;
    from.each(&mut |from| {
        let name = from.text()?.into();
        let nodes = read_nodes(from, layout.names.len(), 1)?;
        layout.menus.push((name, nodes));
        Some(())
    })?;
    // Labels and boundaries are bits of one word each; paths that share their beginnings are many bytes in few.
    let bounded = layout.labels.len() <= limits::LABELS && layout.rules.len() <= limits::BOUNDARIES;
    (from.0.is_empty() && bounded).then_some(layout)
}

fn write_texts<'t>(out: &mut Writer, texts: impl Iterator<Item = &'t Box<str>> + Clone) {
    out.count(texts.clone().count());
    texts.for_each(|text| out.text(text));
}

fn read_texts(from: &mut Reader<'_>) -> Option<Vec<Box<str>>> {
    let mut texts = Vec::new();
    from.each(&mut |from| {
        texts.push(from.text()?.into());
        Some(())
    })?;
    Some(texts)
}

fn write_nodes(out: &mut Writer, nodes: &[MenuNode]) {
    out.count(nodes.len());
    for node in nodes {
        let (kind, needs) = match &node.needs {
            Needs::Nothing => (0, [].as_slice()),
            Needs::Any(needs) => (1, needs.as_slice()),
            Needs::All(needs) => (2, needs.as_slice()),
        };
        let flags = [node.always, node.disable, node.tabs, node.branch, node.href.is_some()];
        let flags = flags.iter().enumerate().fold(0, |all, (bit, flag)| all | u64::from(*flag) << bit);
        out.number(flags | kind << FLAGS);
        out.text(&node.id);
        out.text(&node.title);
        if let Some(href) = &node.href {
            out.text(href);
        }
        if kind > 0 {
            out.count(needs.len());
            needs.iter().for_each(|permission| out.count(permission.bit()));
        }
        if node.branch {
            write_nodes(out, &node.items);
        }
    }
}

/// Flags of an item of a menu, below the kind of what it needs.
const FLAGS: u64 = 5;

fn read_nodes(from: &mut Reader<'_>, permissions: usize, depth: usize) -> Option<Vec<MenuNode>> {
    if depth > limits::MENU_DEPTH {
        return None;
    }
    let mut nodes = Vec::new();
    from.each(&mut |from| {
        let flags = from.number()?;
        let flag = |bit: u64| flags >> bit & 1 == 1;
        let (id, title) = (from.text()?.into(), from.text()?.into());
        let href = if flag(4) { Some(from.text()?.into()) } else { None };
        let kind = flags >> FLAGS;
        let mut needs = Vec::new();
        if kind > 0 {
            from.each(&mut |from| {
                needs.push(PermissionId::new(from.below(permissions)?));
                Some(())
            })?;
        }
        let needs = match kind {
            0 => Needs::Nothing,
            1 => Needs::Any(needs),
            2 => Needs::All(needs),
            _ => return None,
        };
        let items = if flag(3) { read_nodes(from, permissions, depth + 1)? } else { Vec::new() };
        let (always, disable, tabs, branch) = (flag(0), flag(1), flag(2), flag(3));
        nodes.push(MenuNode { id, title, href, always, needs, disable, tabs, branch, items });
        Some(())
    })?;
    Some(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn layout() -> Layout {
        let mut names = Names::new([Box::from("annotate")].into());
        names.push("a".into(), 1 | 1 << STANDARD.len()).unwrap();
        names.push("a/b".into(), 1 << 5).unwrap();
        let allowed = Bits::from_bytes(&[0b101], 3).unwrap();
        let values = [Some([Box::from("x")].into())].into();
        let begin = Instant::parse("2026-11-21T10:00:00Z").unwrap();
        Layout {
            subject: "user:ada".into(),
            from: begin,
            until: None,
            names,
            labels: [Box::from("pii")].into(),
            rules: [Rule { name: "domain".into(), limits: 1 << 5, match_all: true }].into(),
            states: [State { allowed, reads: 1, values }].into(),
            timelines: [[(begin, 0)].into()].into(),
            scopes: [(Box::from("acme"), 0)].into(),
            own: 0,
            menus: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Layout::read(&layout().write()), Ok(layout()));
        let names = layout().names;
        assert_eq!(names.all(), ["a:view", "a:annotate", "a/b:edit"]);
        for (number, name) in names.all().iter().enumerate() {
            assert_eq!(names.find(name), Some(PermissionId::new(number)));
        }
        assert_eq!(names.find("a:edit"), None);
        assert_eq!(names.action(PermissionId::new(1)), Some(14));
        assert_eq!(names.action(PermissionId::new(2)), Some(5));
    }

    #[test]
    fn more_than_there_may_be_is_refused() {
        let named = |count: usize| (0..count).map(|number| format!("n{number:06}"));
        let mut many = layout();
        many.labels = named(limits::LABELS + 1).map(Box::from).collect();
        assert!(Layout::read(&many.write()).is_err());
        let mut many = layout();
        many.rules =
            named(limits::BOUNDARIES + 1).map(|name| Rule { name: name.into(), limits: 1, match_all: true }).collect();
        many.states.clear();
        many.timelines = [[].into()].into();
        assert!(Layout::read(&many.write()).is_err());
        let mut many = layout();
        many.scopes = named(limits::PORTABLE_SCOPES + 1).map(|name| (name.into(), 0)).collect();
        assert!(Layout::read(&many.write()).is_err());
        many.scopes.pop();
        assert!(Layout::read(&many.write()).is_ok());
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let broken: [fn(&mut Layout); 6] = [
            |layout| layout.own = 1,
            |layout| layout.timelines.clear(),
            |layout| layout.timelines[0][0].1 = 1,
            |layout| layout.timelines[0].push((layout.from, 0)),
            |layout| layout.scopes.push(("acme".into(), 0)),
            |layout| layout.states[0].allowed = Bits::from_bytes(&[0b1000], 4).unwrap(),
        ];
        for (index, breaks) in broken.into_iter().enumerate() {
            let mut layout = layout();
            breaks(&mut layout);
            assert!(Layout::read(&layout.write()).is_err(), "{index}");
        }
    }
}
