//! Prints refusals.

use super::summary;
use crate::output::{ExitStatus, print};
use crate::report::Failure;
use rolecall_admin::Refusal;
use serde_json::json;

/// Prints a refusal, and returns its exit status.
pub(super) fn refused(refusal: &Refusal, json: bool) -> Result<ExitStatus, Failure> {
    if json {
        print(&json!({ "refused": refusal }))?;
    } else {
        summary::refusal(refusal);
    }
    Ok(if refusal.code.is_malformed() { ExitStatus::Malformed } else { ExitStatus::Deny })
}
