// Measures the JavaScript bindings and their peers in Node: bench.mjs WORKLOAD [--quick] [--only PART,…]
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { Table, named, nanoseconds, ours, sink } from "./tasks.mjs";

const [file, ...flags] = process.argv.slice(2);
const quick = flags.includes("--quick");
const only = flags.includes("--only") ? flags[flags.indexOf("--only") + 1].split(",") : ["node", "peers"];
const workload = named(JSON.parse(readFileSync(file, "utf8")));
const note = (where, task, who, ns) => console.log(JSON.stringify({ size: workload.size, where, task, who, ns }));
const require = createRequire(import.meta.url);
const at = (path) => new URL(`../../../${path}`, import.meta.url);

if (only.includes("node")) {
  const wasm = await import(at("bindings/js/rolecall/dist/inline.js"));
  const { Floor, initSync } = await import(at("target/bench/floor-wasm/floor.js"));
  initSync({ module: readFileSync(at("target/bench/floor-wasm/floor_bg.wasm")) });
  const snapshots = await import(at("bindings/js/rolecall/dist/snapshot.js"));
  snapshots.initSync(readFileSync(at("bindings/js/rolecall/dist/snapshot.wasm")));
  ours("wasm in Node", wasm, new Floor(), workload, quick, note, snapshots.Engine);
  const native = await import(at("bindings/js/node/dist/index.js"));
  const floor = require(at("target/bench/floor.node").pathname);
  ours("Node native", native, new floor.Floor(), workload, quick, note);
}

