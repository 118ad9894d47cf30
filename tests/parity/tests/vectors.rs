//! Tests the native core with the shared vectors, one trial for each case. Every code and kind of question must have a
//! vector. `cargo test -p rolecall-parity --test vectors -- "part of a name"` runs the cases whose names contain the
//! part.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use libtest_mimic::{Arguments, Failed, Trial};
use rolecall::{Engine, IssueCode, RequestErrorCode};
use rolecall_parity::questions::Question;
use rolecall_parity::vectors::{Vector, issue_difference, load};
use rolecall_parity::{native, worlds::World};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

type Done = Result<(), Failed>;

fn main() {
    let vectors: Vec<Arc<Vector>> = load().unwrap().into_iter().map(Arc::new).collect();
    let mut trials: Vec<Trial> = vectors.iter().flat_map(trials_of).collect();
    let all = vectors.clone();
    trials.push(Trial::test("every code has a vector", move || every_code_has_a_vector(&all)));
    trials.push(Trial::test("every kind of question has a vector", move || every_kind_has_a_vector(&vectors)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn trials_of(vector: &Arc<Vector>) -> Vec<Trial> {
    if let Some(issues) = vector.issues.clone() {
        let of = Arc::clone(vector);
        return vec![Trial::test(format!("{}, issues", vector.name), move || has_issues(&of, &issues))];
    }
    let engine: Arc<OnceLock<Result<Engine, String>>> = Arc::default();
    let trial = |number: usize| {
        let (of, engine) = (Arc::clone(vector), Arc::clone(&engine));
        Trial::test(format!("{}, {}", of.name, of.cases[number].name), move || {
            let compile = || Engine::from_json(&of.policy, of.directory()).map_err(|error| error.to_string());
            let engine = engine.get_or_init(compile).as_ref()?;
            let case = &of.cases[number];
            case.difference(&native::one(engine, &case.question)).map_or(Ok(()), |wrong| Err(wrong.into()))
        })
    };
    (0..vector.cases.len()).map(trial).collect()
}

fn has_issues(vector: &Vector, issues: &Value) -> Done {
    let answers = native::answer(&World::of_vector(vector));
    let documents: Value = serde_json::from_str(&answers[0]).unwrap();
    issue_difference(issues, &documents["issues"]).map_or(Ok(()), |wrong| Err(wrong.into()))
}

/// Returns the reasons of an answer, without the part after the colon.
fn reasons(answer: &Value) -> impl Iterator<Item = String> {
    let reasons = answer["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
    reasons.map(|reason| reason.split_once(':').map_or(reason.to_string(), |(kind, _)| format!("{kind}:")))
}

fn codes(issues: &Value) -> impl Iterator<Item = String> {
    issues.as_array().into_iter().flatten().filter_map(|issue| issue["code"].as_str().map(ToString::to_string))
}

fn every_code_has_a_vector(vectors: &[Arc<Vector>]) -> Done {
    let mut covered: BTreeSet<String> = BTreeSet::new();
    for vector in vectors {
        covered.extend(vector.issues.iter().flat_map(codes));
        let answers = native::answer(&World::of_vector(vector));
        for answer in answers.iter().skip(1) {
            let answer: Value = serde_json::from_str(answer).unwrap();
            covered.extend(answer["error"]["code"].as_str().map(ToString::to_string));
            covered.extend(codes(&answer["issues"]));
            covered.extend(reasons(&answer));
        }
    }
    // Codes that no vector can cover: they need YAML, gigabytes, a thousand issues or locks, or a defect.
    let elsewhere = ["document.yaml", "document.size", "document.issues", "filter.locks", "internal.panic"];
    let errors = RequestErrorCode::ALL.iter().map(|code| code.as_str());
    let issues = IssueCode::ALL.iter().map(|code| code.as_str());
    let reasons = rolecall_contract::REASONS.iter().copied();
    let missing: Vec<&str> = errors
        .chain(issues)
        .chain(reasons)
        .filter(|code| !covered.contains(*code) && !elsewhere.contains(code))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no vector for {missing:?}").into()) }
}

/// Every binding runs the vectors, so a binding that lacks a kind fails there.
fn every_kind_has_a_vector(vectors: &[Arc<Vector>]) -> Done {
    let cases = vectors.iter().flat_map(|vector| &vector.cases);
    let calls: BTreeSet<&str> = cases.map(|case| case.question.kind().call).collect();
    let missing: Vec<&str> = Question::kinds().map(|kind| kind.call).filter(|call| !calls.contains(call)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no vector covers {missing:?}").into()) }
}
