//! The AuthZEN interoperability scenarios: requests and their expected responses.

use rolecall::document::DocumentKind;
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

/// One request of a scenario.
pub(crate) struct Row {
    /// The scenario, which is a folder of `examples/authzen`.
    pub(crate) scenario: &'static str,
    /// The path of the endpoint.
    pub(crate) path: &'static str,
    pub(crate) request: Value,
    pub(crate) response: Value,
}

fn table(text: &str) -> Value {
    let yaml = YamlDocument::parse(DocumentKind::Directory, text).expect("a table");
    serde_json::to_value(yaml.value()).expect("a table")
}

fn rows<'t>(table: &'t Value, name: &str) -> impl Iterator<Item = &'t Value> {
    let rows = table[name].as_array().expect("rows");
    assert!(!rows.is_empty());
    rows.iter()
}

/// Returns every request, in the order of the tables.
pub(crate) fn all() -> Vec<Row> {
    let mut all = Vec::new();
    let todo = table(include_str!("todo.yaml"));
    let subject = |row: &Value| json!({ "type": row[0], "id": todo["subjects"][row[1].as_str().expect("a name")] });
    for row in rows(&todo, "evaluation") {
        let mut resource = json!({ "type": row[3], "id": row[4] });
        if row[5] != "" {
            resource["properties"] = json!({ "ownerID": row[5] });
        }
        let request = json!({ "subject": subject(row), "action": { "name": row[2] }, "resource": resource });
        let response = json!({ "decision": row[6] });
        all.push(Row { scenario: "todo", path: "/access/v1/evaluation", request, response });
    }
    for row in rows(&todo, "evaluations") {
        let resources = row[3].as_array().expect("resources").iter();
        let evaluations: Vec<Value> = resources
            .map(|one| json!({ "resource": { "type": one[0], "id": one[1], "properties": { "ownerID": one[2] } } }))
            .collect();
        let request = json!({ "subject": subject(row), "action": { "name": row[2] }, "evaluations": evaluations });
        let decisions = row[4].as_array().expect("decisions").iter();
        let decisions: Vec<Value> = decisions.map(|decision| json!({ "decision": decision })).collect();
        let response = json!({ "evaluations": decisions });
        all.push(Row { scenario: "todo", path: "/access/v1/evaluations", request, response });
    }
    let search = table(include_str!("search.yaml"));
    let user = |id: &Value| json!({ "type": "user", "id": id });
    let record = |id: &Value| json!({ "type": "record", "id": id });
    let results = |row: &Value, of: &dyn Fn(&Value) -> Value| json!({ "results": row[2].as_array().expect("results").iter().map(of).collect::<Vec<Value>>() });
    for row in rows(&search, "subject") {
        let request =
            json!({ "subject": { "type": "user" }, "action": { "name": row[1] }, "resource": record(&row[0]) });
        let response = results(row, &user);
        all.push(Row { scenario: "search", path: "/access/v1/search/subject", request, response });
    }
    for row in rows(&search, "resource") {
        let request =
            json!({ "subject": user(&row[0]), "action": { "name": row[1] }, "resource": { "type": "record" } });
        let response = results(row, &record);
        all.push(Row { scenario: "search", path: "/access/v1/search/resource", request, response });
    }
    for row in rows(&search, "action") {
        let request = json!({ "subject": user(&row[0]), "resource": record(&row[1]) });
        let response = results(row, &|name| json!({ "name": name }));
        all.push(Row { scenario: "search", path: "/access/v1/search/action", request, response });
    }
    all
}
