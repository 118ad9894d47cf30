// Follows a server and prints each changed answer with its time: `node follow.mjs URL TOKEN`.
import { Engine } from "../../bindings/js/node/dist/index.js";
import { connect } from "../../bindings/js/node/dist/client.js";

const [url, token] = process.argv.slice(2);
let last;

function report(live) {
  const context = { time: new Date().toISOString() };
  const may = live.current.can({ subject: "user:ines", permission: "segments:edit", at: "acme", context });
  if (may === last || !live.connection.connected) return;
  last = may;
  console.log(may, performance.timeOrigin + performance.now());
}

const live = await connect(Engine, url, { token });
live.onChange(report);
report(live);
