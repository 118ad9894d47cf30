// Follows a server, and tells whenever the answer is another: `node follow.mjs URL TOKEN`.
import { Engine } from "../../bindings/js/node/dist/index.js";
import { connect } from "../../bindings/js/node/dist/client.js";

const [url, token] = process.argv.slice(2);
let last;

function look(live) {
  const context = { time: new Date().toISOString() };
  const may = live.current.can({ subject: "user:ines", permission: "segments:edit", at: "acme", context });
  if (may === last || !live.connection.connected) return;
  last = may;
  console.log(may, performance.timeOrigin + performance.now());
}

const live = await connect(Engine, url, { token });
live.onChange(look);
look(live);
