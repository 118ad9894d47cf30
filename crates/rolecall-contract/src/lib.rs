//! The JSON interface of every binding of Rolecall: requests, answers as canonical JSON, and the JSON Schemas of both.
//!
//! A binding converts its arguments, calls one of these functions, and converts the answer. This crate makes no
//! decisions.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod answer;
mod codes;
#[cfg(any(feature = "std", test))]
mod guarded;
mod holders;
mod request;
pub mod schema;
mod writer;

pub use answer::{
    GrantingRoles, PortableCoverage, can_by_names, can_by_numbers, canonical, check, check_many, compile_error_json,
    diff, effective, error_json, explain, explain_redacted, filter, filter_of, granting_roles, menu, name_number,
    numbering, permissions, portable_can, portable_coverage, portable_redact, redacted_json, session_check,
    session_explain, session_explain_redacted, session_redact, session_to_bytes, session_to_view, to_json, violations,
    where_can, who_can,
};
pub use codes::{REASONS, guards};
#[cfg(any(feature = "std", test))]
pub use guarded::guarded;
pub use holders::{
    assignments_of, try_assignments_of, try_which_groups_can, try_who_holds, which_groups_can, who_holds,
};
pub use request::{Question, item, labels, question, session};
