//! Directories in snapshots.

use super::assignment::Assignments;
use super::group::Groups;
use super::{Directory, Sources, roles, settings};
use crate::document::{DocumentKind, NoPositions, Path, Reader, parse_json};
use crate::fault::Fault;
use crate::policy::Policy;
use crate::snapshot::{Parts, Sections, Stored, malformed};
use alloc::format;
use alloc::sync::Arc;
use bytes::Bytes;

impl Directory {
    /// The policy and the directory as sections of a snapshot.
    pub(crate) fn parts(&self) -> Parts {
        let mut parts = Parts::default();
        for text in [&self.policy.source, &self.sources.roles, &self.sources.settings] {
            parts.push_text(text);
        }
        self.scopes.write(&mut parts);
        let (subjects, keys) = self.subjects.settled();
        subjects.write(&mut parts);
        self.groups.settled(&keys).write(&mut parts);
        self.assignments.settled(&keys, self.groups.len()).write(&mut parts);
        parts
    }

    /// Opens a snapshot, and checks all of it or its frame and its texts only.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub(crate) fn from_parts(bytes: &Bytes, all: bool) -> Result<Self, Fault> {
        let mut sections = Sections::open(bytes, all)?;
        let found = Self::load(&mut sections);
        let (mut directory, sources) = found.ok_or_else(|| sections.fault())??;
        let no_directory = |error| malformed(&format!("their directory is none: {error}"));
        let mut reader = Reader::new(DocumentKind::Directory, &NoPositions);
        let tree = parse_json(DocumentKind::Directory, &sources.roles).map_err(no_directory)?;
        directory.custom = roles::read(&mut reader, &tree, &Path::ROOT.key("roles"), &directory).into();
        let tree = parse_json(DocumentKind::Directory, &sources.settings).map_err(no_directory)?;
        directory.governing = settings::read(&mut reader, &tree, &Path::ROOT.key("settings"), &directory).into();
        reader.finish().map_err(no_directory)?;
        directory.sources = Arc::new(sources);
        if all && !directory.is_whole() {
            return Err(malformed("they say what no directory can"));
        }
        directory.index = directory.indexed();
        Ok(directory)
    }

    fn load(sections: &mut Sections<'_>) -> Option<Result<(Self, Sources), Fault>> {
        let policy = sections.next_text()?;
        let sources = Sources { roles: sections.next_text()?.into(), settings: sections.next_text()?.into() };
        let policy = match Policy::from_json(&policy) {
            Ok(policy) => policy,
            Err(error) => return Some(Err(malformed(&format!("their policy is none: {error}")))),
        };
        let mut directory = Self::empty(policy.into());
        directory.scopes = Stored::read(sections)?;
        directory.subjects = Stored::read(sections)?;
        let subjects = directory.subjects.len();
        directory.groups = Groups::load(sections, subjects)?;
        directory.assignments = Assignments::load(sections, subjects, directory.groups.len())?;
        sections.is_done().then_some(Ok((directory, sources)))
    }

    /// Tells whether a document could say what the columns say.
    fn is_whole(&self) -> bool {
        self.scopes.is_whole(&self.policy)
            && self.subjects.is_whole(self)
            && self.groups.is_whole(self.subjects.names())
            && self.assignments.is_whole(self)
    }
}
