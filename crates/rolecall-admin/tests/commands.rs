//! Commands as JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall_admin::Command;
use serde_json::{Value, json};

#[test]
fn what_is_optional_is_left_out_and_never_null() {
    let assignment = json!({ "subject": "user:ada", "role": "editor", "at": "acme" });
    let new_subject = json!({ "subject": "user:new", "roles": [{ "role": "editor", "at": "acme" }] });
    for (verb, whole, place, key) in [
        ("assign", &assignment, "", "from"),
        ("assign", &assignment, "", "until"),
        ("withdraw", &assignment, "", "until"),
        ("invite", &new_subject, "", "native"),
        ("add-user", &new_subject, "/roles/0", "until"),
        ("set-native", &json!({ "subject": "user:ada" }), "", "native"),
        ("set-boundary", &json!({ "subject": "user:ada", "boundary": "domain" }), "", "values"),
        ("set-role", &json!({ "at": "acme", "role": "lead" }), "", "title"),
    ] {
        let read = |body: &Value| serde_json::from_value::<Command>(json!({ verb: body }));
        let command = read(whole).unwrap();
        assert_eq!(serde_json::to_value(&command).unwrap()[verb], *whole, "{verb}");
        let mut with_null = whole.clone();
        with_null.pointer_mut(place).unwrap()[key] = Value::Null;
        let error = read(&with_null).unwrap_err().to_string();
        assert!(error.contains("null") || error.contains("variant"), "{verb} {key}: {error}");
    }
}
