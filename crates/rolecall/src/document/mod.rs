//! Documents: their trees, the positions of values in their texts, and all issues.
//!
//! A text is parsed once into a [`Value`]. A reader compiles the policy or the directory from that tree and collects
//! every issue. One more walk over the text finds the positions of all issues.

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
