// What is measured of a JavaScript face, in Node and in a browser, beside its floors.

/** Nanoseconds of one operation: the median of short rounds of work that does `operations` of it. */
export function nanoseconds(quick, operations, work) {
  work();
  const [rounds, least] = quick ? [5, 20] : [15, 100];
  const samples = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    let times = 0;
    do {
      work();
      times++;
    } while (performance.now() - start < least);
    samples.push(((performance.now() - start) * 1e6) / (times * operations));
  }
  return samples.sort((a, b) => a - b)[rounds >> 1];
}

/** Where results go, so that no compiler leaves the work out. */
export const sink = { value: 0 };

/** What somebody would write by hand: maps from names to numbers, masks of permissions by role. */
export class Table {
  constructor({ users, permissions, projects, roles, assignments, covered }) {
    const numbered = (names) => new Map(names.map((name, number) => [name, number]));
    this.users = numbered(users);
    this.permissions = numbered(permissions);
    this.projects = numbered(projects);
    this.masks = roles.map(({ closure }) => {
      const mask = new Uint32Array(8);
      for (const permission of closure) mask[permission >> 5] |= 1 << (permission & 31);
      return mask;
    });
    // Each user's assignments in one array: the first project, the one behind the last, the role.
    this.starts = new Uint32Array(users.length + 1);
    for (const [user] of assignments) this.starts[user + 1] += 3;
    for (let user = 0; user < users.length; user++) this.starts[user + 1] += this.starts[user];
    const next = this.starts.slice();
    this.held = new Uint16Array(3 * assignments.length);
    for (const [user, role, scope] of assignments) {
      this.held.set([covered[scope].first, covered[scope].end, role], next[user]);
      next[user] += 3;
    }
  }

  can(user, permission, project) {
    const number = this.users.get(user);
    const bit = this.permissions.get(permission);
    const place = this.projects.get(project);
    if (number === undefined || bit === undefined || place === undefined) return false;
    const { starts, held, masks } = this;
    for (let at = starts[number]; at < starts[number + 1]; at += 3) {
      if (held[at] <= place && place < held[at + 1] && (masks[held[at + 2]][bit >> 5] >> (bit & 31)) & 1) return true;
    }
    return false;
  }
}

function agree(what, workload, can) {
  workload.asked.forEach((asked, number) => {
    if (can(asked, number) !== workload.answers[number]) throw new Error(`${what} differs at request ${number}`);
  });
}

/** The requests by name. */
export function named(workload) {
  const { users, permissions, projects, requests } = workload;
  workload.asked = requests.map(([user, permission, project]) => [users[user], permissions[permission], projects[project]]);
  return workload;
}

/** Measures a package of ours; `floor` is an object whose calls do nothing, made the same way. */
export function ours(where, { Engine }, floor, workload, quick, note) {
  const engine = Engine.fromJson(workload.policy, workload.directory);
  const time = new Date(workload.time);
  const millis = Number(time);
  const table = new Table(workload);
  const { asked } = workload;
  const count = asked.length;
  agree("the table", workload, ([user, permission, project]) => table.can(user, permission, project));
  agree("canByNames", workload, ([user, permission, project]) => engine.canByNames(user, permission, project, millis));
  const sessions = asked.slice(0, 100).map(([user, , project]) => engine.session(user, { at: project, time }));
  sessions.forEach((session, number) => {
    if (session.can(asked[number][1]) !== workload.answers[number]) throw new Error(`a session differs at ${number}`);
  });
  const session = sessions[0];
  const all = (work) => nanoseconds(quick, count, () => {
    let sum = 0;
    for (let number = 0; number < count; number++) sum += work(asked[number], number) ? 1 : 0;
    sink.value += sum;
  });

  const byHandle = "a session, by handle";
  const handles = asked.map(([, permission]) => engine.policy.permission(permission));
  note(where, byHandle, "floor: an empty call", all((_, number) => floor.number(handles[number])));
  note(where, byHandle, "session.can(handle)", all((_, number) => session.can(handles[number])));
  const byName = "a session, by name";
  note(where, byName, "floor: maps by hand", all(([user, permission, project]) => table.can(user, permission, project)));
  note(where, byName, 'session.can("…")', all(([, permission]) => session.can(permission)));
  const three = "a decision by three strings";
  note(where, three, "floor: a call with three strings", all(([user, permission, project]) => floor.texts(user, permission, project, millis)));
  note(where, three, "engine.canByNames", all(([user, permission, project]) => engine.canByNames(user, permission, project, millis)));
  const requests = asked.slice(0, 1000).map(([subject, permission, at]) => ({ subject, permission, at, context: { time } }));
  note(where, three, "engine.check, with reasons", nanoseconds(quick, requests.length, () => {
    for (const request of requests) sink.value += engine.check(request).allow ? 1 : 0;
  }));
  const menu = "a menu: 240 permissions";
  note(where, menu, "floor: maps by hand, 240 times", nanoseconds(quick, 100, () => {
    for (const [user, , project] of asked.slice(0, 100)) {
      for (const permission of workload.permissions) sink.value += table.can(user, permission, project) ? 1 : 0;
    }
  }));
  note(where, menu, "session.permissionBits", nanoseconds(quick, 1000, () => {
    for (let number = 0; number < 1000; number++) sink.value += sessions[number % 100].permissionBits()[0];
  }));
  note(where, menu, "session.menu, 60 items with objects", nanoseconds(quick, 100, () => {
    for (const one of sessions) sink.value += one.menu("main").items.length;
  }));
  note(where, menu, "engine.session and its bits", nanoseconds(quick, 1000, () => {
    for (const [user, , project] of asked.slice(0, 1000)) sink.value += engine.session(user, { at: project, time }).permissionBits()[0];
  }));
  return engine;
}
