// Writes one page with the screenshots of all stories. The name of the file makes it the last one.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { contactSheet, SHOTS } from "./harness.mjs";

test("the contact sheet shows every screenshot", () => {
  const files = readdirSync(path.join(SHOTS, "console")).filter((name) => name.endsWith(".png"));
  assert.ok(files.length > 0, "the stories take screenshots");
  contactSheet(files.sort());
});
