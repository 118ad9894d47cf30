//! The peers in Rust, each written as its own documentation recommends. Roles are flattened for a peer without suitable
//! inheritance. Nothing else is precomputed.

use crate::workload::{ACCOUNTS, PROJECTS, ROLES, Workload};
use anyhow::{Context as _, Result};
use casbin::{CachedEnforcer, CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A peer that answers requests by their number.
pub struct Peer<'w> {
    pub who: &'static str,
    pub can: Box<dyn Fn(usize) -> bool + 'w>,
    /// The number of requests that are measured.
    pub sample: usize,
}

/// Returns every permission of each role, including inherited ones.
fn closures(workload: &Workload) -> Vec<BTreeSet<usize>> {
    (0..ROLES).map(|role| workload.closure(role)).collect()
}

/// Returns the projects that an assignment's scope covers.
fn projects(scope: usize) -> impl Iterator<Item = usize> {
    (0..PROJECTS).filter(move |project| Workload::covers(scope, *project))
}

/// Returns every user, every role at every scope, every permission and every scope as entities of Cedar.
pub fn cedar_entities(workload: &Workload) -> Value {
    let uid = |kind: &str, id: &str| json!({ "type": kind, "id": id });
    let group = |role: usize, scope: usize| format!("{}@{}", workload.roles[role].name, workload.scopes[scope]);
    let mut entities = Vec::new();
    let closures = closures(workload);
    for role in &workload.roles {
        entities.push(json!({ "uid": uid("Action", &role.name), "attrs": {}, "parents": [] }));
    }
    for (number, permission) in workload.permissions.iter().enumerate() {
        let holding = (0..ROLES).filter(|role| closures[*role].contains(&number));
        let parents: Vec<Value> = holding.map(|role| uid("Action", &workload.roles[role].name)).collect();
        entities.push(json!({ "uid": uid("Action", permission), "attrs": {}, "parents": parents }));
    }
    for scope in 0..workload.scopes.len() {
        for role in 0..ROLES {
            // A role at a scope holds below as well.
            let below: Vec<usize> = match scope {
                0 => (1..=ACCOUNTS).collect(),
                account if account <= ACCOUNTS => {
                    ((account - 1) * 10..account * 10).map(|project| 1 + ACCOUNTS + project).collect()
                }
                _ => Vec::new(),
            };
            let parents: Vec<Value> = below.into_iter().map(|scope| uid("Group", &group(role, scope))).collect();
            entities.push(json!({ "uid": uid("Group", &group(role, scope)), "attrs": {}, "parents": parents }));
        }
        let attrs: Map<String, Value> = (0..ROLES)
            .map(|role| {
                let entity = json!({ "__entity": uid("Group", &group(role, scope)) });
                (workload.roles[role].name.replace('-', "_"), entity)
            })
            .collect();
        entities.push(json!({ "uid": uid("Scope", &workload.scopes[scope]), "attrs": attrs, "parents": [] }));
    }
    let mut parents: Vec<Vec<Value>> = vec![Vec::new(); workload.users.len()];
    for one in &workload.assignments {
        parents[one.user].push(uid("Group", &group(one.role, one.scope)));
    }
    for (user, parents) in workload.users.iter().zip(parents) {
        entities.push(json!({ "uid": uid("User", user), "attrs": {}, "parents": parents }));
    }
    Value::Array(entities)
}

/// Cedar: each role at each scope is a group, whose members include the groups of outer scopes. A project names its groups,
/// and a policy for each role checks whether the principal is in the group.
pub fn cedar(workload: &Workload) -> Result<Peer<'_>> {
    use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
    let mut policies = String::new();
    for role in &workload.roles {
        let name = &role.name;
        let attribute = name.replace('-', "_");
        policies += &format!(
            "permit(principal, action in Action::\"{name}\", resource) when {{ principal in resource.{attribute} }};\n"
        );
    }
    let policies: PolicySet = policies.parse()?;
    let entities = Entities::from_json_value(cedar_entities(workload), None)?;
    let authorizer = Authorizer::new();
    let named = |kind: &str, id: &str| -> Result<EntityUid> { Ok(format!("{kind}::\"{id}\"").parse()?) };
    let requests: Vec<(EntityUid, EntityUid, EntityUid)> = workload
        .requests
        .iter()
        .map(|request| {
            Ok((
                named("User", &workload.users[request.user])?,
                named("Action", &workload.permissions[request.permission])?,
                named("Scope", workload.project(request.project))?,
            ))
        })
        .collect::<Result<_>>()?;
    let can = move |number: usize| {
        let (principal, action, resource) = requests[number].clone();
        let request = Request::new(principal, action, resource, Context::empty(), None);
        request
            .is_ok_and(|request| authorizer.is_authorized(&request, &policies, &entities).decision() == Decision::Allow)
    };
    Ok(Peer { who: "Cedar", can: Box::new(can), sample: 1000 })
}

/// The language of OPA: roles and assignments are data, and a rule finds a matching assignment.
const RULES: &str = r#"package authz
import rego.v1

default allow := false

allow if {
    some held in data.assignments[input.user]
    startswith(concat("", [input.scope, "/"]), held.scope)
    data.roles[held.role][input.permission]
}
"#;

