//! Tests requests and responses: the public interoperability scenarios, and further requirements of the specification.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod batches;
#[path = "../../../../tests/authzen/certification.rs"]
mod certification;
mod contexts;
mod mappings;
mod public;
mod questions;
#[path = "../../../../tests/authzen/scenarios.rs"]
mod scenarios;
mod searches;
mod setup;
