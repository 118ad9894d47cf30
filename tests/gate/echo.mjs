// A Node server that appends each request, as it arrives, to the file `SEEN` as a line of JSON. If `EXPRESS` is set, to the folder
// of its packages, requests pass through Express and `method-override` first.
import { appendFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";

const last = (text) => text?.split(",").at(-1).trim();

function answer(request, response, record) {
  let body = "";
  request.setEncoding("latin1");
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    appendFileSync(process.env.SEEN, JSON.stringify({ ...record, headers: request.headers, body }) + "\n");
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
  const handler = (route) => (request, response) =>
    answer(request, response, {
      method: request.method,
      path: request.path,
      query: request.originalUrl.split("?").slice(1).join("?"),
      // Without the port.
      hostname: request.hostname,
      host: request.headers.host ?? "",
      scheme: request.protocol,
      client: request.ip,
      user: request.get("x-user") ?? "",
      route,
    });
  app.all("/segments", handler("segments"));
  app.all("/users/:id", handler("users"));
  app.use(handler("open"));
  handle = app;
}

http.createServer(handle).listen(Number(process.env.PORT), "127.0.0.1");
