//! Hand-written tables that return only the answer.

use crate::workload::{ACCOUNTS, PROJECTS, ROLES, Workload};
use std::collections::HashMap;

/// A set of permissions.
pub type Mask = [u64; 4];

/// A table by numbers: the assignments of each user in one array, scopes as ranges, and a mask for each role.
pub struct IdTable {
    starts: Vec<u32>,
    /// The first project, the one after the last, and the role.
    held: Vec<(u16, u16, u16)>,
    masks: Vec<Mask>,
}

impl IdTable {
    pub fn new(workload: &Workload) -> Self {
        let mut masks = vec![[0; 4]; ROLES];
        for (role, mask) in masks.iter_mut().enumerate() {
            for permission in workload.closure(role) {
                mask[permission / 64] |= 1 << (permission % 64);
            }
        }
        let mut starts = vec![0_u32; workload.users.len() + 1];
        for assignment in &workload.assignments {
            starts[assignment.user + 1] += 1;
        }
        for user in 0..workload.users.len() {
            starts[user + 1] += starts[user];
        }
        // Assignments are sorted by user. Projects are numbered by account.
        let range = |scope: usize| match scope {
            0 => (0, PROJECTS),
            account if account <= ACCOUNTS => ((account - 1) * 10, account * 10),
            project => (project - 1 - ACCOUNTS, project - ACCOUNTS),
        };
        let held = workload.assignments.iter().map(|one| {
            let (first, end) = range(one.scope);
            (first as u16, end as u16, one.role as u16)
        });
        Self { starts, held: held.collect(), masks }
    }

    fn of(&self, user: usize) -> &[(u16, u16, u16)] {
        &self.held[self.starts[user] as usize..self.starts[user + 1] as usize]
    }

    pub fn can(&self, user: usize, permission: usize, project: usize) -> bool {
        let covers = |held: &&(u16, u16, u16)| usize::from(held.0) <= project && project < usize::from(held.1);
        let bit =
            |held: &(u16, u16, u16)| self.masks[usize::from(held.2)][permission / 64] >> (permission % 64) & 1 == 1;
        self.of(user).iter().filter(covers).any(bit)
    }

    pub fn menu(&self, user: usize, project: usize) -> Mask {
        let mut all = [0; 4];
        for held in self.of(user) {
            if usize::from(held.0) <= project && project < usize::from(held.1) {
                for (word, more) in all.iter_mut().zip(self.masks[usize::from(held.2)]) {
                    *word |= more;
                }
            }
        }
        all
    }
}

/// The same table by names, with hash tables.
pub struct StringTable {
    ids: IdTable,
    users: HashMap<String, usize>,
    permissions: HashMap<String, usize>,
    projects: HashMap<String, usize>,
}

impl StringTable {
    pub fn new(workload: &Workload) -> Self {
        let numbered = |names: &[String]| names.iter().cloned().zip(0..).collect();
        Self {
            ids: IdTable::new(workload),
            users: numbered(&workload.users),
            permissions: numbered(&workload.permissions),
            projects: (0..PROJECTS).map(|project| (workload.project(project).to_string(), project)).collect(),
        }
    }

    pub fn can(&self, user: &str, permission: &str, project: &str) -> bool {
        let found = self.users.get(user).zip(self.permissions.get(permission)).zip(self.projects.get(project));
        found.is_some_and(|((user, permission), project)| self.ids.can(*user, *permission, *project))
    }
}
