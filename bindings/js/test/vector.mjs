// Answers questions of vectors and random policies with a JavaScript package, in Node and in a browser. A question
// names the method and its arguments. Only questions of several steps need a line here.

/** The class that opens portable sessions: that of the package under test, or of its small module. */
let PortableSession;
export const opensWith = (portable) => (PortableSession = portable);

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Questions of several steps. */
const OWN = {
  diff: (engine, policy, directory, time) => engine.diff(engine.constructor.fromJson(policy, directory), { time }),
  apply: (engine, policy, directory, changes, who) => {
    const fresh = engine.constructor.fromJson(policy, directory);
    try {
      const changed = changes.map((change) => fresh.apply(change));
      return { changed, answer: JSON.parse(fresh.permissionsJson(who)) };
    } catch (error) {
      if (error.issues === undefined) throw error;
      return { issues: error.issues };
    }
  },
  snapshot: (engine, who, damage) => {
    const bytes = engine.toSnapshot();
    if (damage !== undefined) bytes[damage % bytes.length] ^= 1;
    const opened = engine.constructor.fromSnapshot(bytes);
    const head = 24 + 16 * bytes[12];
    const sum = hex(bytes.subarray(head, head + 8));
    return { length: bytes.length, sum, answer: JSON.parse(opened.permissionsJson(who)) };
  },
};

/** Other ways to the same answer, which must agree. */
const ALSO = {
  can_by_names: (engine, { args }, answer) => {
    // Names are cached after some calls.
    for (let round = 0; round < 8; round++) {
      if (engine.canByNames(...args) !== answer) throw new Error("a cached name gets another answer");
    }
  },
  "session.effective": (engine, { who: { subject, at, context } }, answer) => {
    if (JSON.stringify(engine.effective(subject, { at, ...context })) !== JSON.stringify(answer))
      throw new Error("effective differs");
  },
  "session.permission_bits": (engine, question, bits) => {
    const session = receiver(engine, question);
    engine.policy.permissions.forEach((name, number) => {
      const expected = ((bits[number >> 3] >> (number & 7)) & 1) === 1;
      if (session.can(name) !== expected || session.can(number) !== expected) throw new Error(`can(${name}) differs`);
    });
  },
};

/** Returns the engine, one of its sessions, or a portable session. */
function receiver(engine, { who, coverage, at, time, damage }) {
  if (who === undefined) return engine;
  const session = engine.session(who.subject, { at: who.at, ...who.context });
  if (coverage === undefined) return session;
  const bytes = session.toBytes(coverage);
  if (damage !== undefined) bytes[damage % bytes.length] ^= 1;
  return PortableSession.fromBytes(bytes, { at, time });
}

/** Calls the method of a question, or reads the property. */
function called(target, { call, text, args, options }) {
  const name = call.split(".").pop() + (text ? "_json" : "");
  const method = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  if (!(method in target))
    throw new Error(`${target.constructor.name} has no \`${method}\`, which the question \`${call}\` calls`);
  if (typeof target[method] !== "function") return target[method];
  return target[method](...args, ...(options === undefined ? [] : [options]));
}

function answer(engine, question) {
  const { call, text, own, within, args } = question;
  if (text) return called(engine, question);
  if (own) {
    if (!(call in OWN)) throw new Error(`bindings/js/test/vector.mjs has no function for the question \`${call}\``);
    return JSON.stringify(OWN[call](engine, ...args));
  }
  const answer = called(receiver(engine, question), question);
  ALSO[call]?.(engine, question, answer);
  if (answer instanceof Uint8Array) return JSON.stringify(hex(answer));
  return JSON.stringify(within === undefined ? answer : { [within]: answer });
}

/** Returns the engine for each question: the one opened from a snapshot of the other, unless a compiler is needed. */
export function engines(engine, SnapshotEngine) {
  const opened = SnapshotEngine === undefined ? engine : SnapshotEngine.fromSnapshot(engine.toSnapshot());
  return ({ compiled }) => (compiled ? engine : opened);
}

/** Returns the text of the answer, or of the error. */
export function answerQuestion(engineFor, question) {
  try {
    return answer(engineFor(question), question);
  } catch (error) {
    if (error.details === undefined) throw error;
    return JSON.stringify({ error: error.details });
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
  const parsed = JSON.parse(answer);
  const [expected, found] = one.error === null ? [one.expect, parsed] : [one.error, parsed.error ?? {}];
  for (const [key, value] of Object.entries(expected)) {
    if (!same(found[key], value)) throw new Error(`expected ${key} ${JSON.stringify(value)} in ${answer}`);
  }
}

export function checkIssues({ issues }, found) {
  const left = [...found];
  for (const wanted of issues) {
    const index = left.findIndex((issue) => Object.entries(wanted).every(([key, value]) => same(issue[key], value)));
    if (index < 0) throw new Error(`expected ${JSON.stringify(wanted)} among ${JSON.stringify(found)}`);
    left.splice(index, 1);
  }
  if (left.length > 0) throw new Error(`not expected: ${JSON.stringify(left)}`);
  return true;
}
