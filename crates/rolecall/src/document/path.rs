//! Paths and places in a document.

use super::Position;
use crate::storage::order;
use crate::types::grammar::is_name;
use crate::types::limits;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::Write;

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A step into a map: the key, and the number of equal keys before it.
    Key(String, usize),
    /// A step into a list.
    Index(usize),
}

/// The place of an issue in a text, and advice about the notation there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The position of the key or list item.
    pub position: Option<Position>,
    /// Advice if the notation gives the value another type than its letters suggest.
    pub advice: Option<String>,
}

/// Finds the places of paths in the text of a document.
pub trait Locate {
    /// Returns the place at the end of each path, in the order of the paths, with one walk over the text. An empty path
    /// means the whole document.
    fn places(&self, paths: &[Vec<Segment>]) -> Vec<Place>;
}

/// The paths that a walk over a document looks for below one value.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'p> {
    /// The sorted paths with their numbers. They are equal up to `depth`.
    paths: &'p [(&'p [Segment], usize)],
    depth: usize,
}

impl<'p> Sought<'p> {
    /// Sorts paths and passes them to `walk` as the paths that are sought from the root.
    pub fn within<T>(paths: &[Vec<Segment>], walk: impl FnOnce(Sought<'_>) -> T) -> T {
        let mut sorted: Vec<(&[Segment], usize)> =
            paths.iter().enumerate().map(|(number, path)| (path.as_slice(), number)).collect();
        order::sort(&mut sorted);
        walk(Sought { paths: &sorted, depth: 0 })
    }

    /// Returns the numbers of the paths that end here.
    pub fn here(&self) -> impl Iterator<Item = usize> + use<'p> {
        let depth = self.depth;
        self.paths.iter().take_while(move |(path, _)| path.len() == depth).map(|(_, number)| *number)
    }

    /// Returns whether a path continues below this value.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.paths.last().is_some_and(|(path, _)| path.len() > self.depth)
    }

    /// Returns the paths that continue under a key of a map. `seen` counts the keys that came before; start each map
    /// with an empty list.
    pub fn key(&self, key: &str, seen: &mut Vec<(String, usize)>) -> Option<Self> {
        let all = self.part(|segment| match segment {
            Segment::Key(other, _) => (**other).cmp(key),
            Segment::Index(_) => Ordering::Greater,
        })?;
        let before = match seen.binary_search_by(|(other, _)| (**other).cmp(key)) {
            Ok(place) => seen.get_mut(place).map_or(0, |(_, count)| {
                *count += 1;
                *count
            }),
            Err(place) => {
                seen.insert(place, (key.to_owned(), 0));
                0
            }
        };
        let one = all.part(|segment| match segment {
            Segment::Key(_, other) => other.cmp(&before),
            Segment::Index(_) => Ordering::Greater,
        })?;
        Some(Self { depth: self.depth + 1, ..one })
    }

    /// Returns the paths that continue under an item of a list.
    #[must_use]
    pub fn index(&self, index: usize) -> Option<Self> {
        let found = self.part(|segment| match segment {
            Segment::Key(..) => Ordering::Less,
            Segment::Index(other) => other.cmp(&index),
        })?;
        Some(Self { depth: self.depth + 1, ..found })
    }

    /// Returns the paths whose next segment compares equal.
    fn part(&self, compare: impl Fn(&Segment) -> Ordering) -> Option<Self> {
        let order = |path: &[Segment]| path.get(self.depth).map_or(Ordering::Less, &compare);
        let begin = self.paths.partition_point(|(path, _)| order(path) == Ordering::Less);
        let rest = self.paths.get(begin..)?;
        let end = rest.partition_point(|(path, _)| order(path) == Ordering::Equal);
        let paths = rest.get(..end).filter(|paths| !paths.is_empty())?;
        Some(Self { paths, depth: self.depth })
    }
}

/// Finds no positions, for documents that were not a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPositions;

impl Locate for NoPositions {
    fn places(&self, paths: &[Vec<Segment>]) -> Vec<Place> {
        alloc::vec![Place::default(); paths.len()]
    }
}

/// A path on the stack of the reader. It is copied only for an issue.
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

    /// Returns the path of the second of two equal keys.
    pub(crate) fn repeated(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key, 1) }
    }

    pub(crate) fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// Returns the steps of the path. It ends before a key that is longer than any valid name: a thousand issues below
    /// such a key would copy it a thousand times.
    pub(crate) fn segments(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        self.push_segments(&mut segments);
        segments
    }

    /// Adds the steps. Returns whether all of them were added.
    fn push_segments(&self, segments: &mut Vec<Segment>) -> bool {
        if !self.parent.is_none_or(|parent| parent.push_segments(segments)) {
            return false;
        }
        match self.step {
            Step::Root => {}
            Step::Key(key, _) if key.len() > limits::PATH_BYTES => return false,
            Step::Key(key, before) => segments.push(Segment::Key(key.to_owned(), before)),
            Step::Index(index) => segments.push(Segment::Index(index)),
        }
        true
    }

    /// Renders the path for people: `roles.editor.grants[0]`. Keys that are not names are in brackets and quotes.
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