if (only.includes("peers")) {
  const { users, permissions, projects, roles, assignments, covered, scopes, byName, requests, answers } = workload;
  const task = "a decision by three strings";
  const menuTask = "a menu: 240 permissions";
  const where = "Node, peers";
  const table = new Table(workload);
  const measure = (who, sample, can, of = task) => {
    for (let number = 0; number < sample; number++) {
      if (can(number) !== answers[number]) throw new Error(`${who} differs at request ${number}`);
    }
    note(
      where,
      of,
      who,
      nanoseconds(true, sample, () => {
        for (let number = 0; number < sample; number++) sink.value += can(number) ? 1 : 0;
      }),
    );
  };
  note(
    where,
    task,
    "floor: maps by hand",
    nanoseconds(quick, byName.length, () => {
      for (const [user, permission, project] of byName) sink.value += table.can(user, permission, project) ? 1 : 0;
    }),
  );
  const held = users.map(() => []);
  for (const [user, role, scope] of assignments) held[user].push([role, scope]);
  const split = (permission) => permission.split(":");

  // CASL: an ability for each user, built in advance, with the projects as conditions of its rules.
  {
    const { createMongoAbility, AbilityBuilder, subject } = await import("@casl/ability");
    const abilities = new Map();
    const ability = (user) => {
      if (!abilities.has(user)) {
        const { can, build } = new AbilityBuilder(createMongoAbility);
        for (const [role, scope] of held[user]) {
          const inside = projects.slice(covered[scope].first, covered[scope].end);
          for (const permission of roles[role].closure) {
            const [feature, action] = split(permissions[permission]);
            can(action, feature, { project: { $in: inside } });
          }
        }
        abilities.set(user, build());
      }
      return abilities.get(user);
    };
    const words = byName.map(([, permission, project], number) => {
      const [feature, action] = split(permission);
      return { ability: ability(requests[number][0]), action, on: subject(feature, { project }) };
    });
    measure("CASL, abilities built in advance", 1000, (number) => {
      const { ability, action, on } = words[number];
      return ability.can(action, on);
    });
    const things = permissions.map(split);
    note(
      where,
      menuTask,
      "floor: maps by hand, 240 times",
      nanoseconds(quick, 100, () => {
        for (const [user, , project] of byName.slice(0, 100)) {
          for (const permission of permissions) sink.value += table.can(user, permission, project) ? 1 : 0;
        }
      }),
    );
    note(
      where,
      menuTask,
      "CASL, abilities built in advance",
      nanoseconds(true, 20, () => {
        for (let number = 0; number < 20; number++) {
          const project = byName[number][2];
          for (const [feature, action] of things)
            sink.value += words[number].ability.can(action, subject(feature, { project })) ? 1 : 0;
        }
      }),
    );
  }

  // AccessControl has no tenants: it receives the roles of the user in the project.
  {
    const { AccessControl } = await import("accesscontrol");
    const control = new AccessControl();
    for (const role of roles) {
      control.grant(role.name);
      for (const permission of role.closure) {
        const [feature, action] = split(permissions[permission]);
        control.grant(role.name).action(action, feature);
      }
    }
    const words = byName.map(([, permission], number) => {
      const [user, , project] = requests[number];
      const inside = held[user].filter(([, scope]) => covered[scope].first <= project && project < covered[scope].end);
      const [feature, action] = split(permission);
      return { names: [...new Set(inside.map(([role]) => roles[role].name))], feature, action };
    });
    measure("AccessControl, given the roles that apply", 1000, (number) => {
      const { names, feature, action } = words[number];
      return names.length > 0 && control.can(names).do(action, feature).granted;
    });
  }

  // Casbin: roles by domain, with a domain for each project.
  {
    const { newEnforcer, newModelFromString } = await import("casbin");
    const model = newModelFromString(`[request_definition]
r = sub, dom, obj
[policy_definition]
p = sub, obj
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && g(r.sub, p.sub, r.dom)`);
    const enforcer = await newEnforcer(model);
    for (const role of roles) {
      await enforcer.addPolicies(role.closure.map((permission) => [role.name, permissions[permission]]));
    }
    // Only the requested users: loading all of them takes minutes.
    const sample = 50;
    const wanted = new Set(requests.slice(0, sample).map(([user]) => user));
    const lines = new Set();
    for (const user of wanted) {
      for (const [role, scope] of held[user]) {
        for (const project of projects.slice(covered[scope].first, covered[scope].end)) {
          lines.add(JSON.stringify([users[user], roles[role].name, project]));
        }
      }
    }
    await enforcer.addGroupingPolicies([...lines].map((line) => JSON.parse(line)));
    measure("casbin, only the requested users loaded", sample, (number) => {
      const [user, permission, project] = byName[number];
      return enforcer.enforceSync(user, project, permission);
    });
  }

  // Cedar: policies parsed in advance, and for each request only the relevant entities.
  {
    const cedar = await import("@cedar-policy/cedar-wasm/nodejs");
    const uid = (type, id) => ({ type, id });
    const group = (role, scope) => uid("Group", `${roles[role].name}@${scopes[scope]}`);
    const attribute = (role) => roles[role].name.replace("-", "_");
    const text = roles
      .map(
        (role, number) =>
          `permit(principal, action in Action::"${role.name}", resource) when { principal in resource.${attribute(number)} };`,
      )
      .join("\n");
    cedar.preparsePolicySet("all", { staticPolicies: text });
    const above = (project) => [0, 1 + Math.floor(project / 10), 11 + project];
    const calls = requests.slice(0, 200).map(([user, permission, project]) => {
      const entities = [
        { uid: uid("User", users[user]), attrs: {}, parents: held[user].map(([role, scope]) => group(role, scope)) },
      ];
      const [outer, middle, inner] = above(project);
      // The groups of the user, and the groups of inner scopes that include them.
      for (const [role, scope] of held[user]) {
        const inward = scope === outer ? [middle, inner] : scope === middle ? [inner] : [];
        [scope, ...inward].forEach((here, index, chain) => {
          entities.push({
            uid: group(role, here),
            attrs: {},
            parents: chain.slice(index + 1, index + 2).map((next) => group(role, next)),
          });
        });
      }
      const attrs = Object.fromEntries(
        roles.map((_, number) => [attribute(number), { __entity: group(number, inner) }]),
      );
      entities.push({ uid: uid("Scope", scopes[inner]), attrs, parents: [] });
      const parents = roles.filter((role) => role.closure.includes(permission)).map((role) => uid("Action", role.name));
      entities.push({ uid: uid("Action", permissions[permission]), attrs: {}, parents });
      return {
        principal: uid("User", users[user]),
        action: uid("Action", permissions[permission]),
        resource: uid("Scope", scopes[inner]),
        context: {},
        preparsedPolicySetId: "all",
        entities: [...new Map(entities.map((entity) => [JSON.stringify(entity.uid), entity])).values()],
      };
    });
    measure(
      "cedar-wasm, only the relevant entities",
      calls.length,
      (number) => cedar.statefulIsAuthorized(calls[number]).response?.decision === "allow",
    );
  }
}
if (sink.value === 0.5) console.error("never");
