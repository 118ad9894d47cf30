//! Tests the component with the shared vectors, one trial for each case. Build its files with `cargo xtask build
//! component edge`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use libtest_mimic::{Arguments, Failed, Trial};
use rolecall_edge::{DocumentIssues, EdgeError, EngineSource, Host, Instance, Limits};
use rolecall_parity::vectors::{Vector, load};
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const MACHINE_CODE: &str = "target/bindings/rolecall.component.cwasm";

static HOST: LazyLock<Host> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").join(MACHINE_CODE);
    assert!(path.is_file(), "{MACHINE_CODE} is missing; run `cargo xtask build component edge`");
    // SAFETY: `cargo xtask` built the file with `rolecall-edge precompile`.
    #[expect(unsafe_code, reason = "see above")]
    unsafe { Host::from_precompiled(&path, Limits::default()) }.unwrap()
});

fn main() {
    let vectors = load().unwrap().into_iter().map(Arc::new);
    libtest_mimic::run(&Arguments::from_args(), vectors.flat_map(|vector| trials_of(&vector)).collect()).exit();
}

fn trials_of(vector: &Arc<Vector>) -> Vec<Trial> {
    if let Some(issues) = vector.issues.clone() {
        let of = Arc::clone(vector);
        return vec![Trial::test(format!("{}, issues", vector.name), move || has_issues(&of, &issues))];
    }
    let trial = |number: usize| {
        let of = Arc::clone(vector);
        Trial::test(format!("{}, {}", of.name, of.cases[number].name), move || {
            let case = &of.cases[number];
            let answer = rolecall_parity_component::one(&mut instance(&of)?, &case.question)?;
            case.difference(&answer).map_or(Ok(()), |wrong| Err(wrong.into()))
        })
    };
    (0..vector.cases.len()).map(trial).collect()
}

fn instance(vector: &Vector) -> Result<Instance, EdgeError> {
    HOST.instance(&EngineSource::documents(&vector.policy, vector.directory()))
}

fn has_issues(vector: &Vector, issues: &Value) -> Result<(), Failed> {
    let found = match instance(vector) {
        Ok(_) => return Err("the component accepts the documents".into()),
        Err(EdgeError::Documents(DocumentIssues { issues, .. })) => issues,
        Err(error) => return Err(error.into()),
    };
    let mut found: Vec<String> = found.into_iter().map(|issue| issue.code).collect();
    let mut wanted: Vec<&str> =
        issues.as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    if found == wanted { Ok(()) } else { Err(format!("expected {wanted:?}, got {found:?}").into()) }
}
