//! A wasmtime host for the Rolecall component: loads it once, instantiates it cheaply, and limits its memory and time.
//!
//! The program `rolecall-edge` is a gate in front of a web application. It decides each request with this host.
//! `cargo xtask build component` in the repository builds `rolecall.component.wasm`.
//!
//! ```no_run
//! use rolecall_edge::{EngineSource, Host, Limits};
//!
//! let host = Host::from_wasm(&std::fs::read("rolecall.component.wasm")?, Limits::default())?;
//! let (policy, directory) = (std::fs::read_to_string("policy.json")?, std::fs::read_to_string("directory.json")?);
//! let mut instance = host.instance(&EngineSource::documents(policy, directory))?;
//! let request = r#"{"subject": "user:ada", "permission": "segments:view", "at": "acme/shop",
//!     "context": {"time": "2026-11-21T10:00:00Z"}}"#;
//! println!("{}", instance.check(request)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod caller;
mod code;
mod decision;
mod error;
mod error_json;
mod follow;
mod gate;
mod headers;
mod host;
mod instance;
mod issues;
mod limits;
mod pool;
mod refusal;
mod repeated;
mod request;
mod routes;
mod server;
mod source;

pub use caller::Caller;
pub use code::GateCode;
pub use decision::GateDecision;
pub use error::EdgeError;
pub use error_json::fault_json;
pub use follow::Upstream;
pub use gate::{Gate, Rules};
#[doc(hidden)]
pub use headers::moves;
pub use host::{Host, pooling, precompile};
pub use instance::{Bound, Instance, PassRequest};
pub use issues::DocumentIssues;
pub use limits::Limits;
pub use pool::Pool;
pub use refusal::Refusal;
pub use request::AccessRequest;
pub use routes::{Route, Routes, Source};
pub use server::{Backend, Observer, observed_router, router};
pub use source::EngineSource;

/// The bindings of the component's WIT world.
pub mod bindings {
    #![allow(missing_docs, reason = "they are generated from wit/rolecall.wit, which documents them")]
    wasmtime::component::bindgen!({ world: "policy", path: "wit" });
}
