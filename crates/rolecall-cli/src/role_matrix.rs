//! The matrix of roles and permissions, from documents.

use crate::args::RoleMatrix;
use crate::input;
use crate::matrix_output::write;
use crate::output::ExitStatus;
use crate::report::Failure;
use rolecall_admin::{ListQuery, Matrix, Refusal};
use std::path::Path;

/// Prints the matrix of the roles at a scope.
pub(crate) fn run(args: &RoleMatrix) -> Result<ExitStatus, Failure> {
    if args.policy == Path::new("-") {
        return Err(Failure::Conflict("the policy of a matrix is a file; standard input can be the directory".into()));
    }
    let policy = input::json(&args.policy)?;
    let engine = rolecall_documents::engine(&args.policy, &args.directory)?;
    let mut query = ListQuery::default();
    query.limit = Some(rolecall_admin::LARGEST_PAGE);
    query.search.clone_from(&args.search);
    let refused = |refusal: Refusal| Failure::Command { code: refusal.code.as_str(), message: refusal.to_string() };
    let matrix = Matrix::of_roles(&engine, &policy, &args.at, &query).map_err(refused)?;
    write(&matrix, args.format)?;
    Ok(ExitStatus::Allow)
}
