// What a server of Node sees of a request, as a line of JSON in the file that `SEEN` names. With `EXPRESS`, the folder of its
// packages, Express and `method-override` stand in between.
import { appendFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";

const last = (text) => text?.split(",").at(-1).trim();

function answer(request, response, seen) {
  let body = "";
  request.setEncoding("latin1");
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    appendFileSync(process.env.SEEN, JSON.stringify({ ...seen, headers: request.headers, body }) + "\n");
    response.end("seen\n");
  });
}

let handle = (request, response) => {
  const [path, ...query] = request.url.split("?");
  const { headers } = request;
  answer(request, response, {
    method: request.method,
    path,
    query: query.join("?"),
    host: headers.host ?? "",
    scheme: last(headers["x-forwarded-proto"]) ?? "http",
    client: last(headers["x-forwarded-for"]) ?? request.socket.remoteAddress,
    user: headers["x-user"] ?? "",
  });
};

if (process.env.EXPRESS) {
  const require = createRequire(process.env.EXPRESS + "/");
  const app = require("express")();
  app.set("trust proxy", true);
  app.use(require("method-override")());
  const seen = (route) => (request, response) =>
    answer(request, response, {
      method: request.method,
      path: request.path,
      query: request.originalUrl.split("?").slice(1).join("?"),
      // Without its port.
      hostname: request.hostname,
      host: request.headers.host ?? "",
      scheme: request.protocol,
      client: request.ip,
      user: request.get("x-user") ?? "",
      route,
    });
  app.all("/segments", seen("segments"));
  app.all("/users/:id", seen("users"));
  app.use(seen("open"));
  handle = app;
}

http.createServer(handle).listen(Number(process.env.PORT), "127.0.0.1");
