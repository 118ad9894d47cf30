//! Loads the component that the arguments name.

use super::args::ComponentArgs;
use anyhow::{Context, Result};
use rolecall_edge::{Host, Limits};
use std::path::Path;
use std::time::Duration;

pub(super) fn load(args: &ComponentArgs) -> Result<Host> {
    let limits = Limits { memory: args.memory, call: Duration::from_millis(args.call_ms), ..Limits::default() };
    if args.precompiled {
        // SAFETY: with `--precompiled` the user guarantees that the file is trusted, as the help says.
        #[expect(unsafe_code, reason = "see above")]
        unsafe { Host::from_precompiled(&args.component, limits) }.with_context(|| named(&args.component))
    } else {
        let wasm = std::fs::read(&args.component).with_context(|| named(&args.component))?;
        Host::from_wasm(&wasm, limits).with_context(|| named(&args.component))
    }
}

pub(super) fn named(path: &Path) -> String {
    path.display().to_string()
}

pub(super) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| named(path))
}
