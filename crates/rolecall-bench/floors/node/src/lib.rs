//! Calls that do nothing, by the same way as those of the Node face.

mod floor;
