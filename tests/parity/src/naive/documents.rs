//! The raw documents, with cached results.

use serde_json::Value;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The second implementation, for one policy and one directory.
pub struct Naive {
    pub(super) policy: Value,
    pub(super) directory: Value,
    /// The result for each role and scope of an assignment, cached so that whole tables can be computed.
    pub(super) roles: RefCell<BTreeMap<(RoleKey, String), Rc<Worked>>>,
    pub(super) permissions: OnceCell<Vec<String>>,
}

/// The result for a role.
pub(super) struct Worked {
    /// The role and all roles that it inherits.
    pub(super) closure: BTreeSet<RoleKey>,
    /// The permissions of its own grants.
    pub(super) own: BTreeSet<String>,
    /// Every permission that the role has.
    pub(super) holds: BTreeSet<String>,
}

/// The name of a role and, for a custom role, the scope that defines it.
pub(super) type RoleKey = (String, Option<String>);

impl Naive {
    #[must_use]
    pub fn new(policy: &str, directory: &str) -> Self {
        Self {
            policy: serde_json::from_str(policy).unwrap(),
            directory: serde_json::from_str(directory).unwrap(),
            roles: RefCell::default(),
            permissions: OnceCell::new(),
        }
    }
}
