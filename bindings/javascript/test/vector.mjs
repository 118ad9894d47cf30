// Answers one case of a vector and tells what is wrong with the answer; in Node and in a browser.

const ANSWERS = {
  check: (engine, request) => engine.checkJson(request),
  explain: (engine, request) => engine.explainJson(request),
  menu: (engine, name, who) => engine.menuJson(name, who),
  permissions: (engine, who) => engine.permissionsJson(who),
};

export function answerCase(engine, { ask: [kind, ...words] }) {
  return ANSWERS[kind](engine, ...words);
}

const sorted = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
    : Array.isArray(value) ? value.map(sorted) : value;
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
