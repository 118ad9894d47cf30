//! Random worlds, and a deliberately naive second implementation of how a decision is made.
//!
//! A world is a policy, a directory and questions to them. Every face answers the same worlds, and every answer is
//! compared, byte for byte, with those of the native core and of the naive implementation, which shares no code with it.

// A generator and a naive implementation may stop a test run on a defect of their own.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

pub mod costs;
pub mod naive;
pub mod native;
pub mod products;
pub mod questions;
pub mod random;
pub mod vectors;
pub mod worlds;
