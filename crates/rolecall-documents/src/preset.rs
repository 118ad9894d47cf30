//! Presets that are named by a path.

use crate::error::Error;
use std::path::Path;

/// Returns the text of a preset if the path is `preset:NAME`.
pub(crate) fn preset(path: &Path) -> Result<Option<&'static str>, Error> {
    let Some(name) = path.to_str().and_then(|text| text.strip_prefix("preset:")) else { return Ok(None) };
    match rolecall_presets::find(name) {
        Some(preset) => Ok(Some(preset.policy)),
        None => {
            let known: Vec<String> =
                rolecall_presets::ALL.iter().map(|preset| format!("`preset:{}`", preset.name)).collect();
            let near = rolecall::ffi::nearest(name, rolecall_presets::ALL.iter().map(|preset| preset.name));
            let help = match near {
                Some(near) => format!("did you mean `preset:{near}`?"),
                None => format!("the presets are {}", known.join(" and ")),
            };
            let why = format!("there is no preset `{name}`; {help}");
            Err(Error::File { path: path.to_path_buf(), why })
        }
    }
}
