//! The native core answers the shared vectors, and every code has one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{IssueCode, RequestErrorCode};
use rolecall_parity::vectors::{difference, issue_difference, load};
use rolecall_parity::{native, worlds::World};
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_native_core_answers_the_vectors() {
    let mut wrong = Vec::new();
    for vector in load().unwrap().as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let answers = native::answer(&World::of_vector(vector));
        let documents: Value = serde_json::from_str(&answers[0]).unwrap();
        if !vector["issues"].is_null() {
            wrong.extend(
                issue_difference(&vector["issues"], &documents["issues"]).map(|told| format!("{name}\n{told}")),
            );
            continue;
        }
        assert_eq!(answers[0], r#"{"issues":[]}"#, "{name}");
        for (case, answer) in vector["cases"].as_array().unwrap().iter().zip(&answers[1..]) {
            wrong.extend(difference(case, answer).map(|told| format!("{name}, {}\n{told}", case["name"])));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_vector() {
    let vectors = load().unwrap();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for vector in vectors.as_array().unwrap() {
        for issue in vector["issues"].as_array().into_iter().flatten() {
            seen.insert(issue["code"].as_str().unwrap().to_string());
        }
        for (case, answer) in
            vector["cases"].as_array().unwrap().iter().zip(&native::answer(&World::of_vector(vector))[1..])
        {
            let answer: Value = serde_json::from_str(answer).unwrap();
            assert!(!case["answer"].is_null() || !case["expect"].is_null() || !case["error"].is_null(), "{case}");
            seen.extend(answer["error"]["code"].as_str().map(ToString::to_string));
            let issues = answer["issues"].as_array().into_iter().flatten();
            seen.extend(issues.filter_map(|issue| issue["code"].as_str()).map(ToString::to_string));
            for reason in answer["reasons"].as_array().into_iter().flatten() {
                let reason = reason.as_str().unwrap();
                seen.insert(reason.split_once(':').map_or(reason.to_string(), |(kind, _)| format!("{kind}:")));
            }
        }
    }
    // Those that a vector cannot hold: they need YAML, gigabytes, a thousand issues, or a defect.
    let elsewhere = ["document.yaml", "document.size", "document.issues", "internal.panic"];
    let faults = RequestErrorCode::ALL.iter().map(|code| code.as_str());
    let issues = IssueCode::ALL.iter().map(|code| code.as_str());
    let reasons = rolecall_contract::REASONS.iter().copied();
    let missing: Vec<&str> =
        faults.chain(issues).chain(reasons).filter(|code| !seen.contains(*code) && !elsewhere.contains(code)).collect();
    assert!(missing.is_empty(), "no vector for {missing:?}");
}
