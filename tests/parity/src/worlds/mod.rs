//! Random worlds: documents that use the whole model, and questions around every edge.

mod directory;
mod make;
mod model;
mod policy;
mod questions;
mod times;
mod world;

pub use make::{Small, make, small};
pub use world::World;
