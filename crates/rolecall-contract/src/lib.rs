//! What every face of Rolecall speaks: requests in, canonical JSON out, and the JSON Schemas of both.
//!
//! A face converts, calls one of these functions, and converts back. Nothing here decides anything.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod answer;
mod codes;
#[cfg(any(feature = "std", test))]
mod guarded;
mod request;
pub mod schema;
mod writer;

pub use answer::{
    GrantingRoles, PortableCoverage, can_by_names, can_by_numbers, canonical, check, check_many, compile_error_json,
    diff, effective, explain, explain_redacted, fault_json, granting_roles, menu, name_number, permissions,
    portable_can, portable_coverage, portable_redact, redacted_json, session_check, session_explain,
    session_explain_redacted, session_redact, session_to_bytes, to_json, violations, where_can, who_can,
};
pub use codes::{REASONS, guards};
#[cfg(any(feature = "std", test))]
pub use guarded::guarded;
pub use request::{Question, item, labels, question, session};
