//! The assignments of a role at a scope, by every holder: an index that is made at the first question.

use super::{Assignment, Assignments, Flat, Holder, MARKS};
use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::column::{Rows, narrow, number, pair};
use alloc::vec::Vec;

/// The indices of the loaded assignments of each role, sorted by scope and then by holder. Empty if holders share
/// assignments, as in a forged snapshot.
#[derive(Clone, Debug, Default)]
pub(super) struct ByRole(Rows<4>);

/// Which assignments a question is about.
#[derive(Clone, Copy)]
pub(in crate::directory) struct Wanted<'w> {
    /// The roles, sorted.
    pub(in crate::directory) roles: &'w [RoleId],
    /// The scopes of the assignments, sorted. Without it, those at all scopes.
    pub(in crate::directory) scopes: Option<&'w [ScopeId]>,
    /// Whether only those of groups are wanted.
    pub(in crate::directory) of_groups: bool,
}

impl Wanted<'_> {
    fn has_holder(&self, holder: Holder) -> bool {
        !self.of_groups || matches!(holder, Holder::Group(_))
    }
}

impl Assignments {
    /// Passes each wanted assignment to `found`, with its holder. The directory has `bounds` roles and scopes.
    pub(in crate::directory) fn each_wanted(
        &self,
        wanted: Wanted<'_>,
        bounds: (usize, usize),
        found: &mut dyn FnMut(Holder, Assignment),
    ) {
        let Wanted { roles, scopes, of_groups } = wanted;
        let mut read = |places: &[[u8; 4]]| {
            for (holder, one) in places.iter().filter_map(|place| self.read.held_at(number(place))) {
                if wanted.has_holder(holder) && self.changed(holder).is_none() {
                    found(holder, one);
                }
            }
        };
        for role in roles {
            let all = self.read.of_role(*role, bounds);
            match scopes {
                None => read(all),
                Some(scopes) => scopes.iter().for_each(|scope| read(self.read.at_scope(all, *scope, of_groups))),
            }
        }
        for (holder, held) in self.changed.iter().filter(|(holder, _)| wanted.has_holder(**holder)) {
            let counts = |one: &&Assignment| {
                roles.binary_search(&one.role).is_ok()
                    && scopes.is_none_or(|scopes| scopes.binary_search(&one.scope).is_ok())
            };
            held.iter().filter(counts).for_each(|one| found(*holder, *one));
        }
    }
}

impl Flat {
    /// Returns the indices of the assignments of a role, sorted by scope and holder.
    fn of_role(&self, role: RoleId, bounds: (usize, usize)) -> &[[u8; 4]] {
        self.by_role.get(|| self.sorted_by_role(bounds)).0.row(role.index())
    }

    /// Returns those of the assignments of a role that are at a scope; on request only those of groups, which come after
    /// those of subjects.
    fn at_scope<'p>(&self, all: &'p [[u8; 4]], scope: ScopeId, of_groups: bool) -> &'p [[u8; 4]] {
        let at =
            |place: &[u8; 4]| self.held.cells().get(number(place)).map_or(usize::MAX, |cell| pair(cell).1 as usize);
        let first = all.partition_point(|place| at(place) < scope.index());
        let end = all.partition_point(|place| at(place) <= scope.index());
        let found = all.get(first..end).unwrap_or_default();
        let groups = if of_groups { self.held.places(self.subjects).start } else { 0 };
        found.get(found.partition_point(|place| number(place) < groups)..).unwrap_or_default()
    }

    /// Returns an assignment with its holder.
    fn held_at(&self, place: usize) -> Option<(Holder, Assignment)> {
        let holder = self.holder(self.held.row_of(place)?);
        Some((holder, self.decoded(place, self.held.cells().get(place)?)))
    }

    /// Sorts the assignments by role and scope, by counting. A forged snapshot may contain assignments out of bounds.
    fn sorted_by_role(&self, (roles, scopes): (usize, usize)) -> ByRole {
        if !self.held.is_in_order() {
            return ByRole::default();
        }
        let keys = |place: usize| {
            let (role, scope) = self.held.cells().get(place).map(pair)?;
            let (role, scope) = ((role & !MARKS) as usize, scope as usize);
            (role < roles && scope < scopes).then_some((role, scope))
        };
        // Sorting by scope first keeps the scopes of each role in order.
        let by_scope = (0..self.held.count()).filter_map(|place| Some((keys(place)?.1, narrow(place).to_le_bytes())));
        let by_scope = Rows::sorted(scopes, &by_scope.collect::<Vec<_>>());
        let by_role = by_scope.cells().iter().filter_map(|place| Some((keys(number(place))?.0, *place)));
        ByRole(Rows::sorted(roles, &by_role.collect::<Vec<_>>()))
    }
}
