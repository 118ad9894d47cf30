// Starts the demonstration: an identity provider, and for each product a server with its console and the product's own page.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream";
import { BLOOMREACH, BLUECONIC } from "./people.mjs";
import { startProvider } from "./provider.mjs";
import { seed } from "./seed.mjs";

/** The products. Each has a host of its own, because browsers send cookies to every port of a host. */
const PRODUCTS = [
  {
    name: "blueconic",
    title: "BlueConic",
    host: "127.0.0.1",
    people: BLUECONIC,
    at: "acme",
    menu: "main",
    action: { title: "Download the profile", needs: "profiles:export" },
  },
  {
    name: "bloomreach",
    title: "Bloomreach Engagement",
    host: "localhost",
    people: BLOOMREACH,
    at: "main/acme/shop",
    menu: "project",
    action: { title: "Publish the campaign", needs: "campaigns/email-campaigns:publish" },
  },
];

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Returns a free port. */
export async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

/** Serves the page of a product: its files, and where its server is. */
async function serveProduct(site, port, settings) {
  const server = createServer(async (request, response) => {
    const address = new URL(request.url, "http://localhost").pathname;
    if (address === "/settings.json") {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(settings));
      return;
    }
    const name = path.extname(address) === "" ? "/index.html" : address;
    try {
      const body = await readFile(path.join(site, path.normalize(name)));
      response.writeHead(200, { "content-type": TYPES[path.extname(name)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return server;
}

/** The content security policy of the console; the same as in `http/console.rs`. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

/** Serves a folder at `/console` in front of a server, for work on the console without building the server again. */
async function serveConsole(dist, port, behind) {
  const server = createServer(async (incoming, response) => {
    const { pathname } = new URL(incoming.url, "http://localhost");
    if (pathname.startsWith("/console")) {
      const name = pathname.slice("/console/".length);
      const file = path.extname(name) === "" ? "index.html" : name;
      try {
        const body = await readFile(path.join(dist, path.normalize(file)));
        const type = TYPES[path.extname(file)] ?? "application/octet-stream";
        response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(body);
      } catch {
        response.writeHead(404).end();
      }
      return;
    }
    const { url, method, headers } = incoming;
    const forwarded = request({ host: "127.0.0.1", port: behind, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      // A connection that breaks behind the proxy breaks here as well.
      pipeline(answer, response, () => undefined);
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return server;
}

/** Starts `rolecall serve`, and waits until it listens. */
async function serve(bin, folder, file) {
  const child = spawn(bin, ["serve", "--config", file], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { RUST_LOG: "error", ...process.env },
  });
  await new Promise((done, failed) => {
    child.stdout.once("data", done);
    child.once("exit", (code) => failed(new Error(`the server of ${file} ended with ${code}`)));
  });
  return child;
}

function configuration(product, { url, page, port, issuer, secrets }) {
  const provider = (id, title, more) => ({
    id,
    title,
    issuer,
    client_id: `${product.name}-${id}`,
    client_secret_file: `${product.name}-${id}.secret`,
    method: "password",
    ...more,
  });
  return {
    rolecall: 1,
    listen: `127.0.0.1:${port}`,
    url,
    store: `${product.name}.rolecall`,
    origins: [page],
    login: {
      providers: [
        provider("demo", "the demonstration's people"),
        ...(secrets.has("vendor")
          ? [provider("vendor", "the vendor's account", { support: true, prefix: "support:", method: "support" })]
          : []),
      ],
      home: `${url}/console/`,
      private_addresses: true,
    },
    invitations: { file: `${product.name}-mail.jsonl` },
    resets: { file: `${product.name}-resets.jsonl` },
  };
}

/**
 * Starts everything. `bin` is `rolecall`, `folder` is for stores and configurations, `site` has the built page of the
 * products, `dist` the console if not that of the program, `Provider` is the class of `oidc-provider`. `ports` are for both servers, both pages and the provider.
 */
export async function start({ bin, folder, site, dist, Provider, people = 40, ports = [] }) {
  mkdirSync(folder, { recursive: true });
  seed({ bin, folder, people });
  const free = async (index) => ports[index] ?? (await freePort());
  const port = await free(4);
  const issuer = `http://127.0.0.1:${port}`;
  const clients = [];
  const products = [];
  for (const [index, product] of PRODUCTS.entries()) {
    const [own, shown] = [await free(index), await free(2 + index)];
    const behind = dist === undefined ? own : await freePort();
    const [url, page] = [`http://${product.host}:${own}`, `http://${product.host}:${shown}`];
    const people = {
      demo: product.people.filter(({ id }) => id.startsWith("user:")),
      vendor: product.people.filter(({ id }) => id.startsWith("support:")),
    };
    const secrets = new Map(
      Object.entries(people)
        .filter(([, group]) => group.length > 0)
        .map(([id]) => [id, randomBytes(24).toString("base64url")]),
    );
    for (const [id, secret] of secrets) {
      writeFileSync(path.join(folder, `${product.name}-${id}.secret`), `${secret}\n`, { mode: 0o600 });
      clients.push({
        id: `${product.name}-${id}`,
        secret,
        title: product.title,
        redirects: [`${url}/v1/login/${id}/callback`],
        logout: [`${url}/console/`, `${page}/`],
        people: people[id],
      });
    }
    const file = `${product.name}.json`;
    writeFileSync(
      path.join(folder, file),
      JSON.stringify(configuration(product, { url, page, port: behind, issuer, secrets })),
    );
    products.push({
      ...product,
      url,
      page,
      file,
      own,
      behind,
      shown,
      console: `${url}/console/`,
      mail: path.join(folder, `${product.name}-mail.jsonl`),
    });
  }
  const provider = await startProvider({ Provider, port, clients });
  const pages = [];
  for (const product of products) {
    product.start = async () => {
      product.server = await serve(bin, folder, product.file);
    };
    await product.start();
    const { title, url, at, menu, action } = product;
    if (dist !== undefined) pages.push(await serveConsole(dist, product.own, product.behind));
    if (site !== undefined)
      pages.push(
        await serveProduct(site, product.shown, { title, server: url, at, menu, action, console: product.console }),
      );
  }
  return {
    products: Object.fromEntries(products.map((product) => [product.name, product])),
    provider,
    ended: Promise.race(products.map(({ server }) => new Promise((done) => server.once("exit", done)))),
    async stop() {
      for (const { server } of products) server.kill();
      for (const page of pages) {
        page.close();
        page.closeAllConnections();
      }
      provider.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
