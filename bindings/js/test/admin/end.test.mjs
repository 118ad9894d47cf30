// Tests why a session has ended: as the server says, or as the times say that it stated.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const { endOf, hasEnded, REASONS } = await typescript(new URL("../../../../console/src/app/end.ts", import.meta.url));
const { German } = await typescript(new URL("../../react/src/admin/german.ts", import.meta.url));

const STATE = {
  last_activity: "2026-03-01T10:00:00.000Z",
  valid_until: "2026-03-01T10:30:00.000Z",
  ends: "2026-03-01T22:00:00.000Z",
};
const ENDED = { code: "client.ended", message: "the login session has ended" };
const at = (time) => new Date(`2026-03-01T${time}Z`);

describe("the end of a session", () => {
  it("is what the server says", () => {
    const said = { code: "session.ended", message: "the session ended: suspended" };
    assert.deepEqual(endOf(said, STATE, at("10:05:00")), { reason: "suspended", minutes: undefined });
    const idle = { code: "session.ended", message: "the session ended: idle" };
    assert.deepEqual(endOf(idle, STATE, at("10:30:00")), { reason: "idle", minutes: 30 });
  });

  it("is that of a time which the server stated before", () => {
    assert.deepEqual(endOf(ENDED, STATE, at("10:29:50")), { reason: "idle", minutes: 30 });
    const over = { ...STATE, valid_until: STATE.ends };
    assert.deepEqual(endOf(ENDED, over, at("22:00:01")), { reason: "session-over", minutes: undefined });
  });

  it("is unknown if something else ended it before", () => {
    assert.deepEqual(endOf(ENDED, STATE, at("10:05:00")), { reason: undefined, minutes: undefined });
    const unread = { code: "session.ended", message: "the session ended: boundary:region" };
    assert.deepEqual(endOf(unread, STATE, at("10:05:00")).reason, undefined);
  });

  it("has a text for each reason", () => {
    for (const reason of REASONS) assert.ok(German.messages[`common.reason.${reason}`], reason);
  });

  it("is not a failure of the network", () => {
    assert.ok(hasEnded(ENDED));
    assert.ok(hasEnded({ code: "session.missing" }));
    assert.ok(!hasEnded({ code: "client.unreachable" }));
    assert.ok(!hasEnded(undefined));
  });
});
