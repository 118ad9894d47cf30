// Tests that what a page loads by itself is not activity of its user.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const { inBackground } = await typescript(new URL("../../react/src/admin/background.ts", import.meta.url));

/** A client that remembers its calls, and has private fields as that of the server has. */
class Client {
  #calls = [];
  calls() {
    return this.#calls;
  }
}
const METHODS = ["list", "show", "matrix", "events", "csv", "rights", "documents", "chain", "command", "transaction"];
for (const name of [...METHODS, "import", "checkSignOn"]) {
  Client.prototype[name] = function (...given) {
    this.calls().push([name, ...given]);
  };
}

const AT = { at: "acme" };
const MARK = { background: true };

describe("the client of the parts", () => {
  it("marks what it reads", () => {
    const client = inBackground(new Client());
    const signal = new AbortController().signal;
    client.list("access", AT, { signal });
    client.show("user", AT);
    client.csv("access", AT);
    for (const name of ["matrix", "events", "rights", "documents", "chain"]) client[name](AT, { signal });
    const options = { background: true, signal };
    assert.deepEqual(client.calls(), [
      ["list", "access", AT, options],
      ["show", "user", AT, MARK],
      ["csv", "access", AT, MARK],
      ...["matrix", "events", "rights", "documents", "chain"].map((name) => [name, AT, options]),
    ]);
  });

  it("marks dry runs, and no command", () => {
    const client = inBackground(new Client());
    for (const name of ["command", "transaction", "import"]) {
      client[name](AT, { dryRun: true });
      client[name](AT, { ifMatch: 3 });
      client[name](AT);
    }
    client.checkSignOn("acme");
    const expected = ["command", "transaction", "import"].flatMap((name) => [
      [name, AT, { background: true, dryRun: true }],
      [name, AT, { ifMatch: 3 }],
      [name, AT],
    ]);
    assert.deepEqual(client.calls(), [...expected, ["checkSignOn", "acme"]]);
  });

  it("has the same methods each time, for effects", () => {
    const client = inBackground(new Client());
    assert.equal(client.list, client.list);
  });

  it("notes whether the server was reached", async () => {
    const failure = (code, cause) => Object.assign(new Error(code), { code, cause });
    const outcomes = [
      [() => Promise.resolve("rows"), [true]],
      [() => Promise.reject(failure("denied")), [true]],
      [() => Promise.reject(failure("client.unreachable", new TypeError("failed"))), [false]],
      // The page gave up a request that nobody waits for.
      [() => Promise.reject(failure("client.unreachable", new DOMException("", "AbortError"))), []],
    ];
    for (const [list, expected] of outcomes) {
      const noted = [];
      const client = inBackground({ list }, (isReached) => noted.push(isReached));
      const own = await Promise.resolve(list()).catch(({ message }) => message);
      assert.equal(await client.list("access", AT).catch(({ message }) => message), own);
      assert.deepEqual(noted, expected);
    }
  });
});
