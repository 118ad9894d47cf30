// Writes the documents and bytes that the probes use to `probes/fixtures.mjs`: `node fixtures.mjs SERVER`.
import { writeFileSync } from "node:fs";
import { Engine } from "rolecall/inline";

const POLICY = {
  rolecall: 1,
  scopes: ["account"],
  resources: { segments: { actions: ["view", "edit"] } },
  roles: { viewer: { grants: ["segments:view"] } },
};
const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme"],
  subjects: { "user:ada": {} },
  assignments: [{ subject: "user:ada", role: "viewer", at: "acme" }],
};
const CONTEXT = { at: "acme", time: "2026-11-21T10:00:00Z" };
const engine = Engine.from(POLICY, DIRECTORY);
const session = engine.session("user:ada", CONTEXT);
const snapshot = engine.toSnapshot();
const values = {
  SERVER: process.argv[2],
  POLICY,
  DIRECTORY,
  CONTEXT,
  VIEW: JSON.stringify(session.toView({ permissions: ["segments:view", "segments:edit"] })),
};
const bytes = { SNAPSHOT: snapshot, SESSION: session.toBytes() };
const lines = [
  ...Object.entries(values).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`),
  ...Object.entries(bytes).map(([name, list]) => `export const ${name} = new Uint8Array([${[...list].join()}]);`),
];
writeFileSync("probes/fixtures.mjs", `${lines.join("\n")}\n`);
writeFileSync("snapshot.bin", snapshot);
