//! The native core answers the shared vectors, one trial for each case; and every code and kind of question has a vector.
//! `cargo test -p rolecall-parity --test vectors -- "part of a name"` runs the cases with that part in their names.
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

/// The reasons of an answer, without what follows their colon.
fn reasons(answer: &Value) -> impl Iterator<Item = String> {
    let reasons = answer["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
    reasons.map(|reason| reason.split_once(':').map_or(reason.to_string(), |(kind, _)| format!("{kind}:")))
}

fn codes(issues: &Value) -> impl Iterator<Item = String> {
    issues.as_array().into_iter().flatten().filter_map(|issue| issue["code"].as_str().map(ToString::to_string))
}

fn every_code_has_a_vector(vectors: &[Arc<Vector>]) -> Done {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for vector in vectors {
        seen.extend(vector.issues.iter().flat_map(codes));
        let answers = native::answer(&World::of_vector(vector));
        for answer in answers.iter().skip(1) {
            let answer: Value = serde_json::from_str(answer).unwrap();
            seen.extend(answer["error"]["code"].as_str().map(ToString::to_string));
            seen.extend(codes(&answer["issues"]));
            seen.extend(reasons(&answer));
        }
    }
    // Those that a vector cannot hold: they need YAML, gigabytes, a thousand issues, or a defect.
    let elsewhere = ["document.yaml", "document.size", "document.issues", "internal.panic"];
    let faults = RequestErrorCode::ALL.iter().map(|code| code.as_str());
    let issues = IssueCode::ALL.iter().map(|code| code.as_str());
    let reasons = rolecall_contract::REASONS.iter().copied();
    let missing: Vec<&str> =
        faults.chain(issues).chain(reasons).filter(|code| !seen.contains(*code) && !elsewhere.contains(code)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no vector for {missing:?}").into()) }
}

/// Every binding answers the vectors, so that a kind that a binding lacks fails there.
fn every_kind_has_a_vector(vectors: &[Arc<Vector>]) -> Done {
    let cases = vectors.iter().flat_map(|vector| &vector.cases);
    let asked: BTreeSet<&str> = cases.map(|case| case.question.kind().call).collect();
    let missing: Vec<&str> = Question::kinds().map(|kind| kind.call).filter(|call| !asked.contains(call)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no vector asks {missing:?}").into()) }
}
