//! Types of instance: an outermost scope states its type, and some roles exist only in some types.

use super::Directory;
use super::read::instance::report_assigned;
use crate::document::{Path, Reader, Value};
use crate::policy::EVERY_INSTANCE;
use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::codec;
use alloc::vec::Vec;

impl Directory {
    /// Returns the type of the instance to which a scope belongs.
    #[must_use]
    pub fn instance_type(&self, at: crate::ScopePath<'_>) -> Option<&str> {
        let number = self.instance_type_of(self.scope(at.as_str())?)?;
        self.policy.instance_types.get(number).map(|name| &**name)
    }

    /// Returns the number of the type of the instance to which a scope belongs.
    pub(crate) fn instance_type_of(&self, scope: ScopeId) -> Option<usize> {
        let root = self.path(scope).last()?;
        let place = self.instances.binary_search_by_key(&root, |(scope, _)| *scope).ok()?;
        self.instances.get(place).map(|(_, number)| usize::from(*number))
    }

    /// Returns whether a role exists in the instance to which a scope belongs. A role that is restricted to some types
    /// does not exist where no type is stated.
    pub(crate) fn is_available(&self, role: RoleId, scope: ScopeId) -> bool {
        let types = self.role(role).instance_types;
        types == EVERY_INSTANCE || self.instance_type_of(scope).is_some_and(|number| types >> number & 1 == 1)
    }

    /// Applies the change `set_instance_type`.
    pub(super) fn set_instance_type(
        &mut self,
        reader: &mut Reader<'_>,
        value: &Value<'_>,
        at: &Path<'_>,
    ) -> Option<bool> {
        let (_, scope, object) = self.read_place(reader, value, at, &["at", "instance_type"])?;
        super::read::instance::check_outermost(reader, &at.key("at"), self, scope);
        let stated = object.get("instance_type", at);
        let number = stated.and_then(|entry| {
            let name = reader.name(entry.value, &entry.at)?;
            self.policy.find_instance_type(reader, name, &entry.at)
        });
        if !reader.is_clean() {
            return None;
        }
        let others = self.instances.iter().copied().filter(|(other, _)| *other != scope);
        let mut instances: Vec<(ScopeId, u8)> = others.chain(number.map(|number| (scope, number as u8))).collect();
        instances.sort_unstable();
        if *instances == *self.instances {
            return Some(false);
        }
        let before = core::mem::replace(&mut self.instances, instances.into());
        if let Some((role, scope)) = self.unassignable(0) {
            report_assigned(reader, at, self, role, scope);
            self.instances = before;
            return None;
        }
        Some(true)
    }

    pub(super) fn encode_instances(&self, out: &mut codec::Encoder) {
        out.count(self.instances.len());
        for (scope, number) in &*self.instances {
            out.count(scope.index());
            out.count(usize::from(*number));
        }
    }

    /// Decodes the types of instance. Policy and scopes must have been decoded.
    pub(super) fn decode_instances(&mut self, from: &mut codec::Decoder<'_>) {
        let (scopes, types) = (self.scopes.len(), self.policy.instance_types.len());
        let mut instances: Vec<(ScopeId, u8)> = Vec::new();
        from.each(&mut |from| {
            let one = (ScopeId::new(from.below(scopes)), from.below(types) as u8);
            from.check(instances.last().is_none_or(|last| last.0 < one.0));
            instances.push(one);
        });
        self.instances = instances.into();
    }
}
