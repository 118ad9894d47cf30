//! Searches, and their pages.

use super::setup::{ask, example, plain, question};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

#[test]
fn searches_without_a_mapping_go_over_scopes() {
    let mut who = question("", "view", "acme/blog");
    who["subject"] = json!({ "type": "user", "id": 7 });
    assert!(ask(&plain(), "/access/v1/search/subject", &who.to_string()).unwrap_err().contains("subject.id must be"));
    who["subject"] = json!({ "type": "user", "id": "ignored" });
    let found = |path: &str, request: &Value| ask(&plain(), path, &request.to_string()).unwrap()["results"].clone();
    let ids = |kind: &str, ids: &[&str]| ids.iter().map(|id| json!({ "type": kind, "id": id })).collect::<Value>();
    assert_eq!(found("/access/v1/search/subject", &who), ids("user", &["bo", "zoe"]));
    who["subject"]["type"] = json!("app");
    assert_eq!(found("/access/v1/search/subject", &who), ids("app", &["crm"]));
    who["subject"]["type"] = json!("robot");
    assert_eq!(found("/access/v1/search/subject", &who), json!([]));
    let mut what = question("bo", "view", "");
    assert_eq!(found("/access/v1/search/resource", &what), ids("segments", &["acme", "acme/blog", "acme/shop"]));
    what["context"] = json!({});
    // Searches check the network as well.
    assert_eq!(found("/access/v1/search/resource", &what), ids("segments", &["acme", "acme/blog"]));
    what["resource"]["type"] = json!("nothing");
    assert_eq!(found("/access/v1/search/resource", &what), json!([]));
    let may = question("ada", "", "acme/shop");
    assert_eq!(found("/access/v1/search/action", &may), json!([{ "name": "view" }, { "name": "edit" }]));
}

#[test]
fn pages_lead_from_one_to_the_next() {
    let world = example("search");
    let path = "/access/v1/search/resource";
    let mut request = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "view" },
        "resource": { "type": "record" }, "page": { "limit": 8 } });
    let (mut found, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let answer = ask(&world, path, &request.to_string()).unwrap();
        let page = &answer["page"];
        assert_eq!(
            (page["total"].as_u64(), page["count"].as_u64()),
            (Some(20), Some(answer["results"].as_array().unwrap().len() as u64))
        );
        sizes.push(answer["results"].as_array().unwrap().len());
        found.extend(answer["results"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        if page["next_token"] == "" {
            break;
        }
        // The limit is optional, as in the example of the specification.
        request["page"] = json!({ "token": page["next_token"] });
    }
    assert_eq!(sizes, [8, 8, 4]);
    assert_eq!(found, (101..=120).map(|number| json!(number.to_string())).collect::<Vec<Value>>());
    let with = |key: &str, value: &Value| {
        let mut changed = request.clone();
        changed["page"][key] = value.clone();
        ask(&world, path, &changed.to_string())
    };
    let token = |start: i64, limit: i64| {
        let text = request["page"]["token"].as_str().unwrap();
        let mut token: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
        (token["start"], token["limit"]) = (json!(start), json!(limit));
        json!(URL_SAFE_NO_PAD.encode(token.to_string()))
    };
    for (key, value) in [
        ("token", json!("###")),
        ("token", json!("e30")),
        ("token", token(8, 0)),
        ("token", token(-8, 8)),
        ("limit", json!(9)),
    ] {
        assert!(with(key, &value).is_err(), "{key} {value}");
    }
    for (value, given) in [
        (json!(0), "`0`"),
        (json!(-1), "`-1`"),
        (json!(0.0), "`0`"),
        (json!(0.5), "`0.5`"),
        (json!(1.5), "`1.5`"),
        (json!(-1e300), "`-1000"),
        (json!("8"), "a text"),
        (json!(null), "null"),
        (json!([8]), "a list"),
    ] {
        let error = with("limit", &value).unwrap_err();
        let expected = format!("request.shape: page.limit must be a whole number of 1 or more, not {given}");
        assert!(error.contains(&expected), "{error}: {value}");
    }
    // `8.0` and `8` are the same number.
    assert_eq!(with("limit", &json!(8.0)), with("limit", &json!(8)));
    // A page that begins after the last result is empty, and is the last page.
    let beyond = with("token", &token(1000, 8)).unwrap();
    assert_eq!((&beyond["results"], &beyond["page"]["next_token"]), (&json!([]), &json!("")));
    // A token is valid for its own request only.
    request["action"]["name"] = json!("edit");
    assert!(ask(&world, path, &request.to_string()).unwrap_err().contains("does not match the page token"));
}

/// Paging ends with every limit, after the expected number of pages.
#[test]
fn pages_of_any_size_come_to_an_end() {
    let world = example("search");
    for (limit, pages) in
        [(json!(1), 20), (json!(7), 3), (json!(1e300), 1), (json!(u64::MAX), 1), (json!(1_000_000), 1)]
    {
        let mut request = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "view" },
            "resource": { "type": "record" }, "page": { "limit": limit } });
        let mut count = 0;
        loop {
            let answer = ask(&world, "/access/v1/search/resource", &request.to_string()).unwrap();
            count += 1;
            assert!(count <= pages, "{limit}");
            if answer["page"]["next_token"] == "" {
                break;
            }
            request["page"] = json!({ "token": answer["page"]["next_token"] });
        }
        assert_eq!(count, pages, "{limit}");
    }
}
