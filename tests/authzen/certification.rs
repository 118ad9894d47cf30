//! The certification scenario of AuthZEN: requests, and what its harness checks.

use rolecall_yaml::YamlDocument;
use serde_json::Value;

/// One request of the certification scenario, with what its harness checks.
pub(crate) struct Certified {
    /// The section of the scenario.
    pub(crate) test: String,
    /// The path of the endpoint.
    pub(crate) path: String,
    pub(crate) request: Value,
    expected: Value,
}

impl Certified {
    /// Returns whether a response is what the harness requires.
    pub(crate) fn is_met(&self, status: u16, response: &Value) -> bool {
        let expected = &self.expected;
        if let Some(wanted) = expected["status"].as_u64() {
            return u64::from(status) == wanted;
        }
        let results = || response["results"].as_array().cloned().unwrap_or_default();
        let holds = match () {
            () if expected["decision"].is_boolean() => response["decision"] == expected["decision"],
            () if expected["decisions"].is_array() => {
                let (wanted, given) = (expected["decisions"].as_array(), response["evaluations"].as_array());
                wanted.zip(given).is_some_and(|(wanted, given)| {
                    let is_met = |(wanted, given): (&Value, &Value)| {
                        given["decision"].is_boolean() && (wanted.is_null() || *wanted == given["decision"])
                    };
                    wanted.len() == given.len() && wanted.iter().zip(given).all(is_met)
                })
            }
            () if expected["nothing"] == true => response["results"].is_array() && results().is_empty(),
            () => expected["finds"].as_array().is_some_and(|wanted| {
                let found = |name: &Value| results().iter().any(|one| one["id"] == *name || one["name"] == *name);
                response["results"].is_array() && wanted.iter().all(found)
            }),
        };
        status == 200 && holds
    }
}

/// Returns every request of the certification scenario, in the order of its sections.
pub(crate) fn all() -> Vec<Certified> {
    let (table, _) = YamlDocument::shaped::<Value>(include_str!("certification.yaml")).expect("a table");
    let rows = table["tests"].as_array().expect("rows").iter().map(|row| Certified {
        test: row["test"].as_str().expect("a section").to_string(),
        path: format!("/access/v1/{}", row["at"].as_str().expect("an endpoint")),
        request: row["request"].clone(),
        expected: row.clone(),
    });
    rows.collect()
}