/// Returns the data of the rule: the permissions of each role, and the assignments of each user.
pub fn rego_data(workload: &Workload) -> Result<String> {
    let closures = closures(workload);
    let roles: Map<String, Value> = workload
        .roles
        .iter()
        .zip(&closures)
        .map(|(role, held)| {
            let held = held.iter().map(|permission| (workload.permissions[*permission].clone(), json!(true)));
            (role.name.clone(), Value::Object(held.collect()))
        })
        .collect();
    let mut assignments: Map<String, Value> = Map::new();
    for one in &workload.assignments {
        let held =
            json!({ "role": workload.roles[one.role].name, "scope": format!("{}/", workload.scopes[one.scope]) });
        let list = assignments.entry(workload.users[one.user].clone()).or_insert_with(|| json!([]));
        list.as_array_mut().context("a list")?.push(held);
    }
    Ok(json!({ "roles": roles, "assignments": assignments }).to_string())
}

fn rego_input(workload: &Workload, number: usize) -> regorus::Value {
    let request = &workload.requests[number];
    let input = json!({
        "user": workload.users[request.user], "permission": workload.permissions[request.permission],
        "scope": workload.project(request.project)
    });
    regorus::Value::from(input)
}

/// regorus, which interprets the rule.
pub fn regorus(workload: &Workload) -> Result<Peer<'_>> {
    let mut engine = regorus::Engine::new();
    engine.add_policy("authz.rego".to_string(), RULES.to_string())?;
    engine.add_data_json(&rego_data(workload)?)?;
    let engine = RefCell::new(engine);
    let can = move |number: usize| {
        let mut engine = engine.borrow_mut();
        engine.set_input(rego_input(workload, number));
        engine.eval_rule("data.authz.allow".to_string()).is_ok_and(|value| value == regorus::Value::from(true))
    };
    Ok(Peer { who: "regorus, interpreted", can: Box::new(can), sample: 1000 })
}

/// regorus, with the rule compiled for its virtual machine.
pub fn regorus_vm(workload: &Workload) -> Result<Peer<'_>> {
    use regorus::languages::rego::compiler::Compiler;
    let mut engine = regorus::Engine::new();
    engine.add_policy("authz.rego".to_string(), RULES.to_string())?;
    let entry: regorus::Rc<str> = "data.authz.allow".into();
    let compiled = engine.compile_with_entrypoint(&entry)?;
    let program = Compiler::compile_from_policy(&compiled, &[&entry])?;
    let mut machine = regorus::rvm::RegoVM::new();
    machine.load_program(program);
    machine.set_data(regorus::Value::from_json_str(&rego_data(workload)?)?)?;
    let machine = RefCell::new(machine);
    let can = move |number: usize| {
        let mut machine = machine.borrow_mut();
        machine.set_input(rego_input(workload, number));
        machine.execute().is_ok_and(|value| value == regorus::Value::from(true))
    };
    Ok(Peer { who: "regorus, virtual machine", can: Box::new(can), sample: 1000 })
}

const MODEL: &str = "[request_definition]
r = sub, dom, obj
[policy_definition]
p = sub, obj
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && g(r.sub, p.sub, r.dom)
";

/// Casbin's roles by domain, with a domain for each project.
async fn filled<E: CoreApi + MgmtApi>(workload: &Workload) -> casbin::Result<E> {
    let mut enforcer = E::new(DefaultModel::from_str(MODEL).await?, MemoryAdapter::default()).await?;
    let closures = closures(workload);
    let rules = workload.roles.iter().zip(&closures).flat_map(|(role, held)| {
        held.iter().map(|permission| vec![role.name.clone(), workload.permissions[*permission].clone()])
    });
    enforcer.add_policies(rules.collect()).await?;
    let held: BTreeSet<Vec<String>> = workload
        .assignments
        .iter()
        .flat_map(|one| {
            projects(one.scope).map(|project| {
                let (user, role) = (workload.users[one.user].clone(), workload.roles[one.role].name.clone());
                vec![user, role, workload.project(project).to_string()]
            })
        })
        .collect();
    enforcer.add_grouping_policies(held.into_iter().collect()).await?;
    Ok(enforcer)
}

/// Returns a request in the form of casbin.
fn casbin_asked(workload: &Workload, number: usize) -> (&str, &str, &str) {
    let request = &workload.requests[number];
    let (user, permission) = (&workload.users[request.user], &workload.permissions[request.permission]);
    (user, workload.project(request.project), permission)
}

/// Casbin.
pub fn casbin(workload: &Workload) -> Result<Peer<'_>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let enforcer: Enforcer = runtime.block_on(filled(workload))?;
    let can = move |number: usize| enforcer.enforce(casbin_asked(workload, number)).unwrap_or(false);
    Ok(Peer { who: "casbin, uncached", can: Box::new(can), sample: 100 })
}

/// Casbin with its cache, for repeated requests.
pub fn casbin_cached(workload: &Workload) -> Result<Peer<'_>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let enforcer: CachedEnforcer = runtime.block_on(filled(workload))?;
    let can = move |number: usize| enforcer.enforce(casbin_asked(workload, number)).unwrap_or(false);
    Ok(Peer { who: "casbin, cached, repeated requests", can: Box::new(can), sample: 100 })
}
