// A server for the probe of the client: `node server.mjs`. It prints its address, and serves `snapshot.bin` when that is
// written.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-expose-headers": "etag",
};

const server = createServer((request, response) => {
  if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
  if (request.url === "/v1/snapshot") {
    response.writeHead(200, { ...CORS, etag: '"1"', "content-type": "application/octet-stream" });
    return response.end(readFileSync("snapshot.bin"));
  }
  if (request.url !== "/v1/stream") return response.writeHead(404, CORS).end();
  response.writeHead(200, { ...CORS, "content-type": "text/event-stream" });
  return response.write("event: current\ndata: 1\n\n");
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
