//! Random worlds, and a deliberately naive second implementation of how a decision is made.
//!
//! A world is a policy, a directory and questions. Every binding answers the same worlds. Each answer is compared byte
//! for byte with those of the native core and of the naive implementation, which shares no code with the core.

// A defect of the generator or of the naive implementation may panic, which fails the test run.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

pub mod costs;
pub mod naive;
pub mod native;
pub mod products;
pub mod questions;
pub mod random;
pub mod rules;
pub mod vectors;
pub mod worlds;
