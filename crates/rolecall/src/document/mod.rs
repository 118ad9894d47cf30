//! Documents: the tree that a text becomes, where its values stand, and everything that is wrong with it.
//!
//! A text is read once into a [`Value`]; policy and directory are compiled from that tree by a reader that notes every
//! issue and goes on. The positions of all issues are found in one more walk over the text.

mod issue;
mod json;
mod mistaken;
mod path;
mod reader;
mod value;

pub use issue::{CompileError, DocumentKind, Issue, IssueCode, Position};
pub(crate) use json::BYTE_ORDER_MARK;
pub use json::{JsonText, parse as parse_json, position_of};
pub(crate) use mistaken::mistaken;
pub use mistaken::what_it_is;
pub(crate) use path::Path;
pub use path::{Locate, NoPositions, Place, Segment, Sought};
pub(crate) use reader::{Names, Object, Reader};
pub use value::Value;
