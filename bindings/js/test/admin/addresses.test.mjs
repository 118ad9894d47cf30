// Tests the addresses of the console, and those of a page without a router.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const [{ isTyping, pageOf, plain, readRoute, writeRoute }, { hashOf }, { branchesOf, branchesText }] =
  await Promise.all(
    [
      "../../../../console/src/app/address.ts",
      "../../react/src/admin/hash.ts",
      "../../react/src/admin/roles/rows.ts",
    ].map((name) => typescript(new URL(name, import.meta.url))),
  );

describe("addresses of the console", () => {
  it("are read as they were written, with any character in an id", () => {
    for (const id of [
      "user:bo",
      "user:50%",
      "user:a%2Fb",
      "user:%25",
      "user:a/b?c#d&e=f+g",
      "user:Zoë Ö",
      "user:%zz",
    ]) {
      const scope = `main/${id.slice(5)}`;
      const address = writeRoute(scope, { tab: "users", path: [id, "x"], query: { search: id, none: undefined } });
      // The browser parses it.
      const { pathname, searchParams } = new URL(address, "https://console.example");
      assert.deepEqual(
        readRoute(pathname),
        { scope: scope.split("/").filter(Boolean).join("/"), tab: "users", rest: [id, "x"] },
        id,
      );
      assert.deepEqual([...searchParams], [["search", id]]);
    }
  });

  it("are the same text, however the browser has them", () => {
    const address = writeRoute("main/acme", {
      tab: "users",
      path: ["user:rita"],
      query: { search: "a b", why: "a:b/c" },
    });
    assert.equal(plain("/main:acme/users/user:rita?search=a%20b&why=a:b/c&kind="), address);
    assert.equal(plain(address), address);
    assert.equal(plain("/acme?x=1"), "/acme?x=1");
    assert.equal(plain("/acme%/users"), "/acme%/users");
  });

  it("name no scope if they are broken", () => {
    assert.deepEqual(readRoute("/acme%/users"), { scope: undefined, tab: undefined, rest: [] });
    assert.deepEqual(readRoute("/"), { scope: undefined, tab: undefined, rest: [] });
  });
});

describe("pages", () => {
  it("have states that are not another page", () => {
    const page = (path) => pageOf(readRoute(path));
    for (const [one, other] of [
      ["/acme/roles", "/acme/roles/editor/publisher"],
      ["/acme/audit", "/acme/audit/12"],
      ["/acme/applications", "/acme/applications/app:crm"],
    ])
      assert.equal(page(one), page(other));
    for (const [one, other] of [
      ["/acme/users", "/acme/users/user:leo"],
      ["/acme/users/user:leo", "/acme/users/user:mia"],
      ["/acme/roles", "/acme/roles/matrix"],
      ["/acme/roles", "/acme/users"],
      ["/acme/roles", "/globex/roles"],
    ])
      assert.notEqual(page(one), page(other));
  });
});

describe("steps of the history", () => {
  it("are changes of anything but a text that is typed", () => {
    assert.ok(isTyping("/acme/users", "/acme/users?search=r"));
    assert.ok(isTyping("/acme/users?search=r&kind=users", "/acme/users?kind=users&search=ri"));
    assert.ok(!isTyping("/acme/users?search=r", "/acme/users?search=r&kind=users"));
    assert.ok(!isTyping("/acme/users?search=r", "/acme/users/user:rita?search=r"));
    assert.ok(!isTyping("/acme/users?status=active&search=r", "/acme/users?search=r"));
  });
});

describe("the open branches of a tree", () => {
  it("are written as what differs from the usual ones, from all, or from none", () => {
    const all = new Set(["a", "a/b", "c", "d", "e/f"]);
    const first = new Set(["a", "c"]);
    for (const [open, text] of [
      [["a", "c"], ""],
      [["a"], ",c"],
      [["a", "a/b", "c"], ",a/b"],
      [[...all], "all"],
      [["a", "a/b", "c", "e/f"], "all,d"],
      [[], "none"],
      [["e/f"], "none,e/f"],
    ]) {
      assert.equal(branchesText(new Set(open), first, all), text);
      assert.deepEqual([...branchesOf(text, first, all)].sort(), open.sort());
    }
    // The address may be of another policy.
    assert.deepEqual(branchesOf("gone,x,a/b", first, all), new Set(["a", "c", "a/b"]));
  });
});

describe("addresses without a router", () => {
  it("have their parts and query encoded", () => {
    const place = { tab: "users", path: ["user:a/b%"], query: { why: "a:b&c", none: undefined } };
    assert.equal(hashOf(place), "#users/user%3Aa%2Fb%25?why=a%3Ab%26c");
    assert.equal(hashOf({ tab: "roles" }), "#roles");
  });
});
