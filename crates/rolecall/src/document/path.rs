//! Places in a document.

use super::Position;
use crate::names::is_name;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Into a map: the key, and how many equal keys stand before the one meant.
    Key(String, usize),
    /// Into a list.
    Index(usize),
}

/// Tells where a place in a document stands in its text.
pub trait Locate {
    /// The position of the key or list item at the end of `path`; of the whole document where `path` is empty.
    fn position(&self, path: &[Segment]) -> Option<Position>;

    /// A way out where the notation of the text makes another value of the one at `path` than its letters suggest.
    fn advice(&self, path: &[Segment]) -> Option<String> {
        let _ = path;
        None
    }
}

/// For documents that never were a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPositions;

impl Locate for NoPositions {
    fn position(&self, _: &[Segment]) -> Option<Position> {
        None
    }
}

/// A path that lives on the stack of the reader, and costs nothing until it must be told.
#[derive(Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Key(&'p str, usize),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    pub(crate) fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key, 0) }
    }

    /// A key of which an equal one stands before.
    pub(crate) fn repeated(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key, 1) }
    }

    pub(crate) fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    pub(crate) fn segments(&self) -> Vec<Segment> {
        let mut segments = self.parent.map(Path::segments).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Key(key, before) => segments.push(Segment::Key(key.to_owned(), before)),
            Step::Index(index) => segments.push(Segment::Index(index)),
        }
        segments
    }

    /// Writes the path for people: `roles.editor.grants[0]`, with keys that are no names in brackets and quotes.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        for segment in self.segments() {
            match segment {
                Segment::Index(index) => {
                    let _ = write!(text, "[{index}]");
                }
                Segment::Key(key, _) if is_name(&key) && !key.contains('.') => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(&key);
                }
                Segment::Key(key, _) => {
                    let _ = write!(text, "[{key:?}]");
                }
            }
        }
        text
    }
}
