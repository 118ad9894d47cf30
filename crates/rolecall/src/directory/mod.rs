//! The directory: subjects, their role assignments, groups, custom roles and settings.
//!
//! Each part of a directory has a file with its types and queries. `compiled` combines the parts, `read` reads them
//! from a document, `overlay` completes overlaid roles, `edit` applies the changes of `change`, and `codec` encodes and
//! decodes snapshots. `lookup` queries the `index`.

mod assignment;
pub mod change;
mod codec;
mod compiled;
mod edit;
mod everyone;
mod group;
mod holders;
mod index;
mod instance;
mod limit;
mod locks;
mod login_page;
mod lookup;
mod name_table;
mod nesting;
mod overlay;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
pub(crate) mod random;
mod read;
mod roles;
mod scope;
mod settings;
mod subject;
mod unlisted;

pub(crate) use assignment::{Assignment, Holder};
pub(crate) use change::DirectoryChange;
pub use compiled::Directory;
pub(crate) use index::MaskBlock;
pub(crate) use settings::SupportAccess;
pub(crate) use subject::{Status, Subject, Values};
