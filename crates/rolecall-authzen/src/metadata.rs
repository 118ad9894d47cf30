//! The metadata of a policy decision point.

use crate::search::Search;
use serde_json::json;

/// The path of the access evaluation endpoint.
pub const EVALUATION_PATH: &str = "/access/v1/evaluation";

/// The path of the access evaluations endpoint, which takes batches.
pub const EVALUATIONS_PATH: &str = "/access/v1/evaluations";

/// The path of the metadata.
pub const METADATA_PATH: &str = "/.well-known/authzen-configuration";

/// Returns the metadata of a policy decision point as JSON. Its identifier is `url`, such as `https://pdp.example.com`,
/// without a slash at the end.
#[must_use]
pub fn metadata(url: &str) -> String {
    let at = |path: &str| format!("{url}{path}");
    json!({
        "policy_decision_point": url,
        "access_evaluation_endpoint": at(EVALUATION_PATH),
        "access_evaluations_endpoint": at(EVALUATIONS_PATH),
        "search_subject_endpoint": at(Search::Subject.path()),
        "search_resource_endpoint": at(Search::Resource.path()),
        "search_action_endpoint": at(Search::Action.path()),
    })
    .to_string()
}
