//! An unverified snapshot. Its answers may be wrong, but every read must end and stay within the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::Engine;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(engine) = Engine::from_snapshot_unchecked(bytes.to_vec()) {
        let _ = rolecall_contract::question(&engine, r#"{"subject":"user:ada","permission":"a:view","at":"acme","context":{"time":"2026-01-01T00:00:00Z"}}"#);
    }
    let _ = Engine::from_snapshot_checksummed(bytes.to_vec());
});
