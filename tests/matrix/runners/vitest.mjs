import { expect, test } from "vitest";
import probe from "PROBE";

test("answers", async () => {
  expect(await probe()).toBe(true);
  console.log("yes");
});
