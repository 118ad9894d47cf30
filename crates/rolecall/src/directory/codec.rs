//! Directories in snapshots.

use super::Directory;
use super::assignment::Assignments;
use super::compiled::Sources;
use super::group::Groups;
use super::read::{roles, settings};
use super::settings::Governing;
use crate::document::{DocumentKind, NoPositions, Path, Reader, parse_json};
use crate::policy::{Policy, Role};
use crate::storage::codec;
use crate::storage::snapshot::{Encode, Parts, Sections, malformed};
use crate::types::error::RequestError;
use crate::types::limits;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bytes::Bytes;

impl Directory {
    /// The policy and the directory as sections of a snapshot.
    pub(crate) fn parts(&self) -> Parts {
        let mut parts = Parts::default();
        for text in [&self.policy.source, &self.sources.roles, &self.sources.settings] {
            parts.push(Bytes::copy_from_slice(text.as_bytes()));
        }
        parts.push(self.policy.encode().into());
        parts.push(self.compiled().into());
        self.scopes.encode(&mut parts);
        let (subjects, keys) = self.subjects.settled();
        subjects.encode(&mut parts);
        self.groups.settled(&keys).encode(&mut parts);
        self.assignments.settled(&keys, self.groups.len()).encode(&mut parts);
        parts
    }

    /// Custom roles and settings as they are compiled.
    fn compiled(&self) -> Vec<u8> {
        let mut out = codec::Encoder::default();
        out.count(self.custom.len());
        self.custom.iter().for_each(|role| role.encode(&mut out));
        out.count(self.governing.len());
        self.governing.iter().for_each(|one| one.encode(&mut out));
        out.0
    }

    /// Opens a snapshot, and looks for damage in all of it or in its frame and in what is read at once. Nothing is
    /// compiled.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub(crate) fn from_parts(bytes: &Bytes, all: bool) -> Result<Self, RequestError> {
        let mut sections = Sections::open(bytes, all)?;
        let mut directory = Self::load(&mut sections);
        if !sections.is_done() {
            return Err(sections.fault());
        }
        directory.index = directory.indexed();
        Ok(directory)
    }

    fn load(sections: &mut Sections<'_>) -> Self {
        let source = sections.next_text();
        let sources = Sources { roles: sections.next_text(), settings: sections.next_text() };
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
        directory
    }

    /// Reads what [`compiled`](Self::compiled) wrote, once policy and scopes are read.
    fn read_compiled(&mut self, bytes: &[u8]) -> bool {
        let from = &mut codec::Decoder::new(bytes);
        let (count, scopes) = (from.below(limits::CUSTOM_ROLES + 1), self.scopes.len());
        let roles = self.policy.roles.len() + count;
        let mut custom = Vec::new();
        from.check(roles * self.policy.resources.count() <= limits::ROLES_BY_PERMISSIONS);
        let counts = self.policy.role_counts(roles, scopes);
        while custom.len() < count && !from.has_failed() {
            let role = Role::decode(from, &counts);
            // One of a policy has no scope, one of a directory has.
            from.check(role.scope.is_some());
            custom.push(role);
        }
        let labels = self.policy.labels.len();
        let mut governing = Vec::new();
        from.each(&mut |from| {
            let one = Governing::decode(from, scopes, labels);
            // In order, and what they have from above is from above.
            let is_last = governing.last().is_none_or(|last: &Governing| last.scope < one.scope);
            from.check(is_last && [one.networks, one.login].into_iter().flatten().all(|above| above <= one.scope));
            governing.push(one);
        });
        (self.custom, self.governing) = (custom.into(), governing.into());
        from.is_done()
    }

    /// Stores each assignment once, also where an earlier release stored it twice.
    pub(crate) fn make_unique(&mut self) {
        self.assignments.make_unique();
    }

    /// Holds what these bytes were opened to against what documents could say: the policy, custom roles and settings are
    /// compiled anew, and what the columns say is worked out anew.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub(crate) fn verify(&self, bytes: &Bytes) -> Result<(), RequestError> {
        let none = |what: &str, error: &dyn core::fmt::Display| {
            let mut why = String::from(what);
            let _ = core::fmt::write(&mut why, format_args!(" is none: {error}"));
            malformed(&why)
        };
        let policy = Policy::from_json(&self.policy.source).map_err(|error| none("their policy", &error))?;
        let mut anew = self.clone();
        let mut reader = Reader::new(DocumentKind::Directory, &NoPositions);
        let parse = |text| parse_json(DocumentKind::Directory, text).map_err(|error| none("their directory", &error));
        let (custom, governing) = (parse(&self.sources.roles)?, parse(&self.sources.settings)?);
        anew.custom = roles::read(&mut reader, &custom, &Path::ROOT.key("roles"), self).into();
        anew.governing = settings::read(&mut reader, &governing, &Path::ROOT.key("settings"), self).into();
        reader.finish().map_err(|error| none("their directory", &error))?;
        let mut sections = Sections::open(bytes, false)?;
        let [.., compiled_policy, compiled] = [0; 5].map(|_| sections.next());
        let is_same = *compiled_policy == *policy.encode() && *compiled == *anew.compiled();
        if !is_same || !self.is_whole() {
            return Err(malformed("they say what no documents can"));
        }
        Ok(())
    }

    /// Tells whether a document could say what the columns say.
    fn is_whole(&self) -> bool {
        self.scopes.is_whole(&self.policy)
            && self.subjects.is_whole(self.scopes.len(), self.policy.guards.boundaries.len())
            && self.groups.is_whole(self.subjects.names())
            && self
                .assignments
                .is_whole(self.scopes.len(), self.role_count(), |role, scope| self.is_assignable(role, scope))
    }
}
