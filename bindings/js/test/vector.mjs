// Answers one case of a vector and tells what is wrong with the answer; in Node and in a browser.

/** The class that opens portable sessions: that of the package under test, or of its small module. */
let PortableSession;
export const opensWith = (portable) => (PortableSession = portable);

/** Opens a portable session and asks. */
function portable(bytes, { ask, at, time, damage, permission, item, menu, record, labels, mask }) {
  if (ask === "bytes") return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (damage !== undefined) bytes[damage % bytes.length] ^= 1;
  const session = PortableSession.fromBytes(bytes, { at, time });
  switch (ask) {
    case "coverage":
      return session.coverage;
    case "can":
      return session.can(permission, item);
    case "permissions":
      return session.permissions();
    case "menu":
      return session.menu(menu);
    case "redact":
      return session.redact(record, labels, { mask });
    default:
      throw new Error(`an unknown question: ${ask}`);
  }
}

/** How each kind of ask is put to an engine. */
export const ANSWERS = {
  check: (engine, request) => engine.checkJson(request),
  explain: (engine, request) => engine.explainJson(request),
  "explain-redacted": (engine, request) => JSON.stringify(engine.explainRedacted(JSON.parse(request))),
  redact: (engine, who, record, labels, mask) => {
    const { subject, at, context } = JSON.parse(who);
    const session = engine.session(subject, { at, ...context });
    return JSON.stringify(session.redact(JSON.parse(record), JSON.parse(labels), mask === null ? {} : { mask }));
  },
  "can-by-names": (engine, ...names) => {
    const millis = Number(names.pop());
    // Names are remembered after a while.
    const told = Array.from({ length: 8 }, () => engine.canByNames(...names, millis));
    if (told.some((may) => may !== told[0])) throw new Error("a remembered name gets another answer");
    return JSON.stringify(told[0]);
  },
  apply: (engine, policy, directory, changes, who) => {
    const fresh = engine.constructor.fromJson(policy, directory);
    try {
      const changed = JSON.parse(changes).map((change) => fresh.apply(change));
      return JSON.stringify({ changed, told: JSON.parse(fresh.permissionsJson(who)) });
    } catch (error) {
      if (error.issues === undefined) throw error;
      return JSON.stringify({ issues: error.issues });
    }
  },
  snapshot: (engine, who, damage) => {
    const bytes = engine.toSnapshot();
    if (damage !== null) bytes[Number(damage) % bytes.length] ^= 1;
    const opened = engine.constructor.fromSnapshot(bytes);
    const head = 24 + 16 * bytes[12];
    const sum = Array.from(bytes.subarray(head, head + 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return JSON.stringify({ length: bytes.length, sum, told: JSON.parse(opened.permissionsJson(who)) });
  },
  portable: (engine, who, coverage, question) => {
    const { subject, at, context } = JSON.parse(who);
    const bytes = engine.session(subject, { at, ...context }).toBytes(JSON.parse(coverage));
    return JSON.stringify(portable(bytes, JSON.parse(question)));
  },
  diff: (engine, policy, directory, time) => {
    const after = engine.constructor.fromJson(policy, directory);
    return JSON.stringify(engine.diff(after, { time }));
  },
  violations: (engine, time) => JSON.stringify(engine.violations({ time })),
  menu: (engine, name, who) => engine.menuJson(name, who),
  permissions: (engine, who) => engine.permissionsJson(who),
  effective: (engine, who) => {
    const { subject, at, context } = JSON.parse(who);
    return JSON.stringify(engine.effective(subject, { at, ...context }));
  },
  "who-can": (engine, permission, at, time) => JSON.stringify(engine.whoCan(permission, { at, time })),
  "where-can": (engine, subject, permission, time) => JSON.stringify(engine.whereCan(subject, permission, { time })),
  "granting-roles": (engine, permission) => JSON.stringify({ roles: engine.grantingRoles(permission) }),
};

/** What the engine of `rolecall/snapshot` answers as well. */
const OF_SNAPSHOTS = new Set([
  "check",
  "explain-redacted",
  "redact",
  "can-by-names",
  "portable",
  "menu",
  "permissions",
  "effective",
  "who-can",
  "where-can",
  "granting-roles",
  "bits",
  "session",
]);

/** An engine for each kind of ask: the one that was opened from the snapshot of the other, where it answers that kind. */
export function engines(engine, SnapshotEngine) {
  const opened = SnapshotEngine === undefined ? engine : SnapshotEngine.fromSnapshot(engine.toSnapshot());
  return (kind) => (OF_SNAPSHOTS.has(kind) ? opened : engine);
}

export function answerCase(engineFor, { ask: [kind, ...words] }) {
  try {
    return ANSWERS[kind](engineFor(kind), ...words);
  } catch (error) {
    if (error.fault === undefined) throw error;
    return JSON.stringify({ error: error.fault });
  }
}

const sorted = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, sorted(value[key])]),
      )
    : Array.isArray(value)
      ? value.map(sorted)
      : value;
const same = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

export function checkCase(one, answer) {
  if (one.answer !== null) {
    if (answer !== one.answer) throw new Error(`expected ${one.answer}\n     got ${answer}`);
    return;
  }
  const told = JSON.parse(answer);
  const [expected, found] = one.error === null ? [one.expect, told] : [one.error, told.error ?? {}];
  for (const [key, value] of Object.entries(expected)) {
    if (!same(found[key], value)) throw new Error(`expected ${key} ${JSON.stringify(value)} in ${answer}`);
  }
}

export function checkIssues({ issues }, told) {
  const left = [...told];
  for (const wanted of issues) {
    const index = left.findIndex((issue) => Object.entries(wanted).every(([key, value]) => same(issue[key], value)));
    if (index < 0) throw new Error(`expected ${JSON.stringify(wanted)} among ${JSON.stringify(told)}`);
    left.splice(index, 1);
  }
  if (left.length > 0) throw new Error(`not expected: ${JSON.stringify(left)}`);
  return true;
}
