//! Compares the adapters of filters with deciding row by row.

use crate::shell::{program, quiet, run};
use crate::{build, setup};
use anyhow::Result;

/// Builds the wheel, installs the libraries of all adapters, and prints a table: adapter, rows, differences and ratio.
pub(crate) fn table(rows: &[u32]) -> Result<bool> {
    build::run(&["python".to_string()])?;
    let python = setup::filters()?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps"];
    quiet(program(&python, install).arg(build::wheel()?))?;
    let mut table = program(&python, ["bindings/python/tests/filter_rows.py", "--rows"]);
    run(table.args(rows.iter().map(ToString::to_string)))?;
    Ok(true)
}
