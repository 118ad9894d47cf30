//! Actions: the standard ones and custom ones of a policy, as bits of a set.

use crate::storage::codec;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::vec::Vec;
use bitflags::bitflags;

bitflags! {
    /// A set of actions. Standard actions have fixed bits. Custom actions of a policy use the following bits, sorted by
    /// name.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
    pub struct Actions: u64 {
        /// Views a resource.
        const VIEW = 1;
        /// Uses a resource without changing it.
        const USE = 1 << 1;
        /// Exports data from the system.
        const EXPORT = 1 << 2;
        /// Requests a resource.
        const REQUEST = 1 << 3;
        /// Creates a resource.
        const CREATE = 1 << 4;
        /// Changes a resource.
        const EDIT = 1 << 5;
        /// Removes a resource.
        const DELETE = 1 << 6;
        /// Publishes a resource to others.
        const PUBLISH = 1 << 7;
        /// Runs a resource.
        const EXECUTE = 1 << 8;
        /// Imports data into the system.
        const IMPORT = 1 << 9;
        /// Gives others access to a resource.
        const SHARE = 1 << 10;
        /// Approves a request.
        const APPROVE = 1 << 11;
        /// Configures a resource.
        const CONFIGURE = 1 << 12;
        /// Administers a resource. Does not imply other actions: grant these too.
        const MANAGE = 1 << 13;
        /// Custom actions of a policy.
        const _ = !0;
    }
}

/// The standard actions by bit: name, and whether it writes.
pub(crate) const STANDARD: [(&str, bool); 14] = [
    ("view", false),
    ("use", false),
    ("export", false),
    ("request", false),
    ("create", true),
    ("edit", true),
    ("delete", true),
    ("publish", true),
    ("execute", true),
    ("import", true),
    ("share", true),
    ("approve", true),
    ("configure", true),
    ("manage", true),
];

/// The word for all writing actions. It cannot be the name of an action.
pub(crate) const WRITES: &str = "writes";

/// The actions of one policy.
#[derive(Debug, Clone)]
pub(crate) struct ActionTable {
    names: Vec<Box<str>>,
    writes: Actions,
}

impl ActionTable {
    /// Combines the standard actions with custom ones, which must be sorted by name.
    pub(crate) fn new(custom: impl IntoIterator<Item = (Box<str>, bool)>) -> Self {
        let mut table = Self { names: Vec::new(), writes: Actions::empty() };
        let standard = STANDARD.iter().map(|(name, writes)| (Box::from(*name), *writes));
        for (bit, (name, writes)) in standard.chain(custom).take(limits::ACTIONS).enumerate() {
            table.names.push(name);
            table.writes |= if writes { bit_of(bit) } else { Actions::empty() };
        }
        table
    }

    pub(crate) fn find(&self, name: &str) -> Option<Actions> {
        self.names.iter().position(|known| &**known == name).map(bit_of)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Returns the names and bits of a set, lowest bit first.
    pub(crate) fn of(&self, set: Actions) -> impl Iterator<Item = (&str, Actions)> {
        self.names
            .iter()
            .enumerate()
            .map(|(bit, name)| (&**name, bit_of(bit)))
            .filter(move |(_, bit)| set.intersects(*bit))
    }

    pub(crate) fn writes(&self) -> Actions {
        self.writes
    }

    /// Encodes the custom actions of a policy.
    pub(crate) fn encode(&self, out: &mut codec::Encoder) {
        out.texts(self.names.iter().skip(STANDARD.len()).map(|name| &**name));
        out.number(self.writes.bits() >> STANDARD.len());
    }

    pub(crate) fn decode(from: &mut codec::Decoder<'_>) -> Self {
        let names = from.texts();
        from.check(names.len() <= limits::ACTIONS - STANDARD.len());
        let writes = from.mask(names.len());
        Self::new(names.into_iter().enumerate().map(|(bit, name)| (name.into(), writes >> bit & 1 == 1)))
    }
}

fn bit_of(bit: usize) -> Actions {
    Actions::from_bits_retain(1 << bit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitflags::Flags;

    #[test]
    fn table_and_flags_use_the_same_bits() {
        let table = ActionTable::new([]);
        for (name, flag) in Actions::all().iter_names() {
            assert_eq!(table.find(&name.to_lowercase()), Some(flag), "{name}");
        }
        assert_eq!(Actions::FLAGS.iter().filter(|flag| flag.is_named()).count(), STANDARD.len());
    }

    #[test]
    fn custom_actions_follow_the_standard_ones() {
        let table = ActionTable::new([("annotate".into(), true), ("zoom".into(), false)]);
        assert_eq!(table.find("annotate").map(|bit| bit.bits()), Some(1 << 14));
        assert!(table.writes().contains(table.find("annotate").unwrap()));
        assert!(!table.writes().intersects(table.find("zoom").unwrap()));
    }
}
