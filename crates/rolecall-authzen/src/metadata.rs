//! What a decision point tells about itself.

use crate::search::Search;
use serde_json::json;

/// Where a single question is asked.
pub const EVALUATION_PATH: &str = "/access/v1/evaluation";

/// Where several questions are asked at once.
pub const EVALUATIONS_PATH: &str = "/access/v1/evaluations";

/// Where the metadata is read.
pub const METADATA_PATH: &str = "/.well-known/authzen-configuration";

/// The metadata of a decision point whose identifier is `url`, such as `https://pdp.example.com`, without a slash at its end.
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
