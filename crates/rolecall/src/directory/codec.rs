//! Encodes and decodes directories in snapshots.

use super::Directory;
use super::assignment::Assignments;
use super::compiled::Sources;
use super::group::Groups;
use super::read::{overlays, settings};
use super::roles::Roles;
use super::settings::Governing;
use crate::document::{DocumentKind, NoPositions, Path, Reader, parse_json};
use crate::policy::Policy;
use crate::storage::codec;
use crate::storage::snapshot::{Encode, Parts, Sections, malformed};
use crate::types::error::RequestError;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bytes::Bytes;

impl Directory {
    /// Returns the policy and the directory as the sections of a snapshot.
    pub(crate) fn parts(&self) -> Parts {
        let mut parts = Parts::default();
        let Sources { roles, overlays, settings } = &*self.sources;
        for text in [&self.policy.source, roles, overlays, settings] {
            parts.push(Bytes::copy_from_slice(text.as_bytes()));
        }
        parts.push(self.policy.encode().into());
        parts.push(self.compiled().into());
        self.scopes.encode(&mut parts);
        let (subjects, keys) = self.subjects.settled();
        subjects.encode(&mut parts);
        self.groups.settled(&keys).encode(&mut parts);
        self.assignments.settled(&keys, self.groups.len()).encode(&mut parts);
        self.locks.settled().encode(&mut parts);
        parts
    }

    /// Encodes the compiled roles and settings.
    fn compiled(&self) -> Vec<u8> {
        let mut out = codec::Encoder::default();
        self.roles.encode(&mut out);
        self.encode_instances(&mut out);
        out.count(self.governing.len());
        self.governing.iter().for_each(|one| one.encode(&mut out));
        out.0
    }

    /// Opens a snapshot without compiling. Checks all sections for damage, or only the table and the sections that are
    /// read at once.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub(crate) fn from_parts(bytes: &Bytes, all: bool) -> Result<Self, RequestError> {
        let mut sections = Sections::open(bytes, all)?;
        let mut directory = Self::load(&mut sections);
        if !sections.is_done() {
            return Err(sections.error());
        }
        directory.index = directory.indexed();
        Ok(directory)
    }

    fn load(sections: &mut Sections<'_>) -> Self {
        let source = sections.next_text();
        let [roles, overlays, settings] = [0; 3].map(|_| sections.next_text());
        let sources = Sources { roles, overlays, settings };
        let (policy, compiled) = (sections.next(), sections.next());
        let policy = Policy::decode(&policy, source, sections);
        let mut directory = Self::empty(policy.into());
        directory.sources = Arc::new(sources);
        directory.scopes = Encode::decode(sections);
        let is_read = directory.read_compiled(&compiled);
        sections.check(is_read);
        directory.subjects = Encode::decode(sections);
        let subjects = directory.subjects.len();
        directory.groups = Groups::load(sections, subjects);
        directory.assignments = Assignments::load(sections, subjects, directory.groups.len());
        directory.locks = Encode::decode(sections);
        directory
    }

    /// Decodes the output of [`compiled`](Self::compiled). Policy and scopes must have been decoded.
    fn read_compiled(&mut self, bytes: &[u8]) -> bool {
        let from = &mut codec::Decoder::new(bytes);
        self.roles = Roles::decode(from, &self.policy, self.scopes.len());
        self.decode_instances(from);
        let scopes = self.scopes.len();
        let labels = self.policy.labels.len();
        let mut governing = Vec::new();
        from.each(&mut |from| {
            let one = Governing::decode(from, scopes, labels);
            // Entries are sorted, and inherited settings come from the scope itself or one above it.
            let is_last = governing.last().is_none_or(|last: &Governing| last.scope < one.scope);
            from.check(is_last && [one.networks, one.login].into_iter().flatten().all(|above| above <= one.scope));
            governing.push(one);
        });
        self.governing = governing.into();
        from.is_done()
    }

    /// Removes duplicate assignments of snapshots from earlier releases.
    pub(crate) fn make_unique(&mut self) {
        self.assignments.make_unique();
    }

    /// Verifies that documents could have produced this snapshot. Compiles the policy, custom roles and settings again,
    /// and checks the columns.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub(crate) fn verify(&self, bytes: &Bytes) -> Result<(), RequestError> {
        let invalid = |part: &str, error: &dyn core::fmt::Display| {
            let mut why = String::from(part);
            let _ = core::fmt::write(&mut why, format_args!(" is invalid: {error}"));
            malformed(&why)
        };
        let policy = Policy::from_json(&self.policy.source).map_err(|error| invalid("their policy", &error))?;
        let mut recompiled = self.clone();
        let mut reader = Reader::new(DocumentKind::Directory, &NoPositions);
        let parse =
            |text| parse_json(DocumentKind::Directory, text).map_err(|error| invalid("their directory", &error));
        let [roles, overlays] = [parse(&self.sources.roles)?, parse(&self.sources.overlays)?];
        let governing = parse(&self.sources.settings)?;
        recompiled.roles = overlays::read_roles(&mut reader, Some(&roles), Some(&overlays), self);
        recompiled.governing = settings::read(&mut reader, &governing, &Path::ROOT.key("settings"), self).into();
        reader.finish().map_err(|error| invalid("their directory", &error))?;
        let mut sections = Sections::open(bytes, false)?;
        let [.., compiled_policy, compiled] = [0; 6].map(|_| sections.next());
        let is_same = *compiled_policy == *policy.encode() && *compiled == *recompiled.compiled();
        if !is_same || !self.is_whole() {
            return Err(malformed("their contents do not match any documents"));
        }
        Ok(())
    }

    /// Returns whether a document could produce the columns.
    fn is_whole(&self) -> bool {
        self.scopes.is_whole(&self.policy)
            && self.instances.iter().all(|(scope, _)| self.scopes.parent(*scope).is_none())
            && self.subjects.is_whole(self.scopes.len(), self.policy.guards.boundaries.len())
            && self.groups.is_whole(&self.subjects)
            && self.groups.everyone().is_none_or(|everyone| self.holds_roles(everyone))
            && self.assignments.is_whole(
                self.scopes.len(),
                self.role_count(),
                self.policy.guards.boundaries.len(),
                |role, scope| self.is_assignable(role, scope) && self.effective(self.original(role), scope) == role,
            )
            && self.locks.is_whole(self.scopes.len(), |group| self.group(group).is_some())
            && (self.locks.count() == 0 || self.policy.guards.reads_locks())
    }
}
