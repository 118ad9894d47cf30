//! A role of a role mapping, as an option states it.

use rolecall_admin::MappedRole;
use std::collections::BTreeMap;

/// Reads `ROLE@SCOPE[,here][,BOUNDARY=VALUE]`. A boundary can be repeated for several values.
pub(super) fn parse(text: &str) -> Result<MappedRole, String> {
    let mut parts = text.split(',');
    let (role, at) = super::args::role_at(parts.next().unwrap_or_default())?;
    let mut mapped = MappedRole { role, at, below: true, boundaries: BTreeMap::new() };
    for part in parts {
        if part == "here" && mapped.below {
            mapped.below = false;
            continue;
        }
        let (boundary, value) =
            part.split_once('=').ok_or_else(|| format!("`{part}` is neither `here` nor `BOUNDARY=VALUE`"))?;
        if !mapped.boundaries.entry(boundary.to_string()).or_default().insert(value.to_string()) {
            return Err(format!("`{part}` is stated twice"));
        }
    }
    Ok(mapped)
}
