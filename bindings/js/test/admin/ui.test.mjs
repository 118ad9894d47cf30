// Tests what the widgets compute.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const { local, readLocal } = await typescript(new URL("../../react/src/admin/ui/local-time.ts", import.meta.url));

const { keepOf } = await typescript(new URL("../../react/src/admin/keep.ts", import.meta.url));

describe("earlier answers", () => {
  it("stay for another search, and not for another scope", () => {
    const query = { queryKey: ["rolecall", "main/acme", "list", "users", { at: "main/acme", search: "a" }] };
    assert.equal(keepOf("main/acme")("rows", query), "rows");
    assert.equal(keepOf("main/other")("rows", query), undefined);
    assert.equal(keepOf("main/acme")("rows", undefined), undefined);
  });
});

describe("local times", () => {
  const zone = process.env.TZ;
  before(() => (process.env.TZ = "Europe/Zurich"));
  after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it("are read and written in the time zone of the page", () => {
    const time = readLocal("2026-07-01T14:30");
    assert.equal(time.toISOString(), "2026-07-01T12:30:00.000Z");
    assert.equal(local(time), "2026-07-01T14:30");
    assert.equal(local(undefined), "");
  });

  it("are unfinished while the year is typed", () => {
    assert.deepEqual(
      ["0002", "0020", "0202", "2026"].map((year) => readLocal(`${year}-07-01T14:30`) === "unfinished"),
      [true, true, true, false],
    );
    assert.equal(readLocal("no time"), "unfinished");
    assert.equal(readLocal(""), undefined);
  });
});
