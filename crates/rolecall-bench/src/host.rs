//! Measures the component in wasmtime, and compares it with an empty component.

use crate::measure::{Way, print_side_by_side, way};
use crate::workload::{Size, TIME, Workload};
use anyhow::{Context as _, Result, ensure};
use rolecall_edge::bindings::PolicyPre;
use rolecall_edge::bindings::exports::rolecall::policy::decisions::Context;
use std::hint::black_box;
use std::path::Path;
use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Store};

/// A component whose calls do nothing: with a number, with a text, and with a borrowed handle.
const FLOOR: &str = r#"(component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "number") (param i32) (result i32) (local.get 0))
    (func (export "text") (param i32 i32) (result i32) (local.get 1))
    (func (export "make") (result i32) (call $new (i32.const 1)))
    (func (export "borrowed") (param i32 i32) (result i32) (local.get 1))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (export $shown "thing" (type $thing))
  (func (export "number") (param "n" u32) (result bool) (canon lift (core func $i "number")))
  (func (export "text") (param "t" string) (result u32)
    (canon lift (core func $i "text") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "make") (result (own $shown)) (canon lift (core func $i "make")))
  (func (export "borrowed") (param "self" (borrow $shown)) (param "n" u32) (result bool)
    (canon lift (core func $i "borrowed"))))"#;

pub fn run(component: &Path, quick: bool) -> Result<()> {
    let compare = |task: &str, ways: Vec<Way<'_>>| print_side_by_side(quick, "M", "wasmtime", task, ways);
    let mut config = Config::new();
    config.wasm_component_model(true);
    let pooling = rolecall_edge::pooling(rolecall_edge::Limits::default());
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling));
    let engine = Engine::new(&config)?;

    let floor = Component::new(&engine, FLOOR)?;
    let mut floor_store = Store::new(&engine, ());
    let empty = Linker::new(&engine).instantiate(&mut floor_store, &floor)?;
    let number = empty.get_typed_func::<(u32,), (bool,)>(&mut floor_store, "number")?;
    let text = empty.get_typed_func::<(&str,), (u32,)>(&mut floor_store, "text")?;
    let make = empty.get_typed_func::<(), (ResourceAny,)>(&mut floor_store, "make")?;
    let (thing,) = make.call(&mut floor_store, ())?;
    let borrowed = empty.get_typed_func::<(ResourceAny, u32), (bool,)>(&mut floor_store, "borrowed")?;

    let wasm = std::fs::read(component).with_context(|| component.display().to_string())?;
    let machine = engine.precompile_component(&wasm)?;
    // SAFETY: the line above compiled these bytes.
    let loaded = unsafe { Component::deserialize(&engine, &machine) }?;
    let instance = Linker::<()>::new(&engine).instantiate_pre(&loaded)?;
    let pre = PolicyPre::new(instance.clone())?;
    let instantiate = || {
        let mut store = Store::new(&engine, ());
        black_box(instance.instantiate(&mut store)).ok();
    };
    let with_functions = || {
        let mut store = Store::new(&engine, ());
        black_box(pre.instantiate(&mut store)).ok();
    };
    let ways = vec![
        way("instantiate the precompiled component", 1, instantiate),
        way("instantiate, and look up every function", 1, with_functions),
    ];
    compare("start", ways);

    let work = Workload::make(Size::M);
    let mut store = Store::new(&engine, ());
    let policy = pre.instantiate(&mut store)?;
    let guest = policy.rolecall_policy_decisions();
    let compiled =
        guest.engine().call_compile(&mut store, &work.policy().to_string(), &work.directory().to_string())?;
    let rolecall = compiled.map_err(|issues| anyhow::anyhow!("{} issues", issues.len()))?;
    let request = &work.requests[0];
    let context = Context {
        at: work.project(request.project).to_string(),
        time: TIME.to_string(),
        ip: None,
        last_activity: None,
        login: None,
        active_roles: None,
        groups: None,
    };
    let session = guest.engine().call_session(&mut store, rolecall, &work.users[request.user], &context)?;
    let session = session.map_err(|error| anyhow::anyhow!(error.message))?;
    let mut handles = Vec::new();
    for permission in &work.permissions {
        let found = guest.engine().call_permission(&mut store, rolecall, permission)?;
        handles.push(found.map_err(|error| anyhow::anyhow!(error.message))?);
    }
    let can = guest.session().call_can(&mut store, session, handles[request.permission], None)?;
    let can = can.map_err(|error| anyhow::anyhow!(error.message))?;
    ensure!(can == work.answers[0], "a session differs");
    let batch: Vec<u32> = handles.iter().copied().cycle().take(1000).collect();
    let floors = std::cell::RefCell::new(floor_store);
    let empty_call = || {
        for one in 0..1000 {
            black_box(number.call(&mut *floors.borrow_mut(), (black_box(one & 1),))).ok();
        }
    };
    let empty_text = || {
        for _ in 0..1000 {
            black_box(text.call(&mut *floors.borrow_mut(), (black_box("feature-00:view"),))).ok();
        }
    };
    let empty_borrowed = || {
        for one in 0..1000 {
            black_box(borrowed.call(&mut *floors.borrow_mut(), (thing, black_box(one & 1)))).ok();
        }
    };
    let ours = || {
        for handle in &batch {
            black_box(guest.session().call_can(&mut store, session, *handle, None)).ok();
        }
    };
    let ways = vec![
        way("floor: an empty component call", 1000, empty_call),
        way("floor: an empty component call with a text", 1000, empty_text),
        way("floor: an empty component call that borrows a handle", 1000, empty_borrowed),
        way("session.can(handle)", 1000, ours),
    ];
    compare("a call", ways);
    let many = || {
        black_box(guest.session().call_can_many(&mut store, session, black_box(&batch))).ok();
    };
    compare("a batch of 1,000", vec![way("session.can-many, for each", 1000, many)]);
    let millis = rolecall::Timestamp::parse(TIME).map_or(0.0, |time| time.as_millis() as f64);
    for (number, request) in work.requests.iter().enumerate().take(1000) {
        let (user, permission) = (&work.users[request.user], &work.permissions[request.permission]);
        let can = guest.engine().call_can_by_names(
            &mut store,
            rolecall,
            user,
            permission,
            work.project(request.project),
            millis,
        )?;
        ensure!(can.ok() == Some(work.answers[number]), "can-by-names differs at request {number}");
    }
    let by_names = || {
        for request in work.requests.iter().take(1000) {
            let (user, permission) = (&work.users[request.user], &work.permissions[request.permission]);
            let project = work.project(request.project);
            black_box(guest.engine().call_can_by_names(&mut store, rolecall, user, permission, project, millis)).ok();
        }
    };
    compare("a decision by three strings", vec![way("engine.can-by-names", 1000, by_names)]);
    Ok(())
}
