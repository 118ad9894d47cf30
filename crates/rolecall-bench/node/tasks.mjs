// Measures a JavaScript binding and its floors, in Node and in a browser.

/**
 * Returns the nanoseconds of one operation for implementations of a task, `[who, operations, work]`: medians of short rounds,
 * measured in turn, so that a disturbance affects all of them.
 */
export function sideBySide(quick, ways) {
  const [rounds, least] = quick ? [5, 20] : [15, 100];
  const samples = ways.map(() => []);
  for (const [, , work] of ways) work();
  for (let round = 0; round < rounds; round++) {
    ways.forEach(([, operations, work], index) => {
      const start = performance.now();
      let times = 0;
      do {
        work();
        times++;
      } while (performance.now() - start < least);
      samples[index].push(((performance.now() - start) * 1e6) / (times * operations));
    });
  }
  return samples.map((of) => of.sort((a, b) => a - b)[rounds >> 1]);
}

/** Returns the nanoseconds of one operation for a single implementation. */
export function nanoseconds(quick, operations, work) {
  return sideBySide(quick, [["", operations, work]])[0];
}

/** Receives results, so that no compiler removes the work. */
export const sink = { value: 0 };

/** A hand-written table: maps from names to numbers, and masks of permissions by role. */
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
    // The assignments of each user in one array: first project, the one after the last, and role.
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
  workload.byName.forEach((byName, number) => {
    if (can(byName, number) !== workload.answers[number]) throw new Error(`${what} differs at request ${number}`);
  });
}

/** Adds the requests by name. */
export function named(workload) {
  const { users, permissions, projects, requests } = workload;
  workload.byName = requests.map(([user, permission, project]) => [
    users[user],
    permissions[permission],
    projects[project],
  ]);
  return workload;
}

/**
 * Measures a package of Rolecall. Calls of `floor` do nothing and are made in the same way. `SnapshotEngine` opens snapshots, if
 * the package has one.
 */
export function ours(where, { Engine }, floor, workload, quick, note, SnapshotEngine = undefined) {
  const engine = Engine.fromJson(workload.policy, workload.directory);
  // An engine whose cache of names is cleared.
  const forgetful = Engine.fromJson(workload.policy, workload.directory);
  const opened = SnapshotEngine?.fromSnapshot(engine.toSnapshot());
  const time = new Date(workload.time);
  const millis = Number(time);
  const table = new Table(workload);
  const { byName, users } = workload;
  const count = byName.length;
  agree("the table", workload, ([user, permission, project]) => table.can(user, permission, project));
  agree("canByNames", workload, ([user, permission, project]) => engine.canByNames(user, permission, project, millis));
  if (opened !== undefined) {
    agree("rolecall/snapshot", workload, ([user, permission, project]) =>
      opened.canByNames(user, permission, project, millis),
    );
  }
  const sessions = byName.slice(0, 100).map(([user, , project]) => engine.session(user, { at: project, time }));
  sessions.forEach((session, number) => {
    if (session.can(byName[number][1]) !== workload.answers[number]) throw new Error(`a session differs at ${number}`);
  });
  const session = sessions[0];
  const compare = (task, ways) => {
    sideBySide(quick, ways).forEach((ns, index) => note(where, task, ways[index][0], ns));
  };
  const all = (who, work) => [
    who,
    count,
    () => {
      let sum = 0;
      for (let number = 0; number < count; number++) sum += work(byName[number], number) ? 1 : 0;
      sink.value += sum;
    },
  ];

  const handles = byName.map(([, permission]) => engine.policy.permission(permission));
  compare("a session, by handle", [
    all("floor: an empty call", (_, number) => floor.number(handles[number])),
    all("session.can(handle)", (_, number) => session.can(handles[number])),
  ]);
  compare("a session, by name", [
    all("floor: maps by hand", ([user, permission, project]) => table.can(user, permission, project)),
    all('session.can("…")', ([, permission]) => session.can(permission)),
  ]);
  const requests = byName
    .slice(0, 1000)
    .map(([subject, permission, at]) => ({ subject, permission, at, context: { time } }));
  const checked = (who, from) => [
    who,
    requests.length,
    () => {
      for (const request of requests) sink.value += from.check(request).allow ? 1 : 0;
    },
  ];
  const ofSnapshot = (...ways) => (opened === undefined ? [] : ways);
  compare("a decision by three strings", [
    all("floor: a call with three strings", ([user, permission, project]) =>
      floor.texts(user, permission, project, millis),
    ),
    all("engine.canByNames", ([user, permission, project]) => engine.canByNames(user, permission, project, millis)),
    all("engine.canByNames, each user for the first time", ([, permission, project], number) => {
      if (number === 0) forgetful.handles.clear();
      return forgetful.canByNames(users[number % users.length], permission, project, millis);
    }),
    ...ofSnapshot(
      all("rolecall/snapshot: canByNames", ([user, permission, project]) =>
        opened?.canByNames(user, permission, project, millis),
      ),
    ),
    checked("engine.check, with reasons", engine),
    ...ofSnapshot(checked("rolecall/snapshot: check, with reasons", opened)),
  ]);
  compare("a menu: 240 permissions", [
    [
      "floor: maps by hand, 240 times",
      100,
      () => {
        for (const [user, , project] of byName.slice(0, 100)) {
          for (const permission of workload.permissions) sink.value += table.can(user, permission, project) ? 1 : 0;
        }
      },
    ],
    [
      "session.permissionBits",
      1000,
      () => {
        for (let number = 0; number < 1000; number++) sink.value += sessions[number % 100].permissionBits()[0];
      },
    ],
    [
      "session.menu, 60 items with objects",
      100,
      () => {
        for (const one of sessions) sink.value += one.menu("main").items.length;
      },
    ],
    [
      "engine.session and its bits",
      1000,
      () => {
        for (const [user, , project] of byName.slice(0, 1000))
          sink.value += engine.session(user, { at: project, time }).permissionBits()[0];
      },
    ],
    ...ofSnapshot([
      "rolecall/snapshot: session and its bits",
      1000,
      () => {
        for (const [user, , project] of byName.slice(0, 1000))
          sink.value += opened.session(user, { at: project, time }).permissionBits()[0];
      },
    ]),
  ]);
  return engine;
}
